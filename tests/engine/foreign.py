"""Objects that do not belong to the course, made without any helper of it."""

from __future__ import annotations

import io
import tarfile

from helpers import debian
from helpers.engine import Engine

IMAGE = "foreign/busybox:1"


def image(engine: Engine) -> str:
    """Import a runnable image that carries no label of the course."""
    (deb,) = debian.fetch(["busybox-static"], architecture=engine.architecture)
    buffer = io.BytesIO()
    with debian.members(deb) as files, tarfile.open(fileobj=buffer, mode="w") as root:
        binary = next(m for m in files if m.name.endswith("bin/busybox"))
        content = files.extractfile(binary)
        assert content is not None
        binary.name = "bin/busybox"
        root.addfile(binary, content)
        for applet in ("sh", "sleep", "httpd", "cat", "wget"):
            link = tarfile.TarInfo(f"bin/{applet}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            root.addfile(link)
    engine.client.api.import_image_from_data(buffer.getvalue(), *IMAGE.split(":"))
    return IMAGE


def everything(engine: Engine) -> None:
    """An image, a running and a stopped container, a network and a volume of somebody else."""
    client = engine.client
    image(engine)
    client.volumes.create("foreign-data", labels={"owner": "you"})
    client.networks.create("foreign-net")
    client.containers.run(
        IMAGE, ["sleep", "86400"], name="foreign-runs", detach=True, network="foreign-net",
        volumes={"foreign-data": {"bind": "/data", "mode": "rw"}}, init=True,
    )  # fmt: skip
    client.containers.create(IMAGE, ["sh"], name="foreign-stopped")


def remove(engine: Engine) -> None:
    """Take all of it away again."""
    client = engine.client
    for container in client.containers.list(all=True, filters={"name": "^foreign-"}):
        container.remove(force=True, v=True)
    for network in client.networks.list(names=["foreign-net"]):
        network.remove()
    for volume in client.volumes.list(filters={"name": "foreign-data"}):
        volume.remove()
    for found in client.images.list("foreign/busybox"):
        client.images.remove(found.id, force=True)

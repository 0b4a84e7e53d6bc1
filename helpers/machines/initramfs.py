"""A root file system as a kernel takes it into memory: the image's files, and a first process."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
from collections.abc import Iterable
from pathlib import Path

import docker

from ..bases.exported import MADE, Chunks
from ..engine import Engine, labels
from ..engine.patience import patient
from ..errors import NotFound
from ..paths import home, writable
from .cpio import CHARACTER, FILE, FOLDER, LINK, CpioWriter, Node

__all__ = ["DONE", "IDLE", "INIT", "READY", "initramfs", "pack"]

READY = "lbl-userland"  # the word by which the first process says that it runs
DONE = "lbl-done"  # the word after a command's output
IDLE = 1800  # seconds without a command after which a machine turns itself off
VERSION = 2  # of what is packed; count up when that changes
LIMIT = 300  # seconds for the daemon to hand over the files

# A container's first process is the command that it was started with. A machine's is this script:
# it makes the places that a container is given by the engine, says that it is there, and runs the
# lines that come in over the serial console. `eval` and `echo` are part of the shell, so they work
# even when every file is gone. It ends by itself when nobody talks to it any more.
INIT = f"""#!/bin/sh
PATH=/sbin:/usr/sbin:/bin:/usr/bin
HOME=/root
export PATH HOME
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
hostname vm
stty raw -echo
echo {READY}
while read -r -t {IDLE} line; do
  eval "$line"
  echo "{DONE} $?"
done
poweroff -f
"""

PLACES = ("dev", "proc", "sys", "tmp")


def initramfs(engine: Engine, image: str) -> Path:
    """Return the image's file system as a compressed cpio archive, made unless it is in the cache.

    It holds what `docker export` of a container of the image holds, but for what the engine puts
    there itself, and ``/init``.

    Raises
    ------
    NotFound: no such image on this engine.
    EngineLost, NoSpace: as `helpers.engine.talking`.
    """
    with patient(engine, LIMIT) as api:
        try:
            identity = api.inspect_image(image)["Id"].rpartition(":")[2]
        except docker.errors.ImageNotFound:
            raise NotFound("machines.no_image", image=image) from None
        folder = writable(home() / "machines" / "roots")
        path = folder / f"{identity[:24]}-{_version()}.cpio.gz"
        if not path.exists():
            part = path.with_suffix(".part")
            made = api.create_container(image, ["sh"], labels=labels.make(), network_disabled=True)
            try:
                with tarfile.open(fileobj=Chunks(api.export(made["Id"])), mode="r|") as archive:
                    part.write_bytes(pack(archive))
            finally:
                api.remove_container(made["Id"], v=True, force=True)
            part.replace(path)
    return path


def pack(archive: Iterable[tarfile.TarInfo]) -> bytes:
    """Return the entries of a tar as a compressed cpio archive with ``/init`` and the places."""
    buffer = io.BytesIO()
    writer = CpioWriter(buffer)
    nodes, names = [], set()
    contents: dict[str, bytes] = {}
    for member in archive:
        path = member.name.removeprefix("./").strip("/")
        if not path or MADE.match(path):
            continue
        node = _node(path, member, archive, contents)
        if node:
            nodes.append(node)
            names.add(path)
    nodes += [Node(name, FOLDER | 0o755) for name in PLACES if name not in names]
    # Without a console the first process has nowhere to write to (init/main.c, console_on_rootfs).
    nodes.append(Node("dev/console", CHARACTER | 0o600, device=(5, 1)))
    nodes.append(Node("init", FILE | 0o755, INIT.encode()))
    for node in sorted(nodes, key=lambda node: node.path.split("/")):
        writer.add(node)
    writer.close()
    return gzip.compress(buffer.getvalue(), 6, mtime=0)


def _node(
    path: str, member: tarfile.TarInfo, archive: Iterable, contents: dict[str, bytes]
) -> Node | None:
    looks = {"uid": member.uid, "gid": member.gid, "mtime": int(member.mtime)}
    mode = member.mode & 0o7777
    if member.isdir():
        return Node(path, FOLDER | mode, **looks)
    if member.issym():
        return Node(path, LINK | 0o777, member.linkname.encode(), **looks)
    if member.isreg():
        file = archive.extractfile(member)  # type: ignore[attr-defined]
        contents[path] = file.read() if file else b""
        return Node(path, FILE | mode, contents[path], **looks)
    if member.islnk():  # a second name of a file: in memory it becomes a file of its own
        return Node(
            path,
            FILE | mode,
            contents.get(member.linkname.removeprefix("./").lstrip("/"), b""),
            **looks,
        )
    return None  # a device or a pipe: the kernel makes those that the machine has


def _version() -> str:
    """What tells an archive from those that older versions of the course made."""
    return hashlib.sha256(f"{VERSION} {INIT}".encode()).hexdigest()[:8]

"""The image of a node: a Docker Engine that runs in a container, made without a pull.

One layer: the engine of Debian's forky (what `helpers.engine.packages` takes), the C library and
what else its programs are linked with, iptables, BusyBox, and the start script. Nothing is built
and no package's script runs, so it is made for the daemon's architecture on any client platform.
"""

from __future__ import annotations

import posixpath
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from .. import debian
from ..bases.archive import PATH, LayerWriter, Recipe, load, present, room
from ..bases.busybox_root import SUITE, applets, known_architecture, mark, program
from ..engine import Engine, labels
from ..engine.packages import FLAVOURS, NEWEST
from ..messages import text
from ..paths import home, writable

__all__ = ["NAME", "make"]

NAME = f"lbl/node:{NEWEST}"
VERSION = 1  # of this recipe; count up when the image changes
ENGINE = ("docker.io", "containerd", "tini-static", "docker-cli")
# From Debian 12, as for private engines: what the programs above are linked with (`ldd`), and what
# they run. Newer builds of these need a newer C library.
TOOLS = (
    "ca-certificates", "iptables", "libc6", "libcap2", "libgcrypt20", "libgpg-error0",
    "libip4tc2", "libip6tc2", "liblz4-1", "liblzma5", "libmnl0", "libnftnl11", "libseccomp2",
    "libsystemd0", "libxtables12", "libzstd1", "runc",
)  # fmt: skip
PROGRAMS = {
    "containerd", "containerd-shim-runc-v2", "docker", "docker-proxy", "dockerd", "runc",
    "tini-static", "xtables-nft-multi",
}  # fmt: skip
IPTABLES = ("iptables", "iptables-save", "iptables-restore",
            "ip6tables", "ip6tables-save", "ip6tables-restore")  # fmt: skip
START = Path(__file__).with_name("node_start.sh")
RELEASE = 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n'
CERTIFICATES = "etc/ssl/certs/ca-certificates.crt"
FOLDERS = ("dev", "etc", "etc/docker", "etc/ssl", "etc/ssl/certs", "home", "opt", "proc", "root",
           "run", "sys", "tmp", "usr", "usr/bin", "usr/lib", "usr/sbin", "var", "var/lib",
           "var/lib/docker", "var/log")  # fmt: skip
# Debian 12 has one /usr: these are links into it.
MERGED = {"bin": "usr/bin", "sbin": "usr/sbin", "lib": "usr/lib", "lib64": "usr/lib64",
          "var/run": "/run"}  # fmt: skip


def make(engine: Engine) -> str:
    """Make the image ``lbl/node:…`` unless the daemon holds it, and return its name.

    About 200 MB; half a minute the first time, with the packages to fetch.

    Raises
    ------
    EngineFailed: the daemon is neither on amd64 nor on arm64.
    DownloadFailed, NotOurs, EngineLost, NoSpace: as for `helpers.bases.busybox`.
    """
    architecture = known_architecture(engine)
    recipe = Recipe(
        name=NAME,
        architecture=architecture,
        author=mark(engine, "node", VERSION, ENGINE, TOOLS, START.read_text(), architecture),
        created_by="Docker Engine from Debian",
        entrypoint=("/usr/bin/tini-static", "--", "/start"),
        cmd=("dockerd",),
        env=(PATH, "container=docker"),  # by this the engine knows that AppArmor is not its own
        labels=labels.make(role="node"),
    )
    if present(engine, recipe):
        return NAME
    print(text("cluster.making_image", name=NAME), flush=True)
    debs = debian.fetch(ENGINE, FLAVOURS[NEWEST].suite, architecture)
    debs += debian.fetch(TOOLS, SUITE, architecture)
    (busybox,) = debian.fetch(["busybox-static"], SUITE, architecture)
    folder = writable(home() / "bases")
    with tempfile.TemporaryFile(dir=folder) as file:
        with room(folder), LayerWriter(file) as tar:
            _write(tar, debs, program(busybox))
        return load(engine, recipe, file)


def _write(tar: LayerWriter, debs: Iterable[Path], busybox: bytes) -> None:
    for name in FOLDERS:
        tar.folder(name, 0o1777 if name == "tmp" else 0o755)
    for name, target in MERGED.items():
        tar.link(name, target)
    folders = set(FOLDERS)
    held: set[str] = set()
    certificates = b""
    for deb in debs:
        with debian.members(deb) as archive:
            for member, name in _wanted(archive):
                body = archive.extractfile(member) if member.isfile() else None
                if name.endswith(".crt"):
                    certificates += body.read() if body else b""
                    continue
                for folder in _above(name):
                    if folder not in folders:
                        tar.folder(folder)
                        folders.add(folder)
                if body:
                    tar.add(name, body.read(), 0o755)
                else:
                    tar.link(name, member.linkname)
                held.add(name)
    tar.add(CERTIFICATES, certificates)
    for name in IPTABLES:
        tar.link(f"usr/sbin/{name}", "xtables-nft-multi")
    tar.link("usr/bin/docker-init", "tini-static")
    tar.add("usr/bin/busybox", busybox, 0o755)
    for name in applets(busybox):
        if not {f"usr/bin/{name}", f"usr/sbin/{name}"} & held and name != "busybox":
            tar.link(f"usr/bin/{name}", "busybox")
    tar.add("etc/passwd", b"root:x:0:0:root:/root:/bin/sh\n")
    tar.add("etc/group", b"root:x:0:\ndocker:x:999:\n")
    tar.add("usr/lib/os-release", RELEASE.encode())
    tar.add("start", START.read_bytes(), 0o755)


def _wanted(archive: tarfile.TarFile) -> Iterator[tuple[tarfile.TarInfo, str]]:
    """Yield the programs, libraries and certificates of a package, by their path below ``/usr``."""
    for member in archive:
        name = member.name.removeprefix("./")
        if name.split("/")[0] in ("bin", "sbin", "lib", "lib64"):
            name = f"usr/{name}"
        if not (member.isfile() or member.issym()):
            continue
        folder, base = posixpath.split(name)
        library = ".so" in base and folder.startswith(("usr/lib/", "usr/lib64"))
        in_path = base in PROGRAMS and folder in ("usr/bin", "usr/sbin")
        certificate = folder == "usr/share/ca-certificates/mozilla"
        if in_path or certificate or (library and folder.count("/") < 3) or "/xtables/" in name:
            yield member, name


def _above(name: str) -> list[str]:
    parts = name.split("/")[:-1]
    return ["/".join(parts[: count + 1]) for count in range(len(parts))]

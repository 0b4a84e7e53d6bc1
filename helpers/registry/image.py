"""The registry's image: Debian's registry program, the C library it needs, and BusyBox's ``cat``.

With ``cat`` the container's own count of the bytes on its network card can be read.
"""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import BinaryIO

from .. import debian
from ..bases.archive import LayerWriter, Recipe, load, present
from ..bases.busybox_root import SUITE, known_architecture, mark, program
from ..engine import Engine, labels

__all__ = ["HTPASSWD", "NAME", "PACKAGES", "PORT", "PROGRAM", "SETTINGS", "STORAGE", "make"]

NAME = "lbl/registry:2"
VERSION = 2  # of this recipe; count up when the image changes
PACKAGES = ("docker-registry", "libc6", "busybox-static")
PORT = 5000  # inside the container
STORAGE = "var/lib/registry"
PROGRAM = "usr/bin/docker-registry"
SETTINGS = "etc/registry.yml"
HTPASSWD = "etc/registry.htpasswd"  # is put in where a password is asked for
CONFIG = f"""\
version: 0.1
log: {{level: warn}}
storage:
  filesystem: {{rootdirectory: /{STORAGE}}}
  delete: {{enabled: true}}
http:
  addr: :{PORT}
  headers: {{X-Content-Type-Options: [nosniff]}}
"""
# What the program is linked with (`objdump -p`), found in the package of the C library.
LINKED = ("libc.so.6",)


def make(engine: Engine) -> str:
    """Make the image ``lbl/registry:2`` unless the engine holds it, and return its name.

    Raises
    ------
    EngineFailed: the engine is neither on amd64 nor on arm64.
    DownloadFailed, NotOurs, EngineLost, NoSpace: as for `helpers.bases.busybox`.
    """
    architecture = known_architecture(engine)
    recipe = Recipe(
        name=NAME,
        architecture=architecture,
        author=mark(engine, "registry", VERSION, architecture),
        created_by="Debian's docker-registry",
        entrypoint=(f"/{PROGRAM}",),
        cmd=("serve", f"/{SETTINGS}"),
        exposed=(f"{PORT}/tcp",),
        labels=labels.make(role="registry"),
    )
    if present(engine, recipe):
        return NAME
    registry, library, busybox = debian.fetch(PACKAGES, SUITE, architecture)
    return load(engine, recipe, _layer(registry, library, program(busybox)))


def _layer(registry: Path, library: Path, busybox: bytes) -> BinaryIO:
    with LayerWriter() as tar:
        for folder in ("bin", "etc", "lib", "lib64", "tmp", "usr", "usr/bin", "var", "var/lib"):
            tar.folder(folder, 0o1777 if folder == "tmp" else 0o755)
        tar.folder(STORAGE)
        tar.add(SETTINGS, CONFIG.encode())
        tar.add("etc/passwd", b"root:x:0:0:root:/:/bin/false\n")
        with debian.members(registry) as archive:
            file = archive.extractfile(f"./{PROGRAM}")
            assert file is not None  # a regular file in a package that was checked by its SHA-256
            tar.add(PROGRAM, file.read(), 0o755)
        _add_library(library, tar)
        tar.add("bin/busybox", busybox, 0o755)
        tar.link("bin/cat", "busybox")
    return tar.file


def _add_library(library: Path, tar: LayerWriter) -> None:
    """Write the loader and the shared objects in ``/lib/<triplet>``, and the loader's link."""
    with debian.members(library) as archive:
        folders = set()
        for member in archive:
            name = member.name.removeprefix("./")
            folder, base = posixpath.split(name)
            if base in LINKED or (base.startswith("ld-linux") and folder.startswith("lib/")):
                if folder not in folders and folder not in ("lib", "lib64"):
                    tar.folder(folder)
                    folders.add(folder)
                file = archive.extractfile(member) if member.isfile() else None
                if file:
                    tar.add(name, file.read(), 0o755)
                else:
                    tar.link(name, member.linkname)
            elif folder == "lib64" and base.startswith("ld-linux"):
                tar.link(name, member.linkname)

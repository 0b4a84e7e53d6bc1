"""The registry's image: Debian's registry program and the C library it needs, and nothing else."""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import BinaryIO

from .. import debian
from ..bases.archive import LayerWriter, Recipe, load, present
from ..bases.busybox_root import SUITE, known_architecture, mark
from ..engine import Engine, labels

__all__ = ["NAME", "PORT", "STORAGE", "make"]

NAME = "lbl/registry:2"
VERSION = 1  # of this recipe; count up when the image changes
PORT = 5000  # inside the container
STORAGE = "var/lib/registry"
PROGRAM = "usr/bin/docker-registry"
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
        cmd=("serve", "/etc/registry.yml"),
        exposed=(f"{PORT}/tcp",),
        labels=labels.make(role="registry"),
    )
    if present(engine, recipe):
        return NAME
    registry, library = debian.fetch(["docker-registry", "libc6"], SUITE, architecture)
    return load(engine, recipe, _layer(registry, library))


def _layer(registry: Path, library: Path) -> BinaryIO:
    with LayerWriter() as tar:
        for folder in ("etc", "lib", "lib64", "tmp", "usr", "usr/bin", "var", "var/lib", STORAGE):
            tar.folder(folder, 0o1777 if folder == "tmp" else 0o755)
        tar.add("etc/registry.yml", CONFIG.encode())
        tar.add("etc/passwd", b"root:x:0:0:root:/:/bin/false\n")
        with debian.members(registry) as archive:
            file = archive.extractfile(f"./{PROGRAM}")
            assert file is not None  # a regular file in a package that was checked by its SHA-256
            tar.add(PROGRAM, file.read(), 0o755)
        _add_library(library, tar)
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

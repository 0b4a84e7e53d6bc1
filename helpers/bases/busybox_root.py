"""A small base image, made without a pull: BusyBox out of Debian's package."""

from __future__ import annotations

import hashlib
import re
import secrets
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from .. import debian
from ..engine import Engine, connect, labels
from ..errors import EngineFailed
from .archive import LayerWriter, Recipe, load, present
from .salt import SALT_FILE, salt

__all__ = ["ARCHITECTURES", "NAME", "applets", "busybox", "fresh"]

NAME = "lbl/busybox:1"
ARCHITECTURES = ("amd64", "arm64")
SIZE = 2_100_000  # content bytes of the whole image
BALLAST = "usr/share/layer-by-layer/ballast"
VERSION = 3  # of the recipe below; count up when the layer changes
SUITE = "bookworm"  # Debian 12 changes no more but for security, so sizes stay

PASSWD = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n"
GROUP = "root:x:0:\nnogroup:x:65534:\n"
FOLDERS = {
    "bin": 0o755,
    # Where every container gets a file system of its own; without them each RUN would add them.
    "dev": 0o755,
    "etc": 0o755,
    "proc": 0o555,
    "root": 0o700,
    "sys": 0o555,
    "tmp": 0o1777,
    "usr": 0o755,
    "usr/share": 0o755,
    "usr/share/layer-by-layer": 0o755,
    "var": 0o755,
}


def busybox(engine: Engine | None = None) -> str:
    """Make the image ``lbl/busybox:1`` unless the engine holds it, and return its name.

    One layer: the static BusyBox of Debian 12 for the *engine's* architecture (the client may be
    any), its applets as symbolic links, ``/etc/passwd`` and ``/etc/group``, ``/tmp``, root's home,
    and the salt (`helpers.bases.salt`). With the same salt and package the layer is byte for byte
    the same.

    Raises
    ------
    EngineFailed: the engine is neither on amd64 nor on arm64.
    DownloadFailed: Debian's package could not be fetched.
    NotOurs: an image of that name exists that the course did not make.
    EngineLost, NoSpace: as `helpers.engine.talking`.
    """
    engine = engine or connect()
    recipe = _recipe(engine, NAME, salt(engine), labels.make())
    return NAME if present(engine, recipe) else _make(engine, recipe, salt(engine))


def fresh(tag: str, lesson: str | None = None, engine: Engine | None = None) -> str:
    """Make the image ``lbl/busybox:<tag>`` anew with a salt of its own, and return its name.

    No builder has seen it before, so everything that is built on it is a cache miss at first. An
    older image of that name goes unless something stands on it. No record of the builder is
    removed for this: in the containerd image store, to remove one makes the builder forget what
    led to the others, those of other people included (measured on Engine 26.1 and 28.5).

    Raises
    ------
    EngineFailed, DownloadFailed, NotOurs, EngineLost, NoSpace: as for `busybox`.
    """
    engine = engine or connect()
    own = secrets.token_hex(16)
    name = f"{NAME.partition(':')[0]}:{tag}"
    return _make(engine, _recipe(engine, name, own, labels.make(lesson)), own)


def _recipe(engine: Engine, name: str, salt: str, marks: dict[str, str]) -> Recipe:
    architecture = known_architecture(engine)
    return Recipe(
        name=name,
        architecture=architecture,
        author=_hash("busybox", VERSION, architecture, salt),
        created_by="BusyBox (static), Debian 12",
        cmd=("sh",),
        labels=marks,
    )


def _make(engine: Engine, recipe: Recipe, salt: str) -> str:
    (deb,) = debian.fetch(["busybox-static"], SUITE, recipe.architecture)
    return load(engine, recipe, layer(program(deb), salt))


def known_architecture(engine: Engine) -> str:
    """Return the engine's architecture if base images exist for it."""
    if engine.architecture not in ARCHITECTURES:
        raise EngineFailed(
            "bases.architecture",
            architecture=engine.architecture,
            known=", ".join(ARCHITECTURES),
        )
    return engine.architecture


def mark(engine: Engine, *recipe: object) -> str:
    """Return what tells one recipe with this engine's salt from every other."""
    return _hash(*recipe, salt(engine))


def _hash(*parts: object) -> str:
    words = " ".join(str(part) for part in parts)
    return f"layer-by-layer {hashlib.sha256(words.encode()).hexdigest()[:16]}"


def program(deb: Path) -> bytes:
    """Return the BusyBox program out of Debian's package ``busybox-static``."""
    return _program(deb, deb.stat().st_mtime_ns)


@lru_cache(maxsize=2)  # a scenario that begins with misses has it put into an image at each start
def _program(deb: Path, _changed: int) -> bytes:
    with debian.members(deb) as archive:
        file = archive.extractfile("./bin/busybox")
        assert file is not None  # a symbolic link in a package that was checked by its SHA-256
        return file.read()


def applets(program: bytes) -> list[str]:
    """Return the names of a BusyBox program's applets without running it.

    BusyBox holds them as one table of strings, sorted, each ended by a zero byte, and an empty one
    at the end (``applet_names`` in include/applet_tables.h, which its build generates). A program
    for arm64 can so be read on amd64.
    """
    start = program.index(b"[\0[[\0")
    end = program.index(b"\0\0", start)
    names = program[start:end].decode("ascii").split("\0")
    assert names == sorted(names) and all(re.fullmatch(r"[\[\w.-]+", name) for name in names)
    return names


def layer(program: bytes, salt: str) -> BinaryIO:
    """Return the tar of the image's one layer; its content is `SIZE` bytes whatever the processor.

    A lesson prints sizes, and they have to be the same on amd64 and on arm64: the program's are
    not, so a file of zero bytes makes up the difference.
    """
    texts = {"etc/group": GROUP, "etc/passwd": PASSWD, SALT_FILE: f"{salt}\n"}
    ballast = SIZE - len(program) - sum(len(text) for text in texts.values())
    assert ballast >= 0, "this BusyBox is larger than the image may be: raise SIZE"
    with LayerWriter() as tar:
        for name, mode in FOLDERS.items():
            tar.folder(name, mode)
        tar.add("bin/busybox", program, 0o755)
        for name in applets(program):
            if name != "busybox":
                tar.link(f"bin/{name}", "busybox")
        for name, text in sorted(texts.items()):
            tar.add(name, text.encode())
        tar.add(BALLAST, bytes(ballast))
    return tar.file

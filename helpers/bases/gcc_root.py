"""A base image with a C compiler, made without a pull."""

from __future__ import annotations

from ..engine import Engine, connect
from . import debian_root
from .archive import Recipe, present
from .busybox_root import known_architecture, mark
from .extend import extend

__all__ = ["NAME", "PACKAGES", "gcc"]

NAME = "lbl/gcc:12"
VERSION = 1  # of this recipe; count up when the image changes
PACKAGES = ("gcc", "libc6-dev", "make")
# Half of GCC that no lesson needs: link-time optimisation, sanitizers, coverage and the profiler.
EXCLUDED = (
    "/usr/lib/gcc/*/12/lto1",
    "/usr/bin/*lto-dump*",
    "/usr/bin/*gcov*",
    "/usr/lib/gcc/*/12/lib*san*",
    "/usr/lib/*/lib*san.so*",
    "/usr/lib/*/gprofng/*",
    "/usr/lib/*/libgprofng.so*",
    "/usr/bin/*gp-*",
    "/usr/bin/*gprofng",
    "/usr/bin/*dwp",
)


def gcc(engine: Engine | None = None) -> str:
    """Make the image ``lbl/gcc:12`` unless the engine holds it, and return its name.

    One layer on ``lbl/debian:12``: GCC 12, binutils, make, and the C library's headers and its
    static archive, so that ``gcc -static`` makes programs that need no other file.

    Raises
    ------
    EngineFailed, DownloadFailed, NotOurs, EngineLost, NoSpace, NotWritable, TimedOut: as for
        `helpers.bases.extend`.
    """
    engine = engine or connect()
    architecture = known_architecture(engine)
    recipe = Recipe(
        name=NAME,
        architecture=architecture,
        author=mark(engine, "gcc", VERSION, debian_root.VERSION, architecture),
        created_by="GCC 12, from Debian 12",
        cmd=("bash",),
    )
    if present(engine, recipe):
        return NAME
    return extend(engine, recipe, PACKAGES, excluded=EXCLUDED)

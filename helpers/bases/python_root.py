"""A Python base image with pip and a small web stack of wheels, made without a pull."""

from __future__ import annotations

from .. import debian as packages
from ..engine import Engine, connect
from . import debian_root, wheels
from .archive import PATH, Recipe, present
from .busybox_root import SUITE, known_architecture, mark
from .extend import extend

__all__ = ["NAME", "PACKAGES", "STACK", "WHEELS", "python"]

NAME = "lbl/python:3"
VERSION = 1  # of this recipe; count up when the image changes
WHEELS = "usr/share/layer-by-layer/wheels"
PACKAGES = ("python3-pip", "python-is-python3")
# Packages whose files become wheels in the image.
STACK = tuple(
    f"python3-{name}"
    for name in ("click", "flask", "gunicorn", "itsdangerous", "jinja2", "markupsafe", "werkzeug")
)
# Debian marks its Python as managed by apt (PEP 668), so pip has to be told that it may install
# into it, as in every image that is Python's own. The wheels stand in for an index.
CONFIG = f"""\
[global]
break-system-packages = true
disable-pip-version-check = true
root-user-action = ignore
no-index = true
find-links = /{WHEELS}
"""


def python(engine: Engine | None = None) -> str:
    """Make the image ``lbl/python:3`` unless the engine holds it, and return its name.

    One layer on ``lbl/debian:12``: pip, a command ``python``, and in
    ``/usr/share/layer-by-layer/wheels`` the wheels of Flask, gunicorn and all that they need,
    made from Debian's packages. ``/etc/pip.conf`` leads pip there and to no network.

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
        author=mark(engine, "python", VERSION, debian_root.VERSION, architecture),
        created_by="Python 3 with pip, from Debian 12",
        cmd=("python3",),
        # Else the first program that runs leaves compiled copies of the library in every layer.
        env=(PATH, "PYTHONDONTWRITEBYTECODE=1"),
    )
    if present(engine, recipe):
        return NAME
    return extend(engine, recipe, PACKAGES, _files)


def _files(architecture: str) -> dict[str, bytes]:
    debs = packages.fetch(STACK, SUITE, architecture)
    found = {f"{WHEELS}/{name}": data for name, data in wheels.make(debs, architecture).items()}
    return {"etc/pip.conf": CONFIG.encode(), **found}

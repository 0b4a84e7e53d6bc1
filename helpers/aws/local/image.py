"""The local AWS's image: Debian's Python, MiniStack and moto, and the course's adapter."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ...bases import debian_root
from ...bases.archive import PATH, Recipe, present
from ...bases.busybox_root import known_architecture, mark
from ...bases.extend import extend
from ...engine import Engine, connect, labels
from .packages import FOLDER, MINISTACK, collect

__all__ = ["NAME", "PORT", "make"]

NAME = "lbl/aws:1"
PORT = 4566  # inside the container
COMPILE = f"""\
export PYTHONPATH=/{FOLDER} PYTHONPYCACHEPREFIX=/{FOLDER}/compiled
python3 -m inside.warm
"""
ADAPTER = Path(__file__).parent.parent / "inside"
# Compiled, so they have to fit the daemon's architecture and not this machine's.
COMPILED = ("python3-cryptography", "python3-markupsafe", "python3-yaml")


def make(engine: Engine | None = None) -> str:
    """Make the image ``lbl/aws:1`` unless the engine holds it, and return its name.

    Raises
    ------
    AwsFailed: a package is missing in this environment, or of another version.
    EngineFailed, DownloadFailed, NotOurs, EngineLost, NoSpace, NotWritable, TimedOut: as for
        `helpers.bases.extend`.
    """
    engine = engine or connect()
    architecture = known_architecture(engine)
    adapter = _adapter()
    version = hashlib.sha256(b"\0".join(adapter.values())).hexdigest()
    recipe = Recipe(
        name=NAME,
        architecture=architecture,
        author=mark(engine, "aws", MINISTACK, version, debian_root.VERSION, architecture),
        created_by=f"MiniStack {MINISTACK} and moto on Python 3, from Debian 12",
        cmd=("python3", "-m", "inside"),
        env=(
            PATH,
            f"PYTHONPATH=/{FOLDER}",
            f"PYTHONPYCACHEPREFIX=/{FOLDER}/compiled",
            "PYTHONDONTWRITEBYTECODE=1",
            "PYTHONUNBUFFERED=1",
        ),
        exposed=(f"{PORT}/tcp",),
        labels=labels.make(role="aws"),
    )
    if present(engine, recipe):
        return NAME
    return extend(engine, recipe, COMPILED, lambda _: {**collect(), **adapter}, script=COMPILE)


def _adapter() -> dict[str, bytes]:
    """Return the adapter's modules by their path in the image."""
    files = sorted(ADAPTER.rglob("*.py"))
    return {f"{FOLDER}/inside/{file.relative_to(ADAPTER)}": file.read_bytes() for file in files}

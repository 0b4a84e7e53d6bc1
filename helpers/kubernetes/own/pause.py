"""The image of a pod's first container: it holds the pod's network, and does nothing else."""

from __future__ import annotations

import hashlib

from ...bases.archive import LayerWriter, Recipe, load, present
from ...engine import Engine
from .plan import PAUSE
from .tools import Tools

__all__ = ["pause"]


def pause(engine: Engine, tools: Tools) -> str:
    """Make the pause image unless the engine holds it, and return its name.

    Its program is Debian's static ``catatonit`` in the mode that Podman uses for the same purpose:
    it ends when it is told to (a sleep as process 1 would not, and cost ten seconds a pod).

    Raises
    ------
    NotOurs, EngineFailed, EngineLost, NoSpace: as for `helpers.bases.busybox`.
    """
    program = tools.pause.read_bytes()
    recipe = Recipe(
        name=PAUSE,
        architecture=engine.architecture,
        author=f"layer-by-layer {hashlib.sha256(program).hexdigest()[:16]}",
        created_by="catatonit (static), Debian 12",
        cmd=(),
        entrypoint=("/pause", "-P"),
    )
    if present(engine, recipe):
        return PAUSE
    with LayerWriter() as tar:
        tar.add("pause", program, 0o755)
    return load(engine, recipe, tar.file)

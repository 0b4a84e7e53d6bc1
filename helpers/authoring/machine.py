"""The state a lesson's notebook starts from: a daemon on which that lesson was never run."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .. import bases, engine, paths
from ..cluster import node_image
from ..engine.private import reasons_against
from ..kubernetes import building
from ..stacks import front_image
from .model import Plan

COMPILE = 1500  # seconds; beside other work the compiler may take that long


def _kubernetes(machine: engine.Engine) -> None:
    if not reasons_against():  # elsewhere the lesson needs a cluster of the learner's
        building.begin().wait(COMPILE)


MAKERS = {"node": node_image.make, "front": front_image.haproxy, "kubernetes": _kubernetes}


def clean(plan: Plan, machine: engine.Engine) -> None:
    """Remove what the lesson made before, and make the base images that it stands on.

    These come first because making them is not what a cell's time limit is for.
    """
    engine.cleanup.clean(machine, lesson=plan.id)
    for name in plan.requires.bases:
        getattr(bases, name)(machine)
    for name in plan.requires.ready:
        MAKERS[name](machine)


@contextmanager
def fresh(plan: Plan, machine: engine.Engine | None = None) -> Iterator[dict[str, str]]:
    """Clean up, lend the environment for a kernel, clean up again.

    The environment leads to the same daemon, and to a progress file and build contexts of its own:
    what an author has solved or edited must not show in a notebook. The language is left to the
    notebook's folder.

    Parameters
    ----------
    machine: the daemon; default: the one that ``engine.connect()`` finds. A lesson that needs no
        engine connects to none.
    """
    if plan.requires.engine:
        machine = machine or engine.connect()
        clean(plan, machine)
        environment = machine.environment()
    else:
        environment = dict(os.environ)
    environment.pop("JPY_SESSION_NAME", None)
    environment["LAYER_BY_LAYER_LESSONS"] = str(paths.LESSONS)
    with tempfile.TemporaryDirectory(prefix="layer-by-layer-") as folder:
        environment["LAYER_BY_LAYER_PROGRESS"] = str(Path(folder) / "progress.json")
        environment["LAYER_BY_LAYER_CONTEXTS"] = str(Path(folder) / "contexts")
        # Else IPython and matplotlib keep theirs in the user's home; fonts take seconds to find.
        environment["IPYTHONDIR"] = str(Path(folder) / "ipython")
        environment["MPLCONFIGDIR"] = str(paths.writable(paths.home() / "matplotlib"))
        try:
            yield environment
        finally:
            if plan.requires.engine and machine:
                engine.cleanup.clean(machine, lesson=plan.id)

"""``reset``: one lesson as it was. ``clean``: nothing of the course left, edits kept."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from .. import engine
from ..classroom.settings import ClassroomError, classes
from ..errors import CourseError, EngineDenied, EngineNotFound, NotFound
from ..paths import ROOT, WORK, home
from . import bootstrap, server
from .course import folder, leftover_machines, say, tell
from .workcopy import WorkCopy

__all__ = ["clean", "reset"]


def reset(lesson: str) -> int:
    """Restore the notebooks of a lesson (``"01"`` or ``"1"``), remove what it made in the daemon.

    Raises
    ------
    NotFound: there is no lesson of that number.
    """
    lesson = lesson.zfill(2)
    changes = WorkCopy().restore(lesson)
    if not changes:
        raise NotFound("lab.no_lesson", lesson=lesson)
    tell(changes)
    try:
        # What a lesson made in the private engine is there also while that is stopped.
        daemon = engine.connect(start=engine.Private().data.exists())
    except EngineNotFound:
        say("lab.reset.no_engine")
        return 0
    print(engine.cleanup.clean(daemon, lesson=lesson))
    return 0


def clean(*, confirmed: bool = False) -> int:
    """Remove everything of the course from this machine; notebooks with edits only if confirmed.

    Labelled objects of the daemon, the private engines, the course's folder, the environment and
    what tools left in the clone. The environment itself goes last: `bootstrap` removes it when
    this process has ended.

    Raises
    ------
    ClassroomError: a class is kept on this machine, and with it what its learners did.
    """
    if kept := classes():
        raise ClassroomError("classroom.kept", name=kept[0])
    found = server.running(folder())
    if found:
        server.stop(found)
        say("lab.stopped")
    leftover_machines()
    status = _clean_daemon()
    _remove_clusters()
    _remove_engines()
    _remove_work(confirmed)
    _remove_home()
    for name in (".pytest_cache", ".hypothesis", ".ruff_cache", "build", "layer_by_layer.egg-info"):
        shutil.rmtree(ROOT / name, ignore_errors=True)
    for top in ("helpers", "lessons", "tests", "benchmarks", "notebooks"):
        for name in ("__pycache__", ".ipynb_checkpoints"):
            for path in sorted((ROOT / top).rglob(name)):
                shutil.rmtree(path, ignore_errors=True)
    if bootstrap.inside() and os.name == "posix":
        shutil.rmtree(bootstrap.VENV, ignore_errors=True)
    say("lab.clean.done" if not status else "lab.clean.partly")
    return status


def _clean_daemon() -> int:
    """Remove labelled objects from the learner's own daemon; a private one goes as a whole."""
    try:
        daemon = engine.connect(start=False)
    except EngineNotFound:
        return 0
    except EngineDenied as error:
        print(error, file=sys.stderr)
        return 1
    try:
        if daemon.private is None:
            print(engine.cleanup.clean(daemon))
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        daemon.close()
    return 0


def _remove_clusters() -> None:
    """End Kubernetes clusters of the course: more than their engines runs in them."""
    from ..kubernetes import own  # here, since few commands need all that it stands on

    if own.remove_all():
        say("kubernetes.stopped")


def _remove_engines() -> None:
    places = home() / "engines"
    for place in sorted(places.iterdir()) if places.is_dir() else ():
        engine.Private(place.name).remove()
        say("lab.clean.engine", name=place.name)


def _remove_work(confirmed: bool) -> None:
    edits = WorkCopy().edits()
    if edits and not confirmed and sys.stdin.isatty():
        say("lab.clean.edits", files="\n  ".join(edits))
        confirmed = input().strip().lower() in ("y", "yes")
    if edits and not confirmed:
        say("lab.clean.kept", folder=WORK, files="\n  ".join(edits))
    elif WORK.exists():
        shutil.rmtree(WORK)


def _remove_home() -> None:
    place = home()
    default = "LAYER_BY_LAYER_HOME" not in os.environ
    # A folder that was named may hold other things: only what the course made as a whole goes.
    if default or (place / bootstrap.MARK).exists():
        shutil.rmtree(place, onerror=_once_more)
        say("lab.clean.home", folder=place)
    else:
        say("lab.clean.home_kept", folder=place)


def _once_more(function: object, path: str, _: object) -> None:
    """A read-only folder (Go's caches, container layers) hides its files from removal."""
    Path(path).parent.chmod(0o700)
    Path(path).chmod(0o700)
    function(path)  # type: ignore[operator]

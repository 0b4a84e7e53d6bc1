"""``lab``: engine, base image, the learner's copy, JupyterLab; ``stop``: the end of it."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import webbrowser
from pathlib import Path

from .. import bases, engine, messages
from ..classview import joining
from ..errors import NotFound
from ..messages import text
from ..paths import NOTEBOOKS, ROOT, WORK, home, writable
from . import presenting, server
from .workcopy import Change, WorkCopy

__all__ = ["folder", "lab", "leftover_machines", "say", "stop", "tell"]

PRESENTING = "present"  # the folder of the settings of the JupyterLab that presents


def folder() -> Path:
    """Return where the JupyterLab of this clone keeps its settings, runtime files and log.

    Each clone has its own: two clones can be open at the same time.
    """
    clone = hashlib.sha256(os.fsencode(ROOT)).hexdigest()[:8]
    return writable(home() / "jupyter" / clone)


def lab(language: str | None = None, *, browser: bool = True, present: str | None = None) -> int:
    """Open JupyterLab on the first lesson, and wait until it is ended with Ctrl-C.

    Parameters
    ----------
    language: ``"en"`` or ``"zh-CN"``, the folder that is opened; the locale decides without it.
    browser: whether a browser may be opened; it is only where there is a display.
    present: a lesson (``"01"``) to show on a projector, in a JupyterLab of its own: one document,
        large letters and figures.

    Raises
    ------
    EngineNotFound, EngineDenied, EngineFailed: no daemon to work with.
    LabFailed: JupyterLab did not start.
    NotFound: there is no lesson ``present``.
    """
    language = language or messages.edition_of(messages.language())
    with messages.speaking(messages.LANGUAGES[language]):
        return _lab(language, browser, present)


def _lab(language: str, browser: bool, present: str | None) -> int:
    if present and present not in {path.name[:2] for path in NOTEBOOKS.glob("*/*.ipynb")}:
        raise NotFound("lab.no_lesson", lesson=present)
    place = folder() / PRESENTING if present else folder()
    prefix = "doc" if present else "lab"  # one document fills the window
    found = server.running(place)
    if found and found.answers():
        say("lab.running", url=found.url(_start(language, present or "00"), prefix))
        return 0
    say("lab.engine.looking")
    daemon = engine.connect()
    key = "lab.engine.private" if daemon.private else "lab.engine.found"
    say(key, version=daemon.version, store=daemon.store, source=daemon.endpoint.source)
    say("lab.bases")
    bases.busybox(daemon)
    tell(WorkCopy().update())
    if (joined := joining.joined()).membership:  # whoever forgot is reminded, and of how to leave
        print(joined, flush=True)
    say("lab.starting")
    looks = {"overrides": presenting.SETTINGS, "css": presenting.STYLE} if present else {}
    start = _start(language, present or "00")
    found, process = server.start(writable(WORK), writable(place), daemon.environment(), **looks)
    if present:
        say("lab.presenting")
    _until_ended(process, found.url(start, prefix), browser, daemon.private is not None)
    return 0


def _until_ended(process: subprocess.Popen[bytes], url: str, browser: bool, private: bool) -> None:
    """Say where JupyterLab is, wait until it ends or is told to, and end it cleanly."""

    def leave(*_: object) -> None:
        raise KeyboardInterrupt

    # Also SIGINT: a shell starts a job in the background with it ignored.
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), leave)
    try:
        say("lab.open", url=url)
        if os.environ.get("SSH_CONNECTION"):
            say("lab.remote", port=url.split(":")[2].split("/")[0])
        say("lab.how_to_stop_private" if private else "lab.how_to_stop")
        if browser and _display():
            webbrowser.open(url)
        process.wait()
    except KeyboardInterrupt:
        say("lab.stopping")
    finally:
        server.stop(process)


def stop() -> int:
    """End the JupyterLab of this clone and the private engine; nothing is deleted."""
    places = (folder(), folder() / PRESENTING)
    found = [one for one in map(server.running, places) if one]
    for one in found:
        server.stop(one)
        say("lab.stopped")
    leftover_machines()
    cluster = _cluster()
    _second_engine()
    private = engine.Private()
    if private.running:
        private.stop()
        say("lab.engine.stopped")
    elif not found and not cluster:
        say("lab.nothing_runs")
    return 0


def _cluster() -> bool:
    """Stop the Kubernetes cluster of lesson 10; return whether it ran."""
    from ..kubernetes import own  # as below

    stopped = own.stop()
    if stopped:
        say("kubernetes.stopped")
    return stopped


def _second_engine() -> None:
    """Stop the second daemon of lesson 06; what lies in it stays until clean-up."""
    from ..components.second_daemon import NAME  # as below

    second = engine.Private(NAME)
    if second.running:
        second.stop()


def leftover_machines() -> None:
    """End the virtual machines of lesson 05 that a killed kernel left."""
    from ..machines import leftovers  # here, since few commands need all that it stands on

    if count := leftovers.end():
        say("machines.left", count=count)


def say(key: str, **values: object) -> None:
    """Print one line of progress at once, also into a pipe."""
    print(text(key, **values), flush=True)


def tell(changes: list[Change]) -> None:
    """Say what happened to the learner's copy: one line for new ones, one for each other change."""
    new = [change for change in changes if change.what == "new"]
    if new:
        say("lab.work.new", count=len(new), folder=WORK)
    for change in changes:
        if change.what != "new":
            say(f"lab.work.{change.what}", notebook=change.notebook, place=change.place)


def _start(language: str, lesson: str) -> str:
    """Return the notebook of a lesson in a language, or in any, as a path below ``work/``."""
    name = f"{lesson}-*.ipynb"
    first = sorted((WORK / language).glob(name)) or sorted(WORK.glob(f"*/{name}"))
    return first[0].relative_to(WORK).as_posix() if first else ""


def _display() -> bool:
    if os.environ.get("CI") or os.environ.get("SSH_CONNECTION"):
        return False
    if sys.platform in ("darwin", "win32"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))

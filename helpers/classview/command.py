"""``python -m helpers class …``: what an instructor types."""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from pathlib import Path

from ..messages import LANGUAGES, language, speaking, text

__all__ = ["add", "run"]


def add(parser: argparse.ArgumentParser) -> None:
    """Describe the commands; nothing else of this package is loaded for that."""
    commands = parser.add_subparsers(required=True, metavar="WHAT", dest="what")
    found = {}
    for name in ("view", "code", "list", "export", "forget"):
        words = text(f"classview.help.{name}")
        found[name] = commands.add_parser(name, help=words, description=words)
        if name != "list":
            found[name].add_argument("--name", default="main", help=text("classview.help.name"))
    for name in ("view", "code"):
        found[name].add_argument(
            "--address", action="append", help=text("classview.help.address"), metavar="IP"
        )
        found[name].add_argument("--port", type=int, help=text("classview.help.port"))
    for name in ("view", "export"):
        found[name].add_argument(
            "--names", choices=("on", "off"), default="on", help=text("classview.help.names")
        )
        found[name].add_argument("--language", choices=LANGUAGES, help=text("lab.help.language"))
    found["view"].add_argument("--once", action="store_true", help=text("classview.help.once"))
    found["export"].add_argument("file", type=Path, metavar="FILE.csv")
    found["forget"].add_argument(
        "--confirm", action="store_true", help=text("classview.help.confirm")
    )


def run(options: argparse.Namespace) -> int:
    """Carry one out and return its exit status."""
    chosen = getattr(options, "language", None)
    with speaking(LANGUAGES[chosen] if chosen else language()):
        return _COMMANDS[options.what](options)


def _view(options: argparse.Namespace) -> int:
    from . import classes, watching

    if options.once:
        print(watching.once(classes.find(options.name), names=options.names == "on"))
        return 0
    found = classes.open_(options.name, options.port, _warn)
    addresses = tuple(options.address or (watching.LOOPBACK,))
    watching.serve(found, addresses, names=options.names == "on")
    return 0


def _code(options: argparse.Namespace) -> int:
    from . import classes
    from .receiver import LOOPBACK, checked

    found = classes.open_(options.name, options.port, _warn)
    for address in options.address or (LOOPBACK,):
        print(found.code(checked(address)))
    return 0


def _list(_: argparse.Namespace) -> int:
    from . import classes, watching

    found = classes.every()
    for one in found:
        overview = watching.look(one)
        heard = max((learner.heard for learner in overview.learners), default=None)
        last = time.strftime("%Y-%m-%d %H:%M", time.localtime(heard)) if heard else "–"
        count = len(overview.learners)
        print(text("classview.listed", name=one.name, count=count, last=last))
    if not found:
        print(text("classview.none"))
    return 0


def _export(options: argparse.Namespace) -> int:
    from . import classes, exporting, watching

    overview = watching.look(classes.find(options.name))
    exporting.write(overview, options.file, names=options.names == "on")
    print(text("classview.exported", count=len(overview.learners), file=options.file))
    return 0


def _forget(options: argparse.Namespace) -> int:
    from . import classes, watching

    found = classes.find(options.name)
    count = len(watching.look(found).learners)
    confirmed = options.confirm
    if not confirmed:
        print(text("classview.forgetting", name=found.name, count=count), flush=True)
        with contextlib.suppress(EOFError):
            confirmed = sys.stdin.isatty() and input().strip().lower() in ("y", "yes")
    if not confirmed:
        print(text("classview.kept", name=found.name))
        return 1
    classes.forget(found)
    print(text("classview.forgotten", name=found.name))
    return 0


def _warn(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


_COMMANDS = {"view": _view, "code": _code, "list": _list, "export": _export, "forget": _forget}

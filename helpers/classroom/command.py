"""``python -m helpers classroom …``: a class on one machine."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ..lab.course import say
from ..messages import LANGUAGES, text
from . import certificate, running
from .names import HUB
from .roster import INSTRUCTOR, Card, Roster
from .settings import GIB, MIB, ClassroomError, Settings, classes, place

__all__ = ["chosen", "main", "names_in", "parser", "show"]


def main(arguments: list[str]) -> int:
    """Run one command on a class; return its exit status."""
    if arguments[:1] == ["swarm"]:
        from .swarm import command as several

        return several.main(arguments[1:])
    options = parser().parse_args(arguments)
    if options.run is not _card and (place(options.name) / "swarm.json").exists():
        raise ClassroomError("classroom_swarm.here", name=options.name)
    return options.run(options)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the commands on one machine."""
    parser = argparse.ArgumentParser(prog="python -m helpers classroom")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: object) -> argparse.ArgumentParser:
        words = text(f"classroom.help.{name}")
        found = commands.add_parser(name, help=words, description=words)
        found.add_argument("name", metavar="CLASS", help=text("classroom.help.name"))
        found.set_defaults(run=run)
        return found

    def option(found: argparse.ArgumentParser, name: str, **more: object) -> None:
        found.add_argument(f"--{name}", help=text(f"classroom.help.{name}"), **more)

    start = command("start", _start)
    option(start, "learners", type=Path)
    option(start, "cards", type=Path)
    option(start, "address")
    option(start, "port", type=int)
    for name in ("memory", "disk", "cpus"):
        option(start, name, type=float)
    option(start, "pids", type=int)
    option(start, "idle", type=int)
    option(start, "lessons", nargs="*")
    start.add_argument("--language", choices=LANGUAGES, help=text("lab.help.language"))
    add = command("add", _add)
    option(add, "learners", type=Path, required=True)
    option(add, "cards", type=Path)
    command("status", _status)
    card = command("card", _card)
    card.add_argument("user", help=text("classroom.help.user"))
    reset = command("reset", _reset)
    reset.add_argument("user", help=text("classroom.help.user"))
    option(reset, "confirm", action="store_true")
    command("log", _log)
    command("stop", _stop)
    remove = command("remove", _remove)
    option(remove, "confirm", action="store_true")
    commands.add_parser("swarm", help=text("classroom.help.swarm"))  # `main` knows it
    return parser


def chosen(options: argparse.Namespace) -> Settings:
    """Return the settings of a class as it was, with what the options change."""
    known = options.name in classes()
    settings = Settings.read(options.name) if known else Settings(options.name)
    for name in ("address", "port", "cpus", "pids", "idle", "language"):
        if (value := getattr(options, name)) is not None:
            settings = replace(settings, **{name: value})
    for name in ("memory", "disk"):
        if (value := getattr(options, name)) is not None:
            settings = replace(settings, **{name: int(value * GIB)})
    if options.lessons is not None:
        settings = replace(settings, lessons=tuple(options.lessons))
    return settings


def _start(options: argparse.Namespace) -> int:
    settings = chosen(options)
    listed = names_in(options.learners)
    running.check(settings)
    people = set(Roster(settings.folder).people().values())
    names = [name for name in listed if name not in people]
    cards = running.add(settings, names)
    # The cards first: whatever goes wrong below, the passphrases are known.
    show(settings, cards, options.cards)
    url = running.start(settings)
    crt, _ = certificate.ensure(settings.folder, settings.address)
    say("classroom.open", url=url, fingerprint=certificate.fingerprint(crt))
    if settings.address.startswith("127."):
        say("classroom.loopback")
    return 0


def _add(options: argparse.Namespace) -> int:
    settings = Settings.read(options.name)
    show(settings, running.add(settings, names_in(options.learners)), options.cards)
    if running.engine_of(settings).running:
        running.start(settings)
    return 0


def _status(options: argparse.Namespace) -> int:
    settings = Settings.read(options.name)
    if not running.engine_of(settings).running:
        say("classroom.closed", name=settings.name)
    for one in running.status(settings):
        say("classroom.row", user=one.user, name=one.name, memory=round(one.memory / MIB),
            state=text("classroom.here" if one.running else "classroom.away"))  # fmt: skip
    return 0


def _card(options: argparse.Namespace) -> int:
    settings = Settings.read(options.name)
    show(settings, [Roster(settings.folder).anew(options.user)], None)
    return 0


def _reset(options: argparse.Namespace) -> int:
    settings = Settings.read(options.name)
    if not options.confirm:
        say("classroom.reset_unconfirmed", user=options.user)
        return 1
    running.reset(settings, options.user)
    say("classroom.was_reset", user=options.user)
    return 0


def _log(options: argparse.Namespace) -> int:
    sys.stdout.write(running.log(Settings.read(options.name), HUB))
    return 0


def _stop(options: argparse.Namespace) -> int:
    running.stop(Settings.read(options.name))
    say("classroom.stopped")
    return 0


def _remove(options: argparse.Namespace) -> int:
    # A class whose files are damaged can be removed as well: nothing of them is asked here.
    settings = Settings(options.name).check()
    if not settings.folder.exists():
        raise ClassroomError("classroom.unknown", name=settings.name)
    if not options.confirm:
        say("classroom.unconfirmed", name=settings.name)
        return 1
    running.remove(settings)
    say("classroom.removed")
    return 0


def names_in(file: Path | None) -> list[str]:
    """Return the names that a list has, without the instructor; none without a list."""
    if file is None:
        return []
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ClassroomError("classroom.no_list", file=file, reason=reason) from None
    return [line.strip() for line in lines if line.strip() and line.strip() != INSTRUCTOR]


def show(settings: Settings, cards: Iterable[Card], file: Path | None) -> None:
    """Print cards, or write them into a file."""
    lines = [
        text("classroom.card", name=card.name, user=card.user, passphrase=card.passphrase,
             url=settings.url)
        for card in cards
    ]  # fmt: skip
    if not lines:
        return
    if file:
        file.touch(0o600)
        file.write_text("\n\n".join(lines) + "\n", "utf-8")
        say("classroom.cards_file", count=len(lines), file=file)
    else:
        say("classroom.cards")
        print("\n\n".join(lines), flush=True)

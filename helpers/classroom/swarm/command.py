"""``python -m helpers classroom swarm …``: a class over the machines of a Swarm."""

from __future__ import annotations

import argparse
import ipaddress
import re

from ...lab.course import say
from ...messages import text
from .. import certificate
from .. import command as single
from ..names import IMAGE
from ..roster import Roster
from ..running import add
from ..settings import GIB, NAME, ClassroomError, Settings
from . import node, running

__all__ = ["main"]

USER = re.compile(r"[a-z][a-z0-9-]{0,29}")  # as `helpers.classroom.roster` makes them


def main(arguments: list[str]) -> int:
    """Run one command on a class; return its exit status."""
    options, rest = _parser().parse_known_args(arguments)
    if rest and options.run is not _start:
        _parser().parse_args(arguments)  # says what it does not know, and ends
    options.rest = rest
    return options.run(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m helpers classroom swarm")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: object, named: bool = True) -> argparse.ArgumentParser:
        words = text(f"classroom_swarm.help.{name}")
        found = commands.add_parser(name, help=words, description=words)
        if named:
            found.add_argument("name", metavar="CLASS", help=text("classroom.help.name"))
        found.set_defaults(run=run)
        return found

    start = command("start", _start)
    start.add_argument("--nodes", nargs="*", default=[], help=text("classroom_swarm.help.nodes"))
    start.add_argument("--dns", type=ipaddress.ip_address, help=text("classroom_swarm.help.dns"))
    command("status", _status)
    command("stop", _stop)
    command("daemon", _daemon, named=False)
    prepare = command("node", _node)
    prepare.add_argument("users", nargs="+", metavar="USER", help=text("classroom.help.user"))
    prepare.add_argument("--disk", type=float, default=Settings.disk / GIB,
                         help=text("classroom.help.disk"))  # fmt: skip
    for name, run in (("remove", _remove), ("leave", _leave)):
        found = command(name, run)
        found.add_argument("--confirm", action="store_true", help=text("classroom.help.confirm"))
    return parser


def _start(options: argparse.Namespace) -> int:
    told = single.parser().parse_args(["start", options.name, *options.rest])
    settings = single.chosen(told).check()
    running.check(settings, options.nodes)
    people = set(Roster(settings.folder).people().values())
    cards = add(settings, [name for name in single.names_in(told.learners) if name not in people])
    single.show(settings, cards, told.cards)  # first: whatever fails below, they are known
    placed = running.start(settings, options.nodes, str(options.dns or ""))
    crt, _ = certificate.ensure(settings.folder, settings.address)
    say("classroom.open", url=settings.url, fingerprint=certificate.fingerprint(crt))
    if settings.address.startswith("127."):
        say("classroom.loopback")
    say("classroom_swarm.then", image=IMAGE)
    for name in sorted({place.node for place in placed.values()}):
        users = " ".join(user for user, place in placed.items() if place.node == name)
        say("classroom_swarm.there", node=name, name=settings.name,
            disk=f"{settings.disk / GIB:g}", users=users)  # fmt: skip
    return 0


def _status(options: argparse.Namespace) -> int:
    settings = Settings.read(options.name)
    people = Roster(settings.folder).people()
    states = running.status(settings)
    for user, place in running.places(settings).items():
        say("classroom_swarm.row", user=user, node=place.node, name=people.get(user, ""),
            state=states.get(user, text("classroom.away")))  # fmt: skip
    return 0


def _stop(options: argparse.Namespace) -> int:
    running.stop(Settings.read(options.name))
    say("classroom.stopped")
    return 0


def _remove(options: argparse.Namespace) -> int:
    settings = Settings.read(options.name)
    placed = running.places(settings)
    if not options.confirm:
        say("classroom.unconfirmed", name=settings.name)
        return 1
    running.remove(settings)
    say("classroom_swarm.removed", name=settings.name,
        nodes=" ".join(sorted({place.node for place in placed.values()})))  # fmt: skip
    return 0


def _daemon(options: argparse.Namespace) -> int:
    node.daemon()
    say("classroom_swarm.restart", file=node.DAEMON)
    return 0


def _node(options: argparse.Namespace) -> int:
    name = _known(options.name)
    for user in options.users:
        if not USER.fullmatch(user):
            raise ClassroomError("classroom_swarm.no_user", user=user)
    node.prepare(name, options.users, int(options.disk * GIB))
    say("classroom_swarm.prepared", count=len(options.users))
    return 0


def _leave(options: argparse.Namespace) -> int:
    name = _known(options.name)
    if not options.confirm:
        say("classroom.unconfirmed", name=name)
        return 1
    node.remove(name)
    say("classroom_swarm.left", name=name)
    return 0


def _known(name: str) -> str:
    if not NAME.fullmatch(name):
        raise ClassroomError("classroom.name", name=name)
    return name

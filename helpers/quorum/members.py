"""Members of an etcd in containers, one for each Availability Zone that they stand for."""

from __future__ import annotations

import contextlib
import io
import json
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field

from .. import containers, networks
from ..bases import etcd_root
from ..containers.own import look
from ..containers.quietly import quietly
from ..engine import Engine, connect
from ..engine.patience import until
from ..errors import ContainerFailed, NotFound
from ..messages import text
from ..text import plain
from .model import LOST, STUCK, WORKS, Step, majority

__all__ = ["Members", "start"]

ZONES = ("a", "b", "c")
NAME = re.compile(r"lbl-\d\d-[a-z0-9-]+")
SETTLED = 30.0  # seconds until members have a leader, or know that they have none
GIVE_UP = 4  # seconds after which etcdctl gives up
RUN = 30.0  # seconds for one command in a container
# The members talk among themselves on 2380, and with clients on 2379 (etcd's own defaults).
COMMAND = (
    "etcd --data-dir /run/etcd --name {zone} --initial-cluster {all} --initial-cluster-state new "
    "--initial-advertise-peer-urls http://{host}:2380 --listen-peer-urls http://0.0.0.0:2380 "
    "--advertise-client-urls http://{host}:2379 --listen-client-urls http://0.0.0.0:2379 "
    "--log-level error"
)


@dataclass
class Members:
    """The members of one etcd.

    Fields
    ------
    name: of the network, and the beginning of the containers' names.
    zones: one member each.
    steps: what was done so far, for `helpers.figures.quorum`.
    """

    name: str
    zones: tuple[str, ...]
    engine: Engine = field(repr=False, compare=False)
    steps: list[Step] = field(default_factory=list, repr=False)

    def _ipython_display_(self) -> None:
        """Show nothing below a cell: the calls print what they do."""

    def write(self, key: str, value: str) -> None:
        """Write a value (``etcdctl put``); a majority takes it, or nobody does."""
        done, said = self._ctl("put", key, value)
        print(said if done else text("quorum.refused"))
        self._note("write", f"{key}={value}", done=done)

    def read(self, key: str, *, stale: bool = False) -> None:
        """Read a value (``etcdctl get``), and print it; without a majority there is no answer.

        Parameters
        ----------
        stale: ask one member alone (``--consistency=s``), which may be behind the others.
        """
        words = ["--consistency=s"] if stale else []
        done, said = self._ctl("get", *words, "--print-value-only", key)
        print(said if done else text("quorum.refused"))
        self._note("read", f"{key}={said}" if done else key, done=done, stale=stale)

    def lose(self, zone: str) -> None:
        """Let a zone lose its power: its member is killed (``docker kill``).

        Raises
        ------
        NotFound: there is no such zone. ContainerFailed: its member does not run.
        """
        containers.kill(self._host(zone), engine=self.engine)
        self._settle()
        self._note("lose", zone)

    def back(self, zone: str) -> None:
        """Let a zone come back: its member is started with the data that it had.

        Raises
        ------
        NotFound: there is no such zone.
        """
        containers.start(self._host(zone), engine=self.engine)
        self._settle()
        self._note("back", zone)

    def states(self) -> dict[str, str]:
        """Return how each member is, by its zone."""
        living = self._living()
        led = self._led(living)
        return {zone: LOST if zone not in living else WORKS if led[zone] else STUCK
                for zone in self.zones}  # fmt: skip

    def remove(self) -> None:
        """Remove the members and their network."""
        for zone in self.zones:
            if look(self.engine, f"{self.name}-{zone}"):
                containers.remove(f"{self.name}-{zone}", engine=self.engine)
        networks.remove(self.name, engine=self.engine)

    def _host(self, zone: str) -> str:
        if zone not in self.zones:
            raise NotFound("quorum.no_zone", zone=plain(zone), zones=", ".join(self.zones))
        return f"{self.name}-{zone}"

    def _living(self) -> list[str]:
        rows = ((zone, look(self.engine, self._host(zone))) for zone in self.zones)
        return [zone for zone, row in rows if row and row["State"]["Running"]]

    def _led(self, living: Sequence[str]) -> dict[str, bool]:
        """Whether each of the members that run follows a leader that runs."""
        told: dict[str, tuple[int, int]] = {}  # its own number, that of its leader or 0
        for zone in living:
            code, said = self._quietly(zone, "endpoint", "status", "-w", "json", limit=1)
            if code == 0:
                row = json.loads(said.splitlines()[-1])[0]["Status"]
                told[zone] = row["header"]["member_id"], row.get("leader", 0)
        # for a second or so members believe in a leader that has just been lost
        there = {own for own, _ in told.values()}
        return {zone: zone in told and told[zone][1] in there for zone in living}

    def _settle(self) -> None:
        """Wait until all that run know a leader, or, with too few of them, that there is none."""

        def look_again() -> bool:
            living = self._living()
            led = self._led(living)
            enough = len(living) >= majority(len(self.zones))
            return all(led.values()) if enough else not any(led.values())

        until(look_again, SETTLED, "quorum.waiting")

    def _ctl(self, *words: str) -> tuple[bool, str]:
        """Run etcdctl in the first member that runs; print what a person would type."""
        print(f"$ etcdctl {shlex.join(words)}", flush=True)
        living = self._living()
        if not living:
            return False, ""
        code, said = self._quietly(living[0], *words)
        return code == 0, plain(said).strip()

    def _quietly(self, zone: str, *words: str, limit: int = GIVE_UP) -> tuple[int, str]:
        command = ["etcdctl", f"--command-timeout={limit}s", *words]
        try:
            return quietly(self.engine, self._host(zone), command, RUN)
        except ContainerFailed:  # it ended just now
            return 1, ""

    def _note(self, order: str, what: str, **more: bool) -> None:
        self.steps.append(Step(order, what, self.states(), **more))


def start(name: str, zones: Sequence[str] = ZONES, *, engine: Engine | None = None) -> Members:
    """Start one member of etcd for each zone, in containers; print the `docker run` lines.

    They listen in a network of their own, and nowhere else. An earlier group of that name is
    replaced.

    Parameters
    ----------
    name: ``lbl-<lesson>-…``, of the network and, with a zone, of the containers.
    zones: what the members are called.

    Raises
    ------
    ContainerFailed: the name is none of the course's.
    NotOurs: a network or container of that name exists that the course did not make.
    TimedOut: they found no leader in time.
    DownloadFailed, EngineLost, …: as for `helpers.bases.etcd`.
    """
    engine = engine or connect()
    if not NAME.fullmatch(name):
        raise ContainerFailed("quorum.bad_name", name=plain(name))
    etcd_root.etcd(engine)
    made = Members(name, tuple(zones), engine)
    with contextlib.redirect_stdout(io.StringIO()):
        made.remove()  # a new member that meets an old one gives up
    networks.create(name, engine=engine)
    peers = ",".join(f"{zone}=http://{name}-{zone}:2380" for zone in zones)
    for zone in zones:
        host = f"{name}-{zone}"
        command = COMMAND.format(zone=zone, host=host, all=peers)
        before = f"docker run -d --name {host} --network {name}"
        print(f"$ {before} {etcd_root.NAME} etcd --name {zone} …")
        with contextlib.redirect_stdout(io.StringIO()):  # eight more flags, all of addresses
            containers.run(etcd_root.NAME, command, host, detach=True, network=name, hostname=host,
                           engine=engine)  # fmt: skip
    made._settle()
    made._note("start", "")
    return made

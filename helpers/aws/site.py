"""The machine that stands for your own data centre: what runs on it, and its line to AWS."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import docker as sdk

from ..cluster import dial
from ..components.client import Answer, environment_of, invoke, words_of
from ..engine import Engine, connect, labels
from ..engine.patience import patient, until
from ..errors import NotOurs
from ..messages import text
from ..text import plain
from .local import server
from .targeting import client

__all__ = ["ADMITTED", "AGENT", "ANSWER", "SITE", "Running", "Site", "find", "log"]

SITE, AGENT = "lbl-aws-site", "lbl-aws-agent"  # containers; the first one's name is its volume's
ANSWER = 60  # seconds for the daemon to make, start or remove a container
LIMIT = 60.0  # seconds for a command of the client
EMPTY = 60.0  # seconds for what shall stop there to have stopped
NOTICED = 60.0  # seconds for AWS to notice that an agent is silent, or back
ADMITTED = "registered as"  # what the agent writes once it was let in, before its number
# Labels of a task's container, as Amazon's agent sets them.
TASK, FAMILY = "com.amazonaws.ecs.task-arn", "com.amazonaws.ecs.task-definition-family"
FORMAT = f'{{{{.ID}}}} {{{{.Label "{TASK}"}}}} {{{{.Label "{FAMILY}"}}}}'


@dataclass(frozen=True)
class Running:
    """A container of a task that runs in the data centre.

    Fields
    ------
    container: its ID; task: its task's ARN; family: that of the task definition.
    """

    container: str
    task: str
    family: str


@dataclass(frozen=True)
class Site:
    """A data centre of one machine: a Docker Engine of its own, in a container.

    Fields
    ------
    instance: the number (``mi-…``) under which AWS knows it.
    cluster: the ECS cluster that it joined.
    activation: the number of the activation by which it was let in.
    """

    instance: str = field(repr=False)
    cluster: str
    activation: str = field(repr=False)
    outer: Engine = field(repr=False, compare=False)

    def _ipython_display_(self) -> None:
        """Show nothing below a cell: what was done is printed."""

    def docker(self, command: str) -> Answer:
        """Run the docker client on the data centre's own engine; print the command and its answer.

        Raises
        ------
        NotFound, ContainerFailed, TimedOut, EngineNotFound: as for `helpers.components.docker`.
        """
        words = words_of(command)
        print(f"data-centre$ docker {plain(command)}")
        done = self._invoke(words)
        if shown := plain(done.output).rstrip():
            print(shown)
        return done

    def running(self) -> tuple[Running, ...]:
        """Return what its engine runs for ECS, whatever AWS believes."""
        done = self._invoke(["ps", "--filter", f"label={TASK}", "--format", FORMAT])
        return tuple(Running(*line.split(" ", 2)) for line in sorted(done.lines))

    def cut(self) -> None:
        """Take the data centre's line to AWS away, and wait until AWS has noticed.

        What runs there goes on.
        """
        if self._lines():
            with patient(self.outer, ANSWER) as api:
                api.disconnect_container_from_network(SITE, server.NETWORK, force=True)
        self._wait(connected=False)
        print(text("anywhere.cut"))

    def mend(self) -> None:
        """Connect it again, and wait until its agent has called."""
        if not self._lines():
            with patient(self.outer, ANSWER) as api:
                api.connect_container_to_network(SITE, server.NETWORK)
        self._wait(connected=True)
        print(text("anywhere.mended"))

    def emptied(self) -> None:
        """Wait until its engine runs nothing for ECS any more, and AWS was told.

        Raises
        ------
        TimedOut: something ran on.
        """

        def empty() -> bool:
            row = self.told()
            heard = row is None or not row["agentConnected"] or not row["runningTasksCount"]
            return heard and not self.running()

        until(empty, EMPTY, "anywhere.emptying")

    def told(self) -> dict[str, Any] | None:
        """Return what ECS says of this machine; None if it is not registered."""
        ecs = client("ecs")
        arns = ecs.list_container_instances(cluster=self.cluster)["containerInstanceArns"]
        if not arns:
            return None
        rows = ecs.describe_container_instances(cluster=self.cluster, containerInstances=arns)
        found = [r for r in rows["containerInstances"] if r["ec2InstanceId"] == self.instance]
        return found[0] if found else None

    def _invoke(self, words: list[str]) -> Answer:
        environment = environment_of(self.outer)
        environment["DOCKER_HOST"] = dial.url(self.outer, SITE)
        return invoke(words, environment, LIMIT)

    def _lines(self) -> bool:
        with patient(self.outer, ANSWER) as api:
            return server.NETWORK in api.inspect_container(SITE)["NetworkSettings"]["Networks"]

    def _wait(self, *, connected: bool) -> None:
        def noticed() -> bool:
            row = self.told()
            # a machine that is registered no more has nothing that could be noticed
            return row is None or row["agentConnected"] == connected

        until(noticed, NOTICED, "anywhere.waiting")


def find(engine: Engine | None = None) -> Site | None:
    """Return the data centre that runs, None if none does; nothing is started.

    Raises
    ------
    NotOurs: a container of its name exists that the course did not make.
    EngineLost, EngineNotFound: as `helpers.engine.connect`.
    """
    engine = engine or connect()
    with patient(engine, ANSWER) as api:
        rows = []
        for name in (SITE, AGENT):
            try:
                row = api.inspect_container(name)
            except sdk.errors.NotFound:
                return None
            if not labels.ours(row["Config"].get("Labels")):
                raise NotOurs("containers.not_ours", name=name)
            rows.append(row)
    if not all(row["State"]["Running"] for row in rows):
        return None
    said = log(engine)
    if ADMITTED not in said:
        return None
    given = dict(line.split("=", 1) for line in rows[1]["Config"]["Env"])
    number = said.rpartition(ADMITTED)[2].split()[0]
    return Site(number, given["ECS_CLUSTER"], given["ACTIVATION_ID"], engine)


def log(engine: Engine) -> str:
    """Return what the agent wrote.

    Raises
    ------
    docker.errors.NotFound: there is none.
    """
    with patient(engine, ANSWER) as api:
        return api.logs(AGENT).decode(errors="replace").strip()

"""ECS Anywhere: another engine that stands for your own data centre, and the agent beside it."""

from __future__ import annotations

from dataclasses import dataclass, field

import docker as sdk

from ..cluster import dial, node_image
from ..components.client import Answer, environment_of, invoke, words_of
from ..engine import Engine, connect, labels
from ..engine.patience import patient, until
from ..engine.starting import start_container
from ..errors import AwsFailed, AwsRefused, CourseError, NotFound
from ..messages import text
from ..text import plain
from . import local
from .local import server
from .local.image import NAME as AWS_IMAGE
from .local.image import PORT
from .targeting import current

__all__ = ["AGENT", "SITE", "Site", "data_centre"]

SITE, AGENT = "lbl-aws-site", "lbl-aws-agent"  # containers; the first one's name is its volume's
ANSWER = 60  # seconds for the daemon to make, start or remove a container
READY = 60  # seconds for the engine inside to answer
ADMITTED = 30  # seconds for the agent to be admitted or refused
LIMIT = 60.0  # seconds for a command of the client
SHARED = "/site"  # in both containers: where the engine's socket lies
# The installation that Amazon's user guide gives ("External instances" in the ECS developer guide).
INSTALL = ("sudo bash ecs-anywhere-install.sh --region {region} --cluster {cluster} "
           "--activation-id {number} --activation-code {code}")  # fmt: skip


@dataclass(frozen=True)
class Site:
    """A data centre of one machine: a Docker Engine of its own, in a container.

    Fields
    ------
    instance: the number (``mi-…``) under which AWS knows it.
    """

    instance: str
    outer: Engine = field(repr=False, compare=False)

    def docker(self, command: str) -> Answer:
        """Run the docker client on the data centre's own engine; print the command and its answer.

        Raises
        ------
        NotFound, ContainerFailed, TimedOut, EngineNotFound: as for `helpers.components.docker`.
        """
        words = words_of(command)
        print(f"data-centre$ docker {plain(command)}")
        environment = environment_of(self.outer)
        environment["DOCKER_HOST"] = dial.url(self.outer, SITE)
        done = invoke(words, environment, LIMIT)
        print(plain(done.output).rstrip())
        return done

    def cut(self) -> None:
        """Take the data centre's line to AWS away; what runs there goes on."""
        print(text("aws.site.cut"))
        with patient(self.outer, ANSWER) as api:
            api.disconnect_container_from_network(SITE, server.NETWORK, force=True)

    def mend(self) -> None:
        """Connect it again."""
        print(text("aws.site.mended"))
        with patient(self.outer, ANSWER) as api:
            api.connect_container_to_network(SITE, server.NETWORK)


def data_centre(
    cluster: str, activation: dict, *, lesson: str | None = None, engine: Engine | None = None
) -> Site:
    """Start a machine with an engine of its own, and let its agent register with an activation.

    Prints the line by which Amazon's agent is installed on a real machine. A data centre that an
    earlier run made is replaced.

    Parameters
    ----------
    cluster: the ECS cluster that it joins.
    activation: what ``ssm.create_activation`` returned.

    Raises
    ------
    AwsRefused: the target is real AWS: this machine stands in for one of yours, and is no place for
        a real agent.
    AwsFailed: AWS refused the activation, or no local AWS runs.
    EngineFailed, ClusterFailed, TimedOut, DownloadFailed, …: the machine could not be made.
    """
    chosen = current()
    number, code = activation["ActivationId"], activation["ActivationCode"]
    print("$ " + INSTALL.format(region=chosen.region, cluster=cluster, number=number, code="…"))
    if chosen.real:
        raise AwsRefused("aws.site.real", region=chosen.region)
    engine = engine or connect()
    if local.find(engine) is None:
        raise AwsFailed("aws.lost", url="127.0.0.1", reason="–")
    node_image.make(engine)
    with patient(engine, ANSWER) as api:
        _clear(engine, api)
        try:
            _machine(api, lesson)
            _agent(api, lesson, cluster, number, code)
            return Site(_admitted(engine), engine)
        except (CourseError, sdk.errors.APIError, KeyboardInterrupt):
            _clear(engine, api)
            raise


def _clear(engine: Engine, api: sdk.APIClient) -> None:
    dial.forget(engine, SITE)
    for role in (server.AGENT, server.SITE):
        server.clear(api, role)


def _machine(api: sdk.APIClient, lesson: str | None) -> None:
    marks = labels.make(lesson, role=server.SITE)
    for name in (SITE, f"{SITE}-data"):
        api.create_volume(name, labels=marks)
    mounts = [sdk.types.Mount(SHARED, SITE, type="volume"),
              sdk.types.Mount("/var/lib/docker", f"{SITE}-data", type="volume")]  # fmt: skip
    host = api.create_host_config(
        privileged=True, userns_mode="host", network_mode=server.NETWORK, mounts=mounts,
        tmpfs={"/run": "mode=755", "/tmp": ""},
        log_config={"type": "json-file", "config": {"max-size": "4m"}},
    )  # fmt: skip
    daemon = ["dockerd", "--host=unix:///run/docker.sock", f"--host=unix://{SHARED}/docker.sock"]
    made = api.create_container(node_image.NAME, daemon, name=SITE, hostname="data-centre",
                                labels=marks, host_config=host)["Id"]  # fmt: skip
    start_container(api, made, "aws.site.start")

    def ready() -> bool:
        command = api.exec_create(SITE, ["docker", "version", "--format", "{{.Server.Version}}"])
        api.exec_start(command["Id"])
        return api.exec_inspect(command["Id"])["ExitCode"] == 0

    until(ready, READY, "aws.site.waiting")


def _agent(api: sdk.APIClient, lesson: str | None, cluster: str, number: str, code: str) -> None:
    host = api.create_host_config(
        # the agent is a process of that machine: it has its network, and its engine's socket
        network_mode=f"container:{SITE}",
        mounts=[sdk.types.Mount(SHARED, SITE, type="volume")],
        restart_policy={"Name": "no"},
        security_opt=["label=disable"],
    )
    environment = {
        "DOCKER_HOST": f"unix://{SHARED}/docker.sock",
        "COURSE_HOME": f"http://{local.CONTAINER}:{PORT}",
        "ECS_CLUSTER": cluster,
        "ACTIVATION_ID": number,
        "ACTIVATION_CODE": code,
    }
    made = api.create_container(
        AWS_IMAGE, ["python3", "-m", "inside.agent"], name=AGENT, host_config=host,
        labels=labels.make(lesson, role=server.AGENT), environment=environment,
    )["Id"]  # fmt: skip
    start_container(api, made, "aws.site.start")


def _admitted(engine: Engine) -> str:
    """Wait for the agent's first line; return the number that AWS gave it."""

    def look() -> tuple[bool, str] | None:
        with patient(engine, ANSWER) as api:
            try:
                row = api.inspect_container(AGENT)["State"]
                said = api.logs(AGENT).decode(errors="replace").strip()
            except sdk.errors.NotFound:
                raise NotFound("containers.missing", name=AGENT, near="–") from None
        if "registered as" in said:
            return True, said.rpartition("registered as ")[2].split()[0]
        return None if row["Running"] else (False, said)

    well, said = until(look, ADMITTED, "aws.site.waiting")
    if not well:
        raise AwsFailed("aws.site.refused", reason=plain(said).splitlines()[-1] if said else "–")
    return said

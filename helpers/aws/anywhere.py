"""ECS Anywhere: another engine that stands for your own data centre, and the agent beside it."""

from __future__ import annotations

import contextlib

import docker as sdk

from ..cluster import dial, node_image
from ..engine import Engine, connect, labels
from ..engine.patience import patient, until
from ..engine.starting import start_container
from ..errors import AwsFailed, AwsRefused, CourseError, NotFound
from ..text import plain
from . import local
from .local import server
from .local.image import NAME as AWS_IMAGE
from .local.image import PORT
from .site import ADMITTED, AGENT, ANSWER, SITE, Site, find, log
from .targeting import client, current
from .trusting import trusted

__all__ = ["data_centre", "machine_role"]

READY = 60  # seconds for the engine inside to answer
LET_IN = 30  # seconds for the agent to be admitted or refused
SHARED = "/site"  # in both containers: where the engine's socket lies
# "Registering an external instance to a cluster" in the ECS developer guide
INSTALL = (
    'curl --proto "https" -o "/tmp/ecs-anywhere-install.sh" '
    '"https://amazon-ecs-agent.s3.amazonaws.com/ecs-anywhere-install-latest.sh"',
    "sudo bash /tmp/ecs-anywhere-install.sh --region {region} --cluster {cluster} "
    "--activation-id … --activation-code …",
)
# What an external instance may do ("Amazon ECS Anywhere IAM role" in the ECS developer guide).
POLICIES = ("AmazonSSMManagedInstanceCore", "service-role/AmazonEC2ContainerServiceforEC2Role")


def machine_role(name: str) -> str:
    """Make the role that machines outside of AWS have, unless there is one, and return its name.

    Systems Manager hands its credentials to their agents. It has the two policies of AWS's own that
    ECS Anywhere asks for.
    """
    trusted(name, {"Service": "ssm.amazonaws.com"})
    iam, partition = client("iam"), current().partition
    for policy in POLICIES:
        arn = f"arn:{partition}:iam::aws:policy/{policy}"
        iam.attach_role_policy(RoleName=name, PolicyArn=arn)
    return name


def data_centre(
    cluster: str,
    activation: dict | None = None,
    *,
    lesson: str | None = None,
    engine: Engine | None = None,
) -> Site:
    """Start a machine with an engine of its own, and let its agent register with an activation.

    Prints the lines by which Amazon's agents are installed on a real machine. A machine that this
    activation let in before, and that runs, is returned as it is. Another one that an earlier run
    made is replaced, and its instance deregistered.

    Parameters
    ----------
    cluster: the ECS cluster that it joins.
    activation: what ``ssm.create_activation`` returned. Without it, the machine that runs is
        returned, as after a restart of the kernel.
    lesson: whose clean-up removes it; by default that of the target.

    Raises
    ------
    AwsRefused: the target is real AWS: this machine stands in for one of yours, and is no place for
        a real agent.
    AwsFailed: AWS refused the activation, or no local AWS runs, or no machine and none was asked
        for.
    EngineFailed, ClusterFailed, TimedOut, DownloadFailed, …: the machine could not be made.
    """
    chosen = current()
    for line in INSTALL:
        print("your-machine$ " + line.format(region=chosen.region, cluster=cluster))
    if chosen.real:
        raise AwsRefused("anywhere.real", region=chosen.region)
    engine = engine or connect()
    if local.find(engine) is None:
        raise AwsFailed("aws.lost", url="127.0.0.1", reason="–")
    there = find(engine)
    if there and there.cluster == cluster and there.told() and (
            activation is None or activation["ActivationId"] == there.activation):  # fmt: skip
        return there
    if activation is None:
        raise AwsFailed("anywhere.none", cluster=cluster)
    if there:
        _forget(there)
    node_image.make(engine)
    with patient(engine, ANSWER) as api:
        _clear(engine, api)
        try:
            lesson = lesson or chosen.lesson
            _machine(api, lesson)
            _agent(api, lesson, cluster, activation)
            return Site(_admitted(engine), cluster, activation["ActivationId"], engine)
        except (CourseError, sdk.errors.APIError, KeyboardInterrupt):
            _clear(engine, api)
            raise


def _forget(there: Site) -> None:
    """Deregister a machine that is about to be replaced, in ECS and in Systems Manager."""
    ecs, ssm = client("ecs"), client("ssm")
    with contextlib.suppress(ecs.exceptions.ClusterNotFoundException):
        if row := there.told():
            arn = row["containerInstanceArn"]
            ecs.deregister_container_instance(
                cluster=there.cluster, containerInstance=arn, force=True
            )
    with contextlib.suppress(ssm.exceptions.InvalidInstanceId):
        ssm.deregister_managed_instance(InstanceId=there.instance)


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
    start_container(api, made, "anywhere.start")

    def ready() -> bool:
        command = api.exec_create(SITE, ["docker", "version", "--format", "{{.Server.Version}}"])
        api.exec_start(command["Id"])
        return api.exec_inspect(command["Id"])["ExitCode"] == 0

    until(ready, READY, "anywhere.starting")


def _agent(api: sdk.APIClient, lesson: str | None, cluster: str, activation: dict) -> None:
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
        "ACTIVATION_ID": activation["ActivationId"],
        "ACTIVATION_CODE": activation["ActivationCode"],
    }
    made = api.create_container(
        AWS_IMAGE, ["python3", "-m", "inside.agent"], name=AGENT, host_config=host,
        labels=labels.make(lesson, role=server.AGENT), environment=environment,
    )["Id"]  # fmt: skip
    start_container(api, made, "anywhere.start")


def _admitted(engine: Engine) -> str:
    """Wait for the agent's first line; return the number that AWS gave it."""

    def look() -> tuple[bool, str] | None:
        with patient(engine, ANSWER) as api:
            try:
                runs = api.inspect_container(AGENT)["State"]["Running"]
                said = log(engine)
            except sdk.errors.NotFound:
                raise NotFound("containers.missing", name=AGENT, near="–") from None
        if ADMITTED in said:
            return True, said.rpartition(ADMITTED)[2].split()[0]
        return None if runs else (False, said)

    well, said = until(look, LET_IN, "anywhere.starting")
    if not well:
        raise AwsFailed("anywhere.refused", reason=plain(said).splitlines()[-1] if said else "–")
    return said

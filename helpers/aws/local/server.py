"""The local AWS's container: started, found again, emptied, stopped."""

from __future__ import annotations

import contextlib
import secrets
import urllib.error
import urllib.request
from dataclasses import dataclass, field

import docker

from ...engine import Engine, connect, labels, talking
from ...engine.patience import patient, until
from ...engine.starting import start_container
from ...errors import AwsFailed, CourseError, EngineFailed, NotOurs
from ...registry import logins
from ...registry.container import remove
from .image import NAME, PORT, make

__all__ = ["CONTAINER", "Local", "clear", "find", "start", "stop"]

CONTAINER = NETWORK = "lbl-aws"  # the network's name server knows the container by this name
# Where tasks (…170.2) and machines (…169.254) ask for their credentials. Clouds have the second
# address, too: the engine's own machine keeps its way there, since the bridge gets no address.
LINK, LINK_SUBNET, LINK_TASKS = "lbl-aws-link", "169.254.168.0/22", "169.254.170.0/24"
LINK_ADDRESS, METADATA_ADDRESS = "169.254.170.2", "169.254.169.254"
INHIBIT = "com.docker.network.bridge.inhibit_ipv4"
# Roles, in a label: what the local AWS starts, and the data centre that stands beside it.
TASK, SITE, AGENT = "aws-task", "aws-site", "aws-agent"
ACCOUNT = "123456789012"  # the account that AWS's own documentation uses in examples
REGION = "us-east-1"
START = 60  # seconds until it must answer
ANSWER = 60  # seconds for the daemon to make, start or remove a container
EMPTY = 120  # seconds in which everything that it started must have ended
SOCKET = "/var/run/docker.sock"


@dataclass(frozen=True)
class Local:
    """A local AWS that answers.

    Fields
    ------
    url: its address, ``http://127.0.0.1:PORT``.
    key, secret: the credentials of its account's root user, made anew at each start.
    region, account: where requests go that say nothing else.
    """

    url: str
    key: str
    secret: str = field(repr=False)
    region: str
    account: str
    engine: Engine = field(repr=False, compare=False)


def start(engine: Engine | None = None, *, empty: bool = False, lesson: str | None = None) -> Local:
    """Start the local AWS on a free port of 127.0.0.1, or return the one that runs.

    It is a container with the daemon's socket in it, so that tasks and databases are containers of
    the same daemon. What an earlier one left, for example because it was killed, is removed first.

    Parameters
    ----------
    empty: forget everything that was made in it, and docker's login at its registry, so that a
        lesson tells the same story again.
    lesson: the lesson whose clean-up removes it; without one it stays until everything is cleaned.

    Raises
    ------
    EngineFailed: the engine is on another machine, so its 127.0.0.1 is not this one's; or the
        container did not start.
    AwsFailed: the environment lacks a package, or has another version of it.
    NotOurs: a container, network or image of its name exists that the course did not make.
    TimedOut: it did not answer in time.
    DownloadFailed, EngineLost, NoSpace: as for `helpers.bases.debian`.
    """
    engine = engine or connect()
    if engine.endpoint.remote:
        raise EngineFailed("aws.remote")
    make(engine)
    found = find(engine)
    if found and _is_of_today(engine) and _ready(found.url):
        if empty:
            _forget_all(found)
            logins.forget(engine, found.url.removeprefix("http://"))
        return found
    with patient(engine, ANSWER) as api:
        _clear(engine, api)
        made = _create(engine, api, lesson)
        try:
            start_container(api, made, "aws.start")
            found = find(engine)
            until(lambda: found and _ready(found.url), START, "aws.waiting")
        except (CourseError, docker.errors.APIError, KeyboardInterrupt):
            remove(api, made)
            raise
    assert found is not None  # what was awaited
    return found


def find(engine: Engine | None = None) -> Local | None:
    """Return the local AWS that runs, None if none does; nothing is started.

    Raises
    ------
    NotOurs: a container of its name exists that the course did not make.
    EngineLost, EngineNotFound: as `helpers.engine.connect`.
    """
    engine = engine or connect()
    with talking(engine):
        try:
            row = engine.client.api.inspect_container(CONTAINER)
        except docker.errors.NotFound:
            return None
    if not labels.ours(row["Config"].get("Labels")):
        raise NotOurs("containers.not_ours", name=CONTAINER)
    bound = (row["NetworkSettings"].get("Ports") or {}).get(f"{PORT}/tcp") or []
    if not row["State"]["Running"] or not bound:
        return None
    given = dict(line.split("=", 1) for line in row["Config"]["Env"])
    return Local(
        f"http://127.0.0.1:{bound[0]['HostPort']}",
        given["AWS_ACCESS_KEY_ID"],
        given["AWS_SECRET_ACCESS_KEY"],
        given["MINISTACK_REGION"],
        given["MINISTACK_ACCOUNT_ID"],
        engine,
    )


def stop(engine: Engine | None = None) -> None:
    """Remove the local AWS and everything that it started; nothing if there is none.

    Raises
    ------
    NotOurs, EngineLost, EngineNotFound: as for `find`.
    """
    engine = engine or connect()
    find(engine)
    with patient(engine, ANSWER) as api:
        _clear(engine, api)


def _clear(engine: Engine, api: docker.APIClient) -> None:
    """Remove the container, what it or an earlier one started, and its networks."""
    remove(api, CONTAINER)
    for role in (AGENT, SITE, TASK):
        clear(api, role)
    for name in (NETWORK, LINK):
        for row in api.networks(names=[name]):
            if row["Name"] == name:
                if not labels.ours(row.get("Labels")):
                    raise NotOurs("networks.not_ours", name=name)
                api.remove_network(row["Id"])


def clear(api: docker.APIClient, role: str) -> None:
    """Remove the containers and volumes that have a role."""
    wanted = {"label": [labels.COURSE, f"{labels.NAMESPACE}.role={role}"]}
    for row in api.containers(all=True, filters=wanted):
        remove(api, row["Id"])
    for row in api.volumes(filters=wanted)["Volumes"] or []:
        with contextlib.suppress(docker.errors.NotFound):
            api.remove_volume(row["Name"], force=True)


def _create(engine: Engine, api: docker.APIClient, lesson: str | None) -> str:
    marks = labels.make(lesson, role="aws")
    api.create_network(NETWORK, driver="bridge", labels=marks)
    linked = _link(api, marks)
    tasks = labels.make(lesson, role=TASK)
    environment = {
        "AUTH": "true",
        "AWS_ACCESS_KEY_ID": f"AKIA{secrets.token_hex(8).upper()}",
        "AWS_SECRET_ACCESS_KEY": secrets.token_urlsafe(30),
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        # by this it knows what it started from what another MiniStack on this daemon did
        "MINISTACK_HOSTNAME": CONTAINER,
        "MINISTACK_HOST": CONTAINER,
        "MINISTACK_IMAGE_PREFIX": "lbl",
        "GATEWAY_PORT": str(PORT),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
        "DOCKER_HOST": f"unix://{SOCKET}",
        "COURSE_NETWORK": NETWORK,
        "COURSE_LINK": LINK if linked else "",
        "COURSE_LABELS": "\n".join(f"{key}={value}" for key, value in tasks.items()),
    }
    socket = engine.endpoint.socket if not engine.desktop else None
    host = api.create_host_config(
        port_bindings={PORT: ("127.0.0.1", None)},
        binds=[f"{socket or SOCKET}:{SOCKET}"],
        # the socket may not be its to open by the label that such a system puts on it
        security_opt=["label=disable"],
        network_mode=NETWORK,
        pid_mode="host",  # it reads the CPU time of tasks out of /proc
    )
    made = api.create_container(
        NAME, name=CONTAINER, labels=marks, host_config=host, environment=environment,
        ports=[PORT], hostname=CONTAINER, stop_signal="SIGTERM",
    )["Id"]  # fmt: skip
    if linked:
        api.connect_container_to_network(
            made, LINK, ipv4_address=LINK_ADDRESS, link_local_ips=[METADATA_ADDRESS]
        )
    return made


def _link(api: docker.APIClient, marks: dict[str, str]) -> bool:
    """Make the network in which tasks and machines find credentials; return whether there is one.

    Where these addresses are taken, as by another Docker network, there is none.
    """
    pool = docker.types.IPAMPool(subnet=LINK_SUBNET, iprange=LINK_TASKS)
    ipam = docker.types.IPAMConfig(pool_configs=[pool])
    try:
        api.create_network(LINK, driver="bridge", internal=True, labels=marks, ipam=ipam,
                           options={INHIBIT: "true"})  # fmt: skip
    except docker.errors.APIError:
        return False
    return True


def _is_of_today(engine: Engine) -> bool:
    """Whether the container that runs was made from the image as it is now."""
    with talking(engine):
        api = engine.client.api
        return api.inspect_container(CONTAINER)["Image"] == api.inspect_image(NAME)["Id"]


def _ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_ministack/health", timeout=5) as answer:
            return answer.status == 200
    except (OSError, urllib.error.HTTPError):
        return False


def _forget_all(found: Local) -> None:
    """Reset it: what it started ends, and its records go."""
    request = urllib.request.Request(f"{found.url}/_ministack/reset", method="POST", data=b"")
    try:
        urllib.request.urlopen(request, timeout=EMPTY).close()
    except OSError as error:
        raise AwsFailed("aws.lost", url=found.url, reason=error) from None

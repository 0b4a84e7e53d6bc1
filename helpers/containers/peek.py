"""A look at the engine's host, through a helper container that is removed at once.

The engine may run in a virtual machine or on another computer; a container is the one way to look
at its kernel that works everywhere. It gets what the look needs and no more: no network, nothing
to write to, no `--privileged`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import docker

from .. import bases
from ..engine import Engine, labels
from ..engine.patience import patient, until
from ..errors import CourseError
from ..text import plain
from .output import whole

__all__ = ["ROLE", "peek", "watch"]

ANSWER = 30  # seconds
ROLE = "peek"  # by which a recording knows that these are no containers of a lesson
PROCESSES = {"PidMode": "host", "CapAdd": ["SYS_PTRACE"]}  # /proc/PID/ns and /proc/PID/root
KERNEL_LOG = {"CapAdd": ["SYSLOG"], "MaskedPaths": []}  # and /proc/timer_list, its clock


def peek(
    engine: Engine, script: str, *words: str, processes: bool = False, kernel_log: bool = False
) -> str | None:
    """Run a shell script beside the containers and return what it wrote.

    Parameters
    ----------
    words: the script's ``$1``, ``$2``, ….
    processes: see all processes of the engine's host, and their namespaces.
    kernel_log: read what the kernel said (`dmesg`).

    Returns ``None`` where the engine does not permit such a look, or the image for it cannot be
    made: the caller has to say what it does without.
    """
    more = (PROCESSES if processes else {}) | (KERNEL_LOG if kernel_log else {})
    try:
        with _started(engine, script, words, more) as identifier, patient(engine, ANSWER) as api:
            state = until(lambda: _ended(api, identifier), ANSWER, "containers.waiting", name=ROLE)
            if state["ExitCode"]:
                return None
            return whole(api.logs(identifier, stdout=True, stderr=False, stream=True, follow=False))
    except (docker.errors.APIError, CourseError):
        return None  # a policy of the engine, or no image: what is looked for stays unknown


def watch(engine: Engine, script: str, *words: str) -> Iterator[str]:
    """Run a script that sees the host's processes; yield its lines while it writes them.

    Raises
    ------
    docker.errors.APIError, CourseError: the engine does not permit such a look.
    """
    with _started(engine, script, words, PROCESSES) as identifier, patient(engine, ANSWER) as api:
        rest = ""
        for chunk in api.logs(identifier, stdout=True, stderr=False, stream=True, follow=True):
            *lines, rest = (rest + chunk.decode(errors="replace")).split("\n")
            yield from map(plain, lines)


@contextlib.contextmanager
def _started(engine: Engine, script: str, words: tuple[str, ...], more: dict) -> Iterator[str]:
    host = {"NetworkMode": "none", "ReadonlyRootfs": True, "UTSMode": "host"}
    host |= {"SecurityOpt": ["apparmor=unconfined"], "UsernsMode": "host"}
    body = {
        "Image": bases.busybox(engine),
        "Cmd": ["sh", "-c", script, "peek", *words],
        "User": "0",
        "Labels": labels.make(role=ROLE),
        "HostConfig": host | more,
    }
    with patient(engine, ANSWER) as api:
        identifier = api.create_container_from_config(body)["Id"]
    try:
        with patient(engine, ANSWER) as api:
            api.start(identifier)
        yield identifier
    finally:
        with contextlib.suppress(docker.errors.APIError, CourseError), patient(engine, ANSWER):
            engine.client.api.remove_container(identifier, v=True, force=True)


def _ended(api: docker.APIClient, identifier: str) -> dict | None:
    state = api.inspect_container(identifier)["State"]
    return state if state["Status"] == "exited" else None

"""A stack file applied to a swarm, and taken away again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import docker

from ..engine.patience import until
from ..errors import ComposeFailed, ContainerFailed, NotFound
from ..text import plain
from .model import Progress
from .reading import Place, Stack, read
from .watching import LIMIT, Swarm, follow

__all__ = ["NAMESPACE", "deploy", "remove"]

NAMESPACE = "com.docker.stack.namespace"  # the label by which `docker stack` knows its own
REACHED = (8080, 8081)  # ports of node-1 that this machine reaches (helpers.cluster)
GONE = 120.0  # seconds for the tasks and networks of a stack to go
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_ID = re.compile(r" \(id: \w+\)")
# what the client tells beside what it did: that it does not wait, and which image had no digest
_NOISE = ("detach", "Ignoring", "image ", "its digest", "possibly leading", "versions of")


def deploy(
    cluster: Swarm, place: Place | Path | str, name: str = "shop", *, limit: float = LIMIT
) -> Progress:
    """Apply a stack file (``docker stack deploy``), and watch until desired and actual state agree.

    It ends sooner if a task cannot be placed (it is told in ``waiting``, with the reason), and with
    an error if a node cannot get an image. Applied again, it changes what the file says differently
    and removes nothing else: a service that the file no longer has stays, as with the command.

    Parameters
    ----------
    place: a scenario, a folder or a file.
    name: of the stack; its services are called ``<name>_<service>``.
    limit: seconds until watching ends, whatever the state.

    Raises
    ------
    NotFound: no such file, or a secret, config or network that must be there is not.
    ComposeFailed: the file is wrong (the message names line and key); a node cannot get an image;
        tasks of a service end again and again.
    ContainerFailed: it publishes a port that the course does not.
    EngineLost, TimedOut: as for `helpers.cluster`.
    """
    stack = read(place)
    if not _NAME.fullmatch(name):
        raise ComposeFailed("stacks.bad_name", name=name)
    _ports_are_ours(cluster, stack)
    _is_there(cluster, stack)
    words = ["stack", "deploy", "--detach", "--compose-file"]
    order = " ".join(["docker", *words, stack.path.name, name])

    def run() -> None:
        print(f"{plain(stack.shown)} $ {order}", flush=True)
        done = cluster.docker([*words, stack.path.name, name], show=False, folder=stack.path.parent)
        if done.exit_code:
            raise stack.refused(done.output)
        _show(done.output.splitlines())

    return follow(cluster, order, run, {f"{name}_{one.name}" for one in stack.services}, limit)


def remove(cluster: Swarm, name: str = "shop") -> None:
    """Remove a stack (``docker stack rm``) and the front doors to it; wait until all has gone.

    Raises
    ------
    TimedOut: something was still there after two minutes.
    """
    from .front import close  # which stands on this module

    close(cluster, stack=name)
    done = cluster.docker(["stack", "rm", name], show=False)
    print(f"$ docker stack rm {plain(name)}", flush=True)
    _show(done.output.splitlines())

    def gone() -> bool:
        api = cluster.api()
        marked = {"label": f"{NAMESPACE}={name}"}
        if api.services(filters=marked):
            return False
        if any(one for one in api.tasks(filters=marked) if one["Status"]["State"] == "running"):
            return False
        left = [one["Name"] for one in api.networks(filters=marked)]
        if left:  # a network goes when the last container has left it; the client asks only once
            cluster.docker(["network", "rm", *left], show=False)
        return not left

    until(gone, GONE, "stacks.waiting_gone", name=name)


def _show(lines: Iterable[str]) -> None:
    """Print what the client did, in an order that does not change from run to run."""
    told = [_ID.sub("", plain(line.strip())) for line in lines]
    told = [line for line in told if line and not any(words in line for words in _NOISE)]
    print("\n".join(sorted(told)))


def _ports_are_ours(cluster: Swarm, stack: Stack) -> None:
    for service in stack.services:
        for published in service.ports:
            if not cluster.mine:
                raise ContainerFailed("stacks.open_port", file=stack.path.name, port=published,
                                      service=service.name)  # fmt: skip
            if published not in REACHED:
                known = ", ".join(str(port) for port in REACHED)
                raise ContainerFailed("stacks.far_port", file=stack.path.name, port=published,
                                      service=service.name, known=known)  # fmt: skip


def _is_there(cluster: Swarm, stack: Stack) -> None:
    """Raise for the first thing that the file expects and the swarm has not."""
    api = cluster.api()
    inspect = {
        "secrets": api.inspect_secret,
        "configs": api.inspect_config,
        "networks": api.inspect_network,
    }
    for kind, name in stack.external:
        try:
            inspect[kind](name)
        except docker.errors.NotFound:
            key = f"stacks.missing_{kind[:-1]}"
            raise NotFound(key, file=stack.path.name, name=name) from None

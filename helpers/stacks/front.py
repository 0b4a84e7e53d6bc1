"""One address for all replicas of a service: the routing mesh, or a proxy where there is none.

A swarm's own routing mesh needs IPVS in the kernel. Where that is missing (`Cluster.balancing`), a
real proxy takes its place: HAProxy, run as a service on node-1, which finds the replicas by the
name ``tasks.<service>``.
"""

from __future__ import annotations

import contextlib
import io
import shlex
from dataclasses import dataclass, field
from functools import partial

import docker

from ..engine import labels
from ..engine.patience import until
from ..errors import ContainerFailed, NotFound
from ..messages import text
from ..text import plain
from .asking import everybody
from .deploying import REACHED
from .front_image import PORT, haproxy
from .watching import LIMIT, Swarm, follow

__all__ = ["LEADS_TO", "Front", "close", "front", "leads", "mesh"]

LEADS_TO = f"{labels.NAMESPACE}.front"  # a label of the proxy's service: to whom it leads
GONE = 60.0  # seconds for the proxy to end
NODE = "node-1"  # the one whose ports this machine reaches


@dataclass(frozen=True)
class Front:
    """A front door: ``http://127.0.0.1:…`` of this machine leads to all replicas of a service.

    Fields
    ------
    how: ``"mesh"`` or ``"proxy"``.
    service: to whom it leads; ``port``: of the node.
    command: what was typed to make it.
    """

    how: str
    service: str
    port: int
    command: str = field(repr=False)

    def __str__(self) -> str:
        told = text(f"stacks.front.{self.how}", service=self.service, port=self.port, node=NODE)
        return f"{told}\n$ {plain(self.command)}" if self.command else told

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": str(self)}


def front(
    cluster: Swarm, service: str = "shop_web", port: int = 8080, *, inside: int = 8000
) -> Front:
    """Give a service one address, and wait until each of its replicas has answered through it.

    Where there is IPVS, the port is published in the routing mesh (``docker service update
    --publish-add``); elsewhere HAProxy is run as a service ``front`` on node-1. Both take a replica
    that comes, and leave out one that goes, by themselves. One that is there already stays.

    Parameters
    ----------
    port: of node-1: 8080 or 8081, those that the course publishes on 127.0.0.1 of this machine.
    inside: the port that the replicas listen on.

    Raises
    ------
    NotFound: there is no such service, or it is in no overlay network.
    ContainerFailed: another port, or a swarm that is not the course's: a port there could be
        reached from other machines.
    TimedOut: not every replica answered in time.
    """
    if not cluster.mine:
        raise ContainerFailed("stacks.open_port", file="front()", port=port, service=service)
    if port not in REACHED:
        known = ", ".join(str(one) for one in REACHED)
        raise ContainerFailed("stacks.far_port", file="front()", port=port, service=service,
                              known=known)  # fmt: skip
    spec = _spec(cluster, service)
    made = mesh if cluster.balancing == "ipvs" else proxy
    command = made(cluster, service, spec, port, inside)
    if replicas := _running(cluster, service):
        until(lambda: everybody(cluster, port, replicas), LIMIT, "stacks.waiting_front",
              service=service)  # fmt: skip
    print(text("stacks.front.open", service=service, port=port, node=NODE))
    how = "mesh" if cluster.balancing == "ipvs" else "proxy"
    return Front(how, service, port, command)


def close(cluster: Swarm, *, stack: str | None = None, service: str | None = None) -> None:
    """Close the front doors that lead to a service, or to the services of a stack.

    Raises
    ------
    TimedOut: a proxy was still there after a minute.
    """

    def meant(name: str) -> bool:
        return name == service or bool(stack and name.startswith(f"{stack}_"))

    for one in cluster.api().services():
        spec = one["Spec"]
        leads_to = (spec.get("Labels") or {}).get(LEADS_TO)
        ports = [given.get("PublishedPort") for given in _ports(spec) if given]
        if leads_to and meant(leads_to):
            _remove(cluster, spec["Name"])
        elif service and meant(spec["Name"]) and (found := set(ports) & set(REACHED)):
            words = ["service", "update", "--detach", "--quiet"]
            for given in _ports(spec):
                if given.get("PublishedPort") in found:
                    words += ["--publish-rm", str(given["TargetPort"])]
            run = partial(cluster.docker, [*words, service], show=False)
            follow(cluster, "publish-rm", run, {service})
        else:
            continue
        print(text("stacks.front.closed", service=leads_to or spec["Name"]))


def _ports(spec: dict) -> list[dict]:
    return (spec.get("EndpointSpec") or {}).get("Ports") or []


def _spec(cluster: Swarm, service: str) -> dict:
    try:
        return cluster.api().inspect_service(service)["Spec"]
    except docker.errors.NotFound:
        raise NotFound("stacks.no_service", name=service) from None


def _running(cluster: Swarm, service: str) -> int:
    return sum(task.runs for task in cluster.look().tasks if task.service == service)


def _name(port: int) -> str:
    return "front" if port == REACHED[0] else f"front-{port}"


def mesh(cluster: Swarm, service: str, spec: dict, port: int, inside: int) -> str:
    """Publish a port of a service in the routing mesh, and return the command that does it."""
    published = _ports(spec)
    words = ["service", "update", "--detach", "--quiet", "--publish-add",
             f"published={port},target={inside}", service]  # fmt: skip
    shown = shlex.join(["docker", *words])
    if not any(one.get("PublishedPort") == port for one in published):
        follow(cluster, shown, lambda: cluster.docker(words, show=False), {service})
    return shown


def proxy(cluster: Swarm, service: str, spec: dict, port: int, inside: int) -> str:
    """Run a proxy that leads to a service, and return the command that does it."""
    api, name = cluster.api(), _name(port)
    networks = (spec.get("TaskTemplate") or {}).get("Networks") or []
    if not networks:
        raise NotFound("stacks.no_network", name=service)
    network = api.inspect_network(networks[0]["Target"])["Name"]
    made = haproxy(cluster.engine)
    with contextlib.redirect_stdout(io.StringIO()):  # the mesh needs no image: print alike
        image = cluster.image(made)
    words = [
        "service", "create", "--detach", "--quiet", "--name", name, "--network", network,
        "--constraint", f"node.hostname=={NODE}", "--restart-delay", "500ms",
        "--stop-grace-period", "2s", "--env", f"SERVICE={service}", "--env", f"INSIDE={inside}",
        "--publish", f"mode=host,published={port},target={PORT}", image,
    ]  # fmt: skip
    shown = shlex.join(["docker", *words])
    old = api.services(filters={"name": name})
    old = [one["Spec"] for one in old if one["Spec"]["Name"] == name]
    if old and not _same(old[0], service, inside, networks[0]["Target"]):
        _remove(cluster, name)
        old = []
    if not old:
        marked = [*words[:4], "--label", f"{LEADS_TO}={service}", *words[4:]]
        follow(cluster, shown, lambda: cluster.docker(marked, show=False), {name})
    return shown


def _same(spec: dict, service: str, inside: int, network: str) -> bool:
    task = spec.get("TaskTemplate") or {}
    given = set((task.get("ContainerSpec") or {}).get("Env") or [])
    where = [one.get("Target") for one in task.get("Networks") or []]
    return given == {f"SERVICE={service}", f"INSIDE={inside}"} and where == [network]


def _remove(cluster: Swarm, name: str) -> None:
    cluster.docker(["service", "rm", name], show=False)

    def gone() -> bool:
        return not any(task.service == name and not task.ended for task in cluster.look().tasks)

    until(gone, GONE, "stacks.waiting_gone", name=name)


def leads(cluster: Swarm, port: int) -> str | None:
    """Return the service that a port of the course leads to; None if none does."""
    for one in cluster.api().services():
        spec = one["Spec"]
        if any(given.get("PublishedPort") == port for given in _ports(spec)):
            return plain((spec.get("Labels") or {}).get(LEADS_TO) or spec["Name"])
    return None

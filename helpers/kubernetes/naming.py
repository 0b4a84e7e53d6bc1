"""Names inside the cluster: what a pod hears when it asks for another service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import KubernetesFailed, NotFound
from ..messages import text
from . import kubectl
from .api import Refused, nameless
from .pods import alive

if TYPE_CHECKING:
    from .cluster import Cluster

__all__ = ["Lookup", "lookup"]


@dataclass(frozen=True)
class Lookup:
    """What a name led to, seen from inside a pod.

    Fields
    ------
    asked: the name. known: the full name that was answered, empty if there is none.
    addresses: as the name server gave them.
    service: whether it is the address of a Service, which stays when pods come and go.
    pods: how many pods that are ready stand behind that Service.
    """

    asked: str
    known: str
    addresses: tuple[str, ...]
    service: bool
    pods: int

    def __str__(self) -> str:
        if not self.addresses:
            return text("kubernetes_use.lookup.unknown", name=self.asked)
        if self.service:
            key = "one" if self.pods == 1 else "many"
            return text(f"kubernetes_use.lookup.{key}", name=self.known, pods=self.pods)
        return text("kubernetes_use.lookup.other", name=self.known, count=len(self.addresses))

    __repr__ = __str__


def lookup(cluster: Cluster, name: str, app: str = "web") -> Lookup:
    """Ask a pod of an app for the addresses behind a name (``getent hosts NAME``).

    Raises
    ------
    NotFound: no pod of the app runs. KubernetesFailed: the command could not be run in it.
    """
    ready = [one for one in alive(cluster.every_pod(), app) if one.ready]
    if not ready:
        raise NotFound("kubernetes_use.no_pod", name=app, known="–")
    pod = ready[0].name
    print(f"$ kubectl -n {cluster.namespace} exec {nameless(pod)} -- getent hosts {name}")
    said = kubectl.run(cluster, ["exec", pod, "--", "getent", "hosts", name])
    lines = [line.split() for line in said.output.splitlines() if line[:1].isdigit()]
    if said.exit_code and "exit code 2" not in said.output:  # getent(1): the name is not known
        raise KubernetesFailed("kubernetes_use.exec", pod=nameless(pod), reason=said.output.strip())
    addresses = tuple(sorted(words[0] for words in lines))
    known = lines[0][1] if lines and len(lines[0]) > 1 else ""
    own = _address(cluster, name)
    service = own is not None and addresses == (own,)
    return Lookup(name, known, addresses, service, len(cluster.endpoints(name)) if service else 0)


def _address(cluster: Cluster, name: str) -> str | None:
    try:
        return cluster.api.get(f"{cluster.core}/services/{name}")["spec"].get("clusterIP")
    except Refused:
        return None

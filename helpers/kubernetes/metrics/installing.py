"""Put the metrics API into a cluster, in the order that works, and take it out again."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from ...engine import labels
from ...engine.patience import until
from ...errors import KubernetesFailed, NotOurs, TimedOut
from ...text import plain
from .. import images, spaces
from ..api import Api, Refused
from .objects import API, CLUSTER_WIDE, NAME, NAMESPACE, api_service, cluster_wide, objects

if TYPE_CHECKING:
    from ..cluster import Cluster

__all__ = ["NAMESPACE", "available", "install", "remove"]

REGISTRY = "/apis/apiregistration.k8s.io/v1/apiservices"
GROUP = "/apis/metrics.k8s.io/v1beta1"
READY = 120.0  # seconds for the pod to run and to have measured twice
SERVED = 60.0  # seconds for the API server to take note of it
GONE = 60.0  # seconds for an older one to end
LOG = 15  # lines


def available(api: Api) -> bool:
    """Whether the cluster answers for metrics of pods, whoever brought that."""
    try:
        api.get(f"{GROUP}/nodes", limit=10)
    except (Refused, KubernetesFailed):
        return False
    return True


def install(cluster: Cluster, image: str) -> bool:
    """Make sure that the cluster has a metrics API; return whether the course brought one.

    The APIService comes last. An API server that is told of it before somebody answers may keep the
    connection that failed, and go on saying that the service is not available (seen with 1.20).

    Parameters
    ----------
    image: one with ``python3`` in it.

    Raises
    ------
    NotOurs: an APIService is there that the course did not make, and it does not answer.
    TimedOut: it did not come up; the message holds what API server and pod say.
    """
    api = cluster.api
    if available(api):
        return False
    found = _api_service(api)
    if found and not labels.ours(found["metadata"].get("labels")):
        raise NotOurs("kubernetes_use.foreign_metrics", name=API)
    remove(api)
    images.bring(cluster, [image])
    spaces.make(api, NAMESPACE)
    made, certificate = objects(image)
    for path, body in (*cluster_wide(), *made):
        spaces.put(api, path, body)
    _await(api, lambda: _answers(api), READY, "kubernetes_use.waiting_metrics_pod")
    spaces.put(api, REGISTRY, api_service(certificate))
    _await(api, lambda: available(api), SERVED, "kubernetes_use.waiting_metrics")
    return True


def remove(api: Api) -> bool:
    """Take out what the course brought, the APIService first: without anybody behind it, no
    namespace of the cluster could be removed. Return whether there was something."""
    found = False
    mine = _api_service(api)
    if mine and labels.ours(mine["metadata"].get("labels")):
        found = _delete(api, f"{REGISTRY}/{API}")
    for path, _ in cluster_wide():
        found = _delete(api, f"{path}/{CLUSTER_WIDE}") or found
    return spaces.remove(api, NAMESPACE, GONE) or found


def _api_service(api: Api) -> dict | None:
    with contextlib.suppress(Refused):
        return api.get(f"{REGISTRY}/{API}")
    return None


def _delete(api: Api, path: str) -> bool:
    try:
        api.call("DELETE", path)
    except Refused as error:
        if error.status == 404:
            return False
        raise
    return True


def _answers(api: Api) -> bool:
    """Whether the pod is ready and answers to the API server itself."""
    place = f"/api/v1/namespaces/{NAMESPACE}/services/https:{NAME}:443/proxy/healthz"
    with contextlib.suppress(KubernetesFailed):
        return api.reply(place, 10)[0] == 200
    return False


def _await(api: Api, look: object, seconds: float, awaited: str) -> None:
    try:
        until(look, seconds, awaited)  # type: ignore[arg-type]
    except TimedOut:
        raise TimedOut(
            awaited, seconds=seconds, condition=_condition(api), log=_log(api)
        ) from None  # fmt: skip


def _condition(api: Api) -> str:
    """What the API server says of the APIService, and the controllers of the pod."""
    said = []
    for one in ((_api_service(api) or {}).get("status") or {}).get("conditions") or []:
        said.append(f"{one.get('type')}={one.get('status')}: {one.get('message', '')}")
    with contextlib.suppress(KubernetesFailed):
        for pod in api.get(f"/api/v1/namespaces/{NAMESPACE}/pods").get("items") or []:
            from ..pods import pod_of

            one = pod_of(pod, time.time())
            said.append(f"{NAME}: {one.state} {one.reason}".strip())
    return plain("; ".join(said)) or "–"


def _log(api: Api) -> str:
    with contextlib.suppress(KubernetesFailed):
        for pod in api.get(f"/api/v1/namespaces/{NAMESPACE}/pods").get("items") or []:
            path = f"/api/v1/namespaces/{NAMESPACE}/pods/{pod['metadata']['name']}/log"
            return plain(api.reply(f"{path}?tailLines={LOG}")[1].decode(errors="replace")).strip()
    return "–"

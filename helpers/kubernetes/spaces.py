"""Namespaces of the course: made with its label, emptied, removed; nobody else's is touched."""

from __future__ import annotations

import contextlib
import time

from ..engine import labels
from ..engine.patience import until
from ..errors import NotOurs
from .api import Api, Refused
from .pods import pod_of

__all__ = ["empty", "exists", "make", "put", "remove"]

GONE = 90.0  # seconds
NAMESPACED = (
    ("/apis/autoscaling/v1", "horizontalpodautoscalers"),
    ("/apis/apps/v1", "deployments"),
    ("/apis/apps/v1", "daemonsets"),
    ("/apis/apps/v1", "statefulsets"),
    ("/apis/apps/v1", "replicasets"),
    ("/apis/batch/v1", "jobs"),
    ("/api/v1", "services"),
    ("/api/v1", "resourcequotas"),
    ("/api/v1", "limitranges"),
    ("/api/v1", "configmaps"),
    ("/api/v1", "secrets"),
    ("/api/v1", "serviceaccounts"),
    ("/api/v1", "persistentvolumeclaims"),
    ("/apis/networking.k8s.io/v1", "networkpolicies"),
    ("/apis/rbac.authorization.k8s.io/v1", "rolebindings"),
    ("/apis/rbac.authorization.k8s.io/v1", "roles"),
    ("/api/v1", "pods"),
)
KEPT = ("kube-root-ca.crt", "default")  # a controller makes them again


def exists(api: Api, name: str) -> dict | None:
    """Return a namespace as the API has it, or None."""
    try:
        return api.get(f"/api/v1/namespaces/{name}")
    except Refused as error:
        if error.status == 404:
            return None
        raise


def make(api: Api, name: str, lesson: str = "10") -> None:
    """Make a namespace with the course's label, and wait until pods can be made in it.

    Raises
    ------
    NotOurs: one of that name is there, and the course did not make it.
    """
    found = exists(api, name)
    if found and (found.get("status") or {}).get("phase") == "Terminating":
        until(lambda: exists(api, name) is None, GONE, "kubernetes_use.waiting_gone", name=name)
        found = None
    if found is None:
        body = {
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": {"name": name, "labels": labels.make(lesson)},
        }  # fmt: skip
        put(api, "/api/v1/namespaces", body)
    elif not labels.ours(found["metadata"].get("labels")):
        raise NotOurs("kubernetes_use.foreign_namespace", name=name)
    account = f"/api/v1/namespaces/{name}/serviceaccounts/default"
    until(lambda: _there(api, account), GONE, "kubernetes_use.waiting_namespace", name=name)


def _there(api: Api, path: str) -> bool:
    with contextlib.suppress(Refused):
        return bool(api.get(path))
    return False


def put(api: Api, path: str, body: dict) -> None:
    """Make an object; one that is there already under this name is made anew."""
    name = body["metadata"]["name"]
    try:
        api.call("POST", path, body)
    except Refused as error:
        if error.status != 409:
            raise
        with contextlib.suppress(Refused):
            api.call("DELETE", f"{path}/{name}")
        until(lambda: not _there(api, f"{path}/{name}"), GONE, "kubernetes_use.waiting_gone",
              name=name)  # fmt: skip
        api.call("POST", path, body)


def empty(api: Api, name: str) -> None:
    """Remove everything from a namespace of the course, pods at once, and wait until they end.

    Raises
    ------
    NotOurs: the namespace is not the course's.
    """
    found = exists(api, name)
    if found is None:
        return
    if not labels.ours(found["metadata"].get("labels")):
        raise NotOurs("kubernetes_use.foreign_namespace", name=name)
    for base, kind in NAMESPACED:
        place = f"{base}/namespaces/{name}/{kind}"
        for one in api.get(place).get("items") or []:
            own = one["metadata"]["name"]
            if own in KEPT or one.get("type") == "kubernetes.io/service-account-token":
                continue
            grace = {"gracePeriodSeconds": 1} if kind == "pods" else {}
            with contextlib.suppress(Refused):
                api.call("DELETE", f"{place}/{own}", propagationPolicy="Background", **grace)
    pods = f"/api/v1/namespaces/{name}/pods"

    def gone() -> bool:
        listed = api.get(pods).get("items") or []
        return all(pod_of(one, time.time()).over for one in listed)

    until(gone, GONE, "kubernetes_use.waiting_gone", name=name)


def remove(api: Api, name: str, seconds: float = GONE) -> bool:
    """Remove a namespace of the course with all that is in it; return whether it was there.

    Raises
    ------
    NotOurs: it is not the course's. TimedOut: it did not go in time.
    """
    found = exists(api, name)
    if found is None:
        return False
    if not labels.ours(found["metadata"].get("labels")):
        raise NotOurs("kubernetes_use.foreign_namespace", name=name)
    empty(api, name)
    with contextlib.suppress(Refused):
        api.call("DELETE", f"/api/v1/namespaces/{name}")
    until(lambda: exists(api, name) is None, seconds, "kubernetes_use.waiting_gone", name=name)
    return True

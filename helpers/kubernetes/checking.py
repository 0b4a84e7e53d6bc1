"""What is wrong with a manifest before a server sees it, and what this course does not apply."""

from __future__ import annotations

import re

from ..errors import ManifestFailed
from . import quantities
from .manifests import Document

__all__ = ["SERVED", "check"]

# What lessons use, in API versions that Kubernetes 1.20 and today's both serve.
SERVED = {
    "ConfigMap": "v1",
    "CronJob": "batch/v1",
    "DaemonSet": "apps/v1",
    "Deployment": "apps/v1",
    "HorizontalPodAutoscaler": "autoscaling/v1",
    "Ingress": "networking.k8s.io/v1",
    "Job": "batch/v1",
    "LimitRange": "v1",
    "NetworkPolicy": "networking.k8s.io/v1",
    "PersistentVolumeClaim": "v1",
    "Pod": "v1",
    "ReplicaSet": "apps/v1",
    "ResourceQuota": "v1",
    "Role": "rbac.authorization.k8s.io/v1",
    "RoleBinding": "rbac.authorization.k8s.io/v1",
    "Secret": "v1",
    "Service": "v1",
    "ServiceAccount": "v1",
    "StatefulSet": "apps/v1",
}
# They belong to the cluster and to everybody in it, not to a namespace.
_CLUSTER = {
    "APIService", "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition",
    "MutatingWebhookConfiguration", "Namespace", "Node", "PersistentVolume", "PriorityClass",
    "StorageClass", "ValidatingWebhookConfiguration",
}  # fmt: skip
_PRIVILEGED = (
    (r"spec\.(?:.*\.)?hostNetwork$", True),
    (r"spec\.(?:.*\.)?hostPID$", True),
    (r"spec\.(?:.*\.)?hostIPC$", True),
    (r"\.privileged$", True),
)


def check(document: Document, namespace: str) -> None:
    """Refuse an object that is wrong in itself, or that would reach beyond the namespace.

    Raises
    ------
    ManifestFailed: the message names file, line and key.
    """
    _kind(document)
    given = (document.body.get("metadata") or {}).get("namespace")
    if given not in (None, namespace):
        _fail(document, "kubernetes_use.other_namespace", "metadata.namespace", given, namespace)
    for path, value in document.walk():
        _amount(document, path, value)
        _outside(document, path, value)


def _kind(document: Document) -> None:
    if document.kind in _CLUSTER:
        _fail(document, "kubernetes_use.of_cluster", "kind", document.kind)
    served = SERVED.get(document.kind)
    if served and document.api != served:
        _fail(document, "kubernetes_use.other_api", "apiVersion", document.api, served)


def _amount(document: Document, path: str, value: object) -> None:
    """Quantities: the server says that one is wrong, and not where."""
    name = path.rpartition(".")[2]
    inside = re.search(r"(?:^|\.)(requests|limits|hard)\b[.\[]", path)
    if not inside or isinstance(value, dict | list):
        return
    try:
        amount = quantities.parse(value)
    except ValueError:
        _fail(document, "kubernetes_use.quantity", path, value)
    if amount < 0:
        _fail(document, "kubernetes_use.quantity", path, value)
    if "memory" in name and 0 < amount < 1024:  # 64m are 0.064 bytes
        _fail(document, "kubernetes_use.tiny", path, value)


def _outside(document: Document, path: str, value: object) -> None:
    """Nothing of the course is reachable from another machine, or reaches into a node."""
    if document.kind == "Service" and path == "spec.type" and value in ("NodePort", "LoadBalancer"):
        _fail(document, "kubernetes_use.open_service", path, value)
    if document.kind == "Service" and path == "spec.externalIPs":
        _fail(document, "kubernetes_use.open_service", path, "externalIPs")
    if path.endswith(".hostPort"):
        _fail(document, "kubernetes_use.open_service", path, "hostPort")
    if path.endswith(".hostPath"):
        _fail(document, "kubernetes_use.privileged", path, "hostPath")
    for pattern, refused in _PRIVILEGED:
        if re.search(pattern, path) and value is refused:
            _fail(document, "kubernetes_use.privileged", path, path.rpartition(".")[2])


def _fail(document: Document, key: str, path: str, *values: object) -> None:
    line = document.line_of(path)
    given, wanted = (*values, "", "")[:2]
    raise ManifestFailed(
        key, file=document.file, line=line, path=path, shown=document.shown(line), given=given,
        wanted=wanted, kind=document.kind, name=document.name,
    )  # fmt: skip

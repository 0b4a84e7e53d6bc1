"""The objects that the metrics API of the course consists of."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path

from ...engine import labels
from .selfsigned import make

__all__ = ["API", "NAME", "NAMESPACE", "api_service", "cluster_wide", "objects"]

NAMESPACE = "lbl-10-metrics"
NAME = "metrics"
API = "v1beta1.metrics.k8s.io"
CLUSTER_WIDE = "lbl-10-metrics"  # of its role: that is not in any namespace
PORT = 8443


def marks(lesson: str = "10") -> dict[str, str]:
    return labels.make(lesson)


def cluster_wide() -> list[tuple[str, dict]]:
    """Return what lies in no namespace, the APIService excepted, with its path for POST.

    The account may list nodes and pods, and read the kubelets' counters. Nothing else.
    """
    rbac = "/apis/rbac.authorization.k8s.io/v1"
    meta = {"name": CLUSTER_WIDE, "labels": marks()}
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": meta,
        "rules": [
            {"apiGroups": [""], "resources": ["nodes", "pods"], "verbs": ["get", "list"]},
            {"apiGroups": [""], "resources": ["nodes/stats", "nodes/metrics"], "verbs": ["get"]},
        ],
    }  # fmt: skip
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
        "metadata": meta,
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole",
                    "name": CLUSTER_WIDE},
        "subjects": [{"kind": "ServiceAccount", "name": NAME, "namespace": NAMESPACE}],
    }  # fmt: skip
    return [(f"{rbac}/clusterroles", role), (f"{rbac}/clusterrolebindings", binding)]


def objects(
    image: str, command: Sequence[str] = ("python3",)
) -> tuple[list[tuple[str, dict]], str]:
    """Return what lies in the namespace, with paths for POST, and the certificate as PEM."""
    core = f"/api/v1/namespaces/{NAMESPACE}"
    certificate, key = make([f"{NAME}.{NAMESPACE}.svc", f"{NAME}.{NAMESPACE}"])
    meta = {"name": NAME, "namespace": NAMESPACE, "labels": marks()}
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta}
    program = Path(__file__).with_name("server.py").read_text("utf-8")
    config = {
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {"server.py": program},
    }  # fmt: skip
    secret = {
        "apiVersion": "v1", "kind": "Secret", "metadata": meta, "type": "kubernetes.io/tls",
        "data": {"tls.crt": _base64(certificate), "tls.key": _base64(key)},
    }  # fmt: skip
    service = {
        "apiVersion": "v1", "kind": "Service", "metadata": meta,
        "spec": {"selector": {"app": NAME}, "ports": [{"port": 443, "targetPort": PORT}]},
    }  # fmt: skip
    return [
        (f"{core}/serviceaccounts", account),
        (f"{core}/configmaps", config),
        (f"{core}/secrets", secret),
        (f"{core}/services", service),
        (f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments", _deployment(meta, image, command)),
    ], certificate


def _deployment(meta: dict, image: str, command: Sequence[str]) -> dict:
    probe = {"httpGet": {"scheme": "HTTPS", "path": "/healthz", "port": PORT}}
    container = {
        "name": NAME,
        "image": image,
        "imagePullPolicy": "Never",
        "command": [*command, "-u", "/program/server.py"],
        "ports": [{"containerPort": PORT}],
        "readinessProbe": {**probe, "periodSeconds": 1, "timeoutSeconds": 5},
        "resources": {"requests": {"cpu": "20m", "memory": "32Mi"}},
        "volumeMounts": [
            {"name": "program", "mountPath": "/program", "readOnly": True},
            {"name": "keys", "mountPath": "/keys", "readOnly": True},
        ],
    }
    pod = {
        "serviceAccountName": NAME,
        "terminationGracePeriodSeconds": 1,
        "containers": [container],
        "volumes": [
            {"name": "program", "configMap": {"name": NAME}},
            {"name": "keys", "secret": {"secretName": NAME}},
        ],
    }
    return {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta,
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": {"app": NAME}},
            "template": {"metadata": {"labels": {"app": NAME, **marks()}}, "spec": pod},
        },
    }  # fmt: skip


def api_service(certificate: str) -> dict:
    """Return the object that makes the API server hand on what is asked of metrics.k8s.io."""
    return {
        "apiVersion": "apiregistration.k8s.io/v1",
        "kind": "APIService",
        "metadata": {"name": API, "labels": marks()},
        "spec": {
            "group": "metrics.k8s.io",
            "version": "v1beta1",
            "groupPriorityMinimum": 100,
            "versionPriority": 100,
            "caBundle": _base64(certificate),
            "service": {"name": NAME, "namespace": NAMESPACE, "port": 443},
        },
    }


def _base64(content: str) -> str:
    return base64.b64encode(content.encode()).decode()

"""What the exercises of lesson 10 look for in the cluster."""

from __future__ import annotations

import json

from helpers import kubernetes
from helpers.engine import Engine
from helpers.exercises import Right, Wrong, exercise
from helpers.kubernetes.accounts import can
from helpers.kubernetes.api import Refused
from helpers.kubernetes.looking import look
from helpers.kubernetes.pods import alive

APPLIED = "kubectl.kubernetes.io/last-applied-configuration"  # kubectl keeps the file in there
WANTED = 4


def _object(cluster: kubernetes.Cluster, path: str) -> dict | None:
    try:
        return cluster.api.get(path)
    except Refused:
        return None


@exercise("10.1")
def by_the_file(engine: Engine) -> Right | Wrong:
    """Four pages run, and the manifest that was applied says four."""
    cluster = kubernetes.find(engine)
    if cluster is None:
        return Wrong("lesson10.no_cluster")
    found = _object(cluster, f"{cluster.apps}/deployments/web")
    if found is None:
        return Wrong("lesson10.no_web")
    number = found["spec"].get("replicas")
    if number != WANTED:
        return Wrong("lesson10.ex1.number", number=number, wanted=WANTED)
    try:
        written = json.loads(found["metadata"]["annotations"][APPLIED])["spec"].get("replicas")
    except (KeyError, ValueError):
        written = None
    if written != WANTED:
        return Wrong("lesson10.ex1.by_hand", number=written, wanted=WANTED)
    ready = (found.get("status") or {}).get("readyReplicas", 0)
    if ready != WANTED:
        return Wrong("lesson10.ex1.not_ready", number=ready, wanted=WANTED)
    return Right("lesson10.ex1.right")


@exercise("10.2")
def door(engine: Engine) -> Right | Wrong:
    """The Service door leads to all pages that are ready."""
    cluster = kubernetes.find(engine)
    if cluster is None:
        return Wrong("lesson10.no_cluster")
    found = _object(cluster, f"{cluster.core}/services/door")
    if found is None:
        return Wrong("lesson10.ex2.missing")
    pages = set(cluster.endpoints("web"))
    if not pages:
        return Wrong("lesson10.ex2.no_pages")
    behind = set(cluster.endpoints("door"))
    if not behind:
        selector = found["spec"].get("selector") or {}
        shown = ", ".join(f"{key}: {value}" for key, value in selector.items()) or "–"
        return Wrong("lesson10.ex2.nobody", selector=shown)
    if behind != pages:
        return Wrong("lesson10.ex2.others")
    target = (found["spec"].get("ports") or [{}])[0].get("targetPort")
    if target != 8000:
        return Wrong("lesson10.ex2.port", port=target or "–")
    return Right("lesson10.ex2.right", pods=len(behind))


@exercise("10.3")
def reader(engine: Engine) -> Right | Wrong:
    """An account that may list pods and read logs, and nothing else."""
    cluster = kubernetes.find(engine)
    if cluster is None:
        return Wrong("lesson10.no_cluster")
    if _object(cluster, f"{cluster.core}/serviceaccounts/reader") is None:
        return Wrong("lesson10.ex3.missing")
    user = f"system:serviceaccount:{cluster.namespace}:reader"
    for verb, resource in (("list", "pods"), ("get", "pods/log")):
        if not can(cluster, user, verb, resource):
            return Wrong("lesson10.ex3.less", verb=verb, resource=resource)
    for verb, resource, group in (
        ("delete", "pods", ""), ("create", "pods", ""), ("create", "pods/exec", ""),
        ("get", "secrets", ""), ("list", "configmaps", ""), ("patch", "deployments", "apps"),
        ("list", "services", ""),
    ):  # fmt: skip
        if can(cluster, user, verb, resource, group):
            return Wrong("lesson10.ex3.more", verb=verb, resource=resource)
    return Right("lesson10.ex3.right")


@exercise("10.4")
def whole_again(engine: Engine) -> Right | Wrong:
    """All pages are ready and of one version, and the Deployment is through with its rollout."""
    cluster = kubernetes.find(engine)
    if cluster is None:
        return Wrong("lesson10.no_cluster")
    now = look(cluster)
    web = now.workload("web")
    if web is None:
        return Wrong("lesson10.no_web")
    if web.desired < 2:
        return Wrong("lesson10.ex4.few")
    pods = alive(now.pods, "web")
    whole = web.settled and all(pod.ready for pod in pods)
    if not whole or len({pod.version for pod in pods}) != 1:
        return Wrong("lesson10.ex4.open", version=web.version)
    found = _object(cluster, f"{cluster.apps}/deployments/web") or {}
    if not _rolled_twice(found):
        return Wrong("lesson10.ex4.nothing")
    return Right("lesson10.ex4.right", version=web.version)


def _rolled_twice(deployment: dict) -> bool:
    """Whether the template has changed since the first version: a fresh shop is no solution."""
    marks = (deployment.get("metadata") or {}).get("annotations") or {}
    revision = str(marks.get("deployment.kubernetes.io/revision", "1"))
    return revision.isdigit() and int(revision) > 1

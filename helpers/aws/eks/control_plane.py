"""Wait for a cluster's control plane. Locally the course brings one: its own Kubernetes."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import botocore.exceptions

from ...engine import Engine, journal
from ...errors import AwsFailed
from ...kubernetes import own, spaces
from ...kubernetes.api import Api
from ...kubernetes.connecting import KIND
from ...kubernetes.versions import Version
from ...text import plain
from ..local import Local
from ..targeting import Target, client, current

__all__ = ["ready"]

PATH = "/_course/eks"  # of the local AWS (`helpers.aws.inside.clusters`)
ANSWER = 30  # seconds


def ready(name: str, group: str | None = None) -> dict[str, Any]:
    """Wait until a cluster is active, and return what DescribeCluster says of it.

    With a node group, wait until that has its machines, and return what DescribeNodegroup says.

    In AWS that takes some ten minutes. Locally a Kubernetes of the course's own becomes the
    control plane: it is started on this machine if it does not run, and asks the local AWS from
    then on whose the tokens are that it is shown.

    Parameters
    ----------
    name: of the cluster.
    group: of a node group in it.

    Raises
    ------
    AwsRefused: no target was chosen.
    ClientError: there is no such cluster.
    AwsFailed: it did not become active.
    KubernetesFailed, TimedOut, …: as for `helpers.kubernetes.own.start`: the course's Kubernetes
        needs Linux, and has to be built (`make kubernetes`).
    """
    chosen, eks = current(), client("eks")
    if group is None:
        eks.describe_cluster(name=name)
        if chosen.local:
            _bring(name, chosen, chosen.local)
    try:
        if group is None:
            eks.get_waiter("cluster_active").wait(name=name)
            return eks.describe_cluster(name=name)["cluster"]
        eks.get_waiter("nodegroup_active").wait(clusterName=name, nodegroupName=group)
        return eks.describe_nodegroup(clusterName=name, nodegroupName=group)["nodegroup"]
    except botocore.exceptions.WaiterError as error:
        raise AwsFailed("eks.not_active", name=group or name, reason=plain(error)) from None


def _bring(name: str, chosen: Target, local: Local) -> None:
    running = own.start(local.engine)
    _note(local.engine, chosen.lesson)
    authority = (running.node.place / "certificates" / "ca.crt").read_bytes()
    version = Version.of(running.ask("/version")["gitVersion"])
    given = {
        "do": "attach",
        "secret": local.secret,
        "name": name,
        "region": chosen.region,
        "endpoint": running.url,
        "authority": base64.b64encode(authority).decode(),
        "version": f"{version.major}.{version.minor}",
    }
    told = {"url": f"{local.url}{PATH}", "secret": _post(f"{local.url}{PATH}", given)["secret"]}
    if _told(running.node.iam) != told:  # another cluster, and a new one is empty
        api = Api.of_context(running.context, running.kubeconfig)
        spaces.remove(api, f"lbl-{chosen.lesson or '16'}")
    part = running.node.iam.with_suffix(".part")
    part.touch(0o600)
    part.write_text(json.dumps(told))
    part.replace(running.node.iam)


def _told(file: Path) -> dict | None:
    """Return which cluster of which local AWS this Kubernetes has been so far."""
    try:
        return json.loads(file.read_text())
    except (FileNotFoundError, ValueError):
        return None


def _note(engine: Engine, lesson: str | None) -> None:
    """Write down that this lesson uses the cluster, so that its clean-up ends it."""
    entry = journal.Entry(KIND, "", engine.id, lesson)
    journal.forget([entry])
    journal.record(KIND, "", engine, lesson)


def _post(url: str, content: dict) -> dict:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        request = urllib.request.Request(url, json.dumps(content).encode(), method="POST")
        with direct.open(request, timeout=ANSWER) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        reason = json.load(error).get("message", error.reason)
        raise AwsFailed("eks.not_active", name=content["name"], reason=plain(reason)) from None
    except OSError as error:
        raise AwsFailed("aws.lost", url=url, reason=plain(error)) from None

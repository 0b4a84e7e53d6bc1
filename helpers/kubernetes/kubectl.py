"""kubectl as a program: one that fits the server, run with a deadline, its output made safe."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import KubernetesFailed, NotFound, TimedOut
from ..messages import text
from ..text import plain
from . import versions
from .versions import Kubectl, Version

if TYPE_CHECKING:
    from .cluster import Cluster

__all__ = ["Said", "chosen", "environment_of", "kubectl", "run"]

LIMIT = 120.0  # seconds for a command
MOST = 200_000  # characters of output that are kept
# What lessons and exercises need. Whoever wants more has a terminal.
VERBS = frozenset({
    "annotate", "api-resources", "api-versions", "apply", "auth", "autoscale", "create", "delete",
    "describe", "diff", "exec", "explain", "get", "label", "logs", "patch", "rollout", "run",
    "scale", "set", "top", "version", "wait",
})  # fmt: skip
READS = frozenset({
    "api-resources", "api-versions", "auth", "describe", "diff", "explain", "get", "logs", "top",
    "version", "wait",
})  # fmt: skip
_ELSEWHERE = ("-A", "--all-namespaces", "-n", "--namespace", "--context", "--kubeconfig",
              "--cluster", "--server", "-s", "--user", "--token")  # fmt: skip
_OPEN = ("nodeport", "loadbalancer", "--type=nodeport", "--type=loadbalancer", "--hostport",
         "--external-ip", "--external-name")  # fmt: skip
_OF_CLUSTER = (
    "node", "namespace", "ns", "persistentvolume", "pv", "clusterrole", "clusterrolebinding",
    "apiservice", "customresourcedefinition", "crd", "storageclass", "priorityclass",
)  # fmt: skip


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit code."""

    output: str = field(repr=False)
    exit_code: int

    def _ipython_display_(self) -> None:
        """Show nothing below a cell: it was printed."""


def kubectl(cluster: Cluster, command: str | Sequence[str], *, limit: float = LIMIT) -> Said:
    """Run kubectl in the namespace of the course; print the command and what it says.

    ``--context`` and ``--kubeconfig`` are given, too, and left out in what is printed.

    Parameters
    ----------
    command: what stands behind ``kubectl -n lbl-10``.

    Raises
    ------
    KubernetesFailed: it would reach beyond the namespace, or open a way in from other machines.
    NotFound: there is no kubectl. TimedOut: it had not ended after `limit` seconds.
    """
    words = shlex.split(command) if isinstance(command, str) else [str(one) for one in command]
    words = words[1:] if words[:1] == ["kubectl"] else words
    _check(words, cluster.namespace)
    print(f"$ {plain(shlex.join(['kubectl', '-n', cluster.namespace, *words]))}", flush=True)
    said = run(cluster, words, limit)
    if said.output:
        print(said.output, end="" if said.output.endswith("\n") else "\n")
    if said.exit_code:
        print(text("containers.exit_code", code=said.exit_code))
    return said


def run(cluster: Cluster, words: Sequence[str], limit: float = LIMIT, given: bytes = b"") -> Said:
    """Run kubectl in the namespace and return what it wrote; `given` goes to its input."""
    where = ["--context", cluster.context, "--namespace", cluster.namespace]
    environment = environment_of(cluster)
    command = [chosen(cluster).path, *where, *words]
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, timeout=limit, input=given, check=False
        )
    except subprocess.TimeoutExpired:
        shown = plain(shlex.join(["kubectl", *words]))
        raise TimedOut("kubernetes_use.waiting_kubectl", command=shown, seconds=limit) from None
    output = (done.stdout + done.stderr).decode(errors="replace").replace("\r\n", "\n")
    return Said(plain(output)[:MOST], done.returncode)


def environment_of(cluster: Cluster) -> dict[str, str]:
    """Return the environment in which kubectl finds the cluster and the credentials for it."""
    found = {**os.environ, **dict(cluster.environment)}
    if cluster.kubeconfig:
        found["KUBECONFIG"] = str(cluster.kubeconfig)
    return found


def chosen(cluster: Cluster) -> Kubectl:
    """Return the kubectl for a cluster: within one minor version of its server, if there is one.

    Asked for in this order: the one on PATH; the one that came with the course's own cluster;
    Debian's newest, fetched if neither fits.

    Raises
    ------
    NotFound: there is none at all.
    """
    return _chosen(cluster.version, cluster.program)


@cache
def _chosen(server: Version, own: Path | None) -> Kubectl:
    found = versions.pick(server, _candidates(own))
    if found is None:
        raise NotFound("kubernetes_use.no_kubectl", version=server)
    if not found.fits(server):
        print(text("kubernetes_use.skew", kubectl=found.version, server=server))
    return found


def _candidates(own: Path | None) -> Iterator[Kubectl]:
    from .newest import newest  # fetches: only if nothing before it fits

    if (path := shutil.which("kubectl")) and (found := versions.asked(Path(path))):
        yield found
    if own and (found := versions.asked(own)):
        yield found
    if (path := newest()) and (found := versions.asked(path)):
        yield found


def _check(words: Sequence[str], namespace: str) -> None:
    verb = words[0] if words else ""
    if verb not in VERBS:
        raise KubernetesFailed(
            "kubernetes_use.verb", verb=plain(verb), verbs=", ".join(sorted(VERBS))
        )
    before = list(words[: words.index("--")]) if "--" in words else list(words)
    for word in before[1:]:
        if word.partition("=")[0] in _ELSEWHERE and not (verb == "logs" and word == "-s"):
            raise KubernetesFailed("kubernetes_use.elsewhere", word=word, namespace=namespace)
        if word.lower().startswith(_OPEN):
            raise KubernetesFailed("kubernetes_use.opens", word=word)
        kind = word.partition("/")[0].partition(".")[0].lower()
        if verb not in READS and {kind, kind.removesuffix("s")} & set(_OF_CLUSTER):
            raise KubernetesFailed("kubernetes_use.elsewhere", word=word, namespace=namespace)

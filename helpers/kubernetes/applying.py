"""Apply manifests: checked here, tried by the server, applied, and watched until they hold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..engine.patience import until
from ..stacks.model import Progress
from . import kubectl
from .checking import check
from .looking import Stuck, followed, look
from .manifests import Folder, read
from .pods import Look
from .refusals import explained
from .telling import progress

if TYPE_CHECKING:
    from .cluster import Cluster

__all__ = ["apply", "remove"]

LIMIT = 100.0  # seconds until all of it must run; a cell has 120
ENDED = 60.0  # seconds for pods to end
COUNTED = 60.0  # seconds for a quota to be in force
GONE = 90.0  # seconds
RUNS = ("DaemonSet", "Deployment")


def apply(
    cluster: Cluster, place: Folder | Path | str, *, anew: bool = False, wait: bool = True
) -> Progress:
    """Do what ``kubectl apply -f PLACE`` does, print it, and watch until what is asked for runs.

    Everything is read, checked and tried by the server first (``--dry-run=server``): either all is
    applied or nothing.

    Parameters
    ----------
    place: a scenario (``scenarios.start("10.shop")``), a folder, or a file.
    anew: whether what an earlier run applied is removed first.
    wait: whether to watch. Without, the progress ends with the order.

    Raises
    ------
    NotFound: no manifest there.
    ManifestFailed: one is wrong, or the server refuses it; the message names file, line and key.
    TimedOut: a ResourceQuota is not in force.
    """
    documents = read(place)
    for document in documents:
        check(document, cluster.namespace)
    folder, shown = _where(place)
    tried = kubectl.run(cluster, ["apply", "--dry-run=server", "-f", str(folder)])
    if tried.exit_code:
        raise explained(tried.output, documents)
    if anew:
        _delete(cluster, folder)
    quotas = [one.name for one in documents if one.kind == "ResourceQuota"]
    if quotas:  # else it would count pods that are about to end
        until(lambda: _calm(cluster), ENDED, "kubernetes_use.waiting_calm")
    before = look(cluster)
    order = f"kubectl -n {cluster.namespace} apply -f {shown}"
    print(f"$ {order}", flush=True)
    said = kubectl.run(cluster, ["apply", "-f", str(folder)])
    if said.exit_code:
        raise explained(said.output, documents)
    print(_sorted(said.output))
    for name in quotas:
        until(
            lambda n=name: _counted(cluster, n), COUNTED, "kubernetes_use.waiting_quota", name=name
        )
    names = [one.name for one in documents if one.kind in RUNS]
    if not wait:
        return progress([before, look(cluster)], order, names)
    stuck = Stuck(names)
    done = lambda now: _settled(now, names) or stuck(now)  # noqa: E731
    return progress(followed(cluster, LIMIT, done, before), order, names)


def remove(cluster: Cluster, *places: Folder | Path | str) -> None:
    """Do what ``kubectl delete -f PLACE`` does, and wait until no pod of it runs any more."""
    for place in places:
        folder, shown = _where(place)
        print(f"$ kubectl -n {cluster.namespace} delete -f {shown}", flush=True)
        _delete(cluster, folder)


def _where(place: Folder | Path | str) -> tuple[Path, str]:
    folder = place if isinstance(place, Path) else Path(getattr(place, "folder", place))
    return folder, getattr(place, "shown", folder.name)


def _delete(cluster: Cluster, folder: Path) -> None:
    documents = read(folder)
    before = {one.uid for one in cluster.every_pod()}
    words = ["delete", "--ignore-not-found", "--wait=false", "-f", str(folder)]
    said = kubectl.run(cluster, words)
    if said.exit_code:
        raise explained(said.output, documents)
    apps = {
        (one.body["spec"]["template"].get("metadata", {}).get("labels") or {}).get("app")
        for one in documents
        if one.kind in RUNS
    }
    if not apps:
        return

    def ended() -> bool:
        mine = [one for one in cluster.every_pod() if one.uid in before and one.app in apps]
        return all(one.over for one in mine)

    until(ended, GONE, "kubernetes_use.waiting_gone", name=folder.name)


def _calm(cluster: Cluster) -> bool:
    """Whether the time of every pod that was told to end is up: until then a quota counts it."""
    return all(one.late for one in cluster.every_pod() if one.ending)


def _counted(cluster: Cluster, name: str) -> bool:
    """Whether a quota is in force: it limits nothing before its controller has counted."""
    found = cluster.api.get(f"{cluster.core}/resourcequotas/{name}")
    return (found.get("status") or {}).get("hard") == (found.get("spec") or {}).get("hard")


def _settled(now: Look, names: list[str]) -> bool:
    found = [now.workload(name) for name in names]
    return all(one is not None and one.settled for one in found)


def _sorted(output: str) -> str:
    """Leave out warnings, which differ from version to version."""
    lines = [line for line in output.splitlines() if line and not line.startswith("Warning:")]
    return "\n".join(lines)

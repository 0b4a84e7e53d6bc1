"""Apply manifests: checked here, tried by the server, applied, and watched until they hold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..stacks.model import Progress
from . import kubectl
from .checking import check
from .looking import follow, hopeless, look
from .manifests import Document, Folder, read
from .pods import Look
from .refusals import explained
from .telling import progress

if TYPE_CHECKING:
    from .cluster import Cluster

__all__ = ["apply"]

LIMIT = 180.0  # seconds until all of it must run
RUNS = ("DaemonSet", "Deployment")


def apply(cluster: Cluster, place: Folder | Path | str, *, wait: bool = True) -> Progress:
    """Do what ``kubectl apply -f PLACE`` does, print it, and watch until what is asked for runs.

    Everything is read, checked and tried by the server first (``--dry-run=server``): either all is
    applied or nothing.

    Parameters
    ----------
    place: a scenario (``scenarios.start("10.shop")``), a folder, or a file.
    wait: whether to watch. Without, the progress ends with the order.

    Raises
    ------
    NotFound: no manifest there.
    ManifestFailed: one is wrong, or the server refuses it; the message names file, line and key.
    """
    documents = read(place)
    for document in documents:
        check(document, cluster.namespace)
    folder = place if isinstance(place, Path) else Path(getattr(place, "folder", place))
    shown = getattr(place, "shown", folder.name)
    tried = kubectl.run(cluster, ["apply", "--dry-run=server", "-f", str(folder)])
    if tried.exit_code:
        raise explained(tried.output, documents)
    before = look(cluster)
    order = f"kubectl -n {cluster.namespace} apply -f {shown}"
    print(f"$ {order}", flush=True)
    said = kubectl.run(cluster, ["apply", "-f", str(folder)])
    if said.exit_code:
        raise explained(said.output, documents)
    print(_sorted(said.output))
    names = _workloads(documents)
    if not wait:
        return progress([before, look(cluster)], order, names)
    looks = list(follow(cluster, LIMIT, lambda now: _over(now, names), before))
    return progress(looks, order, names)


def _workloads(documents: tuple[Document, ...]) -> list[str]:
    return [one.name for one in documents if one.kind in RUNS]


def _over(now: Look, names: list[str]) -> bool:
    found = [now.workload(name) for name in names]
    if all(one is not None and one.settled for one in found):
        return True
    return any(hopeless(now, name) for name in names)


def _sorted(output: str) -> str:
    """Leave out warnings, which differ from version to version."""
    lines = [line for line in output.splitlines() if line and not line.startswith("Warning:")]
    return "\n".join(lines)

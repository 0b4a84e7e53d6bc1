"""What the course made in clusters, taken away: its own cluster ends, of others its namespace."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from ..engine import Engine, journal
from ..errors import CourseError
from ..messages import text
from ..paths import home

if TYPE_CHECKING:
    from .cluster import Cluster

__all__ = ["clean"]

KIND = "kubernetes"


def clean(engine: Engine, lesson: str | None = None) -> int:
    """Remove what lessons made in clusters; return in how many clusters something was.

    A cluster that does not answer is told, and stays in the journal: the next call tries again.
    """
    wanted = [e for e in journal.entries(engine, KIND) if lesson in (None, e.lesson)]
    count = 0
    for entry in wanted:
        try:
            count += _leave(entry, engine)
        except CourseError as error:
            print(text("kubernetes_use.left", context=entry.id or "layer-by-layer", why=error.what))
            continue
        journal.forget([entry])
    return count


def _leave(entry: journal.Entry, engine: Engine) -> bool:
    if not entry.id:
        return _leave_own(entry, engine)
    from .connecting import open_context

    return remove(open_context(entry.id, engine))


def _leave_own(entry: journal.Entry, engine: Engine) -> bool:
    """End the course's own cluster; while another lesson is in it, only this lesson's part goes."""
    from . import metrics, own, spaces
    from .api import Api
    from .connecting import LESSON

    others = [e for e in journal.entries(engine, KIND) if not e.id and e.lesson != entry.lesson]
    running = own.running(engine) if others else None
    if running is None:
        shutil.rmtree(home() / "eks", ignore_errors=True)
        return own.stop(engine)
    api = Api.of_context(running.context, running.kubeconfig)
    if entry.lesson == LESSON:
        metrics.remove(api)
    else:  # a lesson on EKS: its users, whose kubeconfig files and tokens go as well
        running.node.iam.unlink(missing_ok=True)
        shutil.rmtree(home() / "eks", ignore_errors=True)
    return spaces.remove(api, f"lbl-{entry.lesson}")


def remove(cluster: Cluster) -> bool:
    """Remove the course's namespaces from a cluster, and its metrics API before them."""
    from . import metrics, spaces

    found = metrics.remove(cluster.api)
    return spaces.remove(cluster.api, cluster.namespace) or found

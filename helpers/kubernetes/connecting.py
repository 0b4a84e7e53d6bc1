"""Connect to a cluster: the course's own, or one of the learner's if it is named and confirmed."""

from __future__ import annotations

import contextlib
import time
from email.utils import parsedate_to_datetime
from pathlib import Path

from ..engine import Engine, journal
from ..engine import connect as connect_engine
from ..errors import CourseError, KubernetesFailed
from ..text import plain
from . import own, spaces
from .api import Api
from .cluster import Cluster
from .versions import Version

__all__ = ["KIND", "NAMESPACE", "connect", "find", "open_context"]

NAMESPACE = "lbl-10"
LESSON = "10"
KIND = "kubernetes"  # in the journal: a context in which the course has a namespace


def connect(
    context: str | None = None,
    confirm: bool = False,
    *,
    empty: bool = False,
    engine: Engine | None = None,
) -> Cluster:
    """Connect to a cluster, and make the namespace of the course in it.

    Without `context` that is the course's own cluster, which is started if it does not run. The
    contexts of your kubeconfig are left alone, unless you name one. Then you are told first what it
    leads to; only with ``confirm=True`` something is made there.

    Parameters
    ----------
    context: a name in your kubeconfig (``kubectl config get-contexts``).
    confirm: whether the course may make and use its namespace there.
    empty: begin with an empty namespace.
    engine: the learner's daemon.

    Raises
    ------
    KubernetesFailed: the context was not confirmed; or the cluster does not answer; or, for the
        course's own, it is not built or did not start.
    NotFound: no such context. NotOurs: the namespace is there, and not the course's.
    """
    engine = engine or connect_engine()
    if context is None:
        found = _own(engine)
    else:
        found = open_context(context, engine)
        if not confirm:
            raise KubernetesFailed(
                "kubernetes_use.not_confirmed", name=found.context, host=found.api.host,
                version=found.version, nodes=len(found.nodes), namespace=NAMESPACE,
            )  # fmt: skip
    entry = journal.Entry(KIND, "" if context is None else context, engine.id, LESSON)
    journal.forget([entry])  # so that it becomes the last one
    journal.record(KIND, entry.id, engine, LESSON)
    spaces.make(found.api, NAMESPACE)
    if empty:
        spaces.empty(found.api, NAMESPACE)
        spaces.make(found.api, NAMESPACE)
    return found


def find(engine: Engine | None = None) -> Cluster | None:
    """Return the cluster that was connected last, if it answers; nothing is started or made."""
    engine = engine or connect_engine()
    for entry in reversed(journal.entries(engine, KIND)):
        with contextlib.suppress(CourseError):
            found = open_context(entry.id, engine) if entry.id else _running(engine)
            if found and spaces.exists(found.api, NAMESPACE):
                return found
    return None


def open_context(context: str, engine: Engine, file: Path | None = None) -> Cluster:
    """Connect to a context of a kubeconfig, and only read: version and nodes."""
    return _cluster(Api.of_context(context, file), engine, own_one=False, file=file)


def _own(engine: Engine) -> Cluster:
    # What is fetched is not printed: it would differ from run to run in a lesson's output
    running = own.start(engine)
    return _of_running(running, engine)


def _running(engine: Engine) -> Cluster | None:
    running = own.running(engine)
    return _of_running(running, engine) if running else None


def _of_running(running: own.Running, engine: Engine) -> Cluster:
    api = Api.of_context(running.context, running.kubeconfig)
    return _cluster(
        api, engine, own_one=True, file=running.kubeconfig, program=running.kubectl
    )  # fmt: skip


def _cluster(
    api: Api, engine: Engine, *, own_one: bool, file: Path | None, program: Path | None = None
) -> Cluster:
    told = api.get("/version")
    version = Version.of(str(told.get("gitVersion", "")))
    nodes = api.get("/api/v1/nodes").get("items") or []
    names = tuple(sorted(plain(one["metadata"]["name"]) for one in nodes))
    return Cluster(
        api, api.context, NAMESPACE, version, names, own_one, engine, file, program, _ahead(api)
    )  # fmt: skip


def _ahead(api: Api) -> float:
    """Return by how many seconds the server's clock is ahead; whole seconds, as HTTP tells it."""
    try:
        there = parsedate_to_datetime(api.date()).timestamp()
    except (TypeError, ValueError):
        return 0.0
    ahead = there - time.time()
    return ahead if abs(ahead) > 2 else 0.0

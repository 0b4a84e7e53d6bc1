"""Scale, roll out, roll back, delete, make sick: each by the command that a person would type."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..errors import KubernetesFailed, NotFound
from ..healing.counting import count
from ..healing.model import Load, Story
from ..stacks.model import Progress
from ..text import plain
from . import kubectl
from .api import nameless
from .asking import requests
from .looking import AFTER, Stuck, follow, followed, hopeless, look
from .pods import Look, Pod, Workload, alive, numbered
from .spaces import put
from .telling import Case, is_short, progress, tell

if TYPE_CHECKING:
    from .cluster import Cluster

__all__ = ["delete_pod", "logs", "rollback", "scale", "secret", "sicken", "update", "workload"]

LIMIT = 120.0  # seconds until a change must have come to its end
RATE = 5.0  # requests a second during an update
CALM = 1.5  # seconds of requests before and after
LINES = 20  # of a log


def workload(now: Look, name: str) -> Workload:
    """Return a workload of a look.

    Raises
    ------
    NotFound: there is none of that name.
    """
    found = now.workload(name)
    if found is None:
        known = ", ".join(one.name for one in now.workloads) or "–"
        raise NotFound("kubernetes_use.no_workload", name=name, known=known)
    return found


def scale(cluster: Cluster, name: str, replicas: int) -> Progress:
    """Ask for another number of pods, and watch until they run or it is clear that they cannot."""
    before = look(cluster)
    workload(before, name)
    order = _order(cluster, f"scale deployment {name} --replicas {replicas}")
    stuck = Stuck([name])
    done = lambda now: _settled(now, name) or stuck(now)  # noqa: E731
    return progress(followed(cluster, LIMIT, done, before), order, [name])


def delete_pod(cluster: Cluster, name: str) -> Story:
    """Delete a pod, named as `Cluster.pods` shows it (``web 1``), and watch what comes of it."""
    before = look(cluster)
    pod = _pod(before, name)
    case = Case("delete", name, time.time(), frozenset({pod.uid}), "deleted",
                _shown(cluster, f"delete pod {_short(pod)}"))  # fmt: skip
    print(f"$ {case.order}", flush=True)
    cluster.api.call("DELETE", f"{cluster.core}/pods/{pod.name}")

    def done(now: Look) -> bool:
        gone = all(one.over for one in now.pods if one.uid == pod.uid)
        return gone and _settled(now, pod.app)

    looks = _watched(cluster, done, before, pod.app)
    return tell(looks, case, pod.app)


def sicken(cluster: Cluster, name: str) -> Story:
    """Make a pod of the page say that it is not well, and watch what comes of it."""
    before = look(cluster)
    pod = _pod(before, name)
    order = _shown(cluster, f"exec {_short(pod)} -- touch /tmp/sick")
    print(f"$ {order}", flush=True)
    case = Case("sicken", name, time.time(), frozenset({pod.uid}), "unhealthy", order)
    said = kubectl.run(cluster, ["exec", pod.name, "--", "touch", "/tmp/sick"])
    if said.exit_code:
        raise KubernetesFailed("kubernetes_use.exec", pod=name, reason=said.output.strip())

    def done(now: Look) -> bool:
        again = any(one.uid == pod.uid and one.restarts > pod.restarts for one in now.pods)
        return again and _settled(now, pod.app)

    looks = _watched(cluster, done, before, pod.app)
    return tell(looks, case, pod.app)


def update(cluster: Cluster, name: str, image: str) -> tuple[Story, Load]:
    """Give a Deployment another image, under requests, and watch until the rollout ends or sticks.

    Raises
    ------
    NotFound: no such Deployment.
    """
    old = workload(look(cluster), name)
    body = cluster.api.get(f"{cluster.apps}/deployments/{name}")
    container = body["spec"]["template"]["spec"]["containers"][0]["name"]
    return _under_load(
        cluster, old, "update", f"set image deployment/{name} {container}={image}"
    )  # fmt: skip


def rollback(cluster: Cluster, name: str) -> tuple[Story, Load]:
    """Go back to the version before, under requests (``kubectl rollout undo``)."""
    old = workload(look(cluster), name)
    return _under_load(cluster, old, "rollback", f"rollout undo deployment/{name}")


def _under_load(cluster: Cluster, old: Workload, fault: str, words: str) -> tuple[Story, Load]:
    with requests(cluster, old.name, RATE) as sender:
        looks = list(follow(cluster, CALM))
        began = time.time()
        order = _order(cluster, words)
        stuck = Stuck([old.name])
        done = lambda now: _finished(now, old.name) or stuck(now)  # noqa: E731
        looks += follow(cluster, LIMIT, done)
        calm = list(follow(cluster, CALM))
        replies, seconds = sender.replies, sender.seconds
    return _told(looks + calm, began, fault, old, order, count(replies, seconds=seconds))


def _told(
    looks: list[Look], began: float, fault: str, old: Workload, order: str, load: Load
) -> tuple[Story, Load]:
    stuck = hopeless(looks[-1], old.name)
    case = Case("bad_update" if stuck and fault == "update" else fault, old.name, began,
                cause="rolled_back" if fault == "rollback" else "updated", order=order)  # fmt: skip
    before = [one for one in looks if one.at < began][-1:]
    return tell(before + [one for one in looks if one.at >= began], case, old.app), load


def _watched(cluster: Cluster, done: Callable[[Look], bool], before: Look, app: str) -> list[Look]:
    """Watch until a story has come to its end, and a little longer; the last look shows the end.

    What a controller notes of its pods may be older than the pods: both must say that all is well.
    """
    well = lambda now: done(now) and not is_short(now, app)  # noqa: E731
    looks = list(follow(cluster, LIMIT, well, before))
    looks += follow(cluster, AFTER)
    return looks if well(looks[-1]) else [*looks, *follow(cluster, LIMIT, well)]


def secret(cluster: Cluster, name: str, values: dict[str, str]) -> None:
    """Make a Secret; the values are printed as dots."""
    literals = [f"--from-literal={key}=…" for key in values]
    print(f"$ {_shown(cluster, ' '.join(['create secret generic', name, *literals]))}", flush=True)
    body = {
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": values,
    }  # fmt: skip
    put(cluster.api, f"{cluster.core}/secrets", body)
    print(f"secret/{name} created")


def logs(cluster: Cluster, name: str) -> str:
    """Print and return what a pod wrote, named as `Cluster.pods` shows it."""
    pod = _pod(look(cluster), name)
    print(f"$ {_shown(cluster, f'logs {_short(pod)}')}")
    status, content = cluster.api.reply(f"{cluster.core}/pods/{pod.name}/log?tailLines={LINES}")
    said = nameless(plain(content.decode(errors="replace")))
    if status >= 400:
        raise KubernetesFailed("kubernetes_use.answered", status=status, reason=said)
    print(said, end="")
    return said


def _order(cluster: Cluster, words: str) -> str:
    """Print and run a kubectl command that changes something.

    Raises
    ------
    KubernetesFailed: kubectl or the server refused.
    """
    shown = _shown(cluster, words)
    print(f"$ {shown}", flush=True)
    said = kubectl.run(cluster, words.split())
    if said.exit_code:
        raise KubernetesFailed("kubernetes_use.not_done", command=shown, reason=said.output.strip())
    print(said.output.strip())
    return shown


def _shown(cluster: Cluster, words: str) -> str:
    return f"kubectl -n {cluster.namespace} {words}"


def _short(pod: Pod) -> str:
    """A pod's name with its random end left out, so that it is the same in each run."""
    return nameless(pod.name)


def _pod(now: Look, name: str) -> Pod:
    found = numbered(alive(now.pods))
    for pod in now.pods:
        if found.get(pod.uid) == name or pod.name == name:
            return pod
    known = ", ".join(sorted(found.values())) or "–"
    raise NotFound("kubernetes_use.no_pod", name=name, known=known)


def _settled(now: Look, name: str) -> bool:
    one = now.workload(name)
    return one is not None and one.settled


def _finished(now: Look, name: str) -> bool:
    """Whether a rollout is through, and the last pod of the version before has ended."""
    one = now.workload(name)
    if one is None:
        return True
    leaving = any(pod.ending and not pod.over for pod in now.pods if pod.app == one.app)
    return one.settled and not leaving

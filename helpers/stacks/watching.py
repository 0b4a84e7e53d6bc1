"""Give an order to a swarm, and watch the actual state come to the desired one."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

import docker

from ..cluster.model import View
from ..components.client import Answer, words_of
from ..engine import Engine
from ..errors import ComposeFailed, CourseError
from ..text import plain
from .looking import GONE_WRONG, Look, State, amounts, broken, read_look, state_of
from .model import Amount, Progress

__all__ = ["LIMIT", "Swarm", "follow", "look", "watch"]

LIMIT = 240.0  # seconds until watching ends whatever the state; a loaded machine pulls slowly
# seconds for which a task must have had no node before it counts as one that cannot run, and for
# which all must be well: right after an order the swarm may not have begun yet
STILL, WELL = 2.5, 1.0
_NO_IMAGE = ("no such image", "manifest unknown", "pull access denied", "not found", "pull")
_DETACHED = {"create", "update", "scale", "rollback"}


class Swarm(Protocol):
    """A cluster as this package needs it: `helpers.cluster.Cluster`."""

    @property
    def mine(self) -> bool: ...
    @property
    def balancing(self) -> str: ...
    @property
    def engine(self) -> Engine: ...
    def docker(
        self, command: str | Sequence[str], *, show: bool = True, folder: Path | None = None
    ) -> Answer: ...
    def api(self, node: str | None = None) -> docker.APIClient: ...
    def look(self) -> View: ...
    def watch(self, seconds: float) -> Iterator[View]: ...
    def image(self, name: str) -> str: ...
    def port(self, number: int) -> str: ...
    def exec(self, task: str, command: Sequence[str], limit: float = 60.0) -> str: ...


def look(cluster: Swarm, view: View | None = None) -> Look:
    """Look at a swarm once."""
    view = view or cluster.look()
    api = cluster.api()
    return read_look(view, api.services(), api.tasks())


def watch(
    cluster: Swarm,
    order: str,
    *,
    services: Collection[str] | None = None,
    limit: float = LIMIT,
) -> Progress:
    """Run a docker command on a manager, print it, and watch what comes of it.

    Parameters
    ----------
    order: what stands behind ``docker``, as ``"service scale shop_web=5"``. ``--detach`` is added
        where the client would wait by itself.
    services: which ones are told of in the result; by default those that had something to do.
    limit: seconds until watching ends, whatever the state.

    Raises
    ------
    ComposeFailed: the client refused the command; or a node cannot get an image, or tasks of a
        service end again and again.
    """
    words = words_of(order)
    if words[:1] == ["service"] and words[1:2] and words[1] in _DETACHED and (
        not {"-d", "--detach"} & set(words)
    ):  # fmt: skip
        words.insert(2, "--detach")
    shown = shlex.join(["docker", *words])

    def run() -> None:
        done = cluster.docker(words)
        if done.exit_code:
            raise ComposeFailed("stacks.order_refused", order=shown, reason=done.output.strip())

    back = words[:2] == ["service", "rollback"]
    return follow(cluster, shown, run, services, limit, only_changed=services is None, back=back)


def follow(
    cluster: Swarm,
    order: str,
    run: Callable[[], object],
    services: Collection[str] | None,
    limit: float = LIMIT,
    *,
    only_changed: bool = False,
    back: bool = False,
) -> Progress:
    """Look, ``run`` the order, and look on until all is as it should be or cannot become so.

    Raises
    ------
    ComposeFailed: a node cannot get an image, or tasks of a service end again and again.
    """
    before = look(cluster)
    begun = time.monotonic()
    run()
    after = time.monotonic() - begun
    looks = ((time.monotonic() - begun, look(cluster, view)) for view in cluster.watch(limit))
    return collect(
        order, before, looks, services, after=after, only_changed=only_changed, back=back
    )


def collect(
    order: str,
    before: Look,
    looks: Iterable[tuple[float, Look]],
    services: Collection[str] | None,
    *,
    after: float = 0.0,
    only_changed: bool = False,
    back: bool = False,
) -> Progress:
    """Make a progress of looks, each with its seconds since the order; stop looking when it ends.

    Parameters
    ----------
    after: seconds that the order itself took; what is seen earlier may be the old state.
    back: whether going back is what the order asked for, and so no failure.
    """
    kept: dict[str, list[Amount]] = {n: [a] for n, a in amounts(before, 0.0, services).items()}
    known = {task.id for task in before.view.tasks}
    state, seconds, since, well, last = State(False, False, ()), 0.0, None, None, before
    for seconds, last in looks:
        for name, one in amounts(last, seconds, services).items():
            if name not in kept:  # new: nothing ran when the order was given
                kept[name] = [Amount(0.0, 0, 0, 0)]
            if _differs(kept[name][-1], one):
                kept[name].append(one)
        if found := broken(last, known, services):
            raise _in_vain(*found, last)
        previous, state = state, state_of(last, services)
        well = (seconds if well is None else well) if state.reached else None
        if well is not None and seconds - well >= WELL:
            break
        if not state.still or state.waiting != previous.waiting:
            since = None
        since = seconds if state.still and since is None else since
        if since is not None and seconds - since >= STILL and seconds > after:
            break
        if _gave_up(before, last, services, back) and seconds > after:
            break
    told = {
        name: tuple(steps)
        for name, steps in kept.items()
        if not only_changed or len(steps) > 1 or _behind(steps[-1])
    } or {name: tuple(steps) for name, steps in kept.items()}
    reached = state.reached and not _gave_up(before, last, services, back)
    return Progress(order, tuple(sorted(told.items())), reached, state.waiting, seconds)


def _differs(one: Amount, other: Amount) -> bool:
    fields = ("desired", "running", "current")
    return any(getattr(one, name) != getattr(other, name) for name in fields)


def _behind(one: Amount) -> bool:
    return one.current != one.desired


def _gave_up(before: Look, now: Look, services: Collection[str] | None, back: bool) -> bool:
    """Whether the swarm has stopped or taken back an update that this order began."""
    wrong = GONE_WRONG - ({"rollback_completed"} if back else frozenset())
    return any(
        state in wrong and before.updates.get(name) != (state, begun)
        for name, (state, begun) in now.updates.items()
        if services is None or name in services
    )


def _in_vain(kind: str, task: object, look: Look) -> CourseError:
    name, reason, node = plain(task.name), plain(task.reason), plain(task.node) or "?"
    image = next((s.image for s in look.view.services if s.name == task.service), task.image)
    image = plain(image).partition("@")[0]
    if kind == "rejected" and any(words in reason.lower() for words in _NO_IMAGE):
        return ComposeFailed("stacks.no_pull", task=name, node=node, image=image, reason=reason)
    if kind == "rejected":
        return ComposeFailed("stacks.rejected", task=name, node=node, reason=reason)
    return ComposeFailed("stacks.keeps_failing", service=plain(task.service), task=name,
                         reason=reason or str(task.exit_code))  # fmt: skip

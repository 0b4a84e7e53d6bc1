"""What the board shows of a cluster: one plain structure for the browser, and the same in words."""

from __future__ import annotations

from ..cluster.model import Node, Service, Task, View
from ..errors import ClusterFailed, CourseError
from ..figures.nodes_words import facts_of, nodes_words, share, title_of
from ..figures.orchestra import SERVICES, STATES, known, said, short
from ..figures.story_lanes import natural
from ..figures.tasks import condition_of, name_of, troubles, words_of_troubles
from ..messages import catalogue, text
from ..text import escape

__all__ = ["ACTIONS", "content", "listing", "said_of", "static", "summary", "ui", "unexpected"]

ACTIONS = ("scale", "drain", "activate", "kill")
UI = "orchestration.board.ui."  # keys of the words that the browser shows
FIELDS = ("service", "node", "task", "count", "state")


def ui() -> dict[str, str]:
    """Return the words of the widget, their fields unfilled: the browser fills them in."""
    fields = {name: "{" + name + "}" for name in FIELDS}
    return {k.removeprefix(UI): text(k, **fields) for k in catalogue() if k.startswith(UI)}


def content(view: View, kind: str) -> dict[str, object]:
    """Return a look as the browser gets it. Every name in it has lost its control characters."""
    names = [service.name for service in view.services]
    return {
        "title": title_of(view, kind),
        "services": [_service(one, place) for place, one in enumerate(view.services)],
        "nodes": [_node(node, view, names) for node in view.nodes],
        "troubles": words_of_troubles(troubles(view), kind),
    }


def _service(service: Service, place: int) -> dict[str, object]:
    return {
        "key": service.name,
        "name": short(service.name),
        "look": place % len(SERVICES),
        "share": share(service),
        "desired": service.desired,
        "scales": service.mode == "replicated",
        "behind": service.desired is not None and service.running < service.desired,
        "mode": known(f"board.mode.{service.mode}", service.mode),
    }


def _node(node: Node, view: View, names: list[str]) -> dict[str, object]:
    at = condition_of(view)
    tasks = [t for t in view.tasks if t.node == node.name and at[t.id] not in ("ended", "waiting")]
    tasks.sort(key=lambda task: (task.service, natural(task.name), task.made))
    return {
        "key": node.name,
        "name": short(node.name),
        "facts": said("comma").join(facts_of(node)),
        "ready": node.state == "ready",
        "active": node.availability == "active",
        "tasks": [_task(task, at[task.id], names) for task in tasks],
    }


def _task(task: Task, state: str, names: list[str]) -> dict[str, object]:
    place = names.index(task.service) if task.service in names else len(names)
    return {
        "key": task.id,
        "task": task.name,
        "name": name_of(task),
        "full": short(task.name),
        "look": place % len(SERVICES),
        "state": state,
        "sign": "" if state == "running" else STATES[state].symbol,
        "words": said("board.lost" if state == "lost" else f"state.{state}"),
    }


def summary(view: View, kind: str) -> str:
    """Return the board in words that hold in each run: no names that chance decides."""
    title, *rest = nodes_words(title_of(view, kind), view, kind).splitlines()
    return "\n".join([said("board.summary", title=title), *rest])


def listing(view: View, kind: str) -> str:
    """Return the board as it is at this moment: every task by name below its node."""
    at = condition_of(view)
    lines = [title_of(view, kind)]
    for node in view.nodes:
        facts = said("comma").join(facts_of(node))
        lines.append("  " + said("nodes.words_node", name=short(node.name), facts=facts))
        own = [t for t in view.tasks if t.node == node.name]
        own = [t for t in own if at[t.id] not in ("ended", "waiting")]
        for task in sorted(own, key=lambda one: (one.service, natural(one.name))):
            words = said(
                "nodes.words_node", name=short(task.name), facts=said(f"state.{at[task.id]}")
            )
            lines.append(f"    {words}")
    return "\n".join([*lines, *(f"  {line}" for line in words_of_troubles(troubles(view), kind))])


def static(words: str) -> str:
    """Return the summary as HTML for a notebook without a kernel."""
    title, *rest = words.splitlines()
    items = "".join(f"<li>{escape(line.strip())}</li>" for line in rest)
    how = escape(said("board.run"))
    return f"<div><p><strong>{escape(title)}</strong></p><ul>{items}</ul><p>{how}</p></div>"


def said_of(error: CourseError) -> dict[str, str]:
    """Return the three parts of an error."""
    return {"what": error.what, "why": error.why, "next": error.next}


def unexpected(error: Exception) -> CourseError:
    """Return an error of a library's insides as one that a learner can read."""
    kind = type(error).__name__
    return ClusterFailed("orchestration.board.unexpected", kind=kind, reason=error)

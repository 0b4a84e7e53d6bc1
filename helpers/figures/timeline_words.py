"""The words of the timeline: states, events and counts in their order; no durations."""

from __future__ import annotations

from ..containers.events import Event
from ..containers.timeline import Life, Span, Timeline
from ..messages import text
from .rows import one_line

__all__ = ["counted_facts", "event_words", "state_words", "timeline_words", "title_of"]

MOST = 60  # events of one container that are told
# Linux' numbers (signal(7), x86 and ARM): those of this machine may differ.
SIGNALS = {
    1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 6: "SIGABRT", 9: "SIGKILL", 10: "SIGUSR1",
    12: "SIGUSR2", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM", 18: "SIGCONT", 19: "SIGSTOP",
}  # fmt: skip
NAMED = ("kill", "die", "exec_start", "exec_die", "health_status")  # whose detail is told


def title_of(found: Timeline) -> str:
    """Return one sentence with the main fact."""
    if len(found.lives) == 1:
        return text("containers.timeline.title", name=one_line(found.lives[0].name, 60))
    return text("containers.timeline.titles", count=len(found.lives))


def state_words(span: Span) -> str:
    """Return ``running``, or ``exited (code 3)``, in the notebook's language."""
    state = text(f"containers.state.{span.state}")
    if span.code is None:
        return state
    return text("containers.timeline.with_code", state=state, code=span.code)


def event_words(event: Event) -> str:
    """Return ``kill (SIGTERM)``: the engine's name of the event, and what it is about."""
    if event.kind not in NAMED or not event.detail:
        return event.kind
    detail = one_line(event.detail, 60)
    if event.kind == "kill" and detail.isdigit():
        detail = SIGNALS.get(int(detail), detail)
    if event.kind in ("die", "exec_die"):
        detail = text("containers.timeline.code", code=detail)
    return f"{event.kind} ({detail})"


def counted_facts(life: Life) -> str:
    """Return how often it was started, and by whom."""
    facts = [_counted("starts", life.starts)] if life.starts else []
    if life.restarts:
        facts.append(_counted("restarts", life.restarts))
    return text("containers.timeline.comma").join(facts)


def _counted(key: str, count: int) -> str:
    return text(f"containers.timeline.{key}.{'one' if count == 1 else 'many'}", count=count)


def timeline_words(title: str, found: Timeline) -> str:
    """Return everything that `helpers.figures.timeline` shows but how long it took."""
    lines = [title]
    for life in found.lives:
        states = [state_words(span) for span in life.spans]
        states += [text("containers.state.removed")] if life.removed is not None else []
        facts = counted_facts(life)
        told = text(
            "containers.timeline.states", name=one_line(life.name, 60), states=" → ".join(states)
        )
        lines.append(f"  {told}")
        if facts:
            lines.append(f"    {facts}")
        events = [event_words(event) for event in life.events[:MOST]]
        if len(life.events) > MOST:
            events.append(text("containers.timeline.more", count=len(life.events) - MOST))
        joined = text("containers.timeline.list").join(events)
        lines.append("    " + text("containers.timeline.events", events=joined))
    if not found.lives:
        lines.append("  " + text("containers.timeline.nothing"))
    if found.gaps:
        lines.append("  " + text("containers.timeline.gap"))
    return "\n".join(lines)

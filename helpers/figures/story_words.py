"""The words of a story: what happened in its order, why tasks ended, what was reached.

No seconds, and no names that chance decides: which node gets which task differs from run to run.
"""

from __future__ import annotations

from ..healing.model import Bar, Moment, Story
from ..messages import has, text
from .orchestra import counted, known, said, short
from .rows import one_line
from .story_lanes import Stay, stays

__all__ = ["causes_of", "moment_words", "story_words", "title_of", "what_was_done"]

NODE_CAUSES = ("node_stopped", "node_cut", "drained")


def what_was_done(story: Story) -> str:
    """Return what the fault did to its target: ``node-3 is stopped``."""
    target = short(story.target)
    if has(f"orchestration.fault.{story.fault}"):
        return said(f"fault.{story.fault}", target=target)
    return said("fault.other", target=target, fault=_named(story.fault, story))


def title_of(story: Story, kind: str = "task") -> str:
    """Return one sentence with the main fact: what was done and what was reached."""
    key = "open" if story.recovered is None else "recovered" if story.recovered else "never"
    things = said(f"story.thing.{kind}")
    return said(f"story.title_{key}", done=what_was_done(story), things=things)


def moment_words(moment: Moment, story: Story, kind: str, exact: bool = False) -> str:
    """Return what happened at a moment.

    ``exact``: with the names that chance decides, for the picture.
    """
    if moment.what == "fault":
        return what_was_done(story)
    if moment.what == "undone" and has(f"orchestration.undone.{story.fault}"):
        return said(f"undone.{story.fault}", target=short(story.target))
    words = moment.what
    for key in (moment.what, f"{moment.what}.{kind}", f"{moment.what}_{story.fault}"):
        words = known(f"moment.{key}", words)
    detail = "" if moment.detail in ("", story.fault) else _named(moment.detail, story)
    about = [moment.node or moment.task] if exact and moment.what in ("leader", "rollback") else []
    added = [short(name) for name in about if name] + ([detail] if detail else [])
    return said("moment.with", words=words, detail=said("comma").join(added)) if added else words


def _named(detail: str, story: Story) -> str:
    key = f"healing.fault.{detail}"
    if not has(key):
        return one_line(detail, 120)
    return text(key, target=short(story.target), node=short(story.target),
                task=short(story.target), name=short(story.target))  # fmt: skip


def causes_of(story: Story) -> list[str]:
    """Return why containers ended, each cause once, in the order of the first of each."""
    ended = sorted((bar for bar in story.bars if bar.cause), key=lambda bar: bar.end)
    return list(dict.fromkeys(bar.cause for bar in ended))


def story_words(story: Story, kind: str) -> str:
    """Return everything that the figure shows but times and places that chance decides."""
    lines = [title_of(story, kind)]
    if story.order:
        lines.append("  $ " + one_line(story.order))
    for number, moment in enumerate(story.moments, 1):
        words = moment_words(moment, story, kind)
        lines.append("  " + said("story.words_moment", number=number, words=words))
    if causes := causes_of(story):
        named = said("comma").join(known(f"cause.{cause}", cause) for cause in causes)
        lines.append("  " + said(f"story.words_causes_{kind}", causes=named))
    if _elsewhere(story, causes):
        lines.append("  " + said(f"story.words_elsewhere_{kind}"))
    lines.append("  " + _in_the_end(story, kind))
    return "\n".join(lines)


def _elsewhere(story: Story, causes: list[str]) -> bool:
    """Whether all that was started while a node was away was started on the other nodes."""
    if not set(causes) & set(NODE_CAUSES):
        return False
    hit = {bar.node for bar in story.bars if bar.cause in NODE_CAUSES}
    began = min((m.seconds for m in story.moments if m.what == "fault"), default=0.0)
    undone = min((m.seconds for m in story.moments if m.what == "undone"), default=story.seconds)
    new = [s for s in stays(story) if began < s.start < undone and s.node and _starts(s)]
    return bool(new) and all(stay.node not in hit for stay in new)


def _starts(stay: Stay) -> bool:
    return stay.bars[0].state in ("starting", "running")


def _in_the_end(story: Story, kind: str) -> str:
    last = [bar for bar in story.bars if bar.end >= story.seconds - 1e-6 and not bar.cause]
    running = [bar for bar in last if bar.state == "running"]
    line = said("story.words_end", tasks=counted(f"thing.{kind}", len(running)))
    versions = {bar.version for bar in running if bar.version}
    if len(versions) == 1 and len({bar.version for bar in story.bars if bar.version}) > 1:
        line += said("story.words_version", version=short(versions.pop()))
    return line + _others(last)


def _others(last: list[Bar]) -> str:
    counts = {state: sum(bar.state == state for bar in last) for state in ("waiting", "lost")}
    return "".join(said("nodes.also", count=count, state=said(f"state.{state}"))
                   for state, count in counts.items() if count)  # fmt: skip

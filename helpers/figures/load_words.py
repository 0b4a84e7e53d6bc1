"""The words of a load: whether all was answered, by whom, and which way the replicas went.

Numbers that time decides (how many requests, how high the usage) stand in the picture alone.
"""

from __future__ import annotations

from ..healing.model import Load
from .orchestra import said, short

__all__ = ["load_words", "title_of", "versions_of"]


def title_of(load: Load) -> str:
    """Return one sentence with the main fact: whether every request was answered."""
    if not load.sent:
        return said("load.title_empty")
    if not load.failed:
        return said("load.title_all")
    return said("load.title_some" if load.answered else "load.title_none")


def versions_of(load: Load) -> tuple[str, ...]:
    """Return the versions that answered, in the order in which they were seen."""
    seen = (name for second in load.over for name, count in second.versions if count)
    return tuple(dict.fromkeys(seen))


def load_words(title: str, load: Load) -> str:
    """Return what the figure shows, as relations."""
    lines = [title]
    if line := _versions(load):
        lines.append("  " + line)
    lines += [f"  {line}" for line in _replicas(load)]
    measured = [second.usage for second in load.over if second.usage is not None]
    if measured and load.target is not None:
        above = max(measured) > load.target
        lines.append("  " + said(f"load.words_{'above' if above else 'below'}"))
    return "\n".join(lines)


def _versions(load: Load) -> str:
    """Return who answered first and last; what came between them may be a matter of time."""
    seen = [[name for name, count in second.versions if count] for second in load.over]
    seen = [names for names in seen if names]
    if not seen:
        return ""
    first, last = seen[0][0], seen[-1][-1]
    if first in seen[-1] and last in seen[0]:
        return said("load.words_version", version=short(first))
    return said("load.words_first", first=short(first), last=short(last))


def _replicas(load: Load) -> list[str]:
    asked = [second.desired for second in load.over if second.desired is not None]
    if not asked:
        return []
    first, most, last = asked[0], max(asked), asked[-1]
    if first == most == last == min(asked):
        lines = [said("load.words_same", count=first)]
    elif most == first:
        lines = [said("load.words_fewer")]
    else:
        key = "more" if last == most else "back" if last == first else "partly"
        lines = [said(f"load.words_{key}")]
    ran = [second.replicas for second in load.over if second.replicas is not None]
    if ran:
        lines.append(said(f"load.words_{'met' if ran[-1] == last else 'unmet'}"))
    return lines

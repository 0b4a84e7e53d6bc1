"""The words of the way to the desired state: before, asked for, reached; no seconds, no steps."""

from __future__ import annotations

from ..stacks.model import Amount, Progress
from .orchestra import counted, said, short
from .rows import one_line
from .tasks import why

__all__ = ["desired_words", "title_of", "waiting_of"]


def title_of(progress: Progress) -> str:
    """Return one sentence with the main fact: whether desired and actual state agree."""
    return said(f"desired.title_{'reached' if progress.reached else 'open'}")


def waiting_of(progress: Progress) -> list[tuple[str, list[str]]]:
    """Return each reason for which something waits, with the names of what does."""
    groups: dict[str, list[str]] = {}
    for name, reason in progress.waiting:
        groups.setdefault(one_line(reason), []).append(one_line(name, 60))
    return list(groups.items())


def desired_words(title: str, progress: Progress, kind: str) -> str:
    """Return everything that `helpers.figures.desired` shows but the way there."""
    lines = [title, "  " + said("desired.order", order=one_line(progress.order))]
    lines += [f"  {_service(name, amounts)}" for name, amounts in progress.services if amounts]
    if not any(amounts for _, amounts in progress.services):
        lines.append("  " + said("desired.words_nothing"))
    services = {name for name, _ in progress.services}
    for reason, names in waiting_of(progress):
        if services.issuperset(names):  # what it asks for is not even made: a quota is used up
            what = said("comma").join(map(short, names))
            lines.append("  " + said("tray.words_refused", what=what, why=why(reason)))
            continue
        what = counted(f"thing.{kind}", len(names))
        lines.append("  " + said("tray.words_waiting", what=what, why=why(reason)))
    return "\n".join(lines)


def _service(name: str, amounts: tuple[Amount, ...]) -> str:
    first, last = amounts[0], amounts[-1]
    key = "same" if first.desired == last.desired else "changed"
    if not first.desired:
        key = "new"
    newest = ""
    if key == "new":
        pass  # there was no specification before
    elif last.running and last.current >= last.running:
        newest = said("desired.newest_all")
    elif last.running:
        newest = said("desired.newest_some", count=last.current)
    return said(
        f"desired.words_{key}",
        name=short(name),
        before=first.desired,
        desired=last.desired,
        running=last.running,
        newest=newest,
    )

"""The words of a container seen from two sides: what is the same and what is not, no numbers."""

from __future__ import annotations

from ..containers.outside import Beside
from ..messages import text
from .rows import one_line

__all__ = ["ROWS", "same", "side_words", "user_of"]

# What is compared, and the kind of namespace that makes the difference.
ROWS = {
    "processes": "pid",
    "host_name": "uts",
    "files": "mnt",
    "network": "net",
    "user": "user",
    "kernel": "",
    "limits": "",
}
# Kinds that every supported kernel and engine treats alike; `cgroup` and `time` depend on it.
STEADY = ("ipc", "mnt", "net", "pid", "user", "uts")


def same(found: Beside, row: str) -> bool | None:
    """Whether both sides see the same; None where that is not known."""
    kind = ROWS[row]
    if row == "kernel":
        return None if found.outside.kernel is None else found.inside.kernel == found.outside.kernel
    if row == "limits":
        return None
    if row == "user" and found.outside.uid is not None:
        return found.inside.uid == found.outside.uid
    if kind in found.own:
        return False
    if kind in found.shared:
        return True
    if row == "processes" and found.inside.processes:
        first = found.inside.processes[0].pid
        return found.outside.pairs.get(first) == first
    if row == "host_name":
        return found.inside.host_name == found.outside.host_name
    return None


def user_of(found: Beside) -> str:
    """Return ``root (0)``, or the number alone where it has no name."""
    user, uid = found.inside.user, found.inside.uid
    return f"{one_line(user, 40)} ({uid})" if user else str(uid)


def side_words(title: str, found: Beside) -> str:
    """Return what `helpers.figures.side_by_side` shows, as relations that hold on every engine."""
    view = found.inside
    comma = text("containers.timeline.list")
    host = view.host_name if not view.default_name else text("containers.inside.short_id")
    values = {
        "processes": _processes(found),
        "host_name": one_line(host, 60),
        "files": text("containers.side.own_root"),
        "network": one_line(comma.join(view.interfaces) or "–", 100),
        "user": user_of(found),
        "kernel": "",
        "limits": comma.join(view.limits.told),
    }
    lines = [title]
    for row, value in values.items():
        what = text(f"containers.side.{row}")
        relation = {True: "same", False: "other", None: "unknown"}[same(found, row)]
        if row == "limits":
            lines.append("  " + text("containers.inside.row", what=what, value=value))
            continue
        if row == "files" and relation != "other":
            value = ""
        told = text(f"containers.side.{relation}.{row}")
        value = text("containers.side.both", inside=value, outside=told) if value else told
        lines.append("  " + text("containers.inside.row", what=what, value=value))
    if found.outside.how == "top":
        lines.append("  " + text("containers.side.top"))
    elif found.own or found.shared:
        own = comma.join(kind for kind in found.own if kind in STEADY) or "–"
        shared = comma.join(kind for kind in found.shared if kind in STEADY) or "–"
        lines.append("  " + text("containers.side.namespaces", own=own, shared=shared))
    return "\n".join(lines)


def _processes(found: Beside) -> str:
    seen = found.inside.processes
    if not seen:
        return "–"
    told = text("containers.inside.first", command=one_line(seen[0].command, 60))
    if len(seen) > 1:
        others = sorted(one_line(process.command, 60) for process in seen[1:6])
        commands = text("containers.timeline.list").join(others)
        told += text("containers.inside.more", count=len(seen) - 1, commands=commands)
    return told

"""The same container seen from the engine's host: other numbers, other names, one kernel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ..engine import Engine, connect
from ..engine.patience import patient
from ..errors import NotFound
from ..messages import text
from ..text import plain
from .inside import Inside, Process, inside, namespaces_of, root_of, sections
from .own import ours
from .peek import peek

__all__ = ["Beside", "Outside", "beside"]

ANSWER = 30  # seconds
# $1 is the container's first process, as the host numbers it; /proc/1 is the host's own first one.
SCRIPT = """\
echo @host; cat /proc/sys/kernel/hostname
echo @kernel; cat /proc/sys/kernel/osrelease
echo @uid; sed -n 's/^Uid:[[:space:]]*\\([0-9]*\\).*/\\1/p' /proc/$1/status
echo @mine
n=$(readlink /proc/$1/ns/pid)
for p in /proc/[0-9]*; do
  [ "$(readlink $p/ns/pid 2>/dev/null)" = "$n" ] || continue
  echo "${p#/proc/} $(sed -n 's/^NSpid:.*[[:space:]]//p' $p/status) $(tr '\\0' ' ' <$p/cmdline)"
done
echo @count; ls -d /proc/[0-9]* | wc -l
echo @mounts; cat /proc/1/mountinfo
echo @interfaces; sed -n 's/^ *\\([^ :]*\\):.*/\\1/p' /proc/1/net/dev
echo @namespaces
for n in /proc/1/ns/*; do echo "${n##*/} $(readlink $n)"; done
echo @cgroup; cat /proc/$1/cgroup
"""


@dataclass(frozen=True)
class Outside:
    """What the engine's host sees. ``None`` is what could not be looked at.

    Fields
    ------
    how: ``"peek"``: a helper container looked at the host's processes; ``"top"``: it was not
        permitted, and `docker top` and `docker info` told what they know.
    where: ``"here"`` (the host is this computer), ``"desktop"`` (Docker Desktop's virtual machine)
        or ``"remote"`` (another computer).
    host_name: untrusted text.
    processes: those of the container, numbered as the host does.
    pairs: the number in the container → the number on the host.
    count: of all processes of the host.
    root, mounts, interfaces, uid, kernel, namespaces: as in `Inside`, but the host's own; ``uid``
        is the one that the container's first process has on the host.
    cgroup: the path of the container's control group.
    """

    how: Literal["peek", "top"]
    where: Literal["here", "desktop", "remote"]
    host_name: str
    processes: tuple[Process, ...]
    pairs: Mapping[int, int]
    count: int | None = None
    root: str | None = None
    mounts: int | None = None
    interfaces: tuple[str, ...] | None = None
    uid: int | None = None
    kernel: str | None = None
    namespaces: Mapping[str, int] = field(default_factory=dict, repr=False)
    cgroup: str | None = None


@dataclass(frozen=True)
class Beside:
    """A container seen from inside and from outside; `helpers.figures.side_by_side` draws it."""

    inside: Inside
    outside: Outside

    @property
    def own(self) -> tuple[str, ...]:
        """The kinds of namespace that the container has for itself, sorted."""
        theirs = self.outside.namespaces
        mine = self.inside.namespaces
        return tuple(sorted(k for k in mine if k in theirs and mine[k] != theirs[k]))

    @property
    def shared(self) -> tuple[str, ...]:
        """The kinds of namespace that it shares with the host, sorted."""
        theirs = self.outside.namespaces
        mine = self.inside.namespaces
        return tuple(sorted(k for k in mine if k in theirs and mine[k] == theirs[k]))

    def __str__(self) -> str:
        return text("containers.beside.title", name=plain(self.inside.name))

    __repr__ = __str__


def beside(name: str, *, engine: Engine | None = None) -> Beside:
    """Look at a running container from inside, and from the engine's host.

    The host is looked at through a helper container of the course, which sees the host's processes
    and is removed at once. Where an engine does not permit that, `docker top` tells the numbers of
    the container's processes; the rest stays unknown, and ``outside.how`` says so.

    Raises
    ------
    NotFound, NotOurs, EngineLost: as for `helpers.containers.run`.
    ContainerFailed: it does not run, is paused, or has no shell.
    """
    engine = engine or connect()
    view = inside(name, engine=engine)
    pid = ours(engine, name)["State"]["Pid"]
    said = peek(engine, SCRIPT, str(pid), processes=True)
    found = sections(said or "")
    if found.get("mine"):
        return Beside(view, _peeked(engine, found))
    return Beside(view, _told(engine, name, view, pid))


def _where(engine: Engine) -> Literal["here", "desktop", "remote"]:
    if engine.endpoint.remote:
        return "remote"
    return "desktop" if engine.desktop else "here"


def _peeked(engine: Engine, said: dict[str, list[str]]) -> Outside:
    processes, pairs = [], {}
    for line in said["mine"]:
        pid, within, command = f"{line}  ".split(" ", 2)
        processes.append(Process(int(pid), " ".join(command.split()) or "?"))
        if within.isdigit():
            pairs[int(within)] = int(pid)
    groups = [line.split(":", 2) for line in said["cgroup"] if line.count(":") >= 2]
    path = next((g[2] for g in groups if "memory" in g[1]), groups[-1][2] if groups else None)
    uid = "".join(said["uid"][:1])
    mounts = said["mounts"]
    return Outside(
        how="peek",
        where=_where(engine),
        host_name="".join(said["host"][:1]),
        processes=tuple(sorted(processes, key=lambda one: one.pid)),
        pairs=dict(sorted(pairs.items())),
        count=int(said["count"][0]),
        root=root_of(mounts) or None,
        mounts=len(mounts) or None,
        interfaces=tuple(sorted(said["interfaces"])) or None,
        uid=int(uid) if uid.isdigit() else None,
        kernel="".join(said["kernel"][:1]),
        namespaces=namespaces_of(said["namespaces"]),
        cgroup=path,
    )


def _told(engine: Engine, name: str, view: Inside, pid: int) -> Outside:
    """Return what the engine itself tells of the host's side."""
    with patient(engine, ANSWER) as api:
        told = api.top(name)
    titles = told["Titles"]
    number, command = titles.index("PID"), titles.index("CMD")
    processes = [Process(int(row[number]), plain(row[command])) for row in told["Processes"] or []]
    if not processes:
        raise NotFound("containers.missing", name=name, near="–")
    first = view.processes[0].pid if view.processes else 1
    return Outside(
        how="top",
        where=_where(engine),
        host_name=engine.info.get("Name", ""),
        processes=tuple(sorted(processes, key=lambda one: one.pid)),
        pairs={first: pid},
        kernel=engine.info.get("KernelVersion"),
    )

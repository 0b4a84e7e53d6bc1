"""What a container sees: processes, host name, file system, network, user, and its limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..engine import Engine, connect
from ..errors import ContainerFailed
from ..messages import text
from ..text import plain
from .limits import FILES, Limits, limits_of
from .own import ours
from .quietly import quietly

__all__ = ["Inside", "Process", "inside", "sections"]

ANSWER = 30  # seconds
UP = 1  # IFF_UP of <linux/if.h>: kernels put idle tunnels into each new network namespace
# Read out of /proc, since an image need not hold ps, ip or mount. It leaves itself out.
SCRIPT = """\
echo @host; cat /proc/sys/kernel/hostname
echo @kernel; cat /proc/sys/kernel/osrelease
echo @user; id -u; id -un 2>/dev/null
echo @processes
for p in /proc/[0-9]*; do
  s=; while read k v; do case $k in PPid:) s=$v;; esac; done 2>/dev/null <$p/status
  [ "${p#/proc/}" = $$ ] || [ "$s" = $$ ] || [ -z "$s" ] ||
    echo "${p#/proc/} $s $(tr '\\0' ' ' <$p/cmdline)"
done
echo @mounts; cat /proc/self/mountinfo
echo @interfaces
for i in /sys/class/net/*; do [ -e $i/flags ] && echo "${i##*/} $(cat $i/flags)"; done
echo @namespaces
for n in /proc/self/ns/*; do echo "${n##*/} $(readlink $n)"; done
echo @limits
cd /sys/fs/cgroup; for f in {files}; do [ -f $f ] && echo "$f $(cat $f)"; done
true
""".replace("{files}", " ".join(file for names in FILES.values() for file in names))


@dataclass(frozen=True)
class Process:
    """One process, with the number that the one who looks knows it by.

    Fields
    ------
    pid: its number.
    command: its words; untrusted text.
    parent: the number of the process that started it.
    """

    pid: int
    command: str
    parent: int = 0


@dataclass(frozen=True)
class Inside:
    """What a container sees of its machine.

    Fields
    ------
    name: the container's.
    host_name: what `hostname` says in it; untrusted text.
    default_name: whether that is the container's short ID, which differs each time.
    processes: all that it sees, the first one first.
    root: the kind of file system at ``/``, for example ``overlay``.
    mounts: how many file systems it sees.
    interfaces: its network interfaces that are up.
    uid, user: of its processes; ``user`` is ``""`` if the number has no name in it.
    kernel: what `uname -r` says.
    namespaces: the kernel's number of each namespace it is in: ``{"pid": 4026534254, …}``.
    limits: see `helpers.containers.limits`.
    """

    name: str
    host_name: str
    default_name: bool
    processes: tuple[Process, ...]
    root: str
    mounts: int
    interfaces: tuple[str, ...]
    uid: int
    user: str
    kernel: str
    namespaces: Mapping[str, int] = field(repr=False)
    limits: Limits = field(repr=False)

    def __str__(self) -> str:
        host = text("containers.inside.short_id") if self.default_name else self.host_name
        others = [process.command for process in self.processes[1:]]
        first = self.processes[0].command if self.processes else "–"
        seen = text("containers.inside.first", command=first)
        comma = text("containers.timeline.list")
        if others:
            more = comma.join(sorted(others))
            seen += text("containers.inside.more", count=len(others), commands=more)
        rows = {
            "processes": seen,
            "host_name": host,
            "network": comma.join(self.interfaces) or "–",
            "user": f"{self.user} ({self.uid})" if self.user else str(self.uid),
            "limits": comma.join(self.limits.told),
        }
        lines = [text("containers.inside.title", name=self.name)]
        lines += [
            text("containers.inside.row", what=text(f"containers.inside.{key}"), value=plain(value))
            for key, value in rows.items()
        ]
        return "\n  ".join(lines)

    __repr__ = __str__


def inside(name: str, *, engine: Engine | None = None) -> Inside:
    """Look out of a running container: what it sees of the machine it runs on.

    Raises
    ------
    NotFound, NotOurs, EngineLost: as for `helpers.containers.run`.
    ContainerFailed: it does not run, is paused, or has no shell.
    """
    engine = engine or connect()
    found = ours(engine, name)
    state = found["State"]
    if state.get("Paused"):
        raise ContainerFailed("containers.paused", name=name)
    if not state["Running"]:
        raise ContainerFailed("containers.ended", name=name, code=state["ExitCode"])
    code, said = quietly(engine, name, ["sh", "-c", SCRIPT], ANSWER, found["Id"])
    if code in (126, 127):
        raise ContainerFailed("containers.no_shell", name=name)
    return _read(name, found["Id"], sections(said))


def sections(said: str) -> dict[str, list[str]]:
    """Return the lines of a script's output below each ``@heading``."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in said.splitlines():
        if line.startswith("@"):
            lines = found.setdefault(line[1:], [])
        else:
            lines.append(line)
    return found


def _read(name: str, identifier: str, said: dict[str, list[str]]) -> Inside:
    host = "".join(said["host"][:1])
    user = said["user"]
    return Inside(
        name=name,
        host_name=host,
        default_name=host == identifier[:12],
        processes=tuple(sorted(map(_process, said["processes"]), key=lambda one: one.pid)),
        root=root_of(said["mounts"]),
        mounts=len(said["mounts"]),
        interfaces=tuple(sorted(_up(said["interfaces"]))),
        uid=int(user[0]) if user and user[0].isdigit() else 0,
        user=user[1] if len(user) > 1 and not user[1].isdigit() else "",
        kernel="".join(said["kernel"][:1]),
        namespaces=namespaces_of(said["namespaces"]),
        limits=limits_of(name, "\n".join(said.get("limits", []))),
    )


def _process(line: str) -> Process:
    pid, parent, command = f"{line}  ".split(" ", 2)
    return Process(int(pid), " ".join(command.split()) or "?", int(parent))


def root_of(mounts: list[str]) -> str:
    """Return the kind of file system at ``/`` out of the lines of mountinfo (proc(5))."""
    for line in reversed(mounts):  # a later one hides an earlier one
        front, _, back = line.partition(" - ")
        if len(front.split()) > 4 and front.split()[4] == "/":
            return back.split()[0] if back else ""
    return ""


def _up(interfaces: list[str]) -> list[str]:
    pairs = (line.split() for line in interfaces)
    return [pair[0] for pair in pairs if len(pair) == 2 and int(pair[1], 16) & UP]


def namespaces_of(lines: list[str]) -> dict[str, int]:
    """Return the numbers out of lines as ``pid pid:[4026531836]``."""
    found = {}
    for line in lines:
        kind, _, link = line.partition(" ")
        number = link.partition("[")[2].rstrip("]")
        if number.isdigit() and "_for_" not in kind:
            found[kind] = int(number)
    return found

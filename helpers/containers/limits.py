"""The limits of a container: what was asked for, and what the kernel holds it to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..engine import Engine, connect
from ..errors import ContainerFailed
from ..messages import text
from .own import ours
from .quietly import quietly

__all__ = ["Limits", "binary", "limits", "limits_of"]

ANSWER = 30  # seconds
UNLIMITED = 1 << 60  # bytes; cgroup v1 writes no limit as the largest number of pages
# The files of the control group as the container sees them (cgroup v2 first), one line for each.
FILES = {
    "memory": ("memory.max", "memory/memory.limit_in_bytes"),
    "cpu": ("cpu.max", "cpu/cpu.cfs_quota_us", "cpu,cpuacct/cpu.cfs_quota_us"),
    "period": ("cpu/cpu.cfs_period_us", "cpu,cpuacct/cpu.cfs_period_us"),
    "pids": ("pids.max", "pids/pids.max"),
}
SCRIPT = 'cd /sys/fs/cgroup; for f in {files}; do [ -f $f ] && echo "$f $(cat $f)"; done; true'


@dataclass(frozen=True)
class Limits:
    """What a container may use at most; ``None`` is without a limit.

    Fields
    ------
    name: the container's.
    memory: bytes.
    cpus: CPUs' worth of time; 0.5 is half of one.
    pids: processes and threads.
    version: of the kernel's control groups, 1 or 2.
    files: the files in which the kernel keeps these limits, as the container sees them, with what
        stands in them.
    """

    name: str
    memory: int | None
    cpus: float | None
    pids: int | None
    version: int
    files: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def told(self) -> list[str]:
        """The three limits as ``32 MiB of memory`` and so on, in the notebook's language."""
        return [
            _one("memory", self.memory and binary(self.memory)),
            _one("cpus", self.cpus and f"{self.cpus:g}"),
            _one("pids", self.pids and str(self.pids)),
        ]

    def __str__(self) -> str:
        title = text("containers.limits.title", name=self.name)
        return "\n".join([title, *(f"  {one}" for one in self.told)])

    __repr__ = __str__


def _one(kind: str, value: str | None) -> str:
    if value is None:
        return text(f"containers.limits.no_{kind}")
    return text(f"containers.limits.{kind}", value=value)


def limits(name: str, *, engine: Engine | None = None) -> Limits:
    """Return the limits that the kernel holds a running container to; cgroup v1 and v2.

    They are read from the control group's files in the container, not from what was asked for: an
    engine that cannot limit something (rootless on cgroup v1) takes the flag all the same.

    Raises
    ------
    NotFound, NotOurs, EngineLost: as for `helpers.containers.run`.
    ContainerFailed: it does not run, or has no shell.
    """
    engine = engine or connect()
    found = ours(engine, name)
    if not found["State"]["Running"]:
        raise ContainerFailed("containers.ended", name=name, code=found["State"]["ExitCode"])
    files = " ".join(file for names in FILES.values() for file in names)
    script = SCRIPT.format(files=files)
    _, said = quietly(engine, name, ["sh", "-c", script], ANSWER, found["Id"])
    return limits_of(name, said)


def limits_of(name: str, said: str) -> Limits:
    """Read lines of a file's name and what stands in it."""
    pairs = (line.split(" ", 1) for line in said.splitlines() if " " in line)
    files = {file: value.strip() for file, value in pairs}

    def first(kind: str) -> str:
        return next((files[f] for f in FILES[kind] if f in files), "max")

    quota, _, period = first("cpu").partition(" ")
    period = period or first("period")
    return Limits(
        name=name,
        memory=_number(first("memory")),
        cpus=_share(quota, period),
        pids=_number(first("pids")),
        version=2 if "memory.max" in files or "pids.max" in files else 1,
        files={f"/sys/fs/cgroup/{file}": value for file, value in files.items()},
    )


def _number(value: str) -> int | None:
    return int(value) if value.isdigit() and int(value) < UNLIMITED else None


def _share(quota: str, period: str) -> float | None:
    if not (quota.isdigit() and period.isdigit() and int(period)):
        return None  # "max" on v2, "-1" on v1
    return int(quota) / int(period)


def binary(count: float) -> str:
    """Return bytes as ``32 MiB``, in powers of 1024 as `docker stats` has it."""
    for unit in ("B", "KiB", "MiB"):
        if count < 1024:
            return f"{count:.3g} {unit}" if count < 1000 else f"{count:.0f} {unit}"
        count /= 1024
    return f"{count:.3g} GiB"

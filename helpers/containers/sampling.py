"""What a container uses right now, again and again: CPU time, memory, processes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import docker

from ..engine import Engine
from ..engine.clock import moment
from ..engine.patience import patient
from ..errors import ContainerFailed, CourseError
from .peek import watch

__all__ = ["Sample", "from_groups", "from_stats", "sample_of", "samples"]

ANSWER = 30  # seconds
# $1 is the container's first process, $2 how many looks, $3 seconds between two. Control groups as
# the container sees them. Time and CPU time are read one right after the other.
SCRIPT = """\
g=/proc/$1/root/sys/fs/cgroup
c="$g/cpu.stat $g/cpu/cpu.stat $g/cpu,cpuacct/cpu.stat"
i=0
while [ $i -lt $2 ] && [ -d $g ]; do
  u=
  read n x </proc/uptime
  for f in $g/cpuacct $g/cpu,cpuacct; do [ -r $f/cpuacct.usage ] && read u <$f/cpuacct.usage; done
  [ "$u" ] || while read k v; do [ $k = usage_usec ] && u=${v}000; done <$g/cpu.stat
  m=$(cat $g/memory.current || cat $g/memory/memory.usage_in_bytes)
  f=$(sed -n 's/^\\(total_\\)*inactive_file //p' $g/memory.stat $g/memory/memory.stat)
  p=$(cat $g/pids.current || cat $g/pids/pids.current)
  t=$(sed -n 's/^nr_periods //p' $c | head -n 1)/$(sed -n 's/^nr_throttled //p' $c | head -n 1)
  [ "$u" ] && [ "$m" ] && echo $n $t $u $m $p $f
  sleep $3
  i=$((i+1))
done 2>/dev/null
"""


@dataclass(frozen=True)
class Sample:
    """What a container had used at one moment.

    Fields
    ------
    seconds: the moment, by the engine's clock.
    cpu: seconds of CPU time since the container was started, of all CPUs together.
    memory: bytes in use, without the files that the kernel could drop; as `docker stats` counts.
    pids: processes and threads.
    periods, throttled: the stretches of time (a tenth of a second each, as a rule) in which the
        kernel has watched over the CPU limit, and in how many of them it made the container wait.
    """

    seconds: float
    cpu: float
    memory: int
    pids: int
    periods: int = 0
    throttled: int = 0


def samples(engine: Engine, found: dict, count: int, pause: float) -> Iterator[Sample]:
    """Yield up to ``count`` samples, ``pause`` seconds apart, until the container has ended.

    They come from the engine's statistics. An engine that has none (seen where the controllers of
    cgroup v1 are mounted one by one) is helped out by a look at the control group's files.

    Raises
    ------
    ContainerFailed: neither is permitted.
    """
    seen = False
    for sample in from_stats(engine, found["Id"], count, pause):
        seen = True
        yield sample
    if seen:
        return
    try:
        words = (str(found["State"]["Pid"]), str(count), f"{pause:g}")
        for line in watch(engine, SCRIPT, *words):
            if sample := from_groups(line):
                seen = True
                yield sample
    except (docker.errors.APIError, CourseError) as error:
        raise ContainerFailed("containers.no_stats", name=found["Name"].lstrip("/")) from error
    if not seen:
        raise ContainerFailed("containers.no_stats", name=found["Name"].lstrip("/"))


def from_stats(engine: Engine, identifier: str, count: int, pause: float) -> Iterator[Sample]:
    """Yield samples of the engine's own statistics; none if it has none."""
    for _ in range(count):
        due = time.monotonic() + pause
        with patient(engine, ANSWER) as api:
            try:
                told = api.stats(identifier, stream=False, one_shot=True)
            except docker.errors.APIError:  # it has ended and is gone
                return
        sample = sample_of(told)
        if sample is None:
            return
        yield sample
        time.sleep(max(0.0, due - time.monotonic()))


def sample_of(told: dict) -> Sample | None:
    """Read one answer of the API; None if there is nothing in it (the container has ended)."""
    usage = (told.get("cpu_stats") or {}).get("cpu_usage") or {}
    memory = told.get("memory_stats") or {}
    if not usage.get("total_usage") or "usage" not in memory:
        return None
    more = memory.get("stats") or {}
    # cgroup v1 counts what its children use in total_…, v2 has no such name
    files = more.get("total_inactive_file", more.get("inactive_file", 0))
    used = memory["usage"] - files if files < memory["usage"] else memory["usage"]
    pids = (told.get("pids_stats") or {}).get("current") or 0
    held = told["cpu_stats"].get("throttling_data") or {}
    counts = (held.get("periods") or 0, held.get("throttled_periods") or 0)
    return Sample(moment(told["read"]), usage["total_usage"] / 1e9, used, pids, *counts)


def from_groups(line: str) -> Sample | None:
    """Read one line of the script above."""
    parts = line.split()
    if len(parts) < 5:
        return None
    moment_, held, cpu, memory, pids, *files = parts
    periods, _, throttled = held.partition("/")
    # cgroup v1 tells inactive_file of the group, then total_inactive_file with its children
    unused = int(files[-1]) if files else 0
    used = int(memory) - unused if unused < int(memory) else int(memory)
    return Sample(
        float(moment_), int(cpu) / 1e9, used, int(pids), int(periods or 0), int(throttled or 0)
    )

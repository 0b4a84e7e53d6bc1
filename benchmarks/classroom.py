"""A class of simulated learners at once: ``python -m benchmarks.classroom --learners 10``.

Everybody signs in and starts their server at the same moment, then does lessons 01 and 02, every
cell and exercise, each at their own pace (two languages in turn). Over loopback only. What comes
out is written to ``classroom.md``; nobody may fail.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil

from helpers.classroom import running
from helpers.classroom.names import learner
from helpers.classroom.settings import GIB, MIB, Settings
from helpers.engine import connect
from helpers.paths import NOTEBOOKS
from tests.classroom.pupil import Pupil

NAME, PORT = "bench", 18443
LESSONS = ("01", "02")
RESULT = Path(__file__).with_name("classroom.md")
# Programs of the engine; all else in a learner's container is JupyterLab, kernels, terminals.
ENGINE = ("dockerd", "containerd", "containerd-shim", "docker-proxy", "runc", "docker-init")


def main(arguments: list[str] | None = None) -> int:
    """Hold the class, write the result, remove everything; return 1 if somebody failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.classroom", description=__doc__)
    parser.add_argument("--learners", type=int, default=10)
    asked = parser.parse_args(arguments)
    settings = Settings(NAME, port=PORT, memory=2 * GIB, disk=5 * GIB // 2, idle=0,
                        lessons=LESSONS)  # fmt: skip
    running.remove(settings)
    cards = running.add(settings, [f"Learner {n}" for n in range(1, asked.learners + 1)])[1:]
    try:
        began = time.monotonic()
        running.start(settings)
        made = time.monotonic() - began
        certificate = settings.folder / "door.crt"
        pupils = [Pupil(settings.url, certificate, c.user, c.passphrase) for c in cards]
        lines = _class(settings, pupils, made)
    finally:
        running.remove(settings)
    RESULT.write_text("\n".join(lines) + "\n")
    print("\n".join(lines))
    return int(any("failed:" in line for line in lines))


def _class(settings: Settings, pupils: list[Pupil], made: float) -> list[str]:
    before = psutil.virtual_memory().available
    with ThreadPoolExecutor(len(pupils)) as room:
        ready = list(room.map(_ready, pupils))
        idle = _memory(settings, pupils)
        host = before - psutil.virtual_memory().available
        began = time.monotonic()
        done = list(room.map(_lessons, pupils, ("en", "zh-CN") * len(pupils)))
        seconds = time.monotonic() - began
    after = _memory(settings, pupils)
    failures = [f"failed: {p.user}: {one}" for p, one in zip(pupils, done, strict=True)
                if isinstance(one, str)]  # fmt: skip
    worked = [one for one in done if not isinstance(one, str)]
    count = len(pupils)
    each = statistics.median(row["all"] for row in after)
    today = datetime.date.today().isoformat()
    gib = psutil.virtual_memory().total / GIB
    return [
        f"# A class of {count} at once, {today}",
        "",
        f"`python -m benchmarks.classroom --learners {count}` on {os.cpu_count()} cores "
        f"{platform.machine()}, {gib:.0f} GiB, Linux {platform.release()}, root; "
        "everybody over loopback, lessons 01 and 02 with all exercises, cell after cell without a "
        "pause for reading.",
        "",
        "| | least | median | most |",
        "|---|--:|--:|--:|",
        _row("time to ready, all starting at once (s)", ready, 1),
        _row("lessons 01 and 02 (s)", worked, 0) if worked else "",
        _row("memory of a learner, nothing running (MiB)", [r["all"] / MIB for r in idle], 0),
        _row("memory of a learner after the lessons (MiB)", [r["all"] / MIB for r in after], 0),
        _row("… of it the engine (MiB)", [r["engine"] / MIB for r in after], 0),
        _row("most that a learner's group ever held, files in memory included (MiB)",
             [r["peak"] / MIB for r in after], 0),
        "",
        f"The class was made in {made:.0f} s, image and base images included. With all servers "
        f"started the machine had {host / MIB:.0f} MiB less to give ({host / count / MIB:.0f} for "
        f"each). Both lessons took {seconds:.0f} s for all together; {len(worked)} of {count} "
        "learners went through without an error.",
        "",
        f"**For thirty** that is {30 * each / GIB:.0f} GiB for servers and engines, 4 GiB for the "
        "rest, and room for files in memory: 24 GiB at least, 32 to be at ease. Processors decide "
        f"how long a cell takes: here {count} learners who never pause shared {os.cpu_count()}. A "
        "class reads and thinks most of the time; four cores for ten learners is what we would "
        "take.",
        *(["", *failures] if failures else []),
    ]  # fmt: skip


def _row(name: str, values: list[float], digits: int) -> str:
    found = (min(values), statistics.median(values), max(values))
    return f"| {name} | " + " | ".join(f"{one:.{digits}f}" for one in found) + " |"


def _ready(pupil: Pupil) -> float:
    pupil.sign_in()
    return pupil.start()


def _lessons(pupil: Pupil, language: str) -> float | str:
    began = time.monotonic()
    pupil.open(language)
    try:
        for lesson in LESSONS:
            found = next((NOTEBOOKS / "solutions" / language).glob(f"{lesson}-*.ipynb"))
            pupil.lesson(found)
    except AssertionError as error:
        return str(error)[-600:].replace("\n", " ⏎ ")
    return time.monotonic() - began


def _memory(settings: Settings, pupils: list[Pupil]) -> list[dict[str, float]]:
    """Return for each learner: memory of all processes (proportional), of the engine, the peak."""
    private = running.engine_of(settings)
    engine = connect(private.url)
    found = []
    for pupil in pupils:
        identifier = engine.client.api.inspect_container(learner(pupil.user))["Id"]
        group = f"{private.cgroup}/{identifier}"
        row = {"all": 0.0, "engine": 0.0, "peak": float(_peak(group))}
        for path in Path("/proc").glob("[0-9]*/cgroup"):
            try:
                if group not in path.read_text():
                    continue
                size = psutil.Process(int(path.parent.name)).memory_full_info().pss
                name = path.with_name("comm").read_text().strip()
            except (OSError, psutil.Error):
                continue
            row["all"] += size
            if name.startswith(ENGINE):
                row["engine"] += size
        found.append(row)
    return found


def _peak(group: str) -> int:
    for place in ("memory{}/memory.max_usage_in_bytes", "{}/memory.peak"):
        path = Path("/sys/fs/cgroup") / place.format(group)
        if path.exists():
            return int(path.read_text())
    return 0


if __name__ == "__main__":
    sys.exit(main())

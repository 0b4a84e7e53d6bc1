"""Compare ways to the same end in one run: interleaved rounds, medians, ratios."""

from __future__ import annotations

import datetime
import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from helpers.engine import Engine

RESULTS = Path(__file__).parent / "results"
ROUNDS = 7


@dataclass(frozen=True)
class Sample:
    """One run of one contestant: what it took, and what it found (to see that all agree)."""

    seconds: float
    peak: int | None = None  # bytes of memory, where the contestant ran in a process of its own
    found: object = None


@dataclass(frozen=True)
class Row:
    """One contestant after all rounds; the first row of a result is what the others are held to.

    ratio: the median of the rounds' ratios to the first row. limit: the most it may be.
    peak_limit: the most memory it may take, in bytes.
    """

    what: str
    seconds: list[float]
    median: float
    ratio: float
    limit: float | None = None
    peak: int | None = None
    peak_limit: int | None = None

    @property
    def met(self) -> bool | None:
        """Whether the limits are kept; None if there are none."""
        if self.limit is None and self.peak_limit is None:
            return None
        slow = self.limit is not None and self.ratio > self.limit
        fat = self.peak_limit is not None and (self.peak or 0) > self.peak_limit
        return not (slow or fat)


@dataclass(frozen=True)
class Result:
    """One comparison on one engine, as it is stored in ``results/``."""

    benchmark: str
    title: str
    subject: str
    engine: str
    store: str
    date: str
    machine: str
    rows: list[Row]
    notes: list[str] = field(default_factory=list)

    @property
    def path(self) -> Path:
        return RESULTS / f"{self.benchmark}.{self.store}.{self.subject}.json"

    def write(self) -> None:
        RESULTS.mkdir(exist_ok=True)
        self.path.write_text(json.dumps(asdict(self), indent=1) + "\n", "utf-8")


def load(path: Path) -> Result:
    """Return a stored result."""
    stored = json.loads(path.read_text("utf-8"))
    return Result(**{**stored, "rows": [Row(**row) for row in stored["rows"]]})


@dataclass(frozen=True)
class Contestant:
    """A way to the end: ``run`` does it once. One without ``run`` was not found on this machine."""

    what: str
    run: Callable[[], Sample]
    limit: float | None = None
    peak_limit: int | None = None


def compete(
    contestants: list[Contestant], rounds: int = ROUNDS, say: Callable[[str], None] = print
) -> list[Row]:
    """Run every contestant once a round, after one round that only warms up.

    The order turns by one each round, so that none always profits from what its neighbour left in
    a cache. A ratio is taken within each round, which cancels what slows the whole machine for a
    while; the median of the ratios is told.
    """
    samples: dict[str, list[Sample]] = {each.what: [] for each in contestants}
    for n in range(-1, rounds):
        turn = n % len(contestants)
        for each in contestants[turn:] + contestants[:turn]:
            sample = each.run()
            if n >= 0:
                samples[each.what].append(sample)
        if n >= 0:
            say(f"  round {n + 1} of {rounds}: " + _times(samples))
    base = [sample.seconds for sample in samples[contestants[0].what]]
    rows = []
    for each in contestants:
        runs = samples[each.what]
        seconds = [sample.seconds for sample in runs]
        ratios = [one / other for one, other in zip(seconds, base, strict=True)]
        peaks = [sample.peak for sample in runs if sample.peak is not None]
        rows.append(
            Row(
                each.what,
                [round(s, 5) for s in seconds],
                statistics.median(seconds),
                statistics.median(ratios),
                each.limit,
                max(peaks, default=None),
                each.peak_limit,
            )
        )
    return rows


def agree(rows: Mapping[str, Sample]) -> None:
    """Raise ValueError unless all contestants found the same."""
    found = {what: sample.found for what, sample in rows.items() if sample.found is not None}
    if len({json.dumps(value, sort_keys=True) for value in found.values()}) > 1:
        raise ValueError(f"the contestants do not agree: {found}")


def timed(work: Callable[[], object]) -> Sample:
    """Run ``work`` in this process."""
    started = time.perf_counter()
    found = work()
    return Sample(time.perf_counter() - started, found=found)


def result(
    benchmark: str, title: str, subject: str, engine: Engine, rows: list[Row], *notes: str
) -> Result:
    """Return the result of a comparison that ran just now on this machine."""
    now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d")
    version = f"Engine {engine.version}"
    return Result(
        benchmark, title, subject, version, engine.store, now, machine(), rows, list(notes)
    )


def machine() -> str:
    """Return the class of this machine: what a reader needs to judge the seconds."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = f"{platform.system()} {'.'.join(platform.release().split('.')[:2])}"
    cores = os.cpu_count()
    return f"{cores} cores {platform.machine()}, {memory:.0f} GiB, {system}, root"


def _times(samples: Mapping[str, list[Sample]]) -> str:
    return ", ".join(f"{what} {runs[-1].seconds:.3f} s" for what, runs in samples.items())

"""From nothing to three nodes and back, ten times in a row, and what it took."""

from __future__ import annotations

import datetime
import os
import time
from pathlib import Path

import pytest

from helpers import bases, cluster, paths
from helpers.engine import Engine, inventory

from ..engine import foreign

LESSON = "93"
REPORTS = Path(__file__).parent.parent / "reports"


@pytest.mark.sweep
def test_ten_times(engine: Engine) -> None:
    bases.node(engine)  # made once; it is not what is measured
    bases.busybox(engine)
    foreign.everything(engine)
    rows = []
    try:
        before = inventory.take(engine)
        for _ in range(10):
            began = time.monotonic()
            found = cluster.up(lesson=LESSON, engine=engine)
            ready = time.monotonic()
            assert [node.state for node in found.look().nodes] == ["ready"] * 3
            found.image(bases.busybox(engine))
            pushed = time.monotonic()
            cluster.down(engine, LESSON)
            gone = time.monotonic()
            assert inventory.take(engine) == before
            rows.append((ready - began, pushed - ready, gone - pushed))
    finally:
        cluster.down(engine, LESSON)
        foreign.remove(engine)
    assert max(up for up, _, _ in rows) < 60  # the issue: under a minute from nothing
    _report(rows, engine)


def _report(rows: list[tuple[float, float, float]], engine: Engine) -> None:
    date = datetime.date.today().isoformat()
    lines = [
        f"# From nothing to a swarm of three nodes and back, ten times, {date}",
        "",
        "`make test ARGS='-m sweep tests/cluster/test_ten_times.py'`, the daemon"
        f" Engine {engine.version}, {engine.store} store, {os.cpu_count()} processors, shared"
        " with other work."
        " Nothing of the course was left after any of them, and nothing foreign was touched.",
        "",
        "| | three nodes ready | an image in their registry | everything gone |",
        "|--:|--:|--:|--:|",
        *(f"| {n} | {up:.1f} s | {push:.1f} s | {down:.1f} s |"
          for n, (up, push, down) in enumerate(rows, 1)),
    ]  # fmt: skip
    shard = os.environ.get("LAYER_BY_LAYER_TEST_ENGINE", "28-overlay2")
    paths.writable(REPORTS)
    (REPORTS / f"cluster-{shard}.md").write_text("\n".join(lines) + "\n")

"""The comparisons are fair and the tables say what was measured."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import archives, harness, material, report
from benchmarks.__main__ import BENCHMARKS
from benchmarks.harness import Contestant, Result, Row, Sample


def contestant(name: str, log: list[str], *seconds: float, **limits) -> Contestant:
    times = iter(seconds)

    def run() -> Sample:
        log.append(name)
        return Sample(next(times), limits.get("peak"))

    wanted = {k: v for k, v in limits.items() if k != "peak"}
    return Contestant(name, run, **wanted)


def test_contestants_take_turns_and_the_warming_round_does_not_count():
    log: list[str] = []
    rows = harness.compete(
        [contestant("a", log, 99, 1, 2, 3), contestant("b", log, 99, 2, 2, 9, limit=2.0)],
        rounds=3,
        say=lambda line: None,
    )
    assert [log.count(name) for name in "ab"] == [4, 4]
    pairs = ["".join(log[n : n + 2]) for n in range(0, 8, 2)]
    assert set(pairs) == {"ab", "ba"}  # the order turns
    assert [row.median for row in rows] == [2, 2]
    assert [row.ratio for row in rows] == [1, 2]  # of 2/1, 2/2, 9/3
    assert rows[1].met is True


@pytest.mark.parametrize(
    ("ratio", "limit", "peak", "peak_limit", "met"),
    [
        (1.0, None, None, None, None),
        (1.0, 1.0, None, None, True),
        (1.1, 1.0, None, None, False),
        (1.0, 1.0, 70, 60, False),
        (9.0, None, 50, 60, True),
    ],
)
def test_limits(ratio, limit, peak, peak_limit, met):
    assert Row("x", [1], 1, ratio, limit, peak, peak_limit).met is met


def test_a_result_survives_the_disk_and_shows_in_the_table(tmp_path, monkeypatch):
    monkeypatch.setattr(harness, "RESULTS", tmp_path)
    rows = [Row("base", [2.0], 2.0, 1.0), Row("ours", [0.02], 0.02, 0.01, 0.005, 10**7, 10**8)]
    made = Result("b", "Title", "s", "Engine 1", "overlay2", "2026-01-01", "2 cores", rows, ["n."])
    made.write()
    assert harness.load(made.path) == made
    table = report.tables(tmp_path)
    assert "| overlay2 | base | 2.00 s | 1 |" in table
    assert "| ours | 20 ms | 0.010 | 0.0050 | 10 MB (at most 100 MB) | **missed** |" in table
    assert "2026-01-01" in table and "n." in table


def test_the_readme_shows_the_stored_results():
    """`python -m benchmarks --report` was run after the last change."""
    text = report.README.read_text("utf-8")
    shown = text.partition(report.START)[2].partition(report.END)[0]
    assert shown.strip() == report.tables().strip()


def test_every_stored_ratio_is_that_of_its_rounds():
    paths = sorted(harness.RESULTS.glob("*.json"))
    assert {path.name.partition(".")[0] for path in paths} == set(BENCHMARKS)
    for path in paths:
        stored = harness.load(path)
        assert all(len(row.seconds) >= harness.ROUNDS for row in stored.rows), path.name
        base = stored.rows[0].seconds
        for row in stored.rows:
            ratios = sorted(a / b for a, b in zip(row.seconds, base, strict=True))
            assert row.ratio == pytest.approx(ratios[len(ratios) // 2], rel=0.05, abs=0.001)


def test_the_same_files_give_the_same_layer(tmp_path):
    def files():
        return material.tree(material.Content("test"), "top", 50, 20_000)

    one, two = (archives.layer(tmp_path / name, files()) for name in ("one", "two"))
    assert (one.digest, one.diff_id, one.size) == (two.digest, two.diff_id, two.size)
    assert sum(1 for _ in files()) == 50
    assert sum(len(content) for _, content in files() if content is not None) == 20_000


def test_a_crowd_shares_what_it_should(tmp_path):
    plans = material.RECIPES[material.crowd(199)](tmp_path)
    assert len({plan.name for plan in plans}) == 200
    chains = {tuple(b.diff_id for b in p.layers[: n + 1]) for p in plans for n in range(8)}
    assert len(chains) == 10 * 5 + 100 + 200 * 2


def test_help_runs_without_a_daemon():
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--help"],
        cwd=Path(report.__file__).parent.parent,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0
    assert all(name in ran.stdout for name in BENCHMARKS)

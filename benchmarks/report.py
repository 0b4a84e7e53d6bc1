"""The tables of README.md, written from the stored results."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from .harness import RESULTS, ROUNDS, Result, Row, load

README = Path(__file__).parent / "README.md"
START, END = "<!-- results: written by python -m benchmarks -->", "<!-- end of results -->"
ORDER = ("save", "fast", "known", "deletions", "family", "forest", "tracing")


def write() -> None:
    """Replace the part of README.md between the marks."""
    text = README.read_text("utf-8")
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    README.write_text(f"{before}{START}\n\n{tables()}\n{END}{after}", "utf-8")


def tables(folder: Path = RESULTS) -> str:
    """Return one table for each comparison and subject, the stores below each other."""
    found = sorted((load(path) for path in folder.glob("*.json")), key=_place)
    parts = []
    for title, group in groupby(found, key=lambda result: result.title):
        results = list(group)
        parts.append(_table(title, results))
    return "\n".join(parts)


def _place(result: Result) -> tuple:
    known = result.benchmark in ORDER
    number = ORDER.index(result.benchmark) if known else len(ORDER)
    return number, result.benchmark, result.title, result.store != "overlay2"


def _table(title: str, results: list[Result]) -> str:
    lines = [
        f"### {title}",
        "",
        "| store | | median | ratio | at most | peak memory | |",
        "|---|---|--:|--:|--:|--:|---|",
    ]
    lines += [_line(result, row) for result in results for row in result.rows]
    notes = dict.fromkeys(note for result in results for note in result.notes)
    where = dict.fromkeys(f"{r.date}, {r.engine} ({r.store}), {r.machine}." for r in results)
    return "\n".join([*lines, "", *(f"{text}  " for text in (*notes, *where)), ""])


def _line(result: Result, row: Row) -> str:
    first = row is result.rows[0]
    cells = [
        result.store if first else "",
        row.what,
        _seconds(row.median),
        "1" if first else _ratio(row.ratio),
        _ratio(row.limit) if row.limit else "",
        _memory(row),
        {True: "met", False: "**missed**", None: ""}[row.met],
    ]
    return f"| {' | '.join(cells)} |"


def _seconds(value: float) -> str:
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s"


def _ratio(value: float) -> str:
    if value < 0.01:
        return f"{value:.4f}"
    return f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


def _memory(row: Row) -> str:
    if row.peak is None:
        return ""
    limit = f" (at most {row.peak_limit / 1e6:.0f} MB)" if row.peak_limit else ""
    return f"{row.peak / 1e6:.0f} MB{limit}"


def held(rounds: int = ROUNDS) -> bool:
    """Whether every stored result has at least ``rounds`` rounds and keeps its limits."""
    rows = [row for path in RESULTS.glob("*.json") for row in load(path).rows]
    return all(len(row.seconds) >= rounds and row.met is not False for row in rows)

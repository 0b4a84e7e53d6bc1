"""``test`` and ``test-all``: pytest on private engines, and what is left afterwards."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import asdict, dataclass
from pathlib import Path

from .. import engine
from ..errors import CourseError
from ..messages import text
from ..paths import ROOT, home, writable
from .course import say

__all__ = ["SHARDS", "test", "test_all"]

# Named as in LAYER_BY_LAYER_TEST_ENGINE: the engine's major version, then its image store.
SHARDS = ("28-overlay2", "28-containerd", "26-overlay2", "26-containerd", "20-overlay2")
WORKERS = 3  # on two cores: a test waits for daemons a good part of its time
REPORTS = ROOT / "tests" / "reports"


@dataclass(frozen=True)
class Result:
    """How the tests on one engine ended. ``tree`` is a hash of the sources that were tested."""

    shard: str
    tree: str
    status: int
    tests: int
    failures: int
    skipped: int
    seconds: int
    date: str


def test(arguments: list[str]) -> int:
    """Run the tests on Engine 28 with the classic store; return pytest's exit status.

    Parameters
    ----------
    arguments: passed on to pytest; without any, all tests run.
    """
    before = _ours()
    status = _pytest(os.environ.get("LAYER_BY_LAYER_TEST_ENGINE", SHARDS[0]), arguments)
    after = _ours()
    # Tests have engines of their own: the learner's must hold nothing of the course that it did
    # not hold before.
    left = sorted(after - before)
    if left:
        say("lab.test.left", things="\n  ".join(left))
        return status or 1
    say("lab.test.nothing_left")
    return status


def test_all(arguments: list[str], *, again: bool = False) -> int:
    """Run the tests on every engine and store; what passed on these very sources is not repeated.

    A dated report is written to ``tests/reports/``.
    """
    state = writable(home()) / "test-all.json"
    known = _load(state)
    tree = _tree()
    results: list[Result] = []
    for shard in SHARDS:
        last = known.get(shard)
        if last and last.tree == tree and last.status == 0 and not again and not arguments:
            say("lab.test.known", shard=shard)
            results.append(last)
            continue
        say("lab.test.shard", shard=shard)
        result = _shard(shard, tree, arguments)
        results.append(result)
        known[shard] = result
        state.write_text(json.dumps({name: asdict(r) for name, r in known.items()}, indent=1))
    if not arguments:
        say("lab.test.report", path=_report(results))
    for result in results:
        print(f"{result.shard:16} {_verdict(result)}")
    return max(result.status for result in results)


def _shard(shard: str, tree: str, arguments: list[str]) -> Result:
    log = writable(home() / "test-all") / f"{shard}.xml"
    log.unlink(missing_ok=True)
    began = time.monotonic()
    status = _pytest(shard, [*arguments, f"--junitxml={log}"], sweep=True)
    counts = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    if log.exists():
        for suite in ElementTree.parse(log).iter("testsuite"):
            counts = {key: counts[key] + int(suite.get(key, 0)) for key in counts}
    return Result(
        shard, tree, status, counts["tests"], counts["failures"] + counts["errors"],
        counts["skipped"], round(time.monotonic() - began), datetime.date.today().isoformat(),
    )  # fmt: skip


LEAN = ("-p", "tests.notebooks.lean")  # each worker would build a grammar that nobody needs


def _pytest(shard: str, arguments: list[str], *, sweep: bool = False) -> int:
    chosen = [] if sweep or any(a.startswith("-m") for a in arguments) else ["-m", "not sweep"]
    variables = {**os.environ, "LAYER_BY_LAYER_TEST_ENGINE": shard}
    # The locale's language and the learner's daemon are not what is tested.
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT", "LAYER_BY_LAYER_LANGUAGE"):
        variables.pop(name, None)
    variables["LANG"] = "C.UTF-8"
    # What these keep in a user's home stays in the course's folder.
    for name, below in (("IPYTHONDIR", "ipython"), ("MPLCONFIGDIR", "matplotlib")):
        variables[name] = str(writable(home() / "tests" / below))
    # Where Python may not keep what it compiles, a hundred processes would each do it anew.
    if variables.pop("PYTHONDONTWRITEBYTECODE", None):
        variables.setdefault("PYTHONPYCACHEPREFIX", str(home() / "tests" / "compiled"))
    variables["HISTFILE"] = str(home() / "tests" / "history")  # of a terminal that a test opens
    command = [sys.executable, "-m", "pytest", *LEAN, *_workers(), *chosen, *arguments]
    return subprocess.call(command, cwd=ROOT, env=variables)


def _workers() -> list[str]:
    """Return the options for several workers; ``-n 0`` among the arguments makes it one process."""
    if (os.cpu_count() or 1) < 2:
        return []
    return [f"--numprocesses={WORKERS}", "--dist=loadscope", "--no-loadscope-reorder"]


def _ours() -> set[str]:
    """Name what the course has in the learner's own daemon; empty if there is none."""
    try:
        daemon = engine.connect(start=False)
        found = engine.inventory.take(daemon).ours
        daemon.close()
    except CourseError:
        return set()
    return {f"{thing.kind} {' '.join(thing.names) or thing.id}" for thing in found}


def _tree() -> str:
    """Return a hash of every source that a test may depend on."""
    found = hashlib.sha256()
    for top in ("helpers", "lessons", "notebooks", "tests", "pyproject.toml", "requirements.lock"):
        path = ROOT / top
        files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
        for file in files:
            if "__pycache__" in file.parts or REPORTS in file.parents:
                continue
            found.update(file.relative_to(ROOT).as_posix().encode())
            found.update(hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()


def _load(state: Path) -> dict[str, Result]:
    try:
        return {name: Result(**value) for name, value in json.loads(state.read_text()).items()}
    except (OSError, ValueError, TypeError):
        return {}


def _verdict(result: Result) -> str:
    passed = result.tests - result.failures - result.skipped
    return text(
        "lab.test.verdict",
        passed=passed, failed=result.failures, skipped=result.skipped, seconds=result.seconds,
    )  # fmt: skip


def _report(results: list[Result]) -> Path:
    path = writable(REPORTS) / f"{datetime.date.today().isoformat()}.md"
    lines = [
        f"# `make test-all`, {path.stem}",
        "",
        "| engine and store | passed | failed | skipped | seconds | date |",
        "|---|---|---|---|---|---|",
        *(
            f"| {r.shard} | {r.tests - r.failures - r.skipped} | {r.failures} | {r.skipped} "
            f"| {r.seconds} | {r.date} |"
            for r in results
        ),
    ]
    path.write_text("\n".join(lines) + "\n")
    return path

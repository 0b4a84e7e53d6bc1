"""Generated builds: what `predict` says of each step is held against the build that follows.

`make test` plays a sample. The sweep (``make test-all``, or ``make test ARGS="-m sweep
tests/builds/test_generated.py"``) plays 304 edits in shards; a shard that passed on these very
sources is not repeated. It writes ``tests/reports/predict-<engine>.md``.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import json
import os
from collections import Counter
from pathlib import Path

import docker
import pytest

from helpers import bases, builds, paths
from helpers.builds import buildkit
from helpers.engine import Engine
from tests.conftest import missing

from .scoring import TAG, Board, play

pytestmark = pytest.mark.daemon
SAMPLE = range(9000, 9010)
SHARD, SHARDS = 38, 4  # Dockerfiles; each is edited twice
LEAST = 0.99  # of the hits and of the runs below an edit
GUESS = 0.60  # what always saying the same may reach at most: else the cases prove nothing
REPORTS = Path(__file__).parent.parent / "reports"
# What a prediction depends on, and the cases themselves.
SOURCES = (
    *("contents", "plan", "planning", "predict", "dockerfile", "expansion", "ledger", "assembly"),
    *("generate", "scoring"),
)


@pytest.fixture(scope="module")
def kitted(engine: Engine) -> Engine:
    """The engine, with its base image, to be built on with BuildKit."""
    if not buildkit.available(engine):
        missing("no docker client with buildx")
    bases.busybox(engine)
    yield engine
    with contextlib.suppress(docker.errors.ImageNotFound):
        engine.client.api.remove_image(TAG, force=True)


def test_a_sample_of_generated_builds(kitted: Engine, tmp_path: Path) -> None:
    board = Board()
    for number in SAMPLE:
        play(number, tmp_path / f"c{number}", kitted, board)
    # one wrong step of so few may be one of the exceptions that `predict` documents
    assert board.hits > 20 and board.runs > 20
    assert min(board.shares) >= 0.95, board.wrong


def _tree() -> str:
    found = hashlib.sha256()
    here, package = Path(__file__).parent, Path(builds.__file__).parent
    for name in SOURCES:
        folder = package if (package / f"{name}.py").exists() else here
        found.update((folder / f"{name}.py").read_bytes())
    for path in sorted((package.parent / "contexts").glob("*.py")):
        found.update(path.read_bytes())
    return found.hexdigest()


TREE = _tree()  # of the sources as they were imported


def _state(engine: Engine) -> Path:
    name = f"{os.environ.get('LAYER_BY_LAYER_TEST_ENGINE', '28-overlay2')}.json"
    return paths.writable(paths.home() / "test-all" / "predict") / name


def _boards(engine: Engine) -> dict[str, Board]:
    with contextlib.suppress(OSError, ValueError, TypeError):
        told = json.loads(_state(engine).read_text())
        if told.pop("tree") == TREE:
            return {n: Board(**{**b, "edits": Counter(b["edits"])}) for n, b in told.items()}
    return {}


@pytest.mark.sweep
@pytest.mark.parametrize("shard", range(SHARDS))
def test_every_generated_build(shard: int, kitted: Engine, tmp_path: Path) -> None:
    boards = _boards(kitted)
    if str(shard) not in boards:
        board = Board()
        for number in range(shard * SHARD, (shard + 1) * SHARD):
            play(number, tmp_path / f"c{number}", kitted, board)
        boards[str(shard)] = board
        told = {name: vars(one) for name, one in boards.items()}
        _state(kitted).write_text(json.dumps({"tree": TREE, **told}))
    assert boards[str(shard)].cases == 2 * SHARD


@pytest.mark.sweep
def test_hits_and_runs_are_foretold(kitted: Engine) -> None:
    boards = _boards(kitted)
    assert len(boards) == SHARDS, "play the shards first"
    whole = Board()
    for board in boards.values():
        for name in ("cases", "quiet", "hits", "hits_right", "runs", "runs_right"):
            setattr(whole, name, getattr(whole, name) + getattr(board, name))
        whole.wrong += board.wrong
        whole.edits += board.edits
    _report(whole, kitted)
    assert whole.guess < GUESS
    assert min(whole.shares) >= LEAST, whole.wrong


def _report(board: Board, engine: Engine) -> None:
    date = datetime.date.today().isoformat()
    hits, runs = board.shares
    edits = ", ".join(f"{name} {count}" for name, count in board.edits.most_common())
    rows = [
        f"# Predictions held against {board.cases} builds after an edit, {date}",
        "",
        f"`make test ARGS='-m sweep tests/builds/test_generated.py'`, Engine {engine.version},"
        f" {engine.store} store; {SHARD * SHARDS} generated Dockerfiles, two edits each"
        " (`tests/builds/generate.py` lists the features).",
        "",
        "| below an edit | steps | foretold rightly | share |",
        "|:--|--:|--:|--:|",
        f"| from the cache | {board.hits} | {board.hits_right} | {hits:.2%} |",
        f"| ran | {board.runs} | {board.runs_right} | {runs:.2%} |",
        "",
        f"Always saying the same would be right for {board.guess:.1%} of these steps. In"
        f" {board.quiet} of the builds no step ran after the edit, and none was foretold to run;"
        " their steps are not counted.",
        "",
        f"Edits: {edits}.",
        "",
        "Foretold wrongly (case, edit: step, what it did, what was foretold):",
        "",
        *([f"- {line}" for line in board.wrong] or ["- none"]),
    ]
    shard = os.environ.get("LAYER_BY_LAYER_TEST_ENGINE", "28-overlay2")
    paths.writable(REPORTS)
    (REPORTS / f"predict-{shard}.md").write_text("\n".join(rows) + "\n")

"""Run generated cases on a real engine, and hold every prediction against the build."""

from __future__ import annotations

import contextlib
import io
import os
import secrets
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from helpers import builds
from helpers.builds import Prediction, Trace
from helpers.engine import Engine

from .generate import Case, Maker

TAG = "lbl/test-generated:1"


@dataclass
class Board:
    """Steps of builds after an edit: how many hit and ran, and how many were foretold rightly.

    Counted are the steps at and below the first that ran or was foretold to run, in the order of
    the Dockerfile. A build in which none was is ``quiet``: every step hit, as foretold.
    """

    cases: int = 0
    quiet: int = 0
    hits: int = 0
    hits_right: int = 0
    runs: int = 0
    runs_right: int = 0
    wrong: list[str] = field(default_factory=list)
    edits: Counter[str] = field(default_factory=Counter)

    def count(self, name: str, prediction: Prediction, trace: Trace) -> None:
        told = [(s.id, s.state) for s in trace.steps if s.state in ("cached", "ran")]
        expected = {f.step.id: f.step.state for f in prediction}
        ran = [n for n, (i, s) in enumerate(told) if s == "ran" or expected.get(i) == "ran"]
        self.cases += 1
        if not ran:
            self.quiet += 1
            return
        for identifier, state in told[ran[0] :]:
            right = expected.get(identifier) == state
            if state == "cached":
                self.hits += 1
                self.hits_right += right
            else:
                self.runs += 1
                self.runs_right += right
            if not right:
                self.wrong.append(f"{name}: step {identifier} {state}, {expected.get(identifier)}")

    @property
    def shares(self) -> tuple[float, float]:
        """The shares of hits and of runs that were foretold rightly."""
        return self.hits_right / max(1, self.hits), self.runs_right / max(1, self.runs)

    @property
    def guess(self) -> float:
        """The better score of two guesses: that every step hits, that every step runs."""
        return max(self.hits, self.runs) / max(1, self.hits + self.runs)


def play(number: int, folder: Path, engine: Engine, board: Board) -> None:
    """Build one case, edit it twice, and predict and build after each edit.

    Every third case goes back to where it was instead of a second edit.
    """
    maker = Maker(number, secrets.token_hex(2))
    case = maker.case()
    folder.mkdir()
    case.write(folder)
    _build(case, folder, engine)
    name, after = maker.edit(case)
    steps = [(name, after), ("back", case) if number % 3 == 0 else maker.edit(after)]
    for name, state in steps:
        state.write(folder)
        if name == "touch":
            for path in folder.rglob("*"):
                os.utime(path)
        options = _options(state, folder)
        prediction = builds.predict(folder, engine=engine, args=options["args"])
        trace = _build(state, folder, engine)
        board.edits[name] += 1
        board.count(f"case {number}, {name}", prediction, trace)


def _options(case: Case, folder: Path) -> dict:
    secret = folder.parent / f"{folder.name}.secret"
    return {"args": case.args, "secrets": {"key": str(secret)}}


def _build(case: Case, folder: Path, engine: Engine) -> Trace:
    with contextlib.redirect_stdout(io.StringIO()):
        return builds.run(folder, TAG, engine, limit=60, **_options(case, folder)).trace

"""A bench without a daemon: a builder small enough to be read, with a cache as BuildKit's."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from helpers.builds.model import (
    CACHED,
    FAILED,
    RAN,
    UNREACHED,
    Cause,
    Explanation,
    Forecast,
    Prediction,
    Reason,
    Step,
    Trace,
)
from helpers.builds.rounds import Round, read_steps
from helpers.errors import BuildFailed

DOCKERFILE = """FROM lbl/busybox:1
WORKDIR /app
COPY requirements.txt .
RUN sh install.sh requirements.txt
COPY app.py .
RUN echo ready > /app/state
CMD cat /app/app.py
"""
STAGES = """FROM lbl/busybox:1 AS build
COPY app.py /src/
RUN cp /src/app.py /program

FROM lbl/busybox:1
COPY requirements.txt /
COPY --from=build /program /program
"""
FILES = {
    "Dockerfile": DOCKERFILE,
    "app.py": 'print("hello")\n',
    "requirements.txt": "flask==3.0\n",
}


class FakeBench:
    """Has files in memory; a step whose text contains ``exit 3`` fails."""

    def __init__(self, files: Mapping[str, str] = FILES, tag: str = "lbl/03-web:1") -> None:
        self.tag = tag
        self.shipped = dict(files)
        self.disk = dict(files)
        self.written: list[str] = []
        self.cache: set[str] = set()
        self.before: dict[str, str] = {}  # of the build before: instruction → what went into it
        self.pause: Callable[[], object] = lambda: None

    def files(self) -> dict[str, str]:
        return dict(self.disk)

    def steps(self, files: Mapping[str, str]) -> tuple[Step, ...]:
        return read_steps(files.get("Dockerfile", ""), "contexts/03-web")

    def write(self, name: str, content: str) -> None:
        self.disk[name] = content
        self.written.append(name)

    def reset(self, name: str) -> str:
        self.disk[name] = self.shipped[name]
        return self.disk[name]

    def build(self, report: Callable[[str, str], None]) -> Round:
        keys = self._keys()
        forecasts = []
        for step in self.steps(self.disk):
            hit = step.state == RAN and keys[step.id] in self.cache
            forecasts.append(Forecast(_as(step, CACHED if hit else step.state)))
        reasons, error, below = [], None, {}
        for step in self.steps(self.disk):
            self.pause()
            state = step.state
            if error:
                state = UNREACHED
            elif state == RAN:
                report(step.id, "running")
                state = CACHED if keys[step.id] in self.cache else RAN
                if "exit 3" in step.instruction:
                    state = FAILED
                    error = BuildFailed(
                        "builds.command", line=step.line, instruction=step.instruction, code=3,
                        tail="install.sh: no such <package>", folder="contexts/03-web",
                    )  # fmt: skip
                report(step.id, state)
            done = _as(step, state)
            ran = below.get(step.stage, False) or any(below.get(s) for s in _from(step))
            cause = self._cause(step, ran) if state in (RAN, FAILED) else None
            reasons.append(Reason(done, cause, blame=cause is not None and not ran))
            below[step.stage] = ran or state in (RAN, FAILED)
            if state == RAN:
                self.cache.add(keys[step.id])
        trace = Trace(self.tag, "buildkit", tuple(reason.step for reason in reasons))
        self.before = {step.instruction: self._taken(step) for step in trace}
        said = (f"contexts/03-web $ docker build -t {self.tag} .", f"Built {self.tag}: 5 layers")
        return Round(
            trace, Explanation(None, trace, tuple(reasons)), Prediction(tuple(forecasts)), error,
            said[:1] if error else said,
        )  # fmt: skip

    def _keys(self) -> dict[str, str]:
        """Return for each step what its result depends on: all below it, its text, its files."""
        keys: dict[str, str] = {}
        stage: dict[str, str] = {}
        for step in self.steps(self.disk):
            other = "".join(stage.get(name, "") for name in _from(step))
            stage[step.stage] = keys[step.id] = "\n".join(
                [stage.get(step.stage, ""), step.instruction, self._taken(step), other]
            )
        return keys

    def _taken(self, step: Step) -> str:
        if step.word != "COPY" or _from(step):
            return ""
        return "".join(self.disk.get(word, "") for word in step.instruction.split()[1:-1])

    def _cause(self, step: Step, ran: bool) -> Cause:
        if ran:
            return Cause("ancestor", names=("stage-0 5",), after="5")
        if not self.before:
            return Cause("first")
        if step.instruction in self.before:
            return Cause("files", files=((step.instruction.split()[1], "changed"),))
        return Cause("inserted")


def _from(step: Step) -> list[str]:
    return [word[7:] for word in step.instruction.split() if word.startswith("--from=")]


def _as(step: Step, state: str) -> Step:
    return Step(step.stage, step.number, step.instruction, step.line, state, inputs=step.inputs)

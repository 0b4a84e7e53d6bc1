"""What the build editor says: its steps, its verdicts, its state in words. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from ..builds.model import BASE, CACHED, FAILED, RAN, UNREACHED, Reason, Step, Trace
from ..builds.rounds import Round
from ..builds.words import because
from ..errors import BuildFailed, CourseError
from ..messages import catalogue, text
from ..text import escape, plain

if TYPE_CHECKING:
    from .build_editor import BuildEditor


UI = "widgets.editor.ui."  # keys of the words that the browser shows
FIELDS = ("file", "stage", "line", "step", "instruction", "count", "all", "state")


def ui() -> dict[str, str]:
    """Return the words of the widget, their fields unfilled: the browser fills them in."""
    fields = {name: "{" + name + "}" for name in FIELDS}
    return {k.removeprefix(UI): text(k, **fields) for k in catalogue() if k.startswith(UI)}


def listed(step: Step) -> dict[str, object]:
    """Return a step for the browser; ``ask`` is whether it can be predicted."""
    return {
        "id": step.id,
        "stage": plain(step.stage),
        "number": step.number,
        "line": step.line,
        "instruction": plain(" ".join(step.instruction.split())),
        "state": step.state,
        "ask": step.state not in (BASE, UNREACHED),
    }


def asked(steps: Iterable[Mapping]) -> list[str]:
    """Return the ids of the steps that can be predicted."""
    return [step["id"] for step in steps if step["ask"]]


def told(error: CourseError) -> dict[str, str]:
    """Return the three parts of an error."""
    return {"what": error.what, "why": error.why, "next": error.next}


def unreadable(error: CourseError) -> dict[str, object]:
    """Return why the steps of a Dockerfile cannot be listed, maybe since it is being typed."""
    if not isinstance(error, BuildFailed):  # no daemon answers
        return {"what": error.what, "why": error.why, "line": 0}
    line = error.values.get("line") or 0
    form = "line" if line else "whole"
    instruction = error.values.get("instruction", "")
    what = text(f"widgets.editor.unreadable.{form}", line=line, instruction=instruction)
    return {"what": what, "why": error.why, "line": line}


def unexpected(error: Exception) -> CourseError:
    """Return an error of a library's insides as one that a learner can read."""
    kind = type(error).__name__
    return BuildFailed("widgets.editor.unexpected", kind=kind, reason=error)


def outcome(
    done: Round, steps: Sequence[Mapping], predictions: Mapping[str, str], name: str
) -> dict[str, object]:
    """Return what the browser shows after a build.

    Parameters
    ----------
    steps: as `listed`: of the build, or of the Dockerfile if no step was reached.
    predictions: step id → ``"cached"`` or ``"ran"``.
    name: of the round.
    """
    error = _error(done, steps) if done.error else {}
    shown = {step["id"]: _step(done, step["id"], predictions) for step in steps}
    course = ""
    if done.trace and done.prediction:
        held = done.prediction.held_against(done.trace)
        if held.right + held.wrong:
            said = text("widgets.editor.score.all", right=held.right, count=held.right + held.wrong)
            course = text("widgets.editor.course", score=said)
    score = _score(done, predictions)
    return {
        "title": text("widgets.editor.summary.round", round=name, score=score),
        "course": course,
        "said": [plain(line) for line in done.said],
        "steps": shown,
        "error": error,
    }


def truth(step: Step) -> str:
    """Return ``"cached"``, ``"ran"`` or ``""``: what a prediction is held against."""
    state = RAN if step.state == FAILED else step.state
    return state if state in (CACHED, RAN) else ""


def _score(done: Round, predictions: Mapping[str, str]) -> str:
    told = {step.id: truth(step) for step in done.trace or () if truth(step)}
    if not told:
        return text("widgets.editor.score.nothing") if done.error else _form("none")
    predicted = [step for step in told if step in predictions]
    right = sum(predictions[step] == told[step] for step in predicted)
    missing = len(told) - len(predicted)
    form = "none" if not predicted else "some" if missing else "all"
    score = _form(form, right=right, count=len(predicted), open=missing)
    return _form("failed", score=score) if done.error else score


def _form(form: str, **values: object) -> str:
    return text(f"widgets.editor.score.{form}", **values)


def _error(done: Round, steps: Sequence[Mapping]) -> dict[str, object]:
    """Return why a build failed, and the step and line where it did; ``""`` and 0 if not known."""
    assert done.error is not None
    failed = next((step for step in done.trace or () if step.state == FAILED), None)
    line = failed.line if failed else done.error.values.get("line") or 0
    at = next((step["id"] for step in steps if line and step["line"] == line), "")
    return {**told(done.error), "step": failed.id if failed else at, "line": line}


def _step(done: Round, identifier: str, predictions: Mapping[str, str]) -> dict[str, str]:
    step = _of(done.trace, identifier)
    if step is None:
        return {}
    reason = _reason(done, step)
    you, real = predictions.get(identifier, ""), truth(step)
    verdict = "" if not real else "open" if not you else "right" if you == real else "wrong"
    said = "unneeded" if step.state == UNREACHED and not done.error else step.state
    because = _because(reason)
    return {
        "you": you,
        "truth": text(f"widgets.editor.truth.{said}"),
        "verdict": verdict,
        "role": "failed" if step.state == FAILED else reason.role,
        "label": text(f"widgets.editor.role.{reason.role}") if because else "",
        "reason": because,
    }


def _of(trace: Trace | None, identifier: str) -> Step | None:
    return next((step for step in trace or () if step.id == identifier), None)


def _reason(done: Round, step: Step) -> Reason:
    if done.explanation:
        for reason in done.explanation.reasons:
            if reason.step.id == step.id:
                return reason
    return Reason(step)


def _because(reason: Reason) -> str:
    """Return the sentence behind a role; ``""`` where there is nothing to say."""
    if reason.cause is not None:
        return plain(because(reason))
    return text("widgets.editor.hit") if reason.role == "hit" else ""


def summary(tag: str, names: Sequence[str], steps: Sequence[Mapping]) -> str:
    """Return what a notebook stores: the files and steps, without what depends on clicks."""
    return "\n".join([*_head(tag, names), *(_line(step, steps) for step in steps)])


def _head(tag: str, names: Sequence[str]) -> list[str]:
    return [
        text("widgets.editor.summary.title", tag=tag),
        text("widgets.editor.summary.files", files=", ".join(names)),
        text("widgets.editor.summary.steps"),
    ]


def _line(step: Mapping, steps: Sequence[Mapping]) -> str:
    several = len({one["stage"] for one in steps}) > 1
    return f"  {step['id'] if several else step['number']}  {step['instruction']}"


def twin(editor: BuildEditor) -> str:
    """Return the editor as it is now in words: files, steps, predictions, verdicts."""
    files = [
        text("widgets.editor.summary.changed", file=name) if name in editor.changed else name
        for name in editor.names
    ]
    lines = _head(editor.tag, files)
    for step in editor.steps:
        lines += [_line(step, editor.steps), *_said(editor, step)]
    if editor.phase == "building":
        lines.append(text("widgets.editor.summary.building"))
    elif editor.phase == "predict":
        lines += [editor.problem["what"], editor.problem["why"]] if editor.problem else []
        count, of = len(editor.predictions), len(asked(editor.steps))
        lines.append(text("widgets.editor.summary.predicted", count=count, all=of))
    else:
        error = editor.result["error"]
        lines += [error["what"], error["why"], error["next"]] if error else []
        lines += [editor.result["course"]] if editor.result["course"] else []
    return "\n".join([*lines, *editor.rounds])


def _said(editor: BuildEditor, step: Mapping) -> list[str]:
    """Return the lines below a step: the prediction; after a build also the verdict."""
    you = editor.predictions.get(step["id"], "")
    said = text(f"widgets.editor.ui.{you}") if you else ""
    found = editor.result.get("steps", {}).get(step["id"]) if editor.phase == "result" else None
    if not found:
        return [f"      {text('widgets.editor.summary.you', state=said)}"] if said else []
    parts = [text("widgets.editor.summary.you", state=said)] if said else []
    parts.append(found["truth"])
    if found["verdict"]:
        parts.append(text(f"widgets.editor.ui.{found['verdict']}"))
    lines = ["      " + "; ".join(parts)]
    if found["label"]:
        lines.append(f"      {found['label']}{text('widgets.editor.ui.colon')}{found['reason']}")
    return lines


def static(said: str, files: Mapping[str, str]) -> str:
    """Return the editor without JavaScript: its steps, and its files folded up."""
    parts = [f"<pre>{escape(said)}</pre>", f"<p>{escape(text('widgets.editor.summary.run'))}</p>"]
    for name, content in files.items():
        parts.append(
            f"<details><summary><code>{escape(name)}</code></summary>"
            f"<pre>{escape(content)}</pre></details>"
        )
    return "<div>" + "".join(parts) + "</div>"

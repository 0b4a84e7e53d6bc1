"""Sentences for causes, explanations and predictions, in the notebook's language."""

from __future__ import annotations

from ..messages import text
from ..text import plain
from .model import Cause, Explanation, Forecast, Prediction, Reason, Step

__all__ = ["because", "explanation", "prediction", "said"]

FILES = 3  # that are named
LONG = 160  # characters of an instruction


def said(cause: Cause, area: str = "cause") -> str:
    """Return one sentence that says why a step ran; of ``"foretold"``, why it is going to."""
    names = text("builds.and_so_on").join(one_line(name) for name in cause.names[:FILES])
    values = {"names": names, "before": one_line(cause.before), "after": one_line(cause.after)}
    match cause.kind:
        case "files":
            return _files(cause)
        case "argument" | "environment" if len(cause.names) == 1:
            if cause.before and cause.after:
                return text(f"builds.cause.{cause.kind}_value", **values)
            return text(f"builds.cause.{cause.kind}", **values)
        case "instruction":
            before, after = difference(cause.before, cause.after)
            if before == after:
                return text("builds.cause.blanks")
            return text("builds.cause.instruction", before=before, after=after)
        case _:
            return text(f"builds.{area}.{cause.kind}", **values)


def _files(cause: Cause) -> str:
    parts = [text(f"builds.file.{how}", path=one_line(path)) for path, how in cause.files[:FILES]]
    if len(cause.files) > FILES:
        parts.append(text("builds.file.more", count=len(cause.files) - FILES))
    return text("builds.and_so_on").join(parts)


def one_line(value: str) -> str:
    """Return untrusted text as one line that is not too long."""
    line = " ".join(plain(value).split())
    return line if len(line) <= LONG else line[: LONG - 1] + "…"


def difference(before: str, after: str) -> tuple[str, str]:
    """Return two instructions, cut to the words around what differs if they are long."""
    one, other = " ".join(plain(before).split()), " ".join(plain(after).split())
    if max(len(one), len(other)) <= 60:
        return one, other
    a, b = one.split(), other.split()
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    end = 0
    while end < min(len(a), len(b)) - start and a[-1 - end] == b[-1 - end]:
        end += 1

    def cut(words: list[str]) -> str:
        first, last = max(0, start - 1), len(words) - max(0, end - 1)
        middle = " ".join(words[first:last])
        return f"{'… ' if first else ''}{middle}{' …' if last < len(words) else ''}"

    return one_line(cut(a)), one_line(cut(b))


def _place(step: Step, several: bool) -> str:
    return step.id if several else str(step.number)


def explanation(found: Explanation) -> str:
    """Return an explanation as lines: each step, its role, and why it ran."""
    several = len(found.after.stages) > 1
    blamed = text("builds.and_so_on").join(_place(r.step, several) for r in found.blame)
    key = "title" if blamed else "title_none"
    ran = len(found.after.ran)
    lines = [text(f"builds.explained.{key}", hits=found.hits, ran=ran, blamed=blamed)]
    for reason in found.reasons:
        lines.append(_row(reason.step, several, text(f"builds.role.{reason.role}")))
        if reason.cause:
            lines.append(f"       {because(reason)}")
    return "\n".join(lines)


def because(reason: Reason) -> str:
    """Return why a step ran; of one that follows and has a cause of its own, that it has both."""
    own = reason.cause.kind not in ("ancestor", "stage", "first", "no_cache")
    if not reason.blame and own:
        return text("builds.explained.anyway", cause=str(reason.cause))
    return str(reason.cause)


def _row(step: Step, several: bool, role: str) -> str:
    what = text("builds.row", role=role, instruction=one_line(step.instruction))
    return f"  {_place(step, several)}  {what}"


def prediction(found: Prediction) -> str:
    """Return a prediction as lines."""
    steps = [forecast.step for forecast in found.forecasts]
    several = len({step.stage for step in steps}) > 1
    lines = [text("builds.foretold.title", hits=len(found.hits), runs=len(found.runs))]
    for forecast in found.forecasts:
        lines.append(_row(forecast.step, several, text(f"builds.foretold.{forecast.step.state}")))
        if forecast.cause:
            lines.append(f"       {_doubt(forecast)}")
    return "\n".join(lines)


def _doubt(forecast: Forecast) -> str:
    upstream = forecast.cause.kind in ("ancestor", "stage")  # what has not happened yet either
    cause = said(forecast.cause, "foretold" if upstream else "cause")
    return cause if forecast.sure else text("builds.foretold.unsure", cause=cause)

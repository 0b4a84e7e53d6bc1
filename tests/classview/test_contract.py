"""What crosses the line: exactly the fields of a report, and nothing that no check says."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import asdict, replace

import pytest

from helpers import messages, paths
from helpers.classview import contract
from helpers.classview.contract import Event, Report, clean_name, known, read

EVENT = Event("0" * 16, "01.2", False, "lesson01.ex2.missing", 1.5)
REPORT = Report("Ada", "f" * 32, (EVENT,))


def test_a_report_arrives_as_it_was_sent() -> None:
    assert read(REPORT.write()) == REPORT
    assert read(replace(REPORT, name="李明", events=()).write()).name == "李明"


def test_the_fullest_report_is_not_too_long() -> None:
    longest = max(messages.catalogue(), key=len)
    events = (replace(EVENT, message=longest),) * contract.MOST_EVENTS
    assert len(Report("李" * contract.LONGEST_NAME, "f" * 32, events).write()) < contract.MOST_BYTES


def _bodies() -> list[bytes]:
    good = asdict(REPORT)
    event = dict(good["events"][0])

    def report(**fields: object) -> bytes:
        return json.dumps({**good, **fields}).encode()

    def with_event(**fields: object) -> bytes:
        return report(events=[{**event, **fields}])

    return [
        b"", b"null", b"[]", b"{}", b"\xff\xfe", b"[" * 16_000, b"1" * 9000, b" " * 20_000,
        report(more=1), report(name=""), report(name=7), report(name="x" * 41),
        report(name="two  spaces"), report(name=" x"), report(name="a\u202eb"),
        report(seat="F" * 32), report(seat="f" * 31), report(seat=None), report(events=None),
        report(events={}), report(events=[1]), report(events=[event] * 51),
        with_event(id="x" * 16), with_event(id=1), with_event(exercise="01.99"),
        with_event(exercise="../.."), with_event(exercise=1.2), with_event(right=1),
        with_event(message="lesson01.ex1.missing"), with_event(message="lesson01.ex2.title"),
        with_event(message="lesson01.ex2.hint1"), with_event(message="engine.none_found.what"),
        with_event(message=[]), with_event(ago=-1), with_event(ago="1"), with_event(ago=True),
        with_event(ago=1e9), report(events=[{**event, "words": "x"}]),
        REPORT.write().replace(b"1.5", b"NaN"), REPORT.write().replace(b"1.5", b"Infinity"),
    ]  # fmt: skip


@pytest.mark.parametrize("body", _bodies(), ids=lambda body: body[:40].decode("latin-1"))
def test_anything_else_is_refused_as_a_whole(body: bytes) -> None:
    with pytest.raises(ValueError):
        read(body)


@pytest.mark.parametrize(
    ("typed", "name"),
    [("Ada", "Ada"), ("  Ada \n Lovelace ", "Ada Lovelace"), ("李明", "李明"),
     ("Zoe\u0308", "Zoë"), ("Nguyễn", "Nguyễn"), ("=1+1", "=1+1"), ("<b>", "<b>")],
)  # fmt: skip
def test_a_name_is_what_was_typed(typed: str, name: str) -> None:
    assert clean_name(typed) == name


@pytest.mark.parametrize(
    "typed",
    ["", "  ", "\n", "x" * 41, "a\x1b[31mb", "a\u200bb", "a\u202eb", "a\x00", "a" + "\u0301" * 9,
     "\ud800", "\ue000", None, 3, "x" * 10**6],
)  # fmt: skip
def test_a_name_can_be_seen(typed: object) -> None:
    with pytest.raises(ValueError):
        clean_name(typed)


def _verdicts() -> list[tuple[str, str]]:
    """Exercise and message key of each verdict in the lessons' checks, as far as they are literal.

    A message that stands outside of a check, in a function that several call, is looked for under
    each exercise of its lesson.
    """
    found = []
    for path in sorted(paths.LESSONS.glob("*/exercises.py")):
        lesson = path.parent.name[:2]
        source = ast.parse(path.read_text("utf-8"))
        ids = re.findall(r'@exercise\("([\d.]+)"\)', path.read_text("utf-8"))
        for node in ast.walk(source):
            name = getattr(getattr(node, "func", None), "id", "")
            if name in ("Right", "Wrong") and isinstance(node.args[0], ast.Constant):
                key = node.args[0].value
                own = re.match(r"lesson\d\d\.ex(\d+)\.", key)
                found += [(f"{lesson}.{own[1]}", key)] if own else [(one, key) for one in ids]
    return found


def test_every_verdict_of_the_lessons_may_be_told() -> None:
    verdicts = _verdicts()
    assert len(verdicts) > 300
    assert [one for one in verdicts if not known(*one)] == []

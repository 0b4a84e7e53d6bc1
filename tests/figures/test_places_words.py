"""The picture of two places says what runs where, and where AWS and the machine disagree."""

from __future__ import annotations

from dataclasses import replace

from helpers import figures, messages
from helpers.aws.places import Places

from .places import BOTH, CUT, FORGOTTEN, NOBODY
from .sheets import written


def _texts(found: Places) -> list[str]:
    return [one.text for one in written(figures.places(found))]


def test_both_places_are_told() -> None:
    drawing = figures.places(BOTH)
    assert drawing.title == "Tasks in the data centre: 2; on Fargate: 1"
    assert drawing.words.splitlines()[1:] == [
        "  service counter: wanted 2, running 2",
        "  service report: wanted 1, running 1",
        "  on Fargate: report",
        "  data centre (takes tasks): counter ×2",
    ]
    assert _texts(BOTH).count("counter") == 2 and "calls AWS" in _texts(BOTH)


def test_a_cut_line_is_seen_without_colours() -> None:
    assert "data centre (agent not heard): counter ×2" in figures.places(CUT).words
    assert {"✗ cut off", "✗ agent not heard"} <= set(_texts(CUT))
    assert "✗ service counter: wanted 1, running 2" in _texts(CUT)


def test_what_ecs_has_forgotten_is_marked() -> None:
    words = figures.places(FORGOTTEN).words
    assert "unknown to ECS: lbl-15-counter ×2" in words
    assert "AWS takes 0 for running here" in words
    assert _texts(FORGOTTEN).count("? lbl-15-counter") == 2


def test_a_machine_that_cannot_be_asked_shows_what_aws_was_told() -> None:
    (machine,) = BOTH.machines
    asked = replace(BOTH, machines=(replace(machine, there=None),))
    assert figures.places(asked).words == figures.places(BOTH).words


def test_no_machine_at_all_in_chinese() -> None:
    with messages.speaking("zh"):
        words = figures.places(NOBODY).words
    assert "没有登记 AWS 之外的机器" in words and "在 Fargate 上：job" in words

"""The autoscaler's rule, number by number."""

from __future__ import annotations

import pytest

from helpers.healing.rule import Rule
from helpers.messages import speaking

RULE = Rule(0.5, least=2, most=6, tolerance=0.1, cool_down=4)


@pytest.mark.parametrize(
    ("replicas", "usage", "wanted"),
    [
        (2, 0.5, 2),  # just right
        (2, 0.75, 3),
        (2, 0.76, 4),  # never below the target's promise: rounded up
        (3, 0.1, 2),  # 0.6 replicas would do; the least is 2
        (2, 9.0, 6),  # 36 would be asked for; the most is 6
        (4, 0.54, 4),  # within the tolerance
        (4, 0.46, 4),
        (4, 0.56, 5),
        (5, 0.3, 3),  # 3.0000000000000004 by rounding errors
        (4, 0.0, 2),
        (1, 0.5, 2),  # below the least to begin with
    ],
)
def test_wanted(replicas: int, usage: float, wanted: int) -> None:
    assert RULE.wanted(replicas, usage) == wanted


def test_up_at_once_and_down_after_a_while() -> None:
    assert RULE.decide(2, 1.0, 0.0) == 4
    assert RULE.decide(4, 0.1, 0.0) == 4
    assert RULE.decide(4, 0.1, 3.9) == 4
    assert RULE.decide(4, 0.1, 4.0) == 2


@pytest.mark.parametrize("wrong", [{"target": 0}, {"least": 0}, {"least": 3, "most": 2}])
def test_a_rule_that_makes_no_sense(wrong: dict) -> None:
    with pytest.raises(ValueError, match="must be"):
        Rule(**{"target": 0.5, **wrong})


@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_reads_as_a_rule(language: str) -> None:
    with speaking(language):
        words = str(RULE)
    assert "50%" in words
    assert "2" in words
    assert "6" in words

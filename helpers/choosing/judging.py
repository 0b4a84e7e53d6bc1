"""Answers in, for each platform a verdict with its reasons out. Rules, no points."""

from __future__ import annotations

import difflib
import tomllib
from functools import cache
from pathlib import Path

from ..errors import NotFound
from .model import PLATFORMS, Choice, Reason, Rule, Verdict

__all__ = ["choose", "pairs", "questions", "rules"]

HERE = Path(__file__).parent


@cache
def questions() -> dict[str, tuple[str, ...]]:
    """Return the questions in their order, each with what may be answered."""
    table = tomllib.loads((HERE / "questions.toml").read_text("utf-8"))
    return {key: tuple(answers) for key, answers in table.items()}


@cache
def rules() -> tuple[Rule, ...]:
    """Return all rules."""
    return tuple(Rule(**{**row, "platforms": tuple(row["platforms"])}) for row in _table()["rules"])


@cache
def pairs() -> tuple[tuple[str, str], ...]:
    """Return the pairs of platforms for which there is a word on what decides between them."""
    return tuple((first, second) for first, second in _table()["between"]["pairs"])


@cache
def _table() -> dict:
    return tomllib.loads((HERE / "rules.toml").read_text("utf-8"))


def choose(**answers: str) -> Choice:
    """Return what answers mean for each platform, and why.

    Parameters
    ----------
    **answers: a question and an answer, as ``loss="machine"``; see `questions`. What is left out is
        left open, and rules nothing out.

    Raises
    ------
    NotFound: no such question, or no such answer to it; those that there are are named.
    """
    known = questions()
    for key, value in answers.items():
        if key not in known:
            near = difflib.get_close_matches(key, known, n=2) or list(known)
            raise NotFound("choosing.no_question", name=key, known=", ".join(near))
        if value not in known[key]:
            raise NotFound(
                "choosing.no_answer", name=value, question=key, known=", ".join(known[key])
            )
    given = {key: answers[key] for key in known if key in answers}
    holding = [rule for rule in rules() if rule.when.items() <= given.items()]
    order = list(known)
    holding.sort(key=lambda rule: max(order.index(key) for key in rule.when))
    verdicts = tuple(
        Verdict(one, tuple(Reason(rule) for rule in holding if one in rule.platforms))
        for one in PLATFORMS
    )
    return Choice(given, verdicts, pairs())

"""Look at what an application holds, and say what would be sent back, and why.

A verdict does not hold what was looked at, and a reason never repeats it: so neither can end up in
an output, a log or an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import NotFound
from ..messages import text
from . import papers, rules  # noqa: F401  they fill RULES
from .fields import FIELDS, PAGES, Page
from .ruling import RULES, Problem

__all__ = ["Review", "Verdict", "check", "review", "wrong"]


@dataclass(frozen=True)
class Verdict:
    """What is to be said of one field; ``problem`` is None if it is accepted."""

    field: str
    problem: Problem | None = None

    @property
    def ok(self) -> bool:
        return self.problem is None

    @property
    def reason(self) -> str:
        """Why it would be sent back; empty if it would not."""
        if self.problem is None:
            return ""
        return text(f"account.wrong.{self.problem.key}", **self.problem.details)

    def __str__(self) -> str:
        asked = FIELDS[self.field]
        key = "account.verdict.accepted" if self.ok else "account.verdict.sent_back"
        first = text(key, label=asked.label, reason=self.reason)
        return f"{first}\n  {text('account.verdict.rule', rule=asked.rule, source=asked.said_by)}"

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": str(self)}


@dataclass(frozen=True)
class Review:
    """The verdicts on all fields of an application, in the order of the pages."""

    verdicts: tuple[Verdict, ...]

    @property
    def wrong(self) -> tuple[Verdict, ...]:
        return tuple(one for one in self.verdicts if not one.ok)

    def __str__(self) -> str:
        if not self.wrong:
            return text("account.review.accepted", count=len(self.verdicts))
        rows = [text("account.review.row", field=one.field, reason=one.reason)
                for one in self.wrong]  # fmt: skip
        return "\n".join([text("account.review.sent_back", count=len(rows)), *rows])

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": str(self)}


def check(field: str, value: str, **others: str) -> Verdict:
    """Say whether a field would be accepted, by which rule, and whose rule that is.

    What a cell holds is saved with the notebook: give it invented values only.

    Parameters
    ----------
    field: as in `helpers.account.fields.FIELDS`, such as ``"credit_code"``.
    value: what would be typed; of a choice its id, of a tick ``"yes"`` or ``""``.
    **others: other fields that the rule looks at, such as the company's name.

    Raises
    ------
    NotFound: there is no such field; the message names those that there are.
    """
    if field not in FIELDS:
        raise NotFound("account.no_field", field=field, known=", ".join(FIELDS))
    seen = str(value) if FIELDS[field].kind == "password" else str(value).strip()
    return Verdict(field, RULES[field](seen, others))


def review(application: Mapping[str, str]) -> Review:
    """Look at every field of an application; one that it does not hold is empty.

    The codes are not looked at: they are known only where they were sent.
    """
    asked = [one.id for one in FIELDS.values() if one.kind != "code"]
    return Review(tuple(check(one, application.get(one, ""), **_rest(application, one))
                        for one in asked))  # fmt: skip


def wrong(page: Page, values: Mapping[str, str]) -> dict[str, str]:
    """Return what is wrong on one page: field → reason."""
    found = [check(one.id, values.get(one.id, ""), **_rest(values, one.id)) for one in page.fields]
    return {one.field: one.reason for one in found if not one.ok}


def _rest(values: Mapping[str, str], field: str) -> dict[str, str]:
    # a name that is no field, or that `check` has for itself, would be an error there
    return {name: value for name, value in values.items() if name != field and name in FIELDS}


assert RULES.keys() == FIELDS.keys()
assert len(PAGES) == 12

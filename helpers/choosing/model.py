"""Questions, rules, and what comes of answers; plain data, read from TOML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..messages import text
from ..text import escape

__all__ = ["FITS", "OUT", "PLATFORMS", "PRICE", "Choice", "Reason", "Rule", "Verdict"]

PLATFORMS = ("compose", "swarm", "kubernetes", "ec2", "fargate", "anywhere", "eks")
FITS, PRICE, OUT = "fits", "price", "out"
MANY = 4  # platforms: with more of them left, a question more says more than what decides
MARKS = {FITS: "✓", PRICE: "~", OUT: "✗"}


@dataclass(frozen=True)
class Rule:
    """What answers mean for some platforms.

    Fields
    ------
    platforms: whom it is about.
    when: question → answer; all of them must have been given.
    verdict: `PRICE` or `OUT`.
    because: key of the reason below ``choosing.because``.
    lesson: where it was seen.
    """

    platforms: tuple[str, ...]
    when: Mapping[str, str] = field(hash=False)
    verdict: str
    because: str
    lesson: str


@dataclass(frozen=True)
class Reason:
    """A rule that holds: the answers that caused it, and why."""

    rule: Rule

    @property
    def caused(self) -> str:
        """The answers, as a cell writes them: ``loss="machine"``."""
        return ", ".join(f'{key}="{value}"' for key, value in self.rule.when.items())

    @property
    def words(self) -> str:
        return text(f"choosing.because.{self.rule.because}")

    def __str__(self) -> str:
        return text(
            "choosing.reason", caused=self.caused, words=self.words, lesson=self.rule.lesson
        )


@dataclass(frozen=True)
class Verdict:
    """What the answers mean for one platform: `FITS`, `PRICE` or `OUT`, and the reasons."""

    platform: str
    reasons: tuple[Reason, ...]

    @property
    def word(self) -> str:
        """The worst of what the rules say: one that rules it out is enough."""
        said = {reason.rule.verdict for reason in self.reasons}
        return OUT if OUT in said else PRICE if PRICE in said else FITS

    @property
    def name(self) -> str:
        return text(f"choosing.platform.{self.platform}")

    @property
    def shown(self) -> tuple[Reason, ...]:
        """The reasons that count: of a platform that is out, those that rule it out."""
        return tuple(one for one in self.reasons if one.rule.verdict == self.word)


@dataclass(frozen=True)
class Choice:
    """What the answers mean for each platform.

    Fields
    ------
    answers: question → answer, as given; a question may be left open.
    verdicts: one for each of `PLATFORMS`.
    pairs: pairs of platforms for which there is a word on what decides between them.
    """

    answers: Mapping[str, str] = field(hash=False)
    verdicts: tuple[Verdict, ...]
    pairs: tuple[tuple[str, str], ...] = field(repr=False)

    def of(self, word: str) -> tuple[str, ...]:
        """Return the platforms with a verdict."""
        return tuple(one.platform for one in self.verdicts if one.word == word)

    @property
    def left(self) -> tuple[str, ...]:
        """Those to decide between: the platforms that fit, or if none does, those with a price."""
        return self.of(FITS) or self.of(PRICE)

    @property
    def between(self) -> tuple[tuple[str, str], ...]:
        """Pairs of those that are left, for which there is a word on what decides; none if many."""
        left = set(self.left)
        if len(left) > MANY:
            return ()
        return tuple(pair for pair in self.pairs if left.issuperset(pair))

    @property
    def summary(self) -> str:
        """One sentence: what is left, and whether anything fits."""
        names = text("choosing.and").join(text(f"choosing.platform.{one}") for one in self.left)
        if not self.answers:
            return text("choosing.summary.open")
        key = "fits" if self.of(FITS) else "price" if self.of(PRICE) else "nothing"
        said = text(f"choosing.summary.{key}", names=names)
        more = f" {text('choosing.summary.more')}" if len(self.left) > MANY else ""
        return said + more

    def __str__(self) -> str:
        lines = [self.summary]
        for word in (FITS, PRICE, OUT):
            for one in (v for v in self.verdicts if v.word == word):
                said = text(f"choosing.verdict.{word}")
                lines.append(text("choosing.line", mark=MARKS[word], name=one.name, verdict=said))
                lines += [f"    {reason}" for reason in one.shown]
        if self.between:
            lines += [text("choosing.decides"), *(f"  - {_decides(pair)}" for pair in self.between)]
        return "\n".join(lines)

    __repr__ = __str__

    def html(self) -> str:
        """Return the same as a table; the sentence above it is read out when it changes."""
        style = 'style="text-align:left;vertical-align:top"'
        head = "".join(
            f'<th scope="col" {style}>{escape(text(f"choosing.column.{name}"))}</th>'
            for name in ("platform", "verdict", "reasons")
        )
        rows = "".join(
            f'<tr><th scope="row" {style}>{escape(one.name)}</th>'
            f"<td {style}>{MARKS[word]} {escape(text(f'choosing.verdict.{word}'))}</td>"
            f"<td {style}>{'<br>'.join(escape(reason) for reason in one.shown)}</td></tr>"
            for word in (FITS, PRICE, OUT)
            for one in self.verdicts
            if one.word == word
        )
        decides = "".join(f"<li>{escape(_decides(pair))}</li>" for pair in self.between)
        decides = f"<p>{escape(text('choosing.decides'))}</p><ul>{decides}</ul>" if decides else ""
        return (
            f'<p role="status"><strong>{escape(self.summary)}</strong></p>'
            f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{decides}"
        )

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": str(self), "text/html": self.html()}


def _decides(pair: tuple[str, str]) -> str:
    return text(f"choosing.between.{'_'.join(pair)}")

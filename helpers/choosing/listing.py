"""The questions, as a list that can be read before anything is answered."""

from __future__ import annotations

from dataclasses import dataclass

from ..messages import text
from ..text import escape
from .judging import questions

__all__ = ["Listing", "ask"]


@dataclass(frozen=True, repr=False)
class Listing:
    """The questions and their answers, each with the word that `choose` takes."""

    def __str__(self) -> str:
        lines = []
        for key, answers in questions().items():
            question = text(f"choosing.question.{key}")
            lines.append(text("choosing.entry", name=key, value=question))
            for one in answers:
                said = text(f"choosing.answer.{key}.{one}")
                lines.append("    " + text("choosing.entry", name=f'"{one}"', value=said))
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        style = 'style="text-align:left;vertical-align:top"'
        head = "".join(
            f'<th scope="col" {style}>{escape(text(f"choosing.column.{name}"))}</th>'
            for name in ("key", "question", "answers")
        )
        rows = "".join(
            f'<tr><th scope="row" {style}><code>{key}</code></th>'
            f"<td {style}>{escape(text(f'choosing.question.{key}'))}</td><td {style}>"
            + "<br>".join(
                f'<code>"{one}"</code> {escape(text(f"choosing.answer.{key}.{one}"))}'
                for one in answers
            )
            + "</td></tr>"
            for key, answers in questions().items()
        )
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        return {"text/plain": str(self), "text/html": table}


def ask() -> Listing:
    """Return the questions that `choose` takes answers to."""
    return Listing()

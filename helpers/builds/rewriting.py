"""Change some instructions of a Dockerfile and keep every other byte of it, comments included."""

from __future__ import annotations

from dataclasses import dataclass

from .dockerfile import escape_of, instructions

__all__ = ["Rewriting"]


@dataclass
class _Chunk:
    """An instruction with the comments right above it; or (``line`` 0) what lies in between."""

    line: int
    lead: str
    body: str


class Rewriting:
    """A Dockerfile that is being rewritten; ``str()`` returns its text.

    Instructions are named by the line of the original on which they start, as
    `helpers.builds.dockerfile.instructions` counts them.
    """

    def __init__(self, dockerfile: str) -> None:
        self.end = "\r\n" if dockerfile.partition("\n")[0].endswith("\r") else "\n"
        self.escape = escape_of(dockerfile)
        self._chunks = _chunks(dockerfile)

    def __str__(self) -> str:
        return "".join(chunk.lead + chunk.body for chunk in self._chunks)

    def raw(self, line: int) -> str:
        """Return an instruction as it stands there, all its lines, without its comments."""
        return self._at(line).body

    def replace(self, line: int, body: str) -> None:
        """Put other text in the place of an instruction; its comments stay."""
        self._at(line).body = body

    def move_below(self, line: int, other: int) -> None:
        """Move an instruction, and the comments right above it, right below another one."""
        chunk = self._at(line)
        self._chunks.remove(chunk)
        self._place(self._where(other) + 1, chunk)

    def move_above(self, line: int, other: int) -> None:
        """Move an instruction, and the comments right above it, right above another one."""
        chunk = self._at(line)
        self._chunks.remove(chunk)
        self._place(self._where(other), chunk)

    def insert_above(self, line: int, written: str) -> None:
        """Add lines above an instruction, and above the comments that belong to it."""
        self._place(self._where(line), _Chunk(0, "", f"{written}{self.end}"))

    def insert_below(self, line: int, written: str) -> None:
        """Add lines right below an instruction."""
        self._place(self._where(line) + 1, _Chunk(0, "", f"{written}{self.end}"))

    def extend(self, line: int, command: str, comments: str = "") -> None:
        """Let a RUN in shell form go on with ``&& command``; ``comments`` come in between."""
        chunk = self._at(line)
        text = chunk.body.rstrip("\r\n")
        last = chunk.body[len(text) :]
        go_on = f"{text} {self.escape}{self.end}{comments}"
        chunk.body = f"{go_on} && {command}{last}"

    def join(self, line: int, other: int) -> None:
        """Make the RUN ``other``, below, the end of the RUN ``line``; its comments go along."""
        added = self._at(other)
        self._chunks.remove(added)
        text = added.body.rstrip("\r\n")
        command = text.lstrip()[len("RUN") :].lstrip(" \t")
        self.extend(line, command, added.lead)
        if self._chunks[-1].line == line and not added.body.endswith("\n"):
            self._at(line).body = self._at(line).body.rstrip("\r\n")

    def _at(self, line: int) -> _Chunk:
        return self._chunks[self._where(line)]

    def _where(self, line: int) -> int:
        return next(n for n, chunk in enumerate(self._chunks) if line and chunk.line == line)

    def _place(self, where: int, chunk: _Chunk) -> None:
        self._chunks.insert(where, chunk)
        for each in self._chunks[:-1]:  # the last line of a file may lack its end
            whole = each.lead + each.body
            if whole and not whole.endswith("\n"):
                each.body += self.end


def _chunks(dockerfile: str) -> list[_Chunk]:
    lines = _lines(dockerfile)
    starts = [step.line - 1 for step in instructions(dockerfile)]
    found: list[_Chunk] = []
    at = 0
    for number, start in enumerate(starts):
        lead = start
        while lead > at and lines[lead - 1].lstrip().startswith("#"):
            lead -= 1
        if lead > at:
            found.append(_Chunk(0, "", "".join(lines[at:lead])))
        following = starts[number + 1] if number + 1 < len(starts) else len(lines)
        at = following
        while not lines[at - 1].strip() or lines[at - 1].lstrip().startswith("#"):
            at -= 1  # what lies between two instructions belongs to none, or to the lower one
        found.append(_Chunk(start + 1, "".join(lines[lead:start]), "".join(lines[start:at])))
    if at < len(lines):
        found.append(_Chunk(0, "", "".join(lines[at:])))
    return found


def _lines(dockerfile: str) -> list[str]:
    """Split at line feeds only, as the parser does."""
    parts = dockerfile.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])

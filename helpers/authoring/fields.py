"""Reading a TOML table field by field; every mistake is kept with its file and key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

LANGUAGES = ("en", "zh")


class LessonError(Exception):
    """The source of a lesson is wrong: one line per mistake, each naming file and place."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Words:
    """The same text in every language of the course."""

    en: str
    zh: str

    def __getitem__(self, language: str) -> str:
        return {"en": self.en, "zh": self.zh}[language]


class Table:
    """One TOML table. Problems of it and of the tables in it go to one list.

    Parameters
    ----------
    data: the parsed table.
    file: named in every problem.
    key: where the table stands in the file, ``""`` for the file itself.
    problems: the list that problems are added to.
    """

    def __init__(
        self, data: Mapping[str, object], file: Path | str, key: str, problems: list[str]
    ) -> None:
        self.data, self.file, self.key, self.problems = data, file, key, problems
        self._read: set[str] = set()

    def path(self, name: str) -> str:
        """Return the dotted key of the field ``name``."""
        return f"{self.key}.{name}" if self.key else name

    def problem(self, name: str, message: str) -> None:
        """Keep a mistake in the field ``name``."""
        self.problems.append(f"{self.file}: {self.path(name)}: {message}")

    def _get(self, name: str, kind: type, noun: str, default: object) -> object:
        self._read.add(name)
        value = self.data.get(name)
        if value is None:
            self.problem(name, "is missing")
            return default
        # bool is an int to Python, not to an author
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.problem(name, f"must be {noun}, not {value!r}")
            return default
        return value

    def string(self, name: str, choices: tuple[str, ...] = ()) -> str:
        """Return a text that is not empty, one of ``choices`` if any are given."""
        value = str(self._get(name, str, "a text", ""))
        if name in self.data and not value.strip():
            self.problem(name, "is empty")
        elif choices and value and value not in choices:
            self.problem(name, f"must be one of {', '.join(choices)}, not {value!r}")
        return value

    def boolean(self, name: str) -> bool:
        """Return true or false."""
        return bool(self._get(name, bool, "true or false", False))

    def minutes(self, name: str) -> int:
        """Return a whole number of minutes, at least 1."""
        value = self._get(name, int, "a whole number", 1)
        if value < 1:
            self.problem(name, "must be at least 1")
        return value

    def strings(self, name: str) -> tuple[str, ...]:
        """Return a list of texts; it may be empty."""
        found = self._get(name, list, "a list of texts", [])
        if not all(isinstance(one, str) for one in found):
            self.problem(name, "must be a list of texts")
        return tuple(str(one) for one in found)

    def words(self, name: str) -> Words:
        """Return a text in every language; a language that is missing or empty is a problem."""
        table = self.table(name)
        return table.languages() if name in self.data else Words("", "")

    def languages(self) -> Words:
        """Return this table itself as a text in every language."""
        found = {}
        for language in LANGUAGES:
            value = self.data.get(language)
            if not isinstance(value, str) or not value.strip():
                self.problem(language, "this language is missing")
                value = ""
            found[language] = value.strip()
        self._read.update(LANGUAGES)
        self.end()
        return Words(**found)

    def table(self, name: str) -> Table:
        """Return the table ``name`` inside this one."""
        data = self._get(name, dict, "a table", {})
        return Table(data, self.file, self.path(name), self.problems)

    def tables(self, name: str, least: int = 1) -> list[Table]:
        """Return the array of tables ``name``, which has at least ``least`` of them."""
        found = self._get(name, list, f"tables: [[{self.path(name)}]]", [])
        if name in self.data and len(found) < least:
            self.problem(name, f"needs at least {least} entries")
        tables = []
        for number, one in enumerate(found, start=1):
            if isinstance(one, dict):
                key = f"{self.path(name)}[{number}]"
                tables.append(Table(one, self.file, key, self.problems))
            else:
                self.problem(name, f"entry {number} must be a table")
        return tables

    def end(self) -> None:
        """Report every field that nobody has read: most are typing mistakes."""
        for name in self.data:
            if name not in self._read:
                self.problem(name, "is not a field of this table")

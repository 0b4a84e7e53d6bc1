"""Who may come in: names, user names and passphrases; only hashes of these are kept."""

from __future__ import annotations

import json
import re
import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import bcrypt

from ..text import plain
from .settings import ClassroomError

__all__ = ["INSTRUCTOR", "MOST", "Card", "Roster"]

INSTRUCTOR = "instructor"
MOST = 200  # learners of one class; each is a network, and 10.213.0.0/16 holds 256 of them
LONGEST = 60  # characters of a name
ROUNDS = 10  # of bcrypt: 50 ms a try, which is what a guesser pays, too
CONSONANTS, VOWELS = "bdfghjkmnprstvz", "aeiou"


@dataclass(frozen=True)
class Card:
    """What a learner is handed: name, user name and passphrase. It is shown once and not kept."""

    name: str
    user: str
    passphrase: str


class Roster:
    """The people of a class, in a file that only its owner may read."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "roster.json"

    def people(self) -> dict[str, str]:
        """Return the name that each user has."""
        return {user: entry["name"] for user, entry in self._read().items()}

    def learners(self) -> list[str]:
        """Return the user names of all but the instructor, in the order in which they came."""
        return [user for user in self._read() if user != INSTRUCTOR]

    def add(self, names: Iterable[str]) -> list[Card]:
        """Add people; return their cards.

        The user name is made from the name: ``Ann Lee`` → ``ann-lee``, ``王小明`` →
        ``wangxiaoming``, ``Иван`` → ``learner-3``.

        Raises
        ------
        ClassroomError: a name is empty, too long or there already, or the class would be too large.
        """
        entries = self._read()
        known = {entry["name"] for entry in entries.values()}
        cards = []
        for raw in names:
            name = plain(raw).strip()
            if not name or len(name) > LONGEST:
                raise ClassroomError("classroom.person", name=name[:LONGEST], most=LONGEST)
            if name in known:
                raise ClassroomError("classroom.twice", name=name)
            known.add(name)
            card = Card(name, _user(name, entries), _passphrase())
            entries[card.user] = {"name": name, "hash": _hash(card.passphrase)}
            cards.append(card)
        if len(entries) - (INSTRUCTOR in entries) > MOST:
            raise ClassroomError("classroom.too_many", most=MOST)
        self._write(entries)
        return cards

    def anew(self, user: str) -> Card:
        """Give somebody a new passphrase, for one that was lost."""
        entries = self._read()
        if user not in entries:
            raise ClassroomError("classroom.nobody", user=user)
        card = Card(entries[user]["name"], user, _passphrase())
        entries[user]["hash"] = _hash(card.passphrase)
        self._write(entries)
        return card

    def knows(self, user: str, passphrase: str) -> bool:
        """Whether this is the passphrase of this user; as slow for one who is not there."""
        entry = self._read().get(user)
        kept = entry["hash"] if entry else _NOBODY
        right = bcrypt.checkpw(_bytes(passphrase), kept.encode())
        return bool(entry) and right

    def _read(self) -> dict[str, dict[str, str]]:
        try:
            return dict(json.loads(self.file.read_text("utf-8")))
        except FileNotFoundError:
            return {}
        except ValueError:
            raise ClassroomError("classroom.damaged", file=self.file) from None

    def _write(self, entries: dict[str, dict[str, str]]) -> None:
        part = self.file.with_suffix(".part")
        part.touch(0o600)
        part.write_text(json.dumps(entries, indent=1, ensure_ascii=False), "utf-8")
        part.replace(self.file)


def _user(name: str, taken: Iterable[str]) -> str:
    if not name.isascii():
        from pypinyin import lazy_pinyin  # here, since its dictionaries take a while to load

        name = "".join(lazy_pinyin(name))
    plain_ = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain_).strip("-")[:20].strip("-")
    if not stem or not stem[0].isalpha():
        stem = "learner"
    found, number = stem, 1
    while found in taken or (found == INSTRUCTOR and name != INSTRUCTOR):
        number += 1
        found = f"{stem}-{number}"
    return found


def _passphrase() -> str:
    """Return four syllable pairs: 2^50 possibilities, and it can be read out and typed."""
    pair = lambda: "".join(  # noqa: E731
        secrets.choice(letters) for letters in (CONSONANTS, VOWELS, CONSONANTS, VOWELS)
    )
    return "-".join(pair() for _ in range(4))


def _bytes(passphrase: str) -> bytes:
    return passphrase.strip().lower().encode()[:72]  # bcrypt reads no more


def _hash(passphrase: str) -> str:
    return bcrypt.hashpw(_bytes(passphrase), bcrypt.gensalt(ROUNDS)).decode()


_NOBODY = _hash(secrets.token_hex())

"""What a learner's machine tells the instructor's: the only module that knows its form.

One JSON object a request. The instructor's machine trusts none of it: a report with a field too
many, a name too long, or a message that no check of that exercise gives is refused as a whole.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import asdict, dataclass, fields

from .. import messages

__all__ = ["Event", "Report", "clean_name", "clean_seat", "exercise_key", "known", "read"]

MOST_BYTES = 16_384  # of a request's body
MOST_EVENTS = 50  # of a request; with the longest keys of the catalogue they take half of the bytes
LONGEST_NAME = 40  # characters
OLDEST = 7 * 86_400  # seconds; what happened before that belongs to another class
_MARKS = 3  # combining marks on one letter; more only pile up over the lines around


@dataclass(frozen=True)
class Event:
    """One verdict.

    Parameters
    ----------
    id: 16 hexadecimal digits at random, so that an event that is sent twice counts once.
    exercise: for example ``"01.2"``.
    right: whether the check was satisfied.
    message: the key of what it said, without the values that it said it with.
    ago: seconds from the verdict to the sending. The clocks of two machines need not agree.
    """

    id: str
    exercise: str
    right: bool
    message: str
    ago: float


@dataclass(frozen=True)
class Report:
    """What is sent at once; without events it only says that somebody joined.

    Parameters
    ----------
    name: as the learner typed it.
    seat: 32 hexadecimal digits at random, made when joining. It keeps two learners of one name
        apart, and nobody else in the class knows it.
    """

    name: str
    seat: str
    events: tuple[Event, ...] = ()

    def write(self) -> bytes:
        """Return it as it is sent."""
        return json.dumps(asdict(self), ensure_ascii=False).encode()


def read(body: bytes) -> Report:
    """Return the report in a request's body.

    Raises
    ------
    ValueError: it is not exactly a report; nothing of it may be used.
    """
    if len(body) > MOST_BYTES:
        raise ValueError("too long")
    try:
        found = json.loads(body)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    _only(found, Report)
    if not isinstance(found["events"], list) or len(found["events"]) > MOST_EVENTS:
        raise ValueError("too many events")
    name = clean_name(found["name"])
    if name != found["name"]:
        raise ValueError("not a name as join() sends it")
    return Report(name, clean_seat(found["seat"]), tuple(map(_event, found["events"])))


def _event(found: object) -> Event:
    _only(found, Event)
    if not _hexadecimal(found["id"], 16):
        raise ValueError("not an event's id")
    if not known(found["exercise"], found["message"]):
        raise ValueError("no check says this")
    if not isinstance(found["right"], bool):
        raise ValueError("neither right nor wrong")
    ago = found["ago"]
    if isinstance(ago, bool) or not isinstance(ago, int | float) or not 0 <= ago <= OLDEST:
        raise ValueError("not a time")
    return Event(found["id"], found["exercise"], found["right"], found["message"], float(ago))


def _only(found: object, form: type) -> None:
    if not isinstance(found, dict) or set(found) != {field.name for field in fields(form)}:
        raise ValueError(f"not the fields of {form.__name__}")


def _hexadecimal(value: object, digits: int) -> bool:
    return isinstance(value, str) and re.fullmatch(f"[0-9a-f]{{{digits}}}", value) is not None


def clean_seat(value: object) -> str:
    """Return a seat.

    Raises
    ------
    ValueError: it is none.
    """
    if not _hexadecimal(value, 32):
        raise ValueError("not a seat")
    return value


def clean_name(value: object) -> str:
    """Return a learner's name with single spaces and composed letters.

    Raises
    ------
    ValueError: it is empty or too long, or holds what cannot be seen in a list of names: control
        characters, marks that change the direction of the text, heaps of combining marks.
    """
    if not isinstance(value, str) or len(value) > 10 * LONGEST_NAME:
        raise ValueError("not a name")
    name = " ".join(unicodedata.normalize("NFC", value).split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise ValueError("empty or too long")
    marks = 0
    for char in name:
        category = unicodedata.category(char)
        if category[0] == "C" or category in ("Zl", "Zp"):
            raise ValueError("a character that cannot be seen")
        marks = marks + 1 if category[0] == "M" else 0
        if marks > _MARKS:
            raise ValueError("too many marks on one letter")
    return name


def exercise_key(exercise: str) -> str:
    """Return the beginning of an exercise's message keys: ``lesson01.ex2``."""
    return "lesson{}.ex{}".format(*exercise.split("."))


def known(exercise: object, message: object) -> bool:
    """Whether a check of this exercise can say this: decided by the catalogue, no code is run."""
    if not isinstance(exercise, str) or not re.fullmatch(r"\d\d\.[1-9]\d?", exercise):
        return False
    if not isinstance(message, str) or not messages.has(message):
        return False
    own, lesson = f"{exercise_key(exercise)}.", f"lesson{exercise[:2]}."
    if not messages.has(f"{own}title"):
        return False
    if message.startswith(own):
        return not re.fullmatch(r"title|hint\d+", message.removeprefix(own))
    # What several exercises of a lesson say, for example that there is no cluster.
    return message.startswith(lesson) and not re.match(r"ex\d+\.", message.removeprefix(lesson))

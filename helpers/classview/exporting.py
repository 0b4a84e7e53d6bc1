"""A class as CSV: one line for each learner and exercise."""

from __future__ import annotations

import csv
import datetime
import errno
import io
import os
from pathlib import Path

from ..errors import ClassFailed, NoSpace, NotWritable
from ..messages import text
from ..text import plain
from .model import Overview, Standing
from .telling import labels, title, without_values

__all__ = ["lines", "write"]

COLUMNS = ("name", "exercise", "through", "tries", "first", "last", "message", "words")
# A cell that begins so is a formula to Excel and its kin, the full-width forms too
# (https://owasp.org/www-community/attacks/CSV_Injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def lines(overview: Overview, *, names: bool = True) -> str:
    """Return the table; who joined and checked nothing has a line without an exercise."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([text(f"classview.csv.{column}") for column in COLUMNS])
    called = labels(overview.learners, names)
    for learner in overview.learners:
        own = [one for one in overview.standings if one.learner == learner.number]
        for cells in [_cells(one) for one in own] or [[""] * (len(COLUMNS) - 1)]:
            writer.writerow([_safe(cell) for cell in (called[learner.number], *cells)])
    return stream.getvalue()


def _cells(one: Standing) -> list[str]:
    through = "" if one.through is None else _time(one.through)
    times = (_time(one.first), _time(one.last))
    words = without_values(one.message)
    return [title(one.exercise), through, str(one.tries), *times, one.message, words]


def _time(seconds: float) -> str:
    return datetime.datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="seconds")


def _safe(cell: str) -> str:
    cell = plain(cell)
    return f"'{cell}" if cell.lstrip().startswith(_FORMULA) else cell


def write(overview: Overview, path: Path, *, names: bool = True) -> None:
    """Write the table to a new file that only its owner may read.

    Raises
    ------
    ClassFailed: a file of that name exists.
    NotWritable, NoSpace: it cannot be written.
    """
    content = lines(overview, names=names)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        # The mark tells Excel that this is UTF-8; without it Chinese names are garbled.
        with os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="") as stream:
            stream.write(content)
    except FileExistsError:
        raise ClassFailed("classview.file_exists", file=path) from None
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NoSpace("errors.no_space", folder=path.parent) from None
        reason = error.strerror
        raise NotWritable("errors.not_writable", folder=path.parent, reason=reason) from None

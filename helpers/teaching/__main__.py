"""``python -m helpers.teaching write|check|measure|sheets``: for whoever keeps the notes."""

from __future__ import annotations

import argparse
import sys

from .. import paths
from ..authoring.fields import LessonError
from ..errors import CourseError
from ..messages import LANGUAGES, text
from . import checks, course, files, sheet, times


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return 0 if nothing is wrong, 1 if something is."""
    parser = argparse.ArgumentParser(prog="python -m helpers.teaching", description=__doc__)
    commands = parser.add_subparsers(required=True)
    for name, run, words in (
        ("write", _write, "write the teaching notes, routes and glossary anew"),
        ("check", _check, "compare them with the lessons, without running anything"),
        (
            "measure",
            _measure,
            "put what the notebooks' tests measured into lessons/times.toml",
        ),
        ("sheets", _sheets, "write the summary sheets of all lessons below build/sheets"),
    ):
        commands.add_parser(name, help=words, description=words).set_defaults(run=run)
    options = parser.parse_args(arguments)
    try:
        return options.run()
    except LessonError as error:
        print("\n".join(error.problems), file=sys.stderr)
        return 1
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1


def _write() -> int:
    for path in files.write(course.load()):
        print(text("teaching.wrote", path=path.relative_to(paths.ROOT)))
    return 0


def _check() -> int:
    problems = checks.everything(course.load())
    print("\n".join(problems) or text("teaching.agree"))
    return 1 if problems else 0


def _measure() -> int:
    found = times.kept()
    if not found:
        print(text("teaching.measure.none"), file=sys.stderr)
        return 1
    now = times.write(found)
    missing = [one for one in course.load().lessons if one not in now]
    place = times.FILE.relative_to(paths.ROOT)
    listed = text("teaching.list").join(missing) or "–"
    print(text("teaching.measure.wrote", path=place, count=len(now), missing=listed))
    return _write()


def _sheets() -> int:
    whole = course.load()
    for edition in LANGUAGES:
        sheet.write(whole, edition)
    print(text("teaching.sheet.made", folder=sheet.FOLDER))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""``python -m helpers.authoring build|refresh|check|stamp``: for whoever writes lessons."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from . import check, source
from .build import build
from .fields import LessonError
from .lesson import load_all
from .notebook import editions
from .refresh import refresh


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return 0 if nothing is wrong, 1 if something is."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except LessonError as error:
        print("\n".join(error.problems), file=sys.stderr)
        return 1


def _build(options: argparse.Namespace) -> int:
    languages = tuple(options.lang or ())
    for lesson in load_all(ids=tuple(options.lessons), languages=languages):
        for edition in editions(languages):
            print(f"{lesson.name} · {edition.language} · {edition.kind} …", flush=True)
            print(f"  {build(lesson, edition, options.to)}", flush=True)
    return 0


def _refresh(options: argparse.Namespace) -> int:
    for lesson in load_all(ids=tuple(options.lessons)):
        for edition in editions():
            if refresh(lesson, edition):
                print(f"{lesson.name} · {edition.language} · {edition.kind}", flush=True)
    return 0


def _check(options: argparse.Namespace) -> int:
    problems = check.everything(ids=tuple(options.lessons))
    if not problems and not options.lessons:
        from ..teaching import checks, course  # here, since teaching stands on authoring

        problems = checks.everything(course.load())
    print("\n".join(problems) or "Lessons, notebooks and teaching notes agree.")
    return 1 if problems else 0


def _stamp(options: argparse.Namespace) -> int:
    for lesson in load_all(ids=tuple(options.lessons)):
        original = lesson.original
        for text in lesson.sources.values():
            if text is original:
                continue
            for cell in source.stamp(original, text, set(options.line) or None):
                print(f"{text.name}:{cell.line}: stamped: {cell.text.splitlines()[0][:60]}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m helpers.authoring", description=__doc__)
    commands = parser.add_subparsers(required=True)

    def command(name: str, run: object, text: str, least: str = "*") -> argparse.ArgumentParser:
        found = commands.add_parser(name, help=text, description=text)
        found.add_argument("lessons", nargs=least, metavar="ID", help="a lesson's id, as 01")
        found.set_defaults(run=run)
        return found

    one = command("build", _build, "generate and execute notebooks (default: of all lessons)")
    one.add_argument("--lang", action="append", choices=list(source.FILES), help="only this one")
    one.add_argument("--to", type=Path, help="another folder than notebooks/")
    command("refresh", _refresh, "take texts over into notebooks whose code has not changed")
    command("check", _check, "compare languages, sources and notebooks, without running anything")
    one = command("stamp", _stamp, "mark translations as up to date with the English text", "+")
    one.add_argument(
        "--line", action="append", type=int, default=[], help="only the cell that begins here"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())

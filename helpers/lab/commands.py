"""The commands behind ``make``: parsed here, carried out by the modules beside this one."""

from __future__ import annotations

import argparse
import subprocess
import sys

from ..classview import command as classes
from ..errors import CourseError
from ..messages import LANGUAGES, edition_of, language, text

__all__ = ["run"]


def run(arguments: list[str]) -> int:
    """Run one command and return its exit status; a `CourseError` is told without a traceback."""
    options, rest = _parser().parse_known_args(arguments)
    if rest and not options.passes_on:
        _parser().error(f"{rest[0]}?")
    try:
        return options.run(options, rest)
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m helpers", description=text("lab.help.course"))
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(
        name: str, run: object, passes_on: bool = False, helps: bool = True
    ) -> argparse.ArgumentParser:
        words = text(f"lab.help.{name.replace('-', '_')}")
        found = commands.add_parser(name, help=words, description=words, add_help=helps)
        found.set_defaults(run=run, passes_on=passes_on)
        return found

    lab = command("lab", _lab)
    lab.add_argument("--language", choices=LANGUAGES, help=text("lab.help.language"))
    lab.add_argument("--no-browser", action="store_true", help=text("lab.help.no_browser"))
    present = command("present", _present)
    present.add_argument("lesson", metavar="LESSON", help=text("lab.help.lesson"))
    present.add_argument("--language", choices=LANGUAGES, help=text("lab.help.language"))
    present.add_argument("--no-browser", action="store_true", help=text("lab.help.no_browser"))
    slides = command("slides", _slides)
    slides.add_argument("lesson", metavar="LESSON", help=text("lab.help.lesson"))
    slides.add_argument("--language", choices=LANGUAGES, help=text("lab.help.language"))
    command("sheets", _sheets)
    command("test", _test, passes_on=True)
    sweep = command("test-all", _test_all, passes_on=True)
    sweep.add_argument("--again", action="store_true", help=text("lab.help.again"))
    command("lint", _lint)
    command("notebooks", _notebooks, passes_on=True)
    command("doctor", _doctor)
    reset = command("reset", _reset)
    reset.add_argument("lesson", metavar="LESSON", help=text("lab.help.lesson"))
    command("stop", _stop)
    command("kubernetes", _kubernetes)
    kit = command("kit", _kit)
    kit.add_argument("what", choices=("make", "check"), help=text("kit.help.do"))
    kit.add_argument("file", metavar="FILE", help=text("kit.help.file"))
    kit.add_argument("--lessons", nargs="+", default=(), help=text("kit.help.lessons"))
    kit.add_argument("--python", action="append", default=[], help=text("kit.help.python"))
    kit.add_argument("--platform", action="append", default=[], help=text("kit.help.platform"))
    kit.add_argument("--no-layers", action="store_true", help=text("kit.help.no_layers"))
    preflight = command("preflight", _preflight)
    preflight.add_argument("hosts", nargs="*", metavar="HOST", help=text("preflight.help.hosts"))
    preflight.add_argument("--file", metavar="FILE", help=text("preflight.help.file"))
    preflight.add_argument("--lessons", nargs="+", default=(), help=text("kit.help.lessons"))
    preflight.add_argument("--kit", metavar="FILE", help=text("preflight.help.kit"))
    form = preflight.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help=text("preflight.help.json"))
    form.add_argument("--csv", action="store_true", help=text("preflight.help.csv"))
    engine = command("engine", _engine)
    engine.add_argument("what", choices=("start", "stop", "remove"))
    command("classroom", _classroom, passes_on=True, helps=False)  # it has commands of its own
    clean = command("clean", _clean)
    clean.add_argument("--confirm", action="store_true", help=text("lab.help.confirm"))
    command("lock", _lock)
    classes.add(command("class", lambda options, _: classes.run(options)))
    return parser


def _lab(options: argparse.Namespace, _: list[str]) -> int:
    from . import course

    return course.lab(options.language, browser=not options.no_browser)


def _present(options: argparse.Namespace, _: list[str]) -> int:
    from . import course

    return course.lab(options.language, browser=not options.no_browser, present=options.lesson)


def _slides(options: argparse.Namespace, _: list[str]) -> int:
    from .. import slides

    edition = options.language or edition_of(language())
    path = slides.build(options.lesson, edition)
    print(text("slides.made", lesson=options.lesson, language=edition, path=path))
    return 0


def _sheets(_: argparse.Namespace, _rest: list[str]) -> int:
    from ..teaching.__main__ import main

    return main(["sheets"])


def _test(_: argparse.Namespace, rest: list[str]) -> int:
    from . import testing

    return testing.test(rest)


def _test_all(options: argparse.Namespace, rest: list[str]) -> int:
    from . import testing

    return testing.test_all(rest, again=options.again)


def _lint(_: argparse.Namespace, _rest: list[str]) -> int:
    ruff = [sys.executable, "-m", "ruff"]
    checks = ([*ruff, "check", "."], [*ruff, "format", "--check", "."])
    return max(subprocess.call(check) for check in checks)


def _notebooks(_: argparse.Namespace, rest: list[str]) -> int:
    from ..authoring.__main__ import main

    return main(["build", *rest])


def _doctor(_: argparse.Namespace, _rest: list[str]) -> int:
    from ..engine import doctor

    report = doctor()
    print(report)
    return 0 if report.ready else 1


def _reset(options: argparse.Namespace, _: list[str]) -> int:
    from . import cleaning

    return cleaning.reset(options.lesson)


def _stop(_: argparse.Namespace, _rest: list[str]) -> int:
    from . import course

    return course.stop()


def _kubernetes(_: argparse.Namespace, _rest: list[str]) -> int:
    from ..kubernetes import building

    found = building.build(lambda line: print(line, flush=True))
    print(text("kubernetes.build.done", version=building.VERSION, folder=found))
    return 0


def _kit(options: argparse.Namespace, _: list[str]) -> int:
    from .. import kit

    return kit.command(options)


def _preflight(options: argparse.Namespace, _: list[str]) -> int:
    from .. import preflight

    return preflight.command(options)


def _engine(options: argparse.Namespace, _: list[str]) -> int:
    from ..engine import Private

    private = Private()
    if options.what == "start":
        address = private.start(lambda line: print(line, flush=True))
        print(text("lab.engine.started", address=address))
    elif options.what == "stop":
        private.stop()
        print(text("lab.engine.stopped"))
    else:
        private.remove()
        print(text("lab.engine.removed"))
    return 0


def _classroom(_: argparse.Namespace, rest: list[str]) -> int:
    from ..classroom import command

    return command.main(rest)


def _clean(options: argparse.Namespace, _: list[str]) -> int:
    from . import cleaning

    return cleaning.clean(confirmed=options.confirm)


def _lock(_: argparse.Namespace, _rest: list[str]) -> int:
    from . import lock

    lock.write()
    return 0

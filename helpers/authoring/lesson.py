"""A lesson as an author keeps it: one folder with its plan and its text in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .. import paths
from . import model, source
from .fields import LessonError


@dataclass(frozen=True)
class Lesson:
    """One folder below ``lessons/``, parsed. ``sources`` goes by notebook folder (en, zh-CN)."""

    folder: Path
    plan: model.Plan
    sources: dict[str, source.Source]

    @property
    def name(self) -> str:
        """``01-images-and-layers``: the name of the folder and of the notebooks."""
        return self.folder.name

    @property
    def original(self) -> source.Source:
        """The English text; if only another language was read, that one."""
        return self.sources.get(source.ORIGINAL) or next(iter(self.sources.values()))


def folders(lessons: Path | None = None) -> list[Path]:
    """Return the folders of all lessons, in order."""
    return sorted(p for p in (lessons or paths.LESSONS).glob("[0-9][0-9]-*") if p.is_dir())


def load(folder: Path, languages: tuple[str, ...] = ()) -> Lesson:
    """Read and validate one lesson.

    Parameters
    ----------
    languages: read the text in these only, for a lesson that is not translated yet; default: all.

    Raises
    ------
    LessonError: every mistake found in its files, each with its file and key or line.
    """
    problems: list[str] = []
    plan = None
    sources = {}
    try:
        plan = model.read(folder / "lesson.toml")
    except LessonError as error:
        problems += error.problems
    for language, file in source.FILES.items():
        if languages and language not in languages:
            continue
        try:
            sources[language] = source.read(folder / file)
        except LessonError as error:
            problems += error.problems
    if plan:
        expected = tuple(part.id for part in plan.parts)
        for text in sources.values():
            problems += _parts(text, expected)
    if problems or plan is None:
        raise LessonError(problems)
    return Lesson(folder, plan, sources)


def _parts(text: source.Source, expected: tuple[str, ...]) -> list[str]:
    where = f"{text.name}: parts"
    unknown = [name for name in text.parts if name not in expected]
    missing = [name for name in expected if name not in text.parts]
    found = [f"{where}: {name!r} is not in lesson.toml" for name in unknown]
    found += [f"{where}: {name!r} of lesson.toml does not begin in the text" for name in missing]
    if not found and text.parts != expected:
        found.append(f"{where}: stand in another order than in lesson.toml")
    return found


def load_all(
    lessons: Path | None = None, ids: tuple[str, ...] = (), languages: tuple[str, ...] = ()
) -> list[Lesson]:
    """Return the lessons with these ids (default: all), in order.

    Raises
    ------
    LessonError: mistakes in any of them, or an id that no lesson has.
    """
    found = folders(lessons)
    known = {folder.name[:2] for folder in found}
    problems = [f"{one}: no lesson has this id" for one in ids if one not in known]
    loaded = []
    for folder in found:
        if ids and folder.name[:2] not in ids:
            continue
        try:
            loaded.append(load(folder, languages))
        except LessonError as error:
            problems += error.problems
    if problems:
        raise LessonError(problems)
    return loaded

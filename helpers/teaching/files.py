"""Every generated document that is committed: what it should say, and whether it does."""

from __future__ import annotations

from pathlib import Path

from .. import paths
from ..messages import LANGUAGES, text
from . import glossary
from .course import Course
from .guide import guide
from .index import index

__all__ = ["generated", "stale", "write"]

DOCS = paths.ROOT / "docs"


def generated(course: Course) -> dict[Path, str]:
    """Return each document's path and text."""
    found = {}
    for edition in LANGUAGES:
        folder = DOCS / "teaching" / edition
        found[folder / "README.md"] = index(course, edition)
        for lesson in course.lessons.values():
            found[folder / f"{lesson.name}.md"] = guide(course, lesson, edition)
        found[DOCS / glossary.FILES[edition]] = glossary.page(course.lessons, edition)
    return found


def stale(course: Course) -> list[str]:
    """Return the documents that say something else than their source, or have none any more."""
    wanted = generated(course)
    found = [
        path
        for path, words in wanted.items()
        if not path.exists() or path.read_text("utf-8") != words
    ]
    found += [path for path in (DOCS / "teaching").rglob("*.md") if path not in wanted]
    return [text("teaching.stale", path=path.relative_to(paths.ROOT)) for path in sorted(found)]


def write(course: Course) -> list[Path]:
    """Write every document that is not what it should be; return their paths."""
    wanted = generated(course)
    for path in (DOCS / "teaching").rglob("*.md"):
        if path not in wanted:
            path.unlink()
    changed = []
    for path, words in wanted.items():
        if not path.exists() or path.read_text("utf-8") != words:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(words, "utf-8")
            changed.append(path)
    return changed

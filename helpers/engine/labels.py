"""The labels by which the course knows what it made.

Everything that the course makes in a daemon carries ``org.layer-by-layer.course``. Docker hands an
image's labels on to images built from it and to containers started from it, so what a learner makes
out of a course image by hand carries the label too, and is cleaned up with the rest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = [
    "COURSE",
    "FILTER",
    "LESSON",
    "NAMESPACE",
    "belongs",
    "lesson_of",
    "make",
    "named",
    "ours",
]

NAMESPACE = "org.layer-by-layer"
COURSE = f"{NAMESPACE}.course"
LESSON = f"{NAMESPACE}.lesson"
FILTER = {"label": COURSE}


def make(lesson: str | None = None, **extra: str) -> dict[str, str]:
    """Return the labels for an object of the course.

    Parameters
    ----------
    lesson: the lesson's number (``"01"``) if the object belongs to one.
    **extra: further labels of the namespace: ``role="registry"`` → ``org.layer-by-layer.role``.

    Raises
    ------
    ValueError: ``extra`` names one of the labels that every object has.
    """
    if {"course", "lesson"} & extra.keys():
        raise ValueError("course and lesson are set by the course")
    found = {COURSE: "layer-by-layer"}
    if lesson:
        found[LESSON] = lesson
    return found | {f"{NAMESPACE}.{key}": value for key, value in extra.items()}


def ours(labels: Mapping[str, str] | None) -> bool:
    """Whether an object with these labels was made by the course."""
    return COURSE in (labels or {})


def lesson_of(labels: Mapping[str, str] | None) -> str | None:
    """Return the lesson that an object belongs to."""
    return (labels or {}).get(LESSON)


def named(name: str | None) -> str | None:
    """Return the lesson whose name an object has: ``lbl-04-…`` gives ``"04"``, others None.

    Volumes and networks inherit no label: those that a learner makes by hand are known by this.
    """
    found = re.match(r"lbl-(\d\d)-", name or "")
    return found[1] if found else None


def belongs(labels: Mapping[str, str] | None, name: str) -> bool:
    """Whether a volume or a network is the course's: by its label, or by an exercise's name."""
    return ours(labels) or named(name) is not None

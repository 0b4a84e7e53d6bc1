"""A suggestion that nobody has measured yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ...images.model import Image
from ..predict import Edit

__all__ = ["Change", "Draft"]


@dataclass(frozen=True)
class Change:
    """What is changed before a rebuild, in both folders alike.

    Fields
    ------
    name: what it is called in words: a file, or a variable.
    edits: of files. A mark that no build has seen is added to what they write.
    args: build arguments that get a value that no build has seen.
    env: a variable of an ENV in the Dockerfile that gets such a value.
    """

    name: str = ""
    edits: tuple[Edit, ...] = ()
    args: tuple[str, ...] = ()
    env: str = ""


@dataclass(frozen=True)
class Draft:
    """One suggestion.

    Fields
    ------
    kind: ``"order"``, ``"ignore"``, ``"clean-up"`` or ``"stages"``.
    line: of the Dockerfile, from 1: where the matter is.
    said: message keys below ``builds.advice``, one a sentence or two.
    values: what the messages' fields stand for; untrusted text.
    files: the changed texts by path.
    among: files one of which is to be edited for the measurement; empty: any that is copied.
    change: what is changed for the measurement, if it is no file.
    evidence: whether the image as it is shows what the suggestion is about.
    may_go: whether a path of the image may be missing afterwards.
    runs: whether a container of both images is to be tried.
    """

    kind: str
    line: int
    said: tuple[str, ...]
    values: Mapping[str, object]
    files: Mapping[str, str]
    among: tuple[str, ...] = ()
    change: Change | None = None
    evidence: Callable[[Image], bool] = field(default=lambda image: True, repr=False)
    may_go: Callable[[str], bool] = field(default=lambda path: False, repr=False)
    runs: bool = False

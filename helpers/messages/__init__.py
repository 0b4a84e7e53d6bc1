"""Every word that a helper shows a learner, in English and 简体中文.

The catalogue is a set of TOML files: one per area beside this module, and one ``messages.toml`` in
each lesson's folder (its keys start with ``lesson<NN>.``). A key is a table with one string per
language::

    [none_found.what]
    en = "No Docker daemon answered."
    zh = "没有找到可用的 Docker 守护进程。"

is ``text("engine.none_found.what")`` if it stands in ``engine.toml``. Fields are written as in
``str.format``. Their values are untrusted and lose their control sequences.
"""

from __future__ import annotations

import contextlib
import os
import tomllib
from collections.abc import Iterator
from contextvars import ContextVar
from functools import cache
from pathlib import Path, PurePath

from ..text import plain

__all__ = ["LANGUAGES", "catalogue", "edition_of", "gather", "has", "language", "speaking", "text"]

# The folder a notebook lies in names its language.
LANGUAGES = {"en": "en", "zh-CN": "zh"}
_forced: ContextVar[str | None] = ContextVar("language", default=None)


def language() -> str:
    """Return ``"en"`` or ``"zh"``: that of the notebook which is running.

    The folder of the notebook decides (``…/zh-CN/…``): JupyterLab names the notebook in
    ``JPY_SESSION_NAME``, and nbclient and nbval start a kernel in the notebook's folder. Outside a
    notebook, ``LAYER_BY_LAYER_LANGUAGE`` or the locale's ``LANG`` decides; English is the default.
    """
    if forced := _forced.get():
        return forced
    for place in (os.environ.get("JPY_SESSION_NAME", ""), str(Path.cwd())):
        for part in reversed(PurePath(place).parts):
            if part in LANGUAGES:
                return LANGUAGES[part]
    wanted = os.environ.get("LAYER_BY_LAYER_LANGUAGE") or os.environ.get("LANG", "")
    return "zh" if wanted.lower().startswith("zh") else "en"


def edition_of(code: str) -> str:
    """Return the folder of a language's notebooks: ``"zh-CN"`` for ``"zh"``."""
    return next(folder for folder, language in LANGUAGES.items() if language == code)


@contextlib.contextmanager
def speaking(code: str) -> Iterator[None]:
    """Use the language ``code`` (``"en"`` or ``"zh"``) inside a ``with`` block."""
    if code not in LANGUAGES.values():
        raise ValueError(f"not a language of the course: {code!r}")
    token = _forced.set(code)
    try:
        yield
    finally:
        _forced.reset(token)


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Return every message: key → language → text."""
    here = Path(__file__).parent
    found: dict[str, dict[str, str]] = {}
    for path in sorted(here.glob("*.toml")):
        gather(tomllib.loads(path.read_text("utf-8")), path.stem, found)
    # The same rule as paths.LESSONS, which cannot be imported here: paths needs this module.
    lessons = Path(os.environ.get("LAYER_BY_LAYER_LESSONS") or here.parent.parent / "lessons")
    for path in sorted(lessons.glob("*/messages.toml")):
        prefix = f"lesson{path.parent.name.split('-')[0]}"
        gather(tomllib.loads(path.read_text("utf-8")), prefix, found)
    return found


def gather(table: dict, prefix: str, found: dict[str, dict[str, str]]) -> None:
    """Add to ``found`` every message of a parsed file; their keys begin with ``prefix``."""
    if all(isinstance(value, str) for value in table.values()):
        found[prefix] = table
        return
    for key, value in table.items():
        gather(value, f"{prefix}.{key}", found)


def has(key: str) -> bool:
    """Whether the catalogue holds ``key``."""
    return key in catalogue()


def text(key: str, /, **values: object) -> str:
    """Return the message ``key`` in the notebook's language, its ``{fields}`` filled in.

    Raises
    ------
    KeyError: no such message, or not in this language (a test looks for these).
    """
    message = catalogue()[key][language()]
    safe = {n: v if isinstance(v, int | float) else plain(v) for n, v in values.items()}
    return message.format(**safe)

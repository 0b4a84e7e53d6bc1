"""The one look of the figures: font, colours, and what colour alone must not say."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import matplotlib
from matplotlib import font_manager, style
from matplotlib.ft2font import FT2Font

from .. import messages
from ..text import plain

HERE = Path(__file__).parent
FONT = HERE / "fonts" / "LayerByLayerSans.otf"
FAMILY = "Layer by Layer Sans"
FALLBACK = "DejaVu Sans"  # comes with matplotlib: Greek, Cyrillic, Arabic, Hebrew
MONO = "DejaVu Sans Mono"

INK, GREY, FAINT, PAPER = "#1a1a1a", "#595959", "#c8c8c8", "#ffffff"


@dataclass(frozen=True)
class Look:
    """How one meaning is drawn: colour, pale fill, hatch and symbol, so that any one is enough."""

    colour: str
    fill: str
    hatch: str = ""
    symbol: str = ""


# Okabe-Ito colours, darkened until small text has a contrast of 4.5:1 on every ground it stands on.
LAYER = Look("#006ca9", "#dcebf7")
SHARED = Look("#007656", "#d5efe6", hatch="//")
WRITABLE = Look("#a95700", "#fdf1dc", hatch="..")
CONFIG = Look("#7a6f00", "#fbf8cf")
WASTE = Look("#a94300", "#f9dccb", hatch="xxx")
ADDED = Look("#007656", "#d5efe6", symbol="+")
CHANGED = Look("#896000", "#fbeccb", symbol="~")
REMOVED = Look("#a94300", "#f9dccb", symbol="−")

# The steps of a build.
HIT = Look("#007656", "#d5efe6", symbol="✓")
BLAME = Look("#a94300", "#f9dccb", hatch="xxxx", symbol="✗")
FOLLOWS = Look("#7d5a00", "#fbeccb", hatch="////", symbol="→")
RAN = Look("#006ca9", "#dcebf7", hatch="....", symbol="▶")
BASE = Look("#595959", "#ebebeb", hatch="----", symbol="■")
UNREACHED = Look("#595959", "#ffffff", symbol="○")
FAILED = Look("#7b1453", "#f5d9ea", hatch="++++", symbol="!")
CROSSING = "#7a3f78"  # what one stage takes from another


@cache
def has_font() -> bool:
    """Whether the course's font is there; registers it with matplotlib."""
    if not FONT.exists():
        return False
    font_manager.fontManager.addfont(FONT)
    return True


def families(mono: bool = False) -> list[str]:
    """Return the fonts in which a glyph is looked for, the first one first."""
    found = [FAMILY, FALLBACK] if has_font() else [FALLBACK]
    return [MONO, *found] if mono else found


@contextlib.contextmanager
def look() -> Iterator[None]:
    """Draw in the style of the course inside a ``with`` block, whatever the user's settings are.

    In English where the font with Chinese glyphs is missing: boxes teach nothing. The words beside
    the picture are made outside of this block and stay in the notebook's language.
    """
    speaking = contextlib.nullcontext() if has_font() else messages.speaking("en")
    with style.context(["default", HERE / "course.mplstyle"]), speaking:
        matplotlib.rcParams["font.family"] = families()
        yield


@cache
def _glyphs() -> frozenset[int]:
    files = [font_manager.findfont(FALLBACK)] + ([str(FONT)] if has_font() else [])
    return frozenset(code for file in files for code in FT2Font(file).get_charmap())


def drawable(value: object) -> str:
    """Return untrusted text as one line of characters that the fonts have.

    A character without a glyph is drawn as ``\\uXXXX``: a learner can tell two odd names apart, and
    matplotlib has nothing to warn about.
    """
    line = " ".join(plain(value).split())
    known = _glyphs()
    return "".join(c if ord(c) in known else f"\\u{ord(c):04x}" for c in line)


def label(key: str, /, **values: object) -> str:
    """Return the message ``figures.<key>`` for use in a picture."""
    return drawable(messages.text(f"figures.{key}", **values))

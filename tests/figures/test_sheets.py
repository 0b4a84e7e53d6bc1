"""What must hold for every figure in both languages: whole, readable, escaped, no warnings."""

from __future__ import annotations

import base64
import io
import re
import struct
import warnings
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from helpers import messages
from helpers.figures import Drawing

from .sheets import SHEETS, overlaps, written


@dataclass(frozen=True)
class Shown:
    drawing: Drawing
    html: str
    warned: list[str]


@cache
def shown(name: str, language: str) -> Shown:
    """Draw once for all tests: a picture takes a quarter of a second."""
    with warnings.catch_warnings(record=True) as warned, messages.speaking(language):
        warnings.simplefilter("always")
        drawing = SHEETS[name]()
        html = drawing.html()
    return Shown(drawing, html, [str(w.message) for w in warned])


sheet = pytest.mark.parametrize("name", SHEETS)
# `make test` draws each sheet in one language, every other one in Chinese; the sweep all.
every = pytest.mark.parametrize(
    ("name", "language"),
    [
        pytest.param(name, language, marks=[] if place % 2 == own else [pytest.mark.sweep])
        for place, name in enumerate(SHEETS)
        for own, language in enumerate(("en", "zh"))
    ],
)


@every
def test_nothing_is_cut_off_tiny_or_on_top_of_something_else(name, language):
    drawing = shown(name, language).drawing
    texts = written(drawing)
    width, height = drawing.figure.get_size_inches()
    outside = [
        t.text for t in texts if t.left < 0 or t.right > width or t.bottom < 0 or t.top > height
    ]
    assert outside == []
    assert overlaps(texts) == []
    assert min(t.size for t in texts) >= 7.5


@every
def test_no_warning_whatever_the_names_hold(name, language):
    assert shown(name, language).warned == []  # nbval fails on that of a missing glyph


@every
def test_html_holds_escaped_words_and_an_alternative_text(name, language):
    found = shown(name, language)
    alt = re.search(r'<img alt="([^"]*)"', found.html).group(1)
    assert alt and "<" not in alt
    markup = re.sub(r'src="data:[^"]*"', "", found.html)
    assert set(re.findall(r"</?(\w+)", markup)) == {
        "figure", "img", "figcaption", "details", "summary", "pre",
    }  # fmt: skip
    assert found.drawing.words.startswith(found.drawing.title)
    assert "\x1b" not in found.drawing.words


@sheet
def test_the_width_in_a_notebook_fits_a_cell(name):
    found = shown(name, ("en", "zh")[list(SHEETS).index(name) % 2])
    data = re.search(r"base64,([^\"]+)", found.html).group(1)
    pixels, _ = struct.unpack(">II", base64.b64decode(data)[16:24])
    width = int(re.search(r'width="(\d+)"', found.html).group(1))
    assert width <= 860
    assert pixels >= 1.4 * width  # sharp on a screen with a high resolution


@pytest.mark.parametrize("name", ("stack-odd", "weight", "sharing", "pair"))
def test_the_same_data_give_the_same_picture_and_words(name):
    first, second = SHEETS[name](), SHEETS[name]()
    assert first.words == second.words
    assert first.png() == second.png()


@pytest.mark.parametrize("name", ("stack-much", "weight", "sharing", "pair-odd"))
def test_the_small_palette_keeps_the_colours(name):
    drawing = SHEETS[name]()
    canvas = FigureCanvasAgg(drawing.figure)
    canvas.draw()
    full = np.asarray(canvas.buffer_rgba())[..., :3].astype(int)
    with Image.open(io.BytesIO(drawing.png())) as picture:
        small = np.asarray(picture.convert("RGB")).astype(int)
    off = np.abs(full - small).max(axis=2)
    assert off.max() <= 40 and np.percentile(off, 99.9) <= 10
    assert small[0, 0].tolist() == [255, 255, 255]


def test_overlaps_are_noticed():
    """The checks above would see a text that is written over another."""
    texts = written(shown("stack", "en").drawing)
    assert overlaps([*texts, texts[0]]) != []

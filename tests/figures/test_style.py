"""Font and colours: every character has a glyph, and colour is never needed to understand."""

from __future__ import annotations

import unicodedata

import pytest
from matplotlib import colors
from matplotlib.ft2font import FT2Font

from helpers import messages, paths
from helpers.figures import stack, style
from helpers.figures.canvas import fit, measure

from . import samples
from .sheets import written

MAKE = "a character is new: run helpers/figures/fonts/make.py"


def test_every_character_of_catalogue_and_lessons_has_a_glyph():
    used = {c for words in messages.catalogue().values() for word in words.values() for c in word}
    for path in paths.LESSONS.glob("*/*"):
        if path.suffix in {".md", ".toml"}:
            used.update(path.read_text("utf-8"))
    printable = {c for c in used if c.isprintable() and c != " "}
    assert sorted(c for c in printable if style.drawable(c) != c) == []
    have = FT2Font(str(style.FONT)).get_charmap()
    chinese = {c for c in printable if unicodedata.east_asian_width(c) in "WF"}
    assert sorted(c for c in chinese if ord(c) not in have) == [], MAKE


def test_the_font_is_small_and_brings_its_licence():
    assert style.FONT.stat().st_size < 800_000
    licence = (style.FONT.parent / "OFL.txt").read_text("utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence and "Adobe" in licence


def test_a_character_without_a_glyph_is_written_as_its_code():
    assert style.drawable("a🐳b") == "a\\u1f433b"
    assert style.drawable("中文 שלום مرحبا") == "中文 שלום مرحبا"
    assert style.drawable("one\ntwo\x1b[31m") == "one two"


def test_without_the_font_labels_are_english_and_words_are_not(monkeypatch, tmp_path):
    style.has_font.cache_clear()
    style._glyphs.cache_clear()
    monkeypatch.setattr(style, "FONT", tmp_path / "missing.otf")
    try:
        with messages.speaking("zh"):
            drawing = stack(samples.odd())
        drawing.png()
    finally:
        monkeypatch.undo()
        style.has_font.cache_clear()
        style._glyphs.cache_clear()
    texts = [t.text for t in written(drawing)]
    assert "read-only" in texts and "只读" not in texts
    assert "3 layers with 1.98 MB of file content, and a config" in texts
    assert not any("\\u" in t for t in texts)
    assert "3 个镜像层" in drawing.words and "没有记录" in drawing.words


def test_a_cut_text_fits_and_says_that_it_was_cut():
    long = "镜像 layer " * 40
    cut = fit(long, 2.0, 9)
    assert cut.endswith("...") and measure(cut, 9) <= 2.0
    assert fit("short", 2.0, 9) == "short"


def luminance(colour: str) -> float:
    parts = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colors.to_rgb(colour)
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


LOOKS = [name for name in dir(style) if isinstance(getattr(style, name), style.Look)]


@pytest.mark.parametrize("name", LOOKS)
def test_coloured_text_has_the_contrast_of_wcag_aa(name):
    look = getattr(style, name)
    grounds = [style.PAPER, look.fill]
    if look.symbol:
        grounds += [style.LAYER.fill, style.WRITABLE.fill]  # where the symbols stand
    for ground in grounds:
        light, dark = sorted((luminance(ground), luminance(look.colour)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_what_differs_in_colour_differs_in_more():
    symbols = [style.ADDED.symbol, style.CHANGED.symbol, style.REMOVED.symbol]
    assert len(set(symbols)) == 3 and all(symbols)
    assert style.SHARED.hatch and not style.LAYER.hatch and style.WASTE.hatch


def test_the_users_own_style_changes_nothing():
    import matplotlib

    before = stack(samples.notes()).png()
    with matplotlib.rc_context({"font.size": 30, "text.usetex": False, "hatch.linewidth": 5}):
        after = stack(samples.notes()).png()
    assert before == after

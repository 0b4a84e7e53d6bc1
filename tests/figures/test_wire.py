"""The figure of pushes and pulls: whole in both languages, and words that no store changes."""

from __future__ import annotations

import pytest

from helpers import figures, messages
from helpers.registry.model import FETCHED, HELD, MOUNTED, SENT, THERE, Crossing, Transfer

from .sheets import overlaps, written

KB = 1000


def _transfer(states, *, push=True, wire=None, name="lbl/x:1", sizes=None, manifest=None):
    sizes = sizes or [2250 * KB, *[300 * KB] * 11][: len(states)]
    small = manifest or (SENT if push else FETCHED)
    items = [Crossing("manifest", "m", 700, small), Crossing("config", "c", 900, small)]
    for number, (state, size) in enumerate(zip(states, sizes, strict=True), 1):
        items.append(Crossing("layer", f"l{number}", size, state, number, "lbl/other"))
    return Transfer(name, push, tuple(items), wire, 12)


MOVES = {
    "all": [_transfer([SENT, SENT], wire=2_590_000)],
    "some": [_transfer([THERE, THERE, SENT], wire=310_000), _transfer([MOUNTED], wire=9_000)],
    "pull": [_transfer([HELD, FETCHED], push=False, wire=310_000)],
    "none": [_transfer([HELD, HELD], push=False, manifest=HELD, wire=1_000)],
    "uncounted": [_transfer([SENT])],
    "differs": [_transfer([THERE], wire=9_000_000)],
    "long": [_transfer([MOUNTED] * 12, name="lbl/" + "n" * 200, wire=9_000)],
    "huge": [_transfer([SENT, SENT], sizes=[10**12, 1], wire=10**12 + 10**9)],
    "empty": [_transfer([])],
    "no-moves": [],
}


@pytest.mark.parametrize("name", MOVES)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_is_cut_off_or_on_top_of_something_else(name, language):
    with messages.speaking(language):
        drawing = figures.wire(*MOVES[name])
        drawing.png()
    texts = written(drawing)
    width, height = drawing.figure.get_size_inches()
    assert [t.text for t in texts if t.left < 0 or t.right > width + 0.01] == []
    assert [t.text for t in texts if t.bottom < 0 or t.top > height] == []
    assert overlaps(texts) == []
    assert min(t.size for t in texts) >= 7.5


def test_words_tell_layers_and_no_bytes():
    compressed = [_transfer([THERE, SENT], sizes=[1_080_000, 301_000], wire=303_000)]
    plain = [_transfer([THERE, SENT], sizes=[2_250_000, 307_000], wire=309_000)]
    assert str(figures.wire(*compressed)) == str(figures.wire(*plain))
    assert (
        str(figures.wire(*compressed))
        == """\
What crossed the wire, and what was already there
Push of lbl/x:1: 1 of 2 layers crossed
  L2: crossed
  L1: the registry held it
  The count at the registry's network card agrees: what crossed, and little else"""
    )


def test_the_picture_tells_bytes():
    shown = " | ".join(t.text for t in written(figures.wire(*MOVES["some"])))
    for words in ("crossed: 300 kB", "the registry held it: 2.25 MB spared",
                  "mounted from lbl/other: 2.25 MB spared", "crossed: 302 kB of 2.85 MB",
                  "network card: 310 kB"):  # fmt: skip
        assert words in shown


def test_a_count_that_does_not_agree_is_told():
    assert "does not agree" in str(figures.wire(*MOVES["differs"]))
    assert "not counted" in str(figures.wire(*MOVES["uncounted"]))


def test_a_layer_that_occurs_twice_is_counted_once():
    twice = Transfer(
        "x", True, (Crossing("layer", "a", 5, SENT, 1), Crossing("layer", "a", 5, SENT, 2)), 5, 1
    )
    assert twice.crossed == 5

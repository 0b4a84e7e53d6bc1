"""Pictures for a slide: a figure that is too tall to be read from the back row goes in bands.

The letters of a figure are 10 points at 144 dots an inch, so 20 of its pixels. A slide is 720 high:
at the smallest scale, 0.72, a letter has 14.4 of them, a fiftieth of the picture on the wall: 3 cm
on one that is 1.5 m high. Most figures are shown at 0.9 and more.
"""

from __future__ import annotations

import base64
import io
import re
from dataclasses import dataclass
from html import unescape
from itertools import pairwise

import numpy as np
from PIL import Image  # like numpy, matplotlib brings it

__all__ = ["AREA", "READABLE", "Picture", "cut", "picture"]

AREA = (1216, 622)  # pixels of a slide below its heading
GAP = 30  # rows of background: so much lies between two panels, and not inside one
READABLE = 0.72  # the smallest scale at which a figure is shown for reading


@dataclass(frozen=True)
class Picture:
    """A PNG as a data address, its size in pixels, and the words that say the same."""

    source: str
    width: int
    height: int
    words: str


def picture(html: str) -> Picture:
    """Return the picture of a figure as a notebook stores it."""
    source = re.search(r'src="(data:image/png;base64,[^"]+)"', html)
    words = re.search(r'<img alt="([^"]*)"', html)
    if not source or not words:
        raise ValueError("a figure without a picture or without words")
    width, height = _open(source[1]).size
    return Picture(source[1], width, height, unescape(words[1]))


def cut(whole: Picture) -> list[Picture]:
    """Return the picture in bands that can be read from the back row; one band: it is not cut.

    A cut goes through a gap between panels if there is one, else through the quietest rows. For
    gaps a picture may become one band more than its height needs.
    """
    tallest = int(AREA[1] / READABLE)
    least = -(-whole.height // tallest)
    if least == 1:
        return [whole]
    image = _open(whole.source)
    busy = _busy(image)
    edges, gap = _edges(busy, least, tallest)
    if gap < GAP:
        more, wider = _edges(busy, least + 1, tallest)
        edges = more if wider >= GAP else edges
    return [_crop(image, top, end, whole.words) for top, end in pairwise(edges)]


def _edges(busy: np.ndarray, count: int, tallest: int) -> tuple[list[int], int]:
    """Return where ``count`` bands begin and end, and the height of the narrowest gap at a cut."""
    edges, narrowest = [0], len(busy)
    for number in range(1, count):
        low = max(edges[-1] + 1, len(busy) - (count - number) * tallest)
        high = min(edges[-1] + tallest, len(busy) - 1)
        even = edges[-1] + (len(busy) - edges[-1]) / (count - number + 1)
        window = busy[low : high + 1]
        rows = np.flatnonzero(window == window.min()) + low
        runs = np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1)
        near = [run for run in runs if abs(run.mean() - even) < even / 2] or runs
        best = max(near, key=lambda run: (min(len(run), GAP), -abs(run.mean() - even)))
        narrowest = min(narrowest, len(best) if window.min() == 0 else 0)
        edges.append(int(best.mean()))
    return [*edges, len(busy)], narrowest


def _open(source: str) -> Image.Image:
    image = Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2])))
    return image.convert("RGB")


def _busy(image: Image.Image) -> np.ndarray:
    """Return, for each row, how many of its pixels differ from the background."""
    pixels = np.asarray(image, dtype=np.int16)
    return (np.abs(pixels - pixels[0, 0]).max(axis=2) > 8).sum(axis=1)


def _crop(image: Image.Image, top: int, end: int, words: str) -> Picture:
    band = image.crop((0, top, image.width, end))
    file = io.BytesIO()
    band.save(file, "PNG")
    data = base64.b64encode(file.getvalue()).decode()
    return Picture(f"data:image/png;base64,{data}", band.width, band.height, words)

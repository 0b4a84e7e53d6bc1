"""A picture and the words that say the same."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image  # like numpy, matplotlib brings it

from ..messages import text
from ..text import escape

CSS_DPI = 96  # of a CSS inch


@dataclass(frozen=True, repr=False)
class Drawing:
    """A figure with its text equivalent.

    A notebook shows the picture; ``print(drawing)``, a screen reader and the tests get the words.

    Attributes
    ----------
    figure: the matplotlib figure; ``drawing.figure.savefig("stack.png")`` works.
    title: one sentence with the main fact; it becomes the ``alt`` text.
    words: everything the picture shows, as text; its first line is the title.
    """

    figure: Figure
    title: str
    words: str

    def __str__(self) -> str:
        return self.words

    def __repr__(self) -> str:
        return self.words

    def png(self) -> bytes:
        """Return the picture as PNG, the same bytes each time (no date, no version inside).

        A palette of 256 colours takes a third of the space, and notebooks are kept in git.
        """
        canvas = FigureCanvasAgg(self.figure)
        canvas.draw()
        full = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
        file = io.BytesIO()
        # Maximum coverage: the few pixels of a small coloured symbol keep their own colour.
        small = full.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        small.save(file, "png", optimize=True)
        return file.getvalue()

    def html(self) -> str:
        """Return a ``<figure>`` that also shows in a notebook which is not trusted yet."""
        data = base64.b64encode(self.png()).decode("ascii")
        width = round(self.figure.get_figwidth() * CSS_DPI)
        return (
            f'<figure style="margin:0"><img alt="{escape(self.title)}" width="{width}"'
            f' src="data:image/png;base64,{data}">'
            f"<figcaption><details><summary>{escape(text('figures.in_words'))}</summary>"
            f"<pre>{escape(self.words)}</pre></details></figcaption></figure>"
        )

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/html": self.html(), "text/plain": self.words}

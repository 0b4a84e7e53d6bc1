"""The layer explorer: the files of an image, layer by layer, in one list that stays fluid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from ..figures.rows import Row, counted, human, one_line, rows
from ..images import Image
from ..messages import catalogue, text
from .fallback import static
from .table import table

HERE = Path(__file__).parent
SCRIPTS = ("elements.js", "tree.js", "explorer.js")
WORDS = "widgets.ui."  # keys of the words that the browser shows


class Explorer(anywidget.AnyWidget):
    """A widget that shows what each layer of an image does to its files.

    Attributes
    ----------
    layer: number of the layer that is looked at; set by the user or by code.
    cumulative: False: what this layer adds, changes and removes; True: every file that there is
        once this layer lies on those below.
    filter: shows only paths that hold this text, whatever the case.
    """

    _esm = "".join((HERE / name).read_text("utf-8") for name in SCRIPTS)
    _css = (HERE / "explorer.css").read_text("utf-8")

    layer = traitlets.Int(0).tag(sync=True)
    cumulative = traitlets.Bool(False).tag(sync=True)
    filter = traitlets.Unicode("").tag(sync=True)
    name = traitlets.Unicode().tag(sync=True)
    layers = traitlets.List().tag(sync=True)
    table = traitlets.Dict().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)

    def __init__(self, image: Image, layer: int | None = None, cumulative: bool = False) -> None:
        made = [row for row in rows(image) if row.number is not None]
        self._summary = _summary(image, made)
        self._static = static(image, self._summary)
        super().__init__(
            layer=len(made) if layer is None else layer,
            cumulative=cumulative,
            name=one_line(image.name, 120),
            layers=[_listed(row) for row in made],
            table=table(image),
            words=_ui(),
        )

    @traitlets.validate("layer")
    def _a_layer(self, proposal: dict[str, Any]) -> int:
        count = len(self.layers)
        if not min(1, count) <= proposal["value"] <= count:
            raise traitlets.TraitError(f"layer must be between 1 and {count}")
        return proposal["value"]

    def __repr__(self) -> str:
        return self._summary

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict, dict]:
        """Return the widget, and for a notebook without a kernel its files as static HTML."""
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        return {**data, "text/plain": self._summary, "text/html": self._static}, metadata


def explorer(image: Image, layer: int | None = None, cumulative: bool = False) -> Explorer:
    """Return a widget to look into the layers of ``image``.

    Parameters
    ----------
    image: what `helpers.images.read` returned.
    layer: the layer to start with; default: the topmost.
    cumulative: start with all files up to this layer instead of what the layer itself does.
    """
    return Explorer(image, layer, cumulative)


def _listed(row: Row) -> dict[str, object]:
    return {
        "number": row.number,
        "instruction": row.instruction,
        "size": row.bytes,
        "counts": [row.added, row.changed, row.removed],
        "said": row.counts,
    }


def _ui() -> dict[str, str]:
    """Return the words of the widget, their fields unfilled: the browser fills them in."""
    keys = [key for key in catalogue() if key.startswith(WORDS)]
    return {key.removeprefix(WORDS): _raw(key) for key in keys}


def _raw(key: str) -> str:
    fields = {name: "{" + name + "}" for name in ("files", "all", "size", "layer", "count", "path")}
    return text(key, **fields)


def _summary(image: Image, made: list[Row]) -> str:
    """Return the words of the explorer: its layers, without what depends on clicks."""
    title = text(
        "widgets.summary.title",
        name=one_line(image.name, 120),
        layers=counted("layers", len(made)),
        size=human(image.size),
    )
    lines = [title]
    lines += [f"  L{row.number}  {human(row.bytes)}, {row.counts}" for row in reversed(made)]
    return "\n".join(lines)

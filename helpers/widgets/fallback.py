"""The explorer without JavaScript: what a notebook shows before it is trusted or run."""

from __future__ import annotations

from .. import images
from ..figures.rows import human, rows
from ..images import Entry, Image, LayerChanges
from ..messages import text
from ..text import escape
from .table import shown

MOST = 25  # files of a layer that are listed; a stored notebook must stay small


def static(image: Image, summary: str) -> str:
    """Return HTML that lists each layer's changes, top layer first, folded up."""
    steps = {row.number: row for row in rows(image) if row.number is not None}
    parts = [f"<p><strong>{escape(summary.splitlines()[0])}</strong></p>"]
    for found in reversed(images.changes(image)):
        row = steps[found.number]
        head = f"L{row.number} · {human(row.bytes)} · {row.counts}"
        parts.append(
            f"<details><summary>{escape(head)} · <code>{escape(row.instruction)}</code></summary>"
            f"{_list(found)}</details>"
        )
    return "<div>" + "".join(parts) + "</div>"


def _list(found: LayerChanges) -> str:
    marked = [
        (symbol, word, entry)
        for symbol, word, entries in (
            ("+", "added", found.added),
            ("~", "changed", found.changed),
            ("−", "removed", found.removed),
        )
        for entry in entries
        if entry.kind != "dir"
    ]
    if not marked:
        return f"<p>{escape(text('widgets.ui.nothing'))}</p>"
    marked.sort(key=lambda item: (-item[2].size, item[2].path))
    items = "".join(_item(*item) for item in marked[:MOST])
    if len(marked) > MOST:
        more = text("widgets.more", count=len(marked) - MOST)
        items += f"<li>{escape(more)}</li>"
    return f"<ul>{items}</ul>"


def _item(symbol: str, word: str, entry: Entry) -> str:
    said = text(f"widgets.ui.{word}")
    path = escape("/" + shown(entry.path))
    return f"<li>{symbol} <code>{path}</code> {escape(human(entry.size))}, {escape(said)}</li>"

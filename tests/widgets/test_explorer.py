"""The explorer without a browser: its columns, its words, its fallback, its traits."""

from __future__ import annotations

import re
from array import array

import pytest
import traitlets

from helpers import messages, widgets
from helpers.images import Entry, changes
from helpers.widgets.table import ADDED, CHANGED, REMOVED, shown, table
from tests.figures import samples


def strings(blob: bytes) -> list[str]:
    return blob.decode().split("\0")[:-1]


def rows(columns: dict) -> list[tuple]:
    paths = strings(columns["paths"])
    found = zip(
        array("H", columns["layer"]),
        columns["change"],
        (paths[place] for place in array("I", columns["path"])),
        array("d", columns["sizes"]),
        array("d", columns["before"]),
        strict=True,
    )
    return list(found)


def test_columns_hold_every_change_once():
    image = samples.notes()
    found = rows(table(image))
    assert [row for row in found if row[0] > 1] == [
        (2, ADDED, "notes", 0, 0),
        (2, ADDED, "notes/notes.txt", 6, 0),
        (3, ADDED, "notes/big", 3_145_728, 0),
        (3, CHANGED, "notes/notes.txt", 11, 6),
        (4, REMOVED, "notes/big", 3_145_728, 3_145_728),
    ]
    total = sum(len(c.added) + len(c.changed) + len(c.removed) for c in changes(image))
    assert len(found) == total


def test_paths_are_stored_once_and_folder_by_folder():
    image = samples.image(
        "x", ("COPY", [Entry("a-b", size=1), Entry("a/z", size=1), Entry("a/b/c", size=1)])
    )
    assert strings(table(image)["paths"]) == ["a/b/c", "a/z", "a-b"]
    paths = strings(table(samples.notes())["paths"])
    assert len(paths) == len(set(paths))


def test_links_name_their_target():
    columns = table(samples.notes())
    assert strings(columns["notes"]).count("bin/busybox") == 3


def test_paths_stay_different_and_cannot_act_on_the_page_or_a_terminal():
    odd = ["a\x1b[2J", "a", "a\n", "a\udcff", "a\u202etxt", "a\u200b", "<b>"]
    assert len({shown(path) for path in odd}) == len(odd)
    assert shown("a\x1b[2J\n") == "a\\x1b[2J\\x0a"
    assert shown("x\u202egpj") == "x\\u202egpj"
    assert shown("not-utf8-\udcff") == "not-utf8-\\xff"
    assert shown("中文 说明/🐳.txt") == "中文 说明/🐳.txt"


def test_a_huge_image_is_cut_and_says_so():
    columns = table(samples.notes(), limit=5)
    assert columns["left_out"] == len(rows(table(samples.notes()))) - 5
    assert len(rows(columns)) == 5


def test_many_files_stay_compact():
    entries = [Entry(f"usr/lib/d{i // 100}/file{i}.py", size=i) for i in range(50_000)]
    columns = table(samples.image("huge", ("RUN", entries)))
    sent = sum(len(value) for value in columns.values() if isinstance(value, bytes))
    assert sent < 70 * 50_000


def test_words_are_the_same_each_time_and_name_every_layer():
    first, second = widgets.explorer(samples.notes()), widgets.explorer(samples.notes())
    assert repr(first) == repr(second)
    data, _ = first._repr_mimebundle_()
    assert data["text/plain"] == repr(first)
    assert repr(first).splitlines()[:2] == [
        "Layer explorer of lbl/notes:1: 4 layers, 5.13 MB of file content",
        "  L4  0 B, 0 added, 0 changed, 1 removed",
    ]
    first.layer = 1
    assert repr(first) == repr(second)  # what a user clicks does not change a stored output


def test_bundle_holds_the_widget_and_a_fallback():
    data, _ = widgets.explorer(samples.notes())._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    html = data["text/html"]
    assert html.count("<details>") == 4
    assert "<li>− <code>/notes/big</code> 3.15 MB, removed</li>" in html
    assert html.index("L4 ·") < html.index("L1 ·")


def test_fallback_escapes_and_stays_small():
    html = widgets.explorer(samples.odd())._repr_mimebundle_()[0]["text/html"]
    assert set(re.findall(r"</?([\w!]+)", html)) == {
        "div", "p", "strong", "details", "summary", "code", "ul", "li",
    }  # fmt: skip
    assert "\x1b" not in html
    entries = [Entry(f"f{i}", size=1) for i in range(9000)]
    many = samples.image("many", ("RUN", entries))
    html = widgets.explorer(many)._repr_mimebundle_()[0]["text/html"]
    assert len(html) < 5000 and "and 8975 more" in html


def test_it_speaks_chinese():
    with messages.speaking("zh"):
        widget = widgets.explorer(samples.notes())
        assert "镜像层浏览器" in repr(widget)
        assert widget.words["added"] == "新增"
        assert widget.words["status_filtered"].count("{") == 3  # the browser fills the fields


def test_it_starts_at_the_top_layer_and_refuses_others():
    widget = widgets.explorer(samples.notes())
    assert (widget.layer, widget.cumulative, widget.filter) == (4, False, "")
    assert widgets.explorer(samples.notes(), layer=2, cumulative=True).layer == 2
    with pytest.raises(traitlets.TraitError, match="between 1 and 4"):
        widget.layer = 5
    with pytest.raises(traitlets.TraitError):
        widgets.explorer(samples.notes(), layer=0)


def test_an_image_without_layers_has_an_explorer_too():
    widget = widgets.explorer(samples.empty())
    assert widget.layer == 0
    assert "0 layers" in repr(widget)

"""The explorer's logic in JavaScript, held against what the readers say in Python."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from helpers import widgets
from helpers.images import Entry, changes
from helpers.images.tree import merged
from helpers.text import size
from helpers.widgets import explorer
from helpers.widgets.table import shown
from tests.conftest import missing
from tests.figures import samples

from .page import state

SCRIPT = """
import { build, decode, human, visible } from "./tree.mjs";
import { readFileSync } from "node:fs";
const { states, asked, sizes } = JSON.parse(readFileSync(0, "utf8"));
const data = states.map((state) => {
  for (const name of state.binary) state.table[name] = Buffer.from(state.table[name], "base64");
  return decode(state.table);
});
const answers = asked.map(({ image, layer, cumulative, wanted, shut }) => {
  const tree = build(data[image], layer, cumulative, wanted);
  const seen = visible(tree.nodes, (node) => !(shut ?? []).includes(node.path));
  return {
    files: tree.files, all: tree.all, bytes: tree.bytes, roots: tree.roots,
    nodes: tree.nodes.map(({ path, mark, size, dir, depth, end, counts, position, children }) =>
      ({ path, mark, size, dir, depth, end, counts, position, children })),
    seen: seen.map((place) => tree.nodes[place].path),
  };
});
console.log(JSON.stringify({ answers, sizes: sizes.map(human) }));
"""
ALL = [True, True, True, True]
SAME = 3


def node_js() -> str:
    """Return a Node to run the script: playwright brings one."""
    try:
        from playwright._impl._driver import compute_driver_executable

        return str(compute_driver_executable()[0])
    except ImportError:
        return shutil.which("node") or missing("no Node here")


def relinked():
    """A hard link outlives the first name of its file; a file takes the place of a folder."""
    return samples.image(
        "lbl/relinked:1",
        ("ADD", [
            Entry("d/first", size=1000), Entry("d/second", "hardlink", target="d/first"),
            Entry("d/third", "hardlink", target="d/first"),
            Entry("e", "dir"), Entry("e/f", size=5), Entry("e/g", "symlink", target="f"),
        ]),
        ("RUN rm d/first && rm -r e && touch e", [
            Entry("d/first", "whiteout"), Entry("e", size=7),
        ]),
    )  # fmt: skip


IMAGES = [samples.notes(), samples.odd(), samples.rewritten(), relinked(), samples.big(12, 5)]


def ask(asked: list[dict], sizes: list[int], folder: Path) -> dict:
    (folder / "tree.mjs").write_text((Path(explorer.__code__.co_filename).parent / "tree.js")
                                     .read_text("utf-8"), "utf-8")  # fmt: skip
    (folder / "run.mjs").write_text(SCRIPT, "utf-8")
    given = {
        "states": [state(widgets.explorer(image)) for image in IMAGES],
        "asked": asked,
        "sizes": sizes,
    }
    done = subprocess.run(
        [node_js(), "run.mjs"], cwd=folder, input=json.dumps(given), capture_output=True,
        text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def question(image: int, layer: int, cumulative: bool, filter_: str = "", marks=ALL, shut=()):
    wanted = {"filter": filter_, "marks": list(marks)}
    return {
        "image": image, "layer": layer, "cumulative": cumulative, "wanted": wanted,
        "shut": list(shut),
    }  # fmt: skip


VIEWS = [
    (image, layer.number, cumulative)
    for image, one in enumerate(IMAGES)
    for layer in one.layers
    for cumulative in (False, True)
]
EXTRA = [
    question(0, 4, True, "NOTES.T"),
    question(0, 4, True, marks=[True, True, True, False]),
    question(0, 4, True, shut=["bin", "notes"]),
    question(1, 2, False, "no such path"),
]
SIZES = [0, 1, 999, 1000, 1980, 999_499, 999_500, 1_000_000, 3_145_728, 10**9, 123_456_789, 10**15]


@pytest.fixture(scope="module")
def answers(tmp_path_factory) -> dict:
    asked = [question(*view) for view in VIEWS] + EXTRA
    return ask(asked, SIZES, tmp_path_factory.mktemp("node"))


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_views_equal_the_readers(view, answers):
    place, number, cumulative = view
    image, answer = IMAGES[place], answers["answers"][VIEWS.index(view)]
    found = changes(image)[number - 1]
    files = {
        node["path"]: (node["size"], node["mark"]) for node in answer["nodes"] if not node["dir"]
    }
    expected = {}
    if cumulative:
        for node in merged(image, number):
            if not node.is_dir:
                expected[shown(node.path)] = (node.entry.size, SAME)
        assert answer["bytes"] == merged(image, number).size
    for mark, entries in ((2, found.removed), (0, found.added), (1, found.changed)):
        for entry in entries:
            path = shown(entry.path)
            if entry.kind == "dir" or (mark == 2 and cumulative and path in expected):
                continue
            size_ = expected[path][0] if cumulative and mark != 2 else entry.size
            expected[path] = (size_, mark)
    assert files == expected
    assert answer["files"] == answer["all"] == len(expected)


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_nodes_are_a_tree_in_order(view, answers):
    answer = answers["answers"][VIEWS.index(view)]
    nodes = answer["nodes"]
    assert sum(node["depth"] == 0 for node in nodes) == answer["roots"]
    for place, node in enumerate(nodes):
        below = nodes[place + 1 : node["end"]]
        assert all(other["path"].startswith(node["path"] + "/") for other in below)
        assert sum(other["depth"] == node["depth"] + 1 for other in below) == node["children"]
        if node["dir"]:
            inside = [other for other in below if not other["dir"]]
            assert node["size"] == sum(o["size"] for o in inside if o["mark"] != 2)
            assert sum(node["counts"]) == len(inside)


def test_filter_keeps_matching_paths_and_their_folders(answers):
    filtered = answers["answers"][len(VIEWS)]
    assert [node["path"] for node in filtered["nodes"]] == ["notes", "notes/notes.txt"]
    assert (filtered["files"], filtered["all"]) == (1, 7)


def test_unticked_marks_are_left_out(answers):
    changed = answers["answers"][len(VIEWS) + 1]
    assert [node["path"] for node in changed["nodes"]] == ["notes", "notes/big"]


def test_shut_folders_hide_what_lies_in_them(answers):
    seen = answers["answers"][len(VIEWS) + 2]["seen"]
    assert seen == ["bin", "etc", "etc/passwd", "notes", "tmp"]


def test_a_filter_without_a_match_leaves_nothing(answers):
    assert answers["answers"][len(VIEWS) + 3]["nodes"] == []


def test_sizes_are_written_as_everywhere_in_the_course(answers):
    assert answers["sizes"] == [size(count) for count in SIZES]

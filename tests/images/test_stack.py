"""Layers merged: what is added, changed, removed and wasted."""

from __future__ import annotations

import sys

import pytest

from helpers import images
from helpers.images import Config, Entry, Image, Layer
from helpers.images.stacking import Stack


def image(*layers: list[Entry]) -> Image:
    made = tuple(
        Layer(n, f"sha256:{n:064}", f"sha256:{n:064}", sum(e.size for e in entries), tuple(entries))
        for n, entries in enumerate(layers, 1)
    )
    return Image("made:1", "sha256:0", ("made:1",), made, (), Config())


def file(path: str, size: int = 1, **more) -> Entry:
    return Entry(path, size=size, **more)


def folder(path: str, mode: int = 0o755) -> Entry:
    return Entry(path, "dir", mode=mode)


def gone(path: str) -> Entry:
    return Entry(path, "whiteout")


def opaque(path: str) -> Entry:
    return Entry(path, "opaque")


def shown(made: Image, upto: int | None = None) -> list[str]:
    return [node.path for node in images.tree.merged(made, upto)]


def test_a_deleted_folder_wastes_what_was_in_it() -> None:
    by_folder = image([folder("d"), file("d/blob", 1000), file("keep", 10)], [gone("d")])
    by_name = image([folder("d"), file("d/blob", 1000), file("keep", 10)], [gone("d/blob")])
    for made in (by_folder, by_name):
        found = images.waste(made)
        assert found.wasted == 1000
        assert found.efficiency == pytest.approx(10 / 1010)
        (item,) = found.items
        assert (item.path, item.layers, item.hidden_by, item.deleted) == (
            "d/blob",
            (1,),
            (2,),
            True,
        )
    assert shown(by_folder) == ["keep"]
    assert shown(by_folder, 1) == ["d", "d/blob", "keep"]
    assert shown(by_name) == ["d", "keep"]


def test_n_copies_waste_all_but_one() -> None:
    made = image(*[[file("f", 100)] for _ in range(4)])
    found = images.waste(made)
    assert (found.wasted, found.efficiency) == (300, 0.25)
    (item,) = found.items
    assert (item.layers, item.hidden_by, item.deleted) == ((1, 2, 3), (2, 3, 4), False)


def test_deleted_and_made_again_wastes_the_first() -> None:
    made = image([file("f", 100)], [gone("f")], [file("f", 7)])
    assert images.waste(made).wasted == 100
    assert images.waste(made).items[0].deleted is False
    assert [len(c.removed) for c in images.changes(made)] == [0, 1, 0]
    assert [len(c.added) for c in images.changes(made)] == [1, 0, 1]


def test_an_opaque_folder_hides_what_was_below_and_not_what_came_with_it() -> None:
    made = image(
        [folder("d"), file("d/old", 5), folder("d/s"), file("d/s/deep", 6), file("d/same", 2)],
        [folder("d"), file("d/new", 1), opaque("d"), file("d/same", 3)],
    )
    assert shown(made) == ["d", "d/new", "d/same"]
    change = images.changes(made)[1]
    assert [e.path for e in change.added] == ["d/new"]
    assert [e.path for e in change.changed] == ["d/same"]
    assert [(e.path, e.size) for e in change.before] == [("d/same", 2)]
    assert [e.path for e in change.removed] == ["d/old", "d/s", "d/s/deep"]
    assert images.waste(made).wasted == 13


def test_a_whiteout_spares_what_its_own_layer_adds() -> None:
    for order in ([gone("d"), folder("d"), file("d/n")], [folder("d"), file("d/n"), gone("d")]):
        made = image([folder("d"), file("d/o", 9)], order)
        assert shown(made) == ["d", "d/n"]
        assert images.waste(made).wasted == 9


def test_a_file_in_place_of_a_folder_and_back() -> None:
    made = image([folder("p"), file("p/x", 4)], [file("p", 3)], [folder("p"), file("p/y", 2)])
    assert shown(made, 2) == ["p"]
    assert shown(made) == ["p", "p/y"]
    assert images.waste(made).wasted == 7
    second = images.changes(made)[1]
    assert [e.path for e in second.changed] == ["p"]
    assert [e.path for e in second.removed] == ["p/x"]


def test_a_folder_listed_again_is_no_change_another_mode_is() -> None:
    made = image([folder("d"), file("d/a")], [folder("d"), file("d/b")], [folder("d", 0o700)])
    second, third = images.changes(made)[1:]
    assert ([e.path for e in second.added], second.changed) == (["d/b"], ())
    assert [e.mode for e in third.changed] == [0o700]
    assert [e.mode for e in third.before] == [0o755]
    assert shown(made) == ["d", "d/a", "d/b"]


def test_content_lives_as_long_as_one_of_its_names() -> None:
    first = [file("a", 50), Entry("b", "hardlink", target="a"), Entry("c", "hardlink", target="b")]
    made = image(first, [gone("a")], [gone("b")])
    assert images.waste(made).wasted == 0
    tree = images.tree.merged(made)
    assert tree.size == 50
    assert (tree.find("c").entry.kind, tree.find("c").size) == ("file", 50)
    two = images.tree.merged(made, 2)
    assert [(n.path, n.entry.kind, n.size, n.entry.target) for n in two] == [
        ("b", "file", 50, ""),
        ("c", "hardlink", 0, "b"),
    ]
    everything = image(first, [gone("a")], [gone("b")], [file("c", 1)])
    assert images.waste(everything).wasted == 50


def test_a_path_twice_in_one_layer_counts_the_last() -> None:
    made = image([file("a", 5), file("a", 3)])
    assert images.tree.merged(made).size == 3
    assert images.waste(made).wasted == 5
    assert [e.size for e in images.changes(made)[0].added] == [3]


def test_missing_parents_are_made_as_the_engine_makes_them() -> None:
    made = image([file("x/y/z")], [gone("q/r/s")])
    assert shown(made) == ["q", "q/r", "x", "x/y", "x/y/z"]
    assert images.tree.merged(made).find("x/y").entry == Entry("x/y", "dir", mode=0o755)


def test_a_layer_unpacks_through_its_own_symbolic_link() -> None:
    made = image([folder("usr"), folder("usr/lib"), Entry("lib", "symlink", target="usr/lib"),
                  file("lib/x", 8)])  # fmt: skip
    assert shown(made) == ["lib", "usr", "usr/lib", "usr/lib/x"]
    loop = image([Entry("l", "symlink", target="l"), file("l/x")])
    assert shown(loop) == ["l", "l/x"]


def test_sizes_add_up_and_nodes_are_found() -> None:
    made = image([folder("d"), file("d/a", 3), folder("d/e"), file("d/e/b", 4)])
    tree = images.tree.merged(made)
    assert (tree.size, tree.files, len(tree)) == (7, 2, 4)
    assert tree.find("/d/e/").size == 4
    assert tree.find("d/a").name == "a"
    assert tree.find("d/a/b") is None
    assert tree.find("") is tree.root
    with pytest.raises(ValueError):
        images.tree.merged(made, 2)


def test_the_tree_of_a_layer_shows_its_markers() -> None:
    made = image([file("d/e/f", 2), gone("d/x"), opaque("o"), folder("d")])
    tree = images.tree.layer_tree(made.layers[0])
    assert [(n.path, n.entry.kind) for n in tree] == [
        ("d", "dir"), ("d/e", "dir"), ("d/e/f", "file"), ("d/x", "whiteout"), ("o", "dir"),
        ("o/.wh..wh..opq", "opaque"),
    ]  # fmt: skip
    assert tree.size == 2


def test_the_largest_files_hidden_ones_included() -> None:
    made = image([file("b", 5), file("a", 9), file("z", 5)], [file("c", 7), gone("a")])
    found = [(number, entry.path) for number, entry in images.largest(made, 3)]
    assert found == [(1, "a"), (2, "c"), (1, "b")]
    assert images.largest(made, 0) == []
    assert len(images.largest(made, 99)) == 4


def test_an_image_without_content_wastes_nothing() -> None:
    for made in (image(), image([]), image([file("empty", 0)], [gone("empty")])):
        assert images.waste(made).efficiency == 1.0
        assert images.waste(made).items == ()


def test_deletions_cost_about_what_their_entries_cost() -> None:
    """Counted, not timed: calls of Python functions, with and without 2,000 deletions."""

    def work(second: list[Entry]) -> int:
        made = image([file(f"d{n % 50}/f{n}", 10) for n in range(10_000)], second)
        calls = 0

        def count(*_) -> None:
            nonlocal calls
            calls += 1

        sys.setprofile(count)
        try:
            images.waste(made)
            images.changes(made)
        finally:
            sys.setprofile(None)
        return calls

    none = work([])
    assert work([gone(f"d{n % 50}/f{n}") for n in range(2000)]) < 1.7 * none
    # 50 folders with all 10,000 files: each file is then also listed as removed and hidden.
    assert work([gone(f"d{n}") for n in range(50)]) < 2.5 * none


def test_work_is_kept_with_the_image() -> None:
    made = image([file("a")])
    assert images.waste(made) is images.waste(made)
    assert images.tree.merged(made) is images.tree.merged(made)
    assert isinstance(made.memo["stack 1"], Stack)


def test_layers_count_their_kinds() -> None:
    layer = image([file("a"), folder("d"), Entry("l", "hardlink", target="a"), gone("x")]).layers[0]
    assert layer.counts == {"file": 1, "dir": 1, "hardlink": 1, "whiteout": 1}
    assert layer.files == 2

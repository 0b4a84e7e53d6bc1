"""What a learner asks of a forest, on made-up images: no daemon."""

from __future__ import annotations

import itertools
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.errors import NotFound
from helpers.images import chain_ids, layer_sizes, sharing, survey
from helpers.images.survey import Seen, Survey


def plant(*images: Seen, around: tuple[Seen, ...] = (), cached: int | None = 0):
    """A forest of ``images``; a layer ``d3`` holds 3 bytes."""

    def measure(engine, members, unit, progress=None):
        every = {i.id: i.diff_ids for i in (*images, *around)}
        return {
            chain: int(diff[1:])
            for member in members
            for chain, diff in zip(member.chain, every[member.id], strict=True)
        }

    everything = Survey((*images, *around))
    asked = {(i.names or (i.id,))[0]: i for i in images}
    with (
        mock.patch.object(survey, "take", lambda *_: everything),
        mock.patch.object(survey, "look_up", lambda *_: asked),
        mock.patch.object(layer_sizes, "measure", measure),
        mock.patch.object(survey, "cached", lambda *_: cached),
    ):
        return sharing.forest(list(asked), engine=object())


def seen(name: str, *diff_ids: str, tags: tuple[str, ...] = (), used_by: tuple[str, ...] = ()):
    return Seen(f"sha256:{name.encode().hex():0<64}", (name, *tags), diff_ids, used_by)


BASE = seen("base:1", "d100", "d20")
APP = seen("app:1", "d100", "d20", "d3")
TOOL = seen("tool:1", "d100", "d4", tags=("tool:latest",))


def test_shared_layers_are_one_node_with_both_images_on_it():
    forest = plant(BASE, APP, TOOL)
    assert [n.number for n in forest.nodes.values()] == [1, 2, 3, 2]
    assert len(forest.roots) == 1
    root = forest.nodes[forest.roots[0]]
    assert root.images == ("base:1", "app:1", "tool:1")
    assert root.children == (
        forest.layers("base:1")[1].chain_id,
        forest.layers("tool:1")[1].chain_id,
    )
    assert all(
        forest.nodes[child].parent == node.chain_id
        for node in forest.nodes.values()
        for child in node.children
    )


def test_totals_and_pairs():
    forest = plant(BASE, APP, TOOL)
    assert forest.once_bytes == 100 + 20 + 3 + 4
    assert forest.summed_bytes == 120 + 123 + 104
    assert [n.diff_id for n in forest.shared("app:1", "base:1").layers] == ["d100", "d20"]
    assert forest.shared("app:1", "base:1").size == 120
    assert forest.shared("app:1", "tool:1").size == 100


def test_chain_ids_are_those_of_the_specification():
    forest = plant(APP)
    assert forest.images[0].chain == chain_ids(["d100", "d20", "d3"])


def test_same_content_on_another_base_is_another_layer():
    forest = plant(seen("a:1", "d1", "d5"), seen("b:1", "d2", "d5"))
    assert len(forest.nodes) == 4
    assert forest.shared("a:1", "b:1").layers == ()
    assert forest.once_bytes == 13


def test_a_layer_twice_in_one_image_counts_twice():
    forest = plant(seen("a:1", "d5", "d5"))
    assert forest.once_bytes == 10


def test_who_stands_on_whom():
    top = seen("top:1", "d100", "d20", "d3", "d9")
    forest = plant(BASE, APP, TOOL, top)
    assert [m.name for m in forest.stands_on("top:1")] == ["app:1", "base:1"]
    assert [m.name for m in forest.carries("base:1")] == ["app:1", "top:1"]
    assert forest.stands_on("base:1") == forest.carries("top:1") == ()
    assert forest.stands_on("tool:1") == ()


def test_twins_share_everything_and_free_nothing_alone():
    twin = seen("twin:1", *APP.diff_ids)
    forest = plant(APP, twin)
    assert [m.name for m in forest.twins("app:1")] == ["twin:1"]
    assert forest.stands_on("app:1") == forest.carries("app:1") == ()
    assert forest.freed_by_removing("app:1") == 0
    assert forest.freed_by_removing("app:1", "twin:1") == 123


def test_an_image_without_layers_shares_nothing():
    empty, other = seen("scratch:1"), seen("scratch:2")
    forest = plant(empty, other, APP)
    assert forest.size("scratch:1") == forest.freed_by_removing("scratch:1") == 0
    assert forest.shared("scratch:1", "app:1").layers == ()
    assert forest.carries("scratch:1") == forest.stands_on("app:1") == ()
    assert [m.name for m in forest.twins("scratch:1")] == ["scratch:2"]


def test_removing_frees_what_no_other_image_stands_on():
    forest = plant(BASE, APP, TOOL)
    assert forest.freed_by_removing("base:1") == 0
    assert forest.freed_by_removing("app:1") == 3
    assert forest.freed_by_removing("app:1", "base:1") == 23
    assert [n.diff_id for n in forest.removal("app:1").layers] == ["d3"]


def test_images_outside_the_forest_keep_layers_too():
    stranger = seen("stranger:1", *APP.diff_ids, "d7")
    forest = plant(BASE, APP, around=(stranger,))
    assert [m.name for m in forest.images] == ["base:1", "app:1"]
    assert forest.layers("app:1")[-1].elsewhere == 1
    assert forest.freed_by_removing("app:1", "base:1") == 0


def test_one_of_two_tags_is_only_a_name():
    forest = plant(TOOL)
    assert forest.removal("tool:1").untagged == ("tool:1",)
    assert forest.freed_by_removing("tool:1") == 0
    assert forest.freed_by_removing("tool") == 0  # tool:latest
    assert forest.freed_by_removing("tool:1", "tool") == 104
    assert forest.freed_by_removing(TOOL.id) == 104


def test_an_image_with_a_container_stays():
    forest = plant(seen("app:1", "d5", used_by=("web",)))
    assert forest.removal("app:1") == sharing.Removal(0, (), (), ("app:1",), 0)


@pytest.mark.parametrize(("cached", "most"), [(0, 0), (2, 2), (1_000, 3), (None, None)])
def test_the_build_cache_may_keep_what_no_image_needs(cached, most):
    removal = plant(BASE, APP, cached=cached).removal("app:1")
    assert (removal.size, removal.cached) == (3, most)


def test_a_dangling_image_is_called_by_its_id():
    forest = plant(Seen("sha256:" + "ab" * 32, (), ("d8",)))
    (image,) = forest.images
    assert image.dangling and image.name == "ab" * 6
    assert forest.freed_by_removing("abababab") == 8
    assert forest.image("sha256:" + "ab" * 32) is image


def test_a_name_that_is_not_here_says_what_is():
    with pytest.raises(NotFound) as caught:
        plant(BASE, APP).image("nope")
    assert "base:1" in str(caught.value) and "nope" in str(caught.value)


def test_without_sizes_relations_stay():
    everything = Survey((BASE, APP))
    with mock.patch.object(survey, "take", lambda *_: everything):
        forest = sharing.forest(engine=object(), sizes=None)
    assert [m.name for m in forest.images] == ["app:1", "base:1"]
    assert forest.once_bytes is forest.summed_bytes is forest.freed_by_removing("app:1") is None
    assert len(forest.shared("app:1", "base:1").layers) == 2
    assert len(forest.removal("app:1").layers) == 1


@given(st.lists(st.lists(st.integers(1, 3), max_size=5), min_size=1, max_size=7))
def test_any_forest_agrees_with_counting_stacks(stacks):
    """Against an oracle without chain IDs: a layer is the tuple of all that lies below it."""
    images = [seen(f"i{n}:1", *(f"d{d}" for d in stack)) for n, stack in enumerate(stacks)]
    forest = plant(*images)

    def once(some):
        places = {tuple(stack[: n + 1]) for stack in some for n in range(len(stack))}
        return sum(place[-1] for place in places)

    assert forest.once_bytes == once(stacks)
    assert forest.summed_bytes == sum(map(sum, stacks))
    for n, stack in enumerate(stacks):
        assert forest.freed_by_removing(f"i{n}:1") == once(stacks) - once(
            stacks[:n] + stacks[n + 1 :]
        )
        assert {m.name for m in forest.stands_on(f"i{n}:1")} == {
            f"i{k}:1"
            for k, other in enumerate(stacks)
            if other and len(other) < len(stack) and stack[: len(other)] == other
        }
    for (a, one), (b, two) in itertools.combinations(enumerate(stacks), 2):
        common = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(one, two, strict=False))
        assert forest.shared(f"i{a}:1", f"i{b}:1").size == sum(x for x, _ in common)

"""Push and pull on a real daemon and a real registry: what crosses, counted in bytes."""

from __future__ import annotations

import pytest

from helpers import figures, registry
from helpers.engine import labels
from helpers.errors import InUse
from helpers.registry.editions import PAGE
from helpers.registry.model import FETCHED, HELD, MOUNTED, SEGMENT, SENT, THERE

from .conftest import ONE, TWO, forget


def _states(move) -> list[str]:
    return [layer.state for layer in move.transfer.layers]


def test_only_what_is_new_crosses(shelf, capsys):
    first, second, again = shelf.push(ONE), shelf.push(TWO), shelf.push(TWO)
    assert _states(first) == [SENT, SENT]
    assert _states(second) == [THERE, THERE, SENT]
    assert _states(again) == [THERE, THERE, THERE]
    assert (first.sent, second.sent, again.sent) == (2, 1, 0)
    assert again.transfer.crossed < 4096 < PAGE < second.transfer.crossed < 1.1 * PAGE


def test_the_count_on_the_wire_is_that_of_the_blobs(shelf, engine, capsys):
    pushed = shelf.push(TWO)
    forget(engine, TWO, ONE)
    pulled = shelf.pull(TWO)
    known = pushed.manifest.size + pushed.manifest.own.size
    for move in (pushed, pulled):
        assert move.transfer.crossed == known
        assert move.transfer.agrees is True
        again = SEGMENT * move.transfer.twice
        assert known < move.transfer.wire < 1.05 * known + 16384 + again
    nothing = shelf.push(TWO).transfer
    assert nothing.agrees is True
    assert nothing.wire < 20_000 + SEGMENT * nothing.twice


def test_a_layer_is_mounted_from_another_repository(shelf, capsys):
    shelf.push(TWO)
    copy = shelf.push(TWO, to="lbl/test-archive:2")
    assert _states(copy) == [MOUNTED, MOUNTED, MOUNTED]
    assert {layer.source for layer in copy.transfer.layers} == {"lbl/test-paper"}
    assert copy.transfer.crossed < 4096
    assert shelf.catalogue() == ["lbl/test-archive:2", TWO]
    assert copy.manifest.layers == shelf.manifest(TWO).layers


def test_a_pull_fetches_what_is_missing(shelf, engine, capsys):
    shelf.push(TWO)
    assert _states(shelf.pull(TWO)) == [HELD, HELD, HELD]
    forget(engine, TWO)
    missing = shelf.pull(TWO)
    assert _states(missing) == [HELD, HELD, FETCHED]
    assert (missing.layers, missing.fetched) == (3, 1)
    assert PAGE < missing.transfer.crossed < 1.1 * PAGE


def test_the_image_that_had_the_name_before_is_not_left_without_one(shelf, engine, capsys):
    shelf.push(ONE)
    shelf.pull(ONE, to="lbl/test-old:1")
    shelf.push(TWO)
    forget(engine, ONE)
    before = engine.client.api.inspect_image("lbl/test-old:1")["Id"]
    shelf.pull(TWO, to="lbl/test-old:1")
    assert before not in {row["Id"] for row in engine.client.api.images(all=True)}


def test_a_tag_moves_and_the_digest_stays(shelf, engine, capsys):
    monday = shelf.push(ONE).manifest
    tuesday = shelf.push(TWO, to=ONE).manifest
    assert monday.digest != tuesday.digest
    assert shelf.manifest(ONE).digest == tuesday.digest
    old = shelf.pull(f"lbl/test-paper@{monday.digest}", to="lbl/test-old:1")
    assert old.manifest.layers == monday.layers
    ids = engine.client.api.inspect_image("lbl/test-old:1")["RootFS"]["Layers"]
    assert ids == engine.client.api.inspect_image(ONE)["RootFS"]["Layers"]
    capsys.readouterr()
    assert shelf.pull(f"lbl/test-paper@{monday.digest}").name == "lbl/test-paper:by-digest"
    assert "lbl/test-paper@sha256:…\n" in capsys.readouterr().out


def test_an_image_is_dropped_from_the_engine(shelf, engine, capsys):
    shelf.drop(TWO)
    assert capsys.readouterr().out == f"$ docker image rm {TWO}\n"
    shelf.drop(TWO)
    assert not engine.client.api.images(TWO)
    made = engine.client.api.create_container(ONE, name="lbl-test-stands", labels=labels.make())
    try:
        with pytest.raises(InUse):
            shelf.drop(ONE)
    finally:
        engine.client.api.remove_container(made["Id"])
    assert engine.client.api.inspect_image(ONE)


def test_the_registry_that_runs_is_found(shelf, engine, capsys):
    assert registry.find(engine) == shelf
    shelf.push(ONE)
    assert registry.find(engine).catalogue() == [ONE]
    shelf.stop()
    assert registry.find(engine) is None


def test_no_second_name_stays(shelf, engine, capsys):
    shelf.push(ONE)
    forget(engine, ONE)
    pulled = shelf.pull(ONE)
    assert engine.client.api.inspect_image(pulled.name)["RepoTags"] == [ONE]


def test_the_figure_says_what_crossed(shelf, engine, capsys):
    moves = [shelf.push(ONE), shelf.push(TWO), shelf.push(TWO, to="lbl/test-archive:2")]
    forget(engine, TWO)
    moves.append(shelf.pull(TWO))
    assert (
        str(figures.wire(*moves))
        == """\
What crossed the wire, and what was already there
Push of lbl/test-paper:1: 2 of 2 layers crossed
  L2: crossed
  L1: crossed
  The count at the registry's network card agrees: what crossed, and little else
Push of lbl/test-paper:2: 1 of 3 layers crossed
  L3: crossed
  L2: the registry held it
  L1: the registry held it
  The count at the registry's network card agrees: what crossed, and little else
Push of lbl/test-archive:2: 0 of 3 layers crossed
  L3: mounted from lbl/test-paper
  L2: mounted from lbl/test-paper
  L1: mounted from lbl/test-paper
  The count at the registry's network card agrees: what crossed, and little else
Pull of lbl/test-paper:2: 1 of 3 layers crossed
  L3: crossed
  L2: the engine held it
  L1: the engine held it
  The count at the registry's network card agrees: what crossed, and little else"""
    )


@pytest.mark.parametrize("times", [1, 2])
def test_the_story_is_the_same_at_every_run(engine, times, capsys):
    """A new registry after another: nothing that the engine remembers of the old one shows."""
    for _ in range(times):
        shelf = registry.start(engine, empty=True)
        shelf.edition(ONE, ["monday"])
        first = shelf.push(ONE)
        copy = shelf.push(ONE, to="lbl/test-archive:1")
    shelf.stop()
    forget(engine, ONE)
    assert _states(first) == [SENT, SENT]
    assert _states(copy) == [MOUNTED, MOUNTED]

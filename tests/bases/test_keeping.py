"""Layers that are kept for the next engine: the same bytes, or made anew."""

from __future__ import annotations

import errno
from concurrent.futures import ThreadPoolExecutor

import pytest

from helpers import bases
from helpers.bases import keeping
from helpers.bases.keeping import Kept
from helpers.engine import inventory
from helpers.errors import NoSpace

CONTENT = b"a layer" * 1000


@pytest.fixture(autouse=True)
def own_folder(request, tmp_path, monkeypatch):
    if not request.node.get_closest_marker("daemon"):
        monkeypatch.setattr(keeping, "folder", lambda: tmp_path)


def _read(kept, made):
    def make(file):
        made.append(kept.name)
        file.write(CONTENT)

    with kept.open(make) as file:
        return file.read()


def test_a_layer_is_made_once():
    made = []
    assert [_read(Kept("x", "1"), made) for _ in range(3)] == [CONTENT] * 3
    assert made == ["x"]


def test_another_recipe_is_another_layer_and_the_older_one_goes(tmp_path):
    made = []
    for parts in (("ab", "c"), ("a", "bc"), (b"ab", "d")):
        _read(Kept("x", *parts), made)
    assert len(made) == 3
    assert len(list(tmp_path.glob("*.zst"))) == 1


@pytest.mark.parametrize("harm", [lambda data: data[:20], lambda data: data[:-9] + b"damaged!!"])
def test_a_damaged_file_is_made_anew(harm):
    made, kept = [], Kept("x", "1")
    _read(kept, made)
    kept.path.write_bytes(harm(kept.path.read_bytes()))
    assert _read(kept, made) == CONTENT
    assert len(made) == 2
    assert _read(kept, made) == CONTENT and len(made) == 2


def test_a_making_that_fails_keeps_nothing(tmp_path):
    kept = Kept("x", "1")

    def full(file):
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(NoSpace), kept.open(full):
        pass
    assert not kept.there and not list(tmp_path.glob("*.part"))


def test_two_that_want_the_same_at_once_make_it_once():
    made = []
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: _read(Kept("x", "1"), made), range(4)))
    assert found == [CONTENT] * 4 and made == ["x"]


@pytest.mark.daemon
def test_an_image_of_a_kept_layer_is_the_same_as_one_that_was_made(engine, capsys):
    """With this engine's salt: `lbl/debian:12` itself holds it."""
    bases.redis(engine)
    layers = {}
    for way in ("kept", "made"):
        if way == "made":
            for path in keeping.folder().glob("redis-*.zst"):
                path.unlink()
        engine.client.api.remove_image(bases.REDIS, force=True)
        capsys.readouterr()
        held = inventory.take(engine)
        bases.redis(engine)
        assert capsys.readouterr().out.count("\n") == 3  # a line for each step
        layers[way] = engine.client.api.inspect_image(bases.REDIS)["RootFS"]["Layers"]
        assert len(inventory.take(engine).ours) == len(held.ours) + 1
    assert layers["kept"] == layers["made"]

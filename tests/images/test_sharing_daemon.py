"""The forest of a real engine, held against what the engine itself does and says."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import docker
import pytest

from benchmarks import archives
from helpers.engine import build_cache
from helpers.errors import NotFound
from helpers.images import sharing

pytestmark = pytest.mark.daemon


def name(what: str) -> str:
    return f"lbl-test-sharing/{what}:1"


def load(engine, path: Path) -> None:
    subprocess.run(
        ["docker", "load", "--quiet", "--input", str(path)],
        env=engine.environment(),
        check=True,
        stdout=subprocess.DEVNULL,
        timeout=120,
    )


@pytest.fixture(scope="module")
def loaded(engine, tmp_path_factory):
    """base (2 layers), app and tool on it, an image beside them, and one without any layer."""
    folder = tmp_path_factory.mktemp("sharing")
    layers = {
        key: archives.layer(folder / key, [(f"{key}/file", key.encode() * size)])
        for key, size in {"a": 5000, "b": 300, "app": 70, "tool": 11, "alone": 400}.items()
    }
    stacks = {
        "base": ["a", "b"],
        "app": ["a", "b", "app"],
        "tool": ["a", "b", "tool"],
        "beside": ["alone", "b"],
        "scratch": [],
    }
    plans = [archives.Plan(name(k), [layers[s] for s in stack]) for k, stack in stacks.items()]
    archives.archive(folder / "all.tar", plans)
    load(engine, folder / "all.tar")
    yield [name(k) for k in stacks]
    for each in stacks:
        for tag in (name(each), name(f"{each}-again")):
            try:
                engine.client.images.remove(tag, force=True)
            except docker.errors.ImageNotFound:
                continue


def test_content_of_named_images(engine, loaded):
    forest = sharing.forest(loaded, engine)
    assert [image.name for image in forest.images] == loaded
    assert [node.size for node in forest.layers(name("app"))] == [5000, 300, 210]
    assert forest.once_bytes == 5000 + 300 + 210 + 44 + 2000 + 300
    assert forest.summed_bytes == 5300 + 5510 + 5344 + 2300
    assert forest.shared(name("app"), name("tool")).size == 5300
    assert forest.shared(name("app"), name("beside")).layers == ()
    assert [m.name for m in forest.stands_on(name("app"))] == [name("base")]
    assert forest.layers(name("scratch")) == ()


def test_all_images_hold_the_named_ones(engine, loaded):
    forest = sharing.forest(engine=engine)
    listed = {image["Id"] for image in engine.client.api.images()}
    assert {image.id for image in forest.images} == listed
    assert set(loaded) <= {image.name for image in forest.images}
    for image in forest.images:
        inspected = engine.client.api.inspect_image(image.id)
        diff_ids = inspected["RootFS"].get("Layers") or []
        assert [n.diff_id for n in forest.layers(image.name)] == diff_ids


def test_the_engine_s_sizes_from_the_store_and_from_history_agree(engine, loaded, monkeypatch):
    from_store = sharing.forest(loaded, engine, sizes="engine")
    monkeypatch.setattr(sharing.layer_sizes, "_from_store", lambda *_: {})
    from_history = sharing.forest(loaded, engine, sizes="engine")
    assert from_store.nodes == from_history.nodes
    if engine.store == "overlay2":
        assert from_store.nodes == sharing.forest(loaded, engine, sizes="content").nodes
        sizes = [n.size for n in from_history.layers(name("app"))]
        assert sum(sizes) == engine.client.api.inspect_image(name("app"))["Size"]


def test_containers_and_further_tags_keep_layers(engine, loaded):
    engine.client.images.get(name("app")).tag("lbl-test-sharing/app-again", "1")
    forest = sharing.forest([name("app"), name("app-again")], engine, sizes="engine")
    assert len(forest.images) == 1
    assert forest.removal(name("app")).untagged == (name("app"),)
    engine.client.images.remove(name("app-again"))
    made = engine.client.api.create_container(name("app"), command=["x"], name="lbl-test-sharing")
    try:
        forest = sharing.forest([name("app")], engine, sizes="engine")
        assert forest.images[0].containers == ("lbl-test-sharing",)
        assert forest.removal(name("app")).in_use == (name("app"),)
        with pytest.raises(docker.errors.APIError):  # the daemon agrees
            engine.client.images.remove(name("app"))
    finally:
        engine.client.api.remove_container(made)


def test_an_image_whose_name_was_taken_is_dangling_and_still_there(engine, tmp_path):
    stacks = [
        [archives.layer(tmp_path / key, [(key, b"x" * size)])]
        for key, size in (("old", 900), ("new", 50))
    ]
    ids = []
    try:
        for n, stack in enumerate(stacks):
            archives.archive(tmp_path / f"{n}.tar", [archives.Plan(name("taken"), stack)])
            load(engine, tmp_path / f"{n}.tar")
            ids.append(engine.client.api.inspect_image(name("taken"))["Id"])
        forest = sharing.forest(engine=engine)
        assert forest.image(name("taken")).id == ids[1]
        old = next(image for image in forest.images if image.id == ids[0])
        assert old.dangling and old.chain == (f"sha256:{stacks[0][0].diff_id}",)
        assert forest.removal(old.name).layers == forest.layers(old.name)
    finally:
        for id in ids:
            engine.client.images.remove(id, force=True)


def test_the_build_cache_keeps_what_it_built(engine, tmp_path):
    if engine.store != "overlay2" or tuple(map(int, engine.api_version.split("."))) < (1, 42):
        pytest.skip("only the classic store's own records can be looked at, and only with buildx")
    before = build_cache.records(engine)
    (tmp_path / "file").write_bytes(os.urandom(1234))
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY file /file\n")
    label = "org.layer-by-layer.course=layer-by-layer"
    subprocess.run(
        ["docker", "build", "-q", "--label", label, "-t", name("cached"), str(tmp_path)],
        env=engine.environment(),
        check=True,
        stdout=subprocess.DEVNULL,
        timeout=120,
    )
    forest = sharing.forest(name("cached"), engine)
    removal = forest.removal(name("cached"))
    assert removal.size == removal.cached == 1234
    engine.client.images.remove(name("cached"))
    assert layer_of(engine, removal.layers[0].chain_id)  # so much for freeing
    build_cache.remove(engine, build_cache.records(engine) - before)
    assert not layer_of(engine, removal.layers[0].chain_id)


def test_a_near_name_is_suggested(engine, loaded):
    with pytest.raises(NotFound, match="lbl-test-sharing/app:1"):
        sharing.forest("lbl-test-sharing/apq:1", engine)


@pytest.mark.parametrize("odd", ["", "UPPER/case", "a b", "../x", "x:y:z", "<b>"])
def test_what_cannot_be_a_name_is_not_found(engine, odd):
    with pytest.raises(NotFound):
        sharing.forest(odd, engine)


def test_freed_bytes_are_what_the_engine_frees(engine, loaded):
    """Last: it removes images. Exactly the layers that were foretold leave the store."""
    before = sharing.forest(loaded, engine)
    victims = [name("tool"), name("base"), name("beside")]
    foretold = before.removal(*victims)
    kept = [node.chain_id for node in before.layers(name("app"))]
    assert foretold.size == sum(node.size for node in foretold.layers) == 44 + 2000 + 300
    gone = [node.chain_id for node in foretold.layers]
    stored = [layer_of(engine, chain) for chain in (*gone, *kept)]
    assert all(stored) or engine.store != "overlay2"
    for victim in victims:
        engine.client.images.remove(victim)
    after = sharing.forest(engine=engine)
    assert not after.nodes.keys() & set(gone)
    assert after.nodes.keys() >= set(kept)
    if engine.store == "overlay2":
        assert not any(layer_of(engine, chain) for chain in gone)
        assert all(layer_of(engine, chain) for chain in kept)


def layer_of(engine, chain: str) -> bool:
    """Whether the classic store holds a layer, by its own record on disk."""
    database = Path(engine.info["DockerRootDir"]) / "image/overlay2/layerdb/sha256"
    return (database / chain.removeprefix("sha256:")).exists()

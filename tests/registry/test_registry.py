"""The registry on a real daemon: on loopback alone, and honest about what was sent."""

from __future__ import annotations

import hashlib
import urllib.request
from dataclasses import replace

import docker
import pytest

from helpers import bases, builds, registry
from helpers.engine import Engine, labels
from helpers.errors import EngineFailed, EngineLost, NotFound, NotOurs
from helpers.registry import server

ONE, TWO = "lbl/test-push:1", "lbl/test-push:2"


@pytest.fixture(scope="module")
def images(engine, tmp_path_factory):
    """Two images: the second stands on the first."""
    bases.busybox(engine)
    for tag, base in ((ONE, "lbl/busybox:1"), (TWO, ONE)):
        folder = tmp_path_factory.mktemp("context")
        (folder / "Dockerfile").write_text(f"FROM {base}\nRUN echo {tag} > /{tag[-1]}\n")
        builds.run(folder, tag, engine)
    yield ONE, TWO
    for tag in (TWO, ONE):
        engine.client.api.remove_image(tag, force=True)


@pytest.fixture
def running(engine):
    found = registry.start(engine)
    yield found
    found.stop()


def test_it_listens_on_loopback_alone_and_is_ours(running, engine):
    found = engine.client.api.inspect_container(running.container)
    bound = found["NetworkSettings"]["Ports"]["5000/tcp"]
    assert [row["HostIp"] for row in bound] == ["127.0.0.1"]
    assert labels.ours(found["Config"]["Labels"])
    assert running.url == f"127.0.0.1:{bound[0]['HostPort']}"
    assert running.url not in repr(running)


def test_starting_twice_is_starting_once(running, engine):
    assert registry.start(engine) == running
    assert registry.start(engine).url == running.url


def test_a_shared_layer_is_sent_once(running, images, capsys):
    assert running.catalogue() == []
    first, second = running.push(ONE), running.push(TWO)
    assert (first.layers, first.sent) == (2, 2)
    assert (second.layers, second.sent) == (3, 1)
    assert running.push(TWO).sent == 0
    assert running.catalogue() == [ONE, TWO]
    assert first.manifest.layers == second.manifest.layers[:2]


def test_a_push_leaves_no_second_name(running, images, engine, capsys):
    running.push(ONE)
    assert engine.client.api.inspect_image(ONE)["RepoTags"] == [ONE]


def test_a_digest_is_the_hash_of_the_manifest(running, images, capsys):
    manifest = running.push(ONE).manifest
    address = f"http://{running.url}/v2/lbl/test-push/manifests/{manifest.digest}"
    accept = {"Accept": "application/vnd.docker.distribution.manifest.v2+json, "
              "application/vnd.oci.image.manifest.v1+json"}  # fmt: skip
    with urllib.request.urlopen(urllib.request.Request(address, headers=accept)) as answer:
        content = answer.read()
    assert manifest.digest == f"sha256:{hashlib.sha256(content).hexdigest()}"
    for blob in manifest.layers:
        with urllib.request.urlopen(
            f"http://{running.url}/v2/lbl/test-push/blobs/{blob.digest}"
        ) as answer:
            content = answer.read()
        assert len(content) == blob.size
        assert blob.digest == f"sha256:{hashlib.sha256(content).hexdigest()}"


def test_a_digest_leads_to_its_image_after_the_tag_has_moved(running, images, engine, capsys):
    old, first = running.push(ONE).manifest, engine.client.api.inspect_image(ONE)["Id"]
    engine.client.api.tag(TWO, "lbl/test-push", "1")
    new = running.push(ONE).manifest
    engine.client.api.tag(first, "lbl/test-push", "1")
    assert new.digest != old.digest
    found = running.manifest(f"lbl/test-push@{old.digest}")
    assert (found.digest, found.layers) == (old.digest, old.layers)
    assert found.name == f"lbl/test-push@{old.digest}"


def test_pulling_fetches_what_is_missing(running, images, engine, capsys):
    running.push(ONE), running.push(TWO)
    assert running.pull(TWO).fetched == 0
    before = engine.client.api.inspect_image(TWO)["RootFS"]
    engine.client.api.remove_image(TWO, force=True)
    pulled = running.pull(TWO)
    assert (pulled.layers, pulled.fetched) == (3, 1)
    after = engine.client.api.inspect_image(TWO)
    assert after["RootFS"] == before
    assert after["RepoTags"] == [TWO]
    assert labels.ours(after["Config"]["Labels"])


def test_what_is_not_there(running, images, capsys):
    with pytest.raises(NotFound, match="lbl/test-nothing:1"):
        running.push("lbl/test-nothing:1")
    running.push(ONE)
    for call in (running.pull, running.manifest):
        with pytest.raises(NotFound) as caught:
            call("lbl/test-nothing:1")
        assert ONE in caught.value.why


def test_stopping_leaves_nothing(engine, images, capsys):
    found = registry.start(engine)
    found.push(ONE)
    found.stop()
    found.stop()
    with pytest.raises(docker.errors.NotFound):
        engine.client.api.inspect_container(found.container)
    with pytest.raises(EngineLost, match="registry"):
        found.catalogue()
    again = registry.start(engine)
    try:
        assert again.catalogue() == []
    finally:
        again.stop()


def test_an_empty_one_in_its_place_takes_along_what_was_pulled_by_hand(engine, images, capsys):
    api = engine.client.api
    old = registry.start(engine, empty=True)
    old.push(images[0])
    name = f"{old.url}/{images[0]}"
    api.pull(name)
    api.tag(images[0], "keep/this", "1")
    try:
        new = registry.start(engine, empty=True)
        with pytest.raises(docker.errors.ImageNotFound):
            api.inspect_image(name)
        assert api.inspect_image(images[0])["Id"] == api.inspect_image("keep/this:1")["Id"]
        new.stop()
    finally:
        api.remove_image("keep/this:1")


def test_an_engine_elsewhere_is_refused(engine):
    far = Engine(replace(engine.endpoint, url="tcp://203.0.113.7:2375"), engine.client)
    with pytest.raises(EngineFailed, match="another machine"):
        registry.start(far)


def test_a_foreign_container_of_its_name(engine, monkeypatch, capsys):
    monkeypatch.setattr(server, "CONTAINER", "test-foreign-registry")
    api = engine.client.api
    from helpers.bases.archive import LayerWriter

    with LayerWriter() as tar:
        tar.add("x", b"x")
    api.import_image_from_data(tar.file.read(), repository="test-foreign-r", tag="1")
    made = api.create_container("test-foreign-r:1", ["x"], name="test-foreign-registry")["Id"]
    try:
        with pytest.raises(NotOurs):
            registry.start(engine)
        assert api.inspect_container("test-foreign-registry")["Id"] == made
    finally:
        api.remove_container(made)
        api.remove_image("test-foreign-r:1")

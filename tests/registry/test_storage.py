"""Deletion, garbage collection, and bytes that changed, in a real registry."""

from __future__ import annotations

import pytest

from helpers import registry
from helpers.errors import EngineFailed, EngineLost, NoSpace, NotFound
from helpers.registry import Blob
from helpers.registry.client import Access
from helpers.registry.editions import PAGE

from .conftest import ONE, TWO, forget


def test_what_is_stored_is_each_blob_once(shelf, capsys):
    assert shelf.stored().blobs == ()
    first, second = shelf.push(ONE).manifest, shelf.push(TWO).manifest
    known = {b.digest: b.size for m in (first, second) for b in (m.own, m.config, *m.layers)}
    assert {blob.digest: blob.size for blob in shelf.stored().blobs} == known
    assert shelf.stored().size == sum(known.values())
    assert str(shelf.stored()) == "The registry stores 7 blobs"


def test_deleting_frees_nothing_and_collecting_does(shelf, capsys):
    first, second = shelf.push(ONE).manifest, shelf.push(TWO).manifest
    before = shelf.stored()
    gone = shelf.delete(TWO)
    assert (gone.tags, gone.left) == (("2",), ("1",))
    assert shelf.stored() == before
    with pytest.raises(NotFound):
        shelf.manifest(TWO)
    done = shelf.collect()
    assert {b.digest for b in done.gone} == {
        second.own.digest, second.config.digest, second.layers[-1].digest
    }  # fmt: skip
    assert PAGE < done.freed < 1.1 * PAGE
    assert all(layer in done.after for layer in first.layers)
    assert shelf.push(TWO).sent == 1


def test_a_digest_with_two_tags(shelf, capsys):
    shelf.push(ONE), shelf.push(ONE, to="lbl/test-paper:latest")
    gone = shelf.delete("lbl/test-paper:latest")
    assert (gone.tags, gone.left) == (("1", "latest"), ())
    assert "1, latest" in str(gone)
    assert shelf.catalogue() == []


def test_a_manifest_of_another_repository_stays(shelf, capsys):
    shelf.push(ONE), shelf.push(ONE, to="lbl/test-archive:1")
    shelf.delete(ONE)
    assert shelf.catalogue() == ["lbl/test-archive:1"]
    assert shelf.collect().gone == ()


def test_an_untagged_manifest_goes_only_when_asked(shelf, capsys):
    old = shelf.push(ONE).manifest
    shelf.push(TWO, to=ONE)
    assert shelf.collect().gone == ()
    assert shelf.manifest(f"lbl/test-paper@{old.digest}").layers == old.layers
    assert {b.digest for b in shelf.collect(untagged=True).gone} == {
        old.digest, old.config.digest
    }  # fmt: skip
    with pytest.raises(NotFound):
        shelf.manifest(f"lbl/test-paper@{old.digest}")


def test_nothing_to_collect(shelf, capsys):
    assert shelf.collect().freed == 0


def test_a_registry_deletes_by_digest_alone(shelf, capsys):
    shelf.push(ONE)
    with pytest.raises(EngineFailed, match=r"UNSUPPORTED|DIGEST_INVALID"):
        Access(shelf.url).delete("/v2/lbl/test-paper/manifests/1")
    assert shelf.catalogue() == [ONE]


def test_changed_bytes_are_found_out(shelf, engine, capsys):
    manifest = shelf.push(TWO).manifest
    forget(engine, TWO)
    for _ in range(2):  # a cell that runs twice does not mend it
        shelf.spoil(manifest.layers[-1])
    with pytest.raises(EngineFailed) as caught:
        shelf.pull(TWO)
    assert caught.value.key == "registry.digest"
    assert "digest" in caught.value.why
    assert not engine.client.api.images(TWO)
    with pytest.raises(NotFound):
        shelf.spoil(Blob(f"sha256:{'0' * 64}", 1))


def test_a_digest_that_does_not_fit_is_refused(shelf, capsys):
    manifest = shelf.push(ONE).manifest
    content = b'{"schemaVersion": 2}'
    with pytest.raises(EngineFailed, match=r"DIGEST_INVALID|MANIFEST_INVALID"):
        Access(shelf.url).put(
            f"/v2/lbl/test-paper/manifests/{manifest.digest}",
            content,
            "application/vnd.oci.image.manifest.v1+json",
        )


def test_a_full_registry(engine, capsys):
    small = registry.start(engine, empty=True, room="1m")
    try:
        small.edition(TWO, ["monday", "tuesday", "wednesday"])
        with pytest.raises(NoSpace) as caught:
            small.push(TWO)
        assert caught.value.key == "registry.full"
        assert small.catalogue() == []
        assert small.stored().size < 1 << 20
    finally:
        small.stop()
        forget(engine, TWO)
    assert not engine.client.api.volumes(filters={"label": "org.layer-by-layer.registry"})[
        "Volumes"
    ]


def test_a_registry_that_is_gone(shelf, capsys):
    shelf.stop()
    for call in (
        lambda: shelf.push(ONE),
        lambda: shelf.pull(ONE),
        shelf.catalogue,
        lambda: shelf.delete(ONE),
        shelf.stored,
        shelf.collect,
        lambda: shelf.edition(ONE, []),
        lambda: shelf.beyond_loopback(ONE),
    ):
        with pytest.raises(EngineLost) as caught:
            call()
        assert caught.value.key == "registry.lost"


def test_a_registry_that_goes_in_the_middle(shelf, engine, monkeypatch, capsys):
    """The daemon tries again for a while; in the end the course's own error comes."""
    from helpers.registry import moving

    shelf.push(ONE)
    real = moving.Recorder.start

    def start_and_break(recorder):
        real(recorder)
        engine.client.api.stop(shelf.container, timeout=0)

    monkeypatch.setattr(moving.Recorder, "start", start_and_break)
    with pytest.raises(EngineLost) as caught:
        shelf.push(TWO)
    assert caught.value.key == "registry.lost"


@pytest.mark.parametrize(
    "name", ["", "Paper:1", "lbl/paper:", "lbl//paper", "-paper", "lbl/paper:1:2", "a b", "x" * 300]
)
def test_bad_names(shelf, name, capsys):
    for call in (shelf.push, shelf.pull, shelf.delete, shelf.manifest):
        with pytest.raises(EngineFailed) as caught:
            call(name)
        assert caught.value.key == "registry.bad_name"
    assert "docker" not in capsys.readouterr().out


def test_plain_http_off_loopback_is_refused(shelf, capsys):
    shelf.push(ONE)
    capsys.readouterr()
    found = shelf.beyond_loopback(ONE)
    assert found.refused
    printed = capsys.readouterr().out.splitlines()
    assert printed[1] == "http: server gave HTTP response to HTTPS client"
    assert "172.X.X.X" in printed[0]

"""One name for two platforms, on a real daemon: what a client of each gets."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import tarfile
import urllib.request
import zlib

import pytest

from helpers.errors import EngineFailed, NotFound

from .conftest import ONE, TWO, forget

PARTS = {"linux/amd64": "lbl/test-hello:1-amd64", "linux/arm64": "lbl/test-hello:1-arm64"}
MACHINES = {"linux/amd64": 62, "linux/arm64": 183}  # elf(5): EM_X86_64, EM_AARCH64
NAME = "lbl/test-hello:1"


@pytest.fixture
def joined(shelf, engine, capsys):
    for platform, part in PARTS.items():
        architecture = platform.partition("/")[2]
        shelf.edition(part, [architecture], architecture)
        shelf.push(part)
    found = shelf.join(NAME, list(PARTS.values()))
    forget(engine, *PARTS.values())
    return found


def _machine(shelf, manifest) -> int:
    """Return the field ``e_machine`` of BusyBox in a layer of the registry."""
    address = f"http://{shelf.url}/v2/lbl/test-hello/blobs/{manifest.layers[0].digest}"
    with urllib.request.urlopen(address) as answer:
        content = answer.read()
    if content[:2] == b"\x1f\x8b":
        content = zlib.decompress(content, 31)
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        return struct.unpack("<H", archive.extractfile("bin/busybox").read(20)[18:20])[0]


def test_the_index_lists_both(shelf, joined):
    assert joined.platforms == ("linux/amd64", "linux/arm64")
    assert shelf.index(NAME).parts == joined.parts
    assert joined.digest not in {part.digest for part in joined.parts}
    document = shelf.document(NAME)
    assert [row["platform"]["architecture"] for row in document["manifests"]] == ["amd64", "arm64"]
    assert shelf.index(PARTS["linux/arm64"]).platforms == ("linux/arm64",)


def test_each_platform_gets_its_own_program(shelf, joined):
    for platform, part in PARTS.items():
        manifest = shelf.manifest(NAME, platform)
        assert manifest.digest == joined.digest
        assert manifest.own.digest == joined.part(platform).digest
        assert manifest.layers == shelf.manifest(part, platform).layers
        assert _machine(shelf, manifest) == MACHINES[platform]


def test_a_pull_fetches_one_platform(shelf, joined, engine, capsys):
    forget(engine, ONE, TWO)  # they hold the BusyBox of one platform
    own = shelf.pull(NAME)
    assert own.platform == f"linux/{engine.architecture}"
    assert all(layer.crossed for layer in own.transfer.layers)
    other = next(p for p in PARTS if p != own.platform)
    pulled = shelf.pull(NAME, platform=other)
    assert pulled.platform == other
    assert f"{NAME} ({other}): 2 of 2" in str(pulled.transfer)
    assert all(layer.crossed for layer in pulled.transfer.layers)
    digests = [{layer.digest for layer in move.transfer.layers} for move in (own, pulled)]
    assert digests[0].isdisjoint(digests[1])


def test_a_platform_that_is_not_there(shelf, joined, capsys):
    with pytest.raises(NotFound) as caught:
        shelf.pull(NAME, platform="linux/s390x")
    assert caught.value.key == "registry.no_platform"
    assert "linux/amd64, linux/arm64" in caught.value.why
    with pytest.raises(NotFound):
        shelf.pull(PARTS["linux/arm64"], platform="linux/amd64")
    with pytest.raises(EngineFailed):
        shelf.pull(NAME, platform="commodore")


def test_buildx_makes_the_same_index(shelf, joined, engine):
    """Ours against the real command, where the client has it."""
    there = [f"{shelf.url}/{part}" for part in PARTS.values()]
    command = ["docker", "buildx", "imagetools", "create", "-t", f"{shelf.url}/lbl/test-hello:x"]
    environment = engine.environment()
    known = subprocess.run(["docker", "buildx", "version"], env=environment, capture_output=True)
    if known.returncode:
        pytest.skip("this client has no buildx")
    done = subprocess.run(
        [*command, *there], env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    theirs = shelf.document("lbl/test-hello:x")
    assert json.dumps(theirs, sort_keys=True) == json.dumps(shelf.document(NAME), sort_keys=True)


def test_what_does_not_fit_together(shelf, joined, capsys):
    with pytest.raises(EngineFailed) as caught:
        shelf.join(NAME, [PARTS["linux/amd64"]])
    assert caught.value.key == "registry.unfit"
    with pytest.raises(EngineFailed):
        shelf.join("lbl/test-other:1", list(PARTS.values()))
    with pytest.raises(EngineFailed) as caught:
        shelf.join(NAME, [PARTS["linux/amd64"], PARTS["linux/amd64"]])
    assert caught.value.key == "registry.same_platform"
    with pytest.raises(NotFound):
        shelf.join(NAME, [PARTS["linux/amd64"], "lbl/test-hello:nothing"])


def test_a_deleted_index_leaves_its_parts(shelf, joined, capsys):
    shelf.delete(NAME)
    assert shelf.catalogue() == sorted(PARTS.values())
    assert len(shelf.collect().gone) == 1


def test_collecting_what_has_no_tag_empties_an_index(shelf, joined, capsys):
    """Lesson 06 warns of it. If a newer registry is kinder, the lesson has to say so."""
    for part in PARTS.values():
        shelf.push(ONE, to=part)  # the tags move away; only the index still names the manifests
    assert shelf.collect().gone == ()
    assert shelf.manifest(NAME, "linux/arm64").own.digest == joined.part("linux/arm64").digest
    shelf.collect(untagged=True)
    assert shelf.index(NAME).parts == joined.parts
    for platform in PARTS:
        with pytest.raises(NotFound):
            shelf.manifest(NAME, platform)

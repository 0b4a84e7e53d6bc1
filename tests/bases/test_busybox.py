"""The BusyBox base image: the same bytes with the same salt, for both architectures."""

from __future__ import annotations

import hashlib
import io
import struct
import tarfile

import docker
import pytest

from helpers import bases, debian
from helpers.bases import archive
from helpers.bases import busybox_root as recipe
from helpers.engine import labels
from helpers.errors import EngineFailed, NotOurs

MACHINES = {"amd64": 62, "arm64": 183}  # e_machine, elf(5)
SALTS = ("0" * 32, "f" * 32)


def _program(architecture: str) -> bytes:
    (deb,) = debian.fetch(["busybox-static"], recipe.SUITE, architecture)
    return recipe.program(deb)


@pytest.mark.parametrize("architecture", recipe.ARCHITECTURES)
def test_layer_is_the_same_bytes_with_the_same_salt(architecture):
    program = _program(architecture)
    first = recipe.layer(program, SALTS[0]).read()
    assert recipe.layer(program, SALTS[0]).read() == first
    assert recipe.layer(program, SALTS[1]).read() != first


@pytest.mark.parametrize("architecture", recipe.ARCHITECTURES)
def test_layer_holds_what_a_system_needs(architecture):
    program = _program(architecture)
    assert struct.unpack_from("<H", program, 18)[0] == MACHINES[architecture]
    with tarfile.open(fileobj=recipe.layer(program, SALTS[0])) as layer:
        members = {m.name: m for m in layer}
        passwd = layer.extractfile("etc/passwd").read().decode()
    assert {(m.uid, m.gid, m.mtime) for m in members.values()} == {(0, 0, archive.EPOCH)}
    assert members["tmp"].mode == 0o1777 and members["tmp"].isdir()
    assert members["root"].mode == 0o700
    assert members["bin/busybox"].mode == 0o755
    assert members["bin/sh"].linkname == "busybox"
    assert members["bin/cat"].issym() and members["bin/httpd"].issym()
    assert passwd.startswith("root:x:0:0:root:/root:/bin/sh\n")
    assert members["etc/layer-by-layer-salt"].size == 33
    names = [m.name for m in members.values()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("architecture", recipe.ARCHITECTURES)
def test_it_weighs_the_same_on_every_processor(architecture):
    with tarfile.open(fileobj=recipe.layer(_program(architecture), SALTS[0])) as layer:
        assert sum(member.size for member in layer) == recipe.SIZE


def test_image_on_the_engine(engine):
    assert bases.busybox(engine) == "lbl/busybox:1"
    found = engine.client.api.inspect_image("lbl/busybox:1")
    assert labels.ours(found["Config"]["Labels"])
    assert found["Config"]["Cmd"] == ["sh"]
    assert found["Architecture"] == engine.architecture
    program = _program(engine.architecture)
    digest = hashlib.sha256(recipe.layer(program, bases.salt(engine)).read()).hexdigest()
    assert found["RootFS"]["Layers"] == [f"sha256:{digest}"]


def test_making_it_again_makes_the_same_layer(engine):
    bases.busybox(engine)
    before = engine.client.api.inspect_image("lbl/busybox:1")["RootFS"]["Layers"]
    engine.client.api.remove_image("lbl/busybox:1", force=True)
    bases.busybox(engine)
    assert engine.client.api.inspect_image("lbl/busybox:1")["RootFS"]["Layers"] == before


def test_applets_are_those_the_program_tells_of(engine):
    bases.busybox(engine)
    told = engine.client.containers.run(
        "lbl/busybox:1", ["busybox", "--list"], remove=True, labels=labels.make()
    )
    assert recipe.applets(_program(engine.architecture)) == told.decode().split()


def test_another_salt_makes_another_image_and_leaves_no_old_one(engine, monkeypatch):
    recipes = [
        archive.Recipe("lbl/test-salted:1", engine.architecture, f"test {n}", "test", ("sh",))
        for n in range(2)
    ]
    identifiers = []
    for number, one in enumerate(recipes):
        assert not archive.present(engine, one)
        with archive.LayerWriter() as tar:
            tar.add("salt", str(number).encode())
        archive.load(engine, one, tar.file)
        assert archive.present(engine, one)
        identifiers.append(engine.client.api.inspect_image(one.name)["Id"])
    assert identifiers[0] != identifiers[1]
    with pytest.raises(docker.errors.ImageNotFound):
        engine.client.api.inspect_image(identifiers[0])
    engine.client.api.remove_image(recipes[1].name, force=True)


def test_a_foreign_image_of_that_name_is_left_alone(engine):
    with archive.LayerWriter() as tar:
        tar.add("foreign", b"precious")
    api = engine.client.api
    api.import_image_from_data(tar.file.read(), repository="lbl/test-foreign", tag="1")
    before = api.inspect_image("lbl/test-foreign:1")["Id"]
    mine = archive.Recipe("lbl/test-foreign:1", engine.architecture, "test", "test", ("sh",))
    try:
        with pytest.raises(NotOurs, match="lbl/test-foreign:1"):
            archive.present(engine, mine)
        with pytest.raises(NotOurs):
            archive.load(engine, mine, io.BytesIO(b""))
        assert api.inspect_image("lbl/test-foreign:1")["Id"] == before
    finally:
        api.remove_image("lbl/test-foreign:1")


def test_an_archive_that_the_daemon_refuses(engine, monkeypatch):
    one = archive.Recipe("lbl/test-refused:1", engine.architecture, "test", "test", ("sh",))
    monkeypatch.setattr(archive, "_stream", lambda *_: iter([b"this is no tar archive" * 50]))
    with pytest.raises(EngineFailed, match="lbl/test-refused:1"):
        archive.load(engine, one, io.BytesIO(b""))


def test_an_engine_of_another_architecture():
    class Other:
        architecture = "riscv64"
        id = "test"

    with pytest.raises(EngineFailed, match="riscv64"):
        bases.busybox(Other())

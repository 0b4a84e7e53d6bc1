"""The Debian base image: made once, and apt and Python work in it."""

from __future__ import annotations

import errno

import pytest

from helpers import bases, containers
from helpers.bases import debian_root
from helpers.engine import inventory, labels
from helpers.errors import NoSpace

NAME = "lbl-test-debian"


@pytest.fixture(scope="module")
def image(engine):
    return bases.debian(engine)


@pytest.fixture
def run(engine, image, capsys):
    yield lambda script: containers.run(image, ["bash", "-c", script], NAME, engine=engine)
    containers.remove(NAME, engine=engine)


def test_apt_installs_a_package(run):
    done = run("apt-get update && apt-get install -y tree && tree --version")
    assert done.exit_code == 0, done.output[-2000:]
    assert "tree v2" in done.output


def test_python_runs_with_its_usual_modules(run):
    done = run("python3 -c 'import ssl, sqlite3, json, zlib, ctypes; print(6 * 7)'")
    assert done.output == "42\n"


def test_every_package_is_configured_and_intact(run):
    done = run(
        "dpkg --audit; dpkg-query -W -f '${db:Status-Abbrev}\\n' | sort | uniq -c;"
        " dpkg --verify | grep -v '^missing'; ldconfig -p | grep -c libpython >/dev/null; true"
    )
    rows = done.output.strip().split("\n")
    assert len(rows) == 1 and rows[0].split()[1] == "ii", done.output


def test_users_and_certificates_are_there(run):
    done = run("id; getent passwd _apt; ls /etc/ssl/certs/ca-certificates.crt; cat /etc/shadow")
    assert "uid=0(root)" in done.output and "_apt:" in done.output
    assert "/etc/ssl/certs/ca-certificates.crt" in done.output
    days = {row.split(":")[2] for row in done.output.split("\n") if row.count(":") == 8}
    assert days == {str(debian_root.EPOCH // 86400)}


def test_image_is_one_layer_with_the_salt(engine, image, run):
    found = engine.client.api.inspect_image(image)
    assert len(found["RootFS"]["Layers"]) == 1
    assert labels.ours(found["Config"]["Labels"])
    assert run("cat /etc/layer-by-layer-salt").output.strip() == bases.salt(engine)


def test_making_it_left_nothing_else(engine, image):
    names = {name for thing in inventory.take(engine).things for name in thing.names}
    assert debian_root.STAGE not in names


def test_a_second_call_makes_nothing(engine, image, monkeypatch):
    before = engine.client.api.inspect_image(image)["Id"]
    monkeypatch.setattr(debian_root, "packages_of", lambda *_: pytest.fail("it was made again"))
    assert bases.debian(engine) == image
    assert engine.client.api.inspect_image(image)["Id"] == before


def test_a_full_disk_is_said_and_nothing_is_left(engine, image, tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(debian_root, "present", lambda *_: False)
    monkeypatch.setattr(debian_root, "VERSION", 0)  # no layer of this recipe is kept
    before = inventory.take(engine)
    for step in ("_unpacked", "_flatten"):
        with monkeypatch.context() as patch:
            patch.setattr(debian_root, step, full)
            if step == "_flatten":  # a layer that needs no packages will do to get there
                patch.setattr(debian_root, "SECOND_STAGE", "true # {epoch} {day}")
            with pytest.raises(NoSpace):
                bases.debian(engine)
    after = inventory.take(engine)
    assert before.ours == after.ours and not before.foreign_changes(after)

"""Volumes on a real daemon: made, filled, shared, full, in use; other people's left alone."""

from __future__ import annotations

import contextlib

import docker
import pytest

from helpers import bases, containers, scenarios, volumes
from helpers.engine import cleanup, labels
from helpers.errors import InUse, NoSpace, NotFound, NotOurs, VolumeFailed

NAME = "lbl-04-testvol"
BOX = "lbl-04-testbox"
SEEDED = "lbl/04-seeded:1"


@pytest.fixture
def image(engine):
    yield bases.busybox(engine)
    for name in (BOX, f"{BOX}-2"):
        containers.remove(name, engine=engine)
    with contextlib.suppress(docker.errors.APIError):
        engine.client.api.remove_volume(NAME)


@pytest.fixture
def seeded(engine, image):
    """An image with a file of user 1000 in /seed."""
    box = engine.client.api.create_container(
        image, ["sh", "-c", "mkdir /seed; echo hi > /seed/a.txt; chown -R 1000:1000 /seed"]
    )["Id"]
    engine.client.api.start(box)
    engine.client.api.wait(box, timeout=60)
    engine.client.api.commit(box, *SEEDED.split(":"))
    engine.client.api.remove_container(box)
    yield SEEDED
    containers.remove(BOX, engine=engine)
    engine.client.api.remove_image(SEEDED, force=True)


def box(engine, image, command="sleep 600", name=BOX, **flags):
    running = command == "sleep 600"
    return containers.run(
        image, ["sh", "-c", command], name, detach=running, stop_signal="KILL", engine=engine,
        volumes=flags.pop("volumes", [f"{NAME}:/data"]), **flags,
    )  # fmt: skip


def test_a_volume_is_made_with_labels_and_its_command_is_printed(engine, image, capsys):
    made = volumes.create(NAME, engine=engine)
    assert capsys.readouterr().out == f"$ docker volume create {NAME}\n"
    told = engine.client.api.inspect_volume(NAME)
    assert labels.ours(told["Labels"]) and labels.lesson_of(told["Labels"]) == "04"
    assert made.place == f"volumes/{NAME}/_data" and made.users == () and made.files == ()
    assert "(empty)" in str(made) and "mounted in no container" in str(made)


def test_to_make_it_again_keeps_what_is_in_it_unless_told_otherwise(engine, image, capsys):
    volumes.create(NAME, engine=engine)
    box(engine, image, "echo kept > /data/a.txt")
    assert [f.path for f in volumes.create(NAME, engine=engine).files] == ["a.txt"]
    assert volumes.create(NAME, empty=True, engine=engine).files == ()
    assert not any(
        "lbl-04-testbox" in c["Names"][0] for c in engine.client.api.containers(all=True)
    )


def test_a_volume_is_filled_from_the_image_while_it_is_empty_with_its_owner(engine, seeded, capsys):
    box(engine, seeded, "mv /seed/a.txt /seed/b.txt", volumes=[f"{NAME}:/seed"])
    found = volumes.show(NAME, engine=engine)
    assert (found.uid, found.gid) == (1000, 1000)
    assert [(f.path, f.size, f.uid) for f in found.files] == [("b.txt", 3, 1000)]
    box(engine, seeded, "rm /seed/b.txt", volumes=[f"{NAME}:/seed"])  # not filled: it holds b.txt
    assert volumes.show(NAME, engine=engine).files == ()
    box(engine, seeded, "true", volumes=[f"{NAME}:/seed"])  # filled again: it was empty
    assert [f.path for f in volumes.show(NAME, engine=engine).files] == ["a.txt"]


def test_looking_is_no_first_use(engine, seeded, capsys):
    volumes.create(NAME, engine=engine)
    volumes.show(NAME, engine=engine)
    box(engine, seeded, "true", volumes=[f"{NAME}:/seed"])
    assert [f.path for f in volumes.show(NAME, engine=engine).files] == ["a.txt"]


def test_two_containers_share_a_volume_and_both_are_named(engine, image, capsys):
    box(engine, image)
    box(engine, image, name=f"{BOX}-2")
    containers.exec(BOX, ["sh", "-c", "echo hello > /data/word"], engine=engine)
    assert containers.exec(f"{BOX}-2", ["cat", "/data/word"], engine=engine).output == "hello\n"
    found = volumes.show(NAME, engine=engine)
    assert found.users == (BOX, f"{BOX}-2")
    with pytest.raises(InUse, match=f"{BOX}, {BOX}-2"):
        volumes.remove(NAME, engine=engine)
    assert engine.client.api.inspect_volume(NAME)


def test_a_small_volume_that_is_full(engine, image, capsys):
    made = volumes.create(NAME, size="1m", engine=engine)
    assert (made.memory, made.limit, made.place) == (True, 1 << 20, "")
    assert "--opt o=size=1m" in capsys.readouterr().out
    assert volumes.fill(NAME, "512k", engine=engine) == 1 << 19
    with pytest.raises(NoSpace, match=rf"{NAME} is full: 1.05 MB of the 2.1 MB fitted"):
        volumes.fill(NAME, "2m", engine=engine)
    said = box(engine, image, "dd if=/dev/zero of=/data/x bs=1k count=2000")
    assert said.exit_code and "No space left on device" in said.output
    with pytest.raises(VolumeFailed, match="other options"):
        volumes.create(NAME, size="2m", engine=engine)


def test_data_in_memory_go_with_the_last_container(engine, image, capsys):
    volumes.create(NAME, size="1m", engine=engine)
    box(engine, image)
    containers.exec(BOX, ["sh", "-c", "echo x > /data/x"], engine=engine)
    assert len(volumes.show(NAME, engine=engine).files) == 1
    containers.remove(BOX, engine=engine)
    assert volumes.show(NAME, engine=engine).files == ()


@pytest.mark.parametrize("size", ("", "0", "x", "-1m", "1t", "1.5m", "9" * 30))
def test_sizes_that_are_none(engine, size, capsys):
    with pytest.raises(VolumeFailed, match="no size"):
        volumes.create(NAME, size=size, engine=engine)
    with pytest.raises(docker.errors.NotFound):
        engine.client.api.inspect_volume(NAME)


def test_a_typing_mistake_cannot_fill_the_disk(engine, image, capsys):
    volumes.create(NAME, engine=engine)
    with pytest.raises(VolumeFailed, match="gigabyte"):
        volumes.fill(NAME, "2g", engine=engine)


def test_bad_names_and_unknown_volumes(engine, image, capsys):
    with pytest.raises(VolumeFailed, match="invalid characters"):
        volumes.create("no name", engine=engine)
    volumes.create(NAME, engine=engine)
    for call in (volumes.show, lambda n, **k: volumes.fill(n, "1k", **k)):
        with pytest.raises(NotFound, match=f"no volume called {NAME}s.*\n.*{NAME}"):
            call(f"{NAME}s", engine=engine)
    volumes.remove("lbl-04-never-was", engine=engine)  # gone is no error


def test_somebody_elses_volume_is_left_alone(engine, image, capsys):
    engine.client.api.create_volume("your-data")
    try:
        for call in (volumes.create, volumes.show, volumes.remove):
            with pytest.raises(NotOurs, match="your-data"):
                call("your-data", engine=engine)
        assert engine.client.api.inspect_volume("your-data")
    finally:
        engine.client.api.remove_volume("your-data")


def test_one_made_by_hand_under_a_name_of_a_lesson_is_the_courses(engine, image, capsys):
    engine.client.api.create_volume(NAME)  # `docker volume create` gives no label
    assert volumes.show(NAME, engine=engine).name == NAME
    cleanup.clean(engine, lesson="04")
    with pytest.raises(docker.errors.NotFound):
        engine.client.api.inspect_volume(NAME)


def test_mounts_are_told_in_their_kinds(engine, image, tmp_path, capsys):
    shared = volumes.bind(tmp_path, "/bind", read_only=True, engine=engine)
    box(engine, image, volumes=[f"{NAME}:/data:ro", "/anon", shared], tmpfs=["/run"])
    found = volumes.mounts(BOX, engine=engine)
    assert [(m.target, m.kind, m.read_only) for m in found.mounts] == [
        ("/anon", "anonymous", False), ("/bind", "bind", True), ("/data", "volume", True),
        ("/run", "tmpfs", False),
    ]  # fmt: skip
    assert str(tmp_path) not in str(found)  # another path on each machine


def test_a_read_only_mount_and_a_read_only_root(engine, image, tmp_path, capsys):
    shared = volumes.bind(tmp_path, "/bind", read_only=True, engine=engine)
    done = box(engine, image, "touch /bind/x", volumes=[shared])
    assert done.exit_code and "Read-only file system" in done.output
    done = box(engine, image, "touch /x; touch /run/x && echo fine", tmpfs=["/run"], read_only=True)
    assert "/x: Read-only file system" in done.output and "fine" in done.output


def test_a_bind_mount_shows_the_same_files_on_both_sides(engine, image, tmp_path, capsys):
    (tmp_path / "a.txt").write_text("from the host\n")
    shared = volumes.bind(tmp_path, "/bind", engine=engine)
    box(engine, image, volumes=[shared])
    assert containers.exec(BOX, ["cat", "/bind/a.txt"], engine=engine).output == "from the host\n"
    containers.exec(BOX, ["sh", "-c", "echo back > /bind/b.txt"], engine=engine)
    assert (tmp_path / "b.txt").read_text() == "back\n"


def test_a_bind_mount_prints_the_path_that_a_learner_would_type(engine, image, tmp_path, capsys):
    (tmp_path / "site").mkdir()
    with contextlib.chdir(tmp_path):
        shared = volumes.bind("./site", "/www", read_only=True, engine=engine)
        assert (shared, shared.shown) == (f"{tmp_path}/site:/www:ro", "./site:/www:ro")
        box(engine, image, "true", volumes=[shared])
    assert "-v ./site:/www:ro " in capsys.readouterr().out


def test_a_part_of_a_scenario_can_be_mounted(engine, image, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("LAYER_BY_LAYER_CONTEXTS", str(tmp_path))
    scenario = scenarios.start("04.shop", engine)
    shared = volumes.bind(scenario, "/www", inside="www", read_only=True, engine=engine)
    assert shared == f"{scenario.folder}/www:/www:ro"
    assert shared.shown == "./contexts/04-shop/www:/www:ro"
    box(engine, image, volumes=[shared])
    scenario.write("www/index.html", "changed\n")
    seen = containers.exec(BOX, ["cat", "/www/index.html"], engine=engine)
    assert seen.output == "changed\n"
    with pytest.raises(NotFound, match="contexts/04-shop/wwww"):
        volumes.bind(scenario, "/www", inside="wwww", engine=engine)


def test_a_bind_mount_of_a_path_that_does_not_exist(engine, tmp_path):
    missing = tmp_path / "sit"
    with pytest.raises(NotFound, match="no folder"):
        volumes.bind(missing, "/www", engine=engine)
    assert not missing.exists()
    with pytest.raises(VolumeFailed, match="absolute"):
        volumes.bind(tmp_path, "www", engine=engine)

"""The writable layer, held against what was really written."""

from __future__ import annotations

import pytest

from helpers import bases, containers

NAME = "lbl-01-writable"


@pytest.fixture
def written(engine, capsys):
    image = bases.busybox(engine)

    def run(script: str) -> containers.Writable:
        containers.run(image, ["sh", "-c", script], NAME, engine=engine)
        return containers.changes(NAME, engine=engine)

    yield run
    containers.remove(NAME, engine=engine)


def test_nothing_written(written):
    found = written("true")
    assert (found.added, found.changed, found.deleted, found.size) == ((), (), (), 0)
    assert str(found) == f"Writable layer of {NAME}: 0 B\n  nothing written"


def test_added_changed_deleted_with_their_bytes(written):
    found = written("echo hi > /root/new; echo 12345 >> /etc/passwd; rm /etc/group")
    assert found.added == ("/root/new",)
    assert found.changed == ("/etc/passwd",)
    assert found.deleted == ("/etc/group",)
    assert found.sizes == {"/root/new": 3, "/etc/passwd": 82 + 6}
    assert found.size == 3 + 88
    assert str(found).split("\n") == [
        f"Writable layer of {NAME}: 91 B",
        "  D /etc/group",
        "  C /etc/passwd  (88 B)",
        "  A /root/new  (3 B)",
    ]


def test_a_new_folder_with_links_is_counted_once(written):
    found = written(
        "mkdir -p /data/deep; head -c 1000 /dev/zero > /data/deep/a; ln /data/deep/a /data/b;"
        " ln -s a /data/deep/c; mkfifo /data/pipe"
    )
    assert found.added == (
        "/data", "/data/b", "/data/deep", "/data/deep/a", "/data/deep/c", "/data/pipe",
    )  # fmt: skip
    assert found.size == 1000


def test_odd_names_are_printed_safely(written):
    found = written("touch \"$(printf '/root/\\033[31mred')\"; touch '/root/<b> x'")
    assert "/root/<b> x" in found.added
    assert "\x1b" not in str(found) and "/root/red" in str(found)


def test_a_running_container_can_be_looked_into(engine, written):
    image = bases.busybox(engine)
    containers.run(image, ["sleep", "600"], NAME, detach=True, engine=engine)
    containers.exec(NAME, ["sh", "-c", "echo 1 > /a"], engine=engine)
    found = containers.changes(NAME, engine=engine)
    assert (found.added, found.sizes) == (("/a",), {"/a": 2})


def test_many_files_cost_one_archive(engine, written, monkeypatch):
    asked = []
    from helpers.containers import writable

    look = writable._stat
    monkeypatch.setattr(writable, "_stat", lambda *a: asked.append(a) or look(*a))
    found = written("mkdir /many; for i in $(seq 500); do echo $i > /many/$i; done")
    assert len(found.added) == 501
    assert found.size == sum(len(f"{i}\n") for i in range(1, 501))
    assert len(asked) < 5

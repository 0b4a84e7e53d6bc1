"""A build context file by file: what a snapshot sees, remembers, warns of."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import time
from hashlib import sha256
from pathlib import Path

import pytest

from helpers.contexts import digests, snapshots
from helpers.contexts.ignore import Ignore
from helpers.contexts.snapshots import Entry, Snapshot, snapshot
from helpers.errors import BuildFailed, NotFound

from .conftest import write

ROOT = os.geteuid() == 0 if hasattr(os, "geteuid") else False


def digest(content: str) -> str:
    return sha256(content.encode()).hexdigest()


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "context"
    write(place / "Dockerfile", "FROM scratch\n")
    write(place / "app.py", "print()\n")
    write(place / "run.sh", "echo\n", 0o755)
    write(place / "src/a.txt", "a")
    write(place / "src/lib/b.txt", "bb")
    (place / "link").symlink_to("src/a.txt")
    (place / "empty").mkdir()
    return place


@pytest.fixture
def reads(monkeypatch):
    """The files whose content was read."""
    read, real = [], digests.content

    def content(path):
        read.append(Path(path).name)
        return real(path)

    monkeypatch.setattr(digests, "content", content)
    return read


def age(folder: Path, monkeypatch) -> None:
    """Let a minute pass: what was written until now is no longer fresh."""
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() + 60_000_000_000)


# What is seen


def test_what_a_snapshot_holds(folder):
    found = snapshot(folder)
    assert found.files["app.py"] == Entry("file", 0o644, digest("print()\n"), 8)
    assert found.files["run.sh"].mode == 0o755
    assert found.files["link"] == Entry("link", 0o777, "src/a.txt")
    assert found.files["empty"] == Entry("dir", stat.S_IMODE((folder / "empty").stat().st_mode))
    assert set(found.files) == {
        "Dockerfile", "app.py", "run.sh", "src", "src/a.txt", "src/lib", "src/lib/b.txt",
        "link", "empty",
    }  # fmt: skip
    assert found.size == 13 + 8 + 5 + 1 + 2
    assert found.unreadable == () and snapshots.warnings(found) == ()


def test_the_folder_may_be_a_link_and_must_be_there(folder, tmp_path):
    (tmp_path / "other").symlink_to(folder)
    assert snapshot(tmp_path / "other").files == snapshot(str(folder)).files
    with pytest.raises(NotFound, match="nowhere"):
        snapshot(tmp_path / "nowhere")


def test_what_is_left_out_is_not_even_read(folder, reads):
    write(folder / ".dockerignore", "src\n!src/lib\n*.sh\n")
    found = snapshot(folder)
    assert {"src", "src/lib/b.txt"} <= set(found.files)  # `src` for the sake of `src/lib`
    assert not {"src/a.txt", "run.sh"} & set(found.files)
    assert "a.txt" not in reads and "b.txt" in reads


def test_a_folder_that_is_left_out_comes_back_only_for_what_it_holds(folder):
    write(folder / ".dockerignore", "src\n!src/nothing/here\n")
    assert not [path for path in snapshot(folder).files if path.startswith("src")]


def test_special_files(folder):
    os.mkfifo(folder / "fifo")
    listener = socket.socket(socket.AF_UNIX)
    here = Path.cwd()
    os.chdir(folder)
    listener.bind("socket")
    os.chdir(here)
    (folder / "loop").symlink_to("loop")
    (folder / "up").symlink_to("..")
    (folder / "outside").symlink_to("/etc/passwd")
    found = snapshot(folder).files
    listener.close()
    assert [found[name].kind for name in ("fifo", "socket")] == ["fifo", "socket"]
    assert [found[name].digest for name in ("loop", "up", "outside")] == [
        "loop",
        "..",
        "/etc/passwd",
    ]


@pytest.mark.skipif(not ROOT, reason="only root can make a device")
def test_a_device(folder):
    os.mknod(folder / "null", 0o020666, os.makedev(1, 3))
    assert snapshot(folder).files["null"].digest == "1:3"


def test_hard_links_are_files_and_read_once(folder, reads):
    os.link(folder / "app.py", folder / "copy.py")
    found = snapshot(folder).files
    assert found["copy.py"] == found["app.py"]
    assert ("app.py" in reads) + ("copy.py" in reads) == 1


def test_names_that_are_no_utf8(folder):
    name = b"\xff\xfe.txt"
    with open(os.fsencode(folder) + b"/" + name, "w") as file:  # noqa: PTH123
        file.write("x")
    found = snapshot(folder)
    assert found.files[os.fsdecode(name)].digest == digest("x")
    assert found.key(".") and os.fsdecode(name) in found.select("*.txt")
    assert Snapshot.unpack(found.pack()) == found
    (warning,) = snapshots.warnings(found)
    assert "UTF-8" in warning and r"\xff\xfe.txt" in warning


def test_a_file_that_cannot_be_read(folder, monkeypatch):
    real = digests.content
    monkeypatch.setattr(digests, "content", lambda p: None if p.endswith("app.py") else real(p))
    found = snapshot(folder)
    assert found.unreadable == ("app.py",) and found.files["app.py"].digest == ""
    monkeypatch.undo()
    assert snapshot(folder).unreadable == ()


@pytest.mark.skipif(ROOT, reason="root reads everything")
def test_without_permission(folder):
    (folder / "app.py").chmod(0)
    (folder / "src").chmod(0)
    found = snapshot(folder)
    (folder / "src").chmod(0o755)
    assert found.unreadable == ("app.py", "src")


def test_a_file_that_vanishes_while_it_is_looked_at(folder, monkeypatch):
    real = digests.content

    def content(path):
        Path(path).unlink()
        return real(path)

    monkeypatch.setattr(digests, "content", content)
    assert "app.py" in snapshot(folder).unreadable
    monkeypatch.undo()
    assert "app.py" not in snapshot(folder).files


def test_a_file_that_became_something_else_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link").symlink_to("/etc/passwd")
    (tmp_path / "dir").mkdir()
    for name in ("fifo", "link", "dir", "nothing"):
        assert digests.content(str(tmp_path / name)) is None


# What is remembered


def test_only_what_changed_is_read_again(folder, reads, monkeypatch):
    age(folder, monkeypatch)
    snapshot(folder)
    reads.clear()
    assert snapshot(folder).files["app.py"].digest == digest("print()\n") and reads == []
    digests._memory.clear()  # another process
    assert snapshot(folder).files["app.py"].digest == digest("print()\n") and reads == []
    write(folder / "app.py", "other\n")
    assert snapshot(folder).files["app.py"].digest == digest("other\n") and reads == ["app.py"]


@pytest.mark.parametrize("what", ["content, old time", "mode", "replaced"])
def test_what_makes_a_file_be_read_again(folder, reads, monkeypatch, what):
    age(folder, monkeypatch)
    snapshot(folder)
    reads.clear()
    path = folder / "app.py"
    before = path.stat()
    if what == "content, old time":
        path.write_text("PRINT()\n")
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    elif what == "mode":
        path.chmod(0o600)
    else:
        shutil.copy2(path, folder / "new")
        (folder / "new").replace(path)
    assert snapshot(folder).files["app.py"].digest == sha256(path.read_bytes()).hexdigest()
    assert reads == ["app.py"]


def test_what_changed_a_moment_ago_is_read_again(folder, reads, monkeypatch):
    """The same size within one tick of the clock leaves no trace ("racy")."""
    changed = (folder / "app.py").stat().st_ctime_ns
    with monkeypatch.context() as clock:  # however slow this machine is now
        clock.setattr(time, "time_ns", lambda: changed + 1)
        snapshot(folder)
        reads.clear()
        snapshot(folder)
    assert "app.py" in reads
    age(folder, monkeypatch)
    snapshot(folder)
    reads.clear()
    snapshot(folder)
    assert reads == []


def test_a_clock_that_counts_in_seconds_is_given_more_time():
    now = 1_000_000_000_000
    assert digests.settled((1, 1, now - 900_000_000 + 1, 1, 1), now)
    assert not digests.settled((1, 1, now - 1_000_000_000, 1, 1), now)
    assert digests.settled((1, 1, now - 3_000_000_000, 1, 1), now)
    assert not digests.settled((1, 1, now + 5, 1, 1), now)


def test_the_index_is_written_only_if_something_changed(folder, monkeypatch):
    age(folder, monkeypatch)
    snapshot(folder)
    path = digests.place(folder)
    before = path.stat()
    snapshot(folder)
    assert path.stat().st_ino == before.st_ino
    (folder / "app.py").unlink()
    snapshot(folder)
    assert path.stat().st_ino != before.st_ino
    assert [p.name for p in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("damage", [b"", b"LBLctx1l", b"x" * 500, None])
def test_a_damaged_index_is_as_good_as_none(folder, damage):
    right = snapshot(folder)
    path = digests.place(folder)
    whole = path.read_bytes()
    path.write_bytes(whole[:-7] + b"?" + whole[-6:] if damage is None else damage)
    assert snapshot(folder) == right


def test_without_a_place_for_the_index(folder, monkeypatch, reads):
    monkeypatch.setenv("LAYER_BY_LAYER_HOME", "/proc/nothing")
    assert snapshot(folder).files["app.py"].digest == digest("print()\n")
    assert digests.place(folder) is None


def test_old_indexes_make_room(folder, monkeypatch):
    snapshot(folder)
    old = digests.place(folder)
    monkeypatch.setattr(digests, "LIMIT", old.stat().st_size + 10)
    os.utime(old, (1, 1))
    write(folder.parent / "second/file")
    snapshot(folder.parent / "second")
    assert not old.exists() and digests.place(folder.parent / "second").exists()


def test_a_snapshot_survives_as_bytes(folder):
    write(folder / ".dockerignore", "*.sh\n!run.sh\n")
    found = snapshot(folder)
    again = Snapshot.unpack(found.pack())
    assert again == found
    assert (again.folder, again.dockerfile) == (found.folder, found.dockerfile)
    assert again.ignore.excludes("x.sh") and again.key(".") == found.key(".")
    assert Snapshot.unpack(Snapshot().pack()) == Snapshot()
    with pytest.raises(ValueError):
        Snapshot.unpack(found.pack()[:-1])


# Changes, sources, edits


def test_changes(folder):
    before = snapshot(folder)
    assert before.changes(before) == ()
    write(folder / "app.py", "more\n", 0o755)
    (folder / "run.sh").chmod(0o644)
    (folder / "src/a.txt").unlink()
    write(folder / "new.txt")
    (folder / "link").unlink()
    (folder / "link").symlink_to("new.txt")
    os.utime(folder / "src/lib/b.txt", (5, 5))
    assert before.changes(snapshot(folder)) == (
        ("app.py", "changed"),
        ("link", "changed"),
        ("new.txt", "added"),
        ("run.sh", "mode"),
        ("src/a.txt", "removed"),
    )


@pytest.mark.parametrize(
    ("source", "taken"),
    [
        ("app.py", "app.py"),
        ("./src/../app.py", "app.py"),
        ("/app.py", "app.py"),
        ("../app.py", "app.py"),
        ("src", "src src/a.txt src/lib src/lib/b.txt"),
        ("src/", "src src/a.txt src/lib src/lib/b.txt"),
        ("src/*", "src/a.txt src/lib src/lib/b.txt"),
        ("src/*.txt", "src/a.txt"),
        ("*/*.txt", "src/a.txt"),
        ("*.txt", ""),
        ("s*", "src src/a.txt src/lib src/lib/b.txt"),
        ("[ar]??.[ps]?", "app.py run.sh"),
        ("link", "link src/a.txt"),
        ("l?nk", "link src/a.txt"),
        ("link/a.txt", "link"),
        ("nothing", ""),
        ("[", ""),
    ],
)
def test_what_a_copy_takes(folder, source, taken):
    found = snapshot(folder)
    assert found.select(source) == tuple(taken.split())
    assert bool(found.key(source)) is (source not in ("nothing", "link/a.txt"))


def test_a_copy_of_everything(folder):
    found = snapshot(folder)
    assert set(found.select(".")) == set(found.select("/")) == set(found.files)


def test_links_to_folders(folder):
    (folder / "here").symlink_to("src/lib")
    (folder / "abs").symlink_to("/src/lib/../")
    (folder / "loop").symlink_to("loop")
    found = snapshot(folder)
    assert found.select("here/b.txt") == ("here", "src/lib/b.txt")
    assert found.select("here/*.txt") == ("here", "src/lib/b.txt")
    assert found.key("here") == found.key("src/lib") and found.key("abs") == found.key("src")
    assert found.select("loop") == ("loop",) and found.key("loop") == ""


def test_an_edit_that_is_not_made(folder):
    before = snapshot(folder)
    after = before.overlay(
        {"app.py": "new\n", "run.sh": b"new\n", "src": None, "a/b/c.txt": "c"},
        {"Dockerfile": 0o600},
    )
    assert (folder / "app.py").read_text() == "print()\n"
    assert before.changes(after) == (
        ("Dockerfile", "mode"), ("a", "added"), ("a/b", "added"), ("a/b/c.txt", "added"),
        ("app.py", "changed"), ("run.sh", "changed"), ("src", "removed"), ("src/a.txt", "removed"),
        ("src/lib", "removed"), ("src/lib/b.txt", "removed"),
    )  # fmt: skip
    assert after.files["run.sh"] == Entry("file", 0o755, digest("new\n"), 4)
    assert after.files["a/b/c.txt"].mode == 0o644 and after.files["a"] == Entry("dir", 0o755)


def test_an_edit_that_is_made_gives_the_same(folder):
    write(folder / ".dockerignore", "*.log\nout\n!out/keep\n")
    (folder / "out").mkdir(mode=0o700)
    before = snapshot(folder)
    foretold = before.overlay(
        {"app.py": "new\n", "a/b.txt": "b", "x.log": "log", "out/keep/y": "y", "out/z": "z",
         "link": "through the link", "run.sh": None, "empty": None},
        {"Dockerfile": 0o640},
    )  # fmt: skip
    for name, text in (("app.py", "new\n"), ("x.log", "log"), ("link", "through the link")):
        (folder / name).write_text(text)
    for name, text in (("a/b.txt", "b"), ("out/keep/y", "y"), ("out/z", "z")):
        write(folder / name, text)
    for made in ("a", "out/keep"):
        (folder / made).chmod(0o755)
    (folder / "run.sh").unlink()
    (folder / "empty").rmdir()
    (folder / "Dockerfile").chmod(0o640)
    made = snapshot(folder)
    assert foretold.changes(made) == ()
    assert made.files["out"].mode == 0o700
    gone = made.overlay({"out/keep/y": None, "out/keep": None})
    assert "out" not in gone.files  # it was sent for the sake of `out/keep` only


def test_an_edit_of_the_rules(folder):
    write(folder / ".dockerignore", "src\n")
    before = snapshot(folder)
    assert "src/a.txt" not in before.files
    after = before.overlay({".dockerignore": "**/*.sh\n", "src/new.sh": "x", "src/new.txt": "x"})
    assert {"src/a.txt", "src/lib/b.txt", "src/new.txt"} <= set(after.files)
    assert not {"run.sh", "src/new.sh"} & set(after.files)
    assert before.overlay({".dockerignore": None}).files.keys() >= {"src/a.txt", "run.sh"}
    own = before.overlay({"Dockerfile.dockerignore": ""})
    assert {"src/a.txt", "run.sh", "Dockerfile.dockerignore"} <= set(own.files)
    with pytest.raises(BuildFailed, match="Line 1"):
        before.overlay({".dockerignore": "["})


def test_an_edit_of_the_rules_without_the_folder():
    entry = Entry("file", 0o644, digest("x"), 1)
    found = Snapshot({"a": entry, "b": entry}, Ignore())
    assert set(found.overlay({".dockerignore": "a\n"}).files) == {"b", ".dockerignore"}


# What is warned of


def test_a_large_file_is_warned_of_before_it_is_read(folder, reads):
    said = []
    with (folder / "data.bin").open("wb") as file:
        file.truncate(300_000_000)
    snapshot(folder, warn=lambda line: said.append((line, list(reads))))
    ((line, read),) = said
    assert "context/data.bin is 300 MB large" in line and "context/.dockerignore" in line
    assert read == []
    write(folder / ".dockerignore", "data.bin\n")
    snapshot(folder, warn=lambda line: pytest.fail(line))


def test_a_large_file_is_not_read_twice(folder, reads, monkeypatch):
    age(folder, monkeypatch)
    with (folder / "data.bin").open("wb") as file:
        file.truncate(1_000_000_000)
    os.link(folder / "data.bin", folder / "data2.bin")
    first = snapshot(folder)
    assert snapshot(folder) == first
    assert sorted(name for name in reads if name.startswith("data")) in (
        ["data.bin"],
        ["data2.bin"],
    )


def test_many_bytes_and_many_files_are_warned_of(folder):
    many = Snapshot(
        {f"node_modules/m{n}/x.js": Entry("file", 0o644, "", 10_000) for n in range(12_000)},
        folder=folder,
    )
    size, files = snapshots.warnings(many, "contexts/web")
    assert "holds 120 MB, of which 120 MB in node_modules" in size
    assert "12,000 files, of which 12,000 in node_modules" in files
    assert "contexts/web/.dockerignore" in files


def test_no_folder_is_named_that_holds_little(folder):
    many = Snapshot({f"m{n}": Entry("file", 0o644, "", 10_000) for n in range(12_000)})
    size, files = snapshots.warnings(many, "web")
    assert "web holds 120 MB. Name in web/.dockerignore" in size
    assert "12,000 files, and each build" in files


def test_a_hundred_thousand_files(tmp_path, monkeypatch):
    """Links to one file, so that making them takes no time: the walk is the same."""
    age(tmp_path, monkeypatch)
    place = tmp_path / "many"
    for n in range(100):
        (place / f"d{n:02}").mkdir(parents=True)
    write(place / "seed")
    for n in range(100_000):
        if n % 50_000 == 0:  # ext4 has at most 65,000 names of one file
            write(seed := tmp_path / f"seed{n}")
        os.link(seed, place / f"d{n % 100:02}" / f"f{n}")
    said = []
    snapshot(place, warn=said.append)
    assert "many holds 100,001 files" in said[0]
    began = time.perf_counter()
    found = snapshot(place)
    assert time.perf_counter() - began < 10  # 0.6 s on two cores with nothing else to do
    assert len(found.files) == 100_101

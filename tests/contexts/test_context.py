"""A build context file by file: what a snapshot sees, and when BuildKit's cache misses."""

from __future__ import annotations

import os
import re
import shutil
import socket
import stat
import subprocess
import time
import uuid
from hashlib import sha256
from pathlib import Path

import pytest

from helpers.builds import buildkit
from helpers.contexts import digests, snapshots
from helpers.contexts.ignore import Ignore
from helpers.contexts.snapshots import Entry, Snapshot, snapshot
from helpers.errors import BuildFailed, NotFound
from tests.conftest import missing

ROOT = os.geteuid() == 0 if hasattr(os, "geteuid") else False


def digest(content: str) -> str:
    return sha256(content.encode()).hexdigest()


def write(path: Path, content: str = "x", mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    path.chmod(mode)


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory, monkeypatch, request):
    """An index of its own for each test; the engine's place is not changed."""
    if "engine" not in request.fixturenames:
        monkeypatch.setenv("LAYER_BY_LAYER_HOME", str(tmp_path_factory.mktemp("home")))
    digests._memory.clear()


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


# When BuildKit's cache misses


def chmod(path: Path, mode: int) -> None:
    path.chmod(mode)


def relink(path: Path, target: str) -> None:
    path.unlink()
    path.symlink_to(target)


def again(path: Path, content: str) -> None:
    path.unlink()
    write(path, content)


def same_but_mtime(path: Path) -> None:
    status = path.stat()
    path.write_text("zzz")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


# what is done, what is copied, how (f: the folder of the case), whether the cache misses
CASES = [
    ("touch", "d", lambda f: os.utime(f / "d/a.txt", (5, 5)), False),
    ("touch a folder", "d", lambda f: os.utime(f / "d", (5, 5)), False),
    ("content", "d", lambda f: write(f / "d/a.txt", "zzz"), True),
    ("content deeper", "d", lambda f: write(f / "d/sub/b.txt", "zzz"), True),
    ("content elsewhere", "d", lambda f: write(f / "other", "zzz"), False),
    ("mode", "d", lambda f: chmod(f / "d/a.txt", 0o600), True),
    ("setuid", "d", lambda f: chmod(f / "d/a.txt", 0o4644), True),
    ("mode of a folder inside", "d", lambda f: chmod(f / "d/sub", 0o700), False),
    ("mode of the folder", "d", lambda f: chmod(f / "d", 0o700), False),
    ("mode of the folder, with /", "d/", lambda f: chmod(f / "d", 0o700), False),
    ("mode of a folder, wildcard", "d*", lambda f: chmod(f / "d/sub", 0o700), False),
    ("mode of the folder above", "d/a.txt", lambda f: chmod(f / "d", 0o700), False),
    ("rename", "d", lambda f: (f / "d/a.txt").rename(f / "d/z.txt"), True),
    ("a new file", "d", lambda f: write(f / "d/new.txt"), True),
    ("a file less", "d", lambda f: (f / "d/c.txt").unlink(), True),
    ("a new empty folder", "d", lambda f: (f / "d/new").mkdir(), True),
    ("a new empty folder, wildcard", "d*", lambda f: (f / "d/new").mkdir(), True),
    ("moved inside, wildcard", "m*", lambda f: (f / "m/1/x").rename(f / "m/2/x"), True),
    ("a link names another, same content", "d", lambda f: relink(f / "d/in", "same.txt"), True),
    ("a link becomes its content", "d", lambda f: again(f / "d/in", "aaa"), True),
    ("copied link names another, same", "l", lambda f: relink(f / "l", "d/same.txt"), False),
    ("the same, wildcard 2", "l*", lambda f: relink(f / "l", "d/same.txt"), False),
    ("copied link names another", "l", lambda f: relink(f / "l", "other"), True),
    ("copied link becomes its content", "l", lambda f: again(f / "l", "aaa"), False),
    ("what a copied link names", "l", lambda f: write(f / "d/a.txt", "zzz"), True),
    ("what a copied link names, wildcard", "l*", lambda f: write(f / "d/a.txt", "zzz"), True),
    ("what a copied folder link names", "dl", lambda f: write(f / "d/sub/b.txt", "zzz"), True),
    ("through a folder link", "dl/a.txt", lambda f: write(f / "d/a.txt", "zzz"), True),
    ("beside, through a folder link", "dl/a.txt", lambda f: write(f / "d/c.txt", "zzz"), False),
    ("through a link, wildcard", "dl/*.txt", lambda f: write(f / "d/a.txt", "zzz"), True),
    ("wildcard does not follow", "d*/c.txt", lambda f: write(f / "d/a.txt", "zzz"), False),
    ("a hard link instead", "d", lambda f: (
        (f / "d/same.txt").unlink(), os.link(f / "d/a.txt", f / "d/same.txt")), False),
    ("hard link no more", "h", lambda f: again(f / "h/two", "hhh"), False),
    ("wildcard: another that matches", "d/*.txt", lambda f: write(f / "d/new.txt"), True),
    ("wildcard: one that does not match", "d/*.txt", lambda f: write(f / "d/new.py"), False),
    ("wildcard: one deeper", "d/*.txt", lambda f: write(f / "d/sub/new.txt"), False),
    ("wildcard: moved, same last name", "m/*/x", lambda f: (f / "m/1/x").rename(f / "m/2/x"),
     False),
    ("wildcard: renamed", "d/[ac].txt", lambda f: (f / "d/a.txt").rename(f / "d/b.txt"), True),
    ("wildcard: no match", "h nope*", lambda f: write(f / "other", "zzz"), False),
    ("owner", "d", lambda f: os.chown(f / "d/a.txt", 77, 77), False),
    ("a FIFO", "d", lambda f: os.mkfifo(f / "d/fifo"), True),
    ("a loop of links", "d", lambda f: (f / "d/loop").symlink_to("loop"), True),
    ("a link to the outside", "d", lambda f: (f / "d/out").symlink_to("/etc/passwd"), True),
    ("up and down", "d/../other", lambda f: write(f / "other", "zzz"), True),
    ("file with /", "other/", lambda f: write(f / "other", "zzz"), True),
    ("second source", "d/a.txt other", lambda f: write(f / "other", "zzz"), True),
]  # fmt: skip
# Engine 26 followed links inside of what a wildcard took
NEWER = [
    ("a link names another, wildcard", "d*", lambda f: relink(f / "d/in", "same.txt"), True),
]
# BuildKit does not send a file again whose size and times of change are the same
OVERLOOKED = [("content, old time", "d", lambda f: same_but_mtime(f / "d/a.txt"), False)]


def plant(place: Path) -> None:
    write(place / "d/a.txt", "aaa")
    write(place / "d/same.txt", "aaa")
    write(place / "d/c.txt", "ccc")
    write(place / "d/sub/b.txt", "bbb")
    write(place / "other", "ooo")
    write(place / "h/one", "hhh")
    write(place / "m/1/x")
    (place / "m/2").mkdir()
    os.link(place / "h/one", place / "h/two")
    (place / "d/in").symlink_to("a.txt")
    (place / "l").symlink_to("d/a.txt")
    (place / "dl").symlink_to("d")


@pytest.fixture
def build(engine):
    """Build a folder; return for each COPY, in order, whether it came from the cache."""
    if not buildkit.available(engine):
        missing("no docker client with buildx")

    def run(folder: Path) -> dict[str, bool] | str:
        command = ["docker", "buildx", "build", "--progress", "plain", "."]
        ran = subprocess.run(
            command, cwd=folder, env=buildkit.environment(engine), capture_output=True, timeout=300
        )
        log = ran.stderr.decode(errors="replace")
        if ran.returncode:
            return log
        steps = re.findall(r"^#(\d+) \[(?:(\S+) )?1/1\] COPY", log, re.MULTILINE)
        return {stage: f"\n#{n} CACHED" in log for n, stage in dict(steps).items()}

    return run


def newer(engine) -> bool:
    return int(engine.version.partition(".")[0]) >= 28


def sources_of(source: str, name: str) -> list[str]:
    return [f"{name}/{part}" for part in source.split()]


@pytest.mark.daemon
def test_the_cache_misses_where_a_key_changes(tmp_path, build, engine):
    """All cases in two builds: each is a stage with one COPY out of a folder of its own."""
    usual = [*CASES, *(NEWER if newer(engine) else [])]
    cases = [*usual, *OVERLOOKED]
    salt = uuid.uuid4().hex
    lines = []
    for n, (_, source, _, _) in enumerate(cases):
        plant(tmp_path / f"c{n}")
        taken = " ".join(sources_of(source, f"c{n}"))
        lines += [f"FROM scratch AS s{n}", f"COPY {taken} /{salt}{n}/"]
    lines += ["FROM scratch", *(f"COPY --from=s{n} / /" for n in range(len(cases)))]
    write(tmp_path / "Dockerfile", "\n".join(lines))
    found = build(tmp_path)
    assert isinstance(found, dict), found
    assert not any(found.values())
    assert all(build(tmp_path).values()), "a build of the same is a hit throughout"
    before = snapshot(tmp_path)
    for n, (_, _, change, _) in enumerate(cases):
        change(tmp_path / f"c{n}")
    after = snapshot(tmp_path)
    found = build(tmp_path)
    assert isinstance(found, dict), found
    wrong = []
    for n, (what, source, _, miss) in enumerate(cases):
        changed = any(before.key(s) != after.key(s) for s in sources_of(source, f"c{n}"))
        foretold = miss if n < len(usual) else True
        if found[f"s{n}"] is miss or changed is not foretold:
            wrong.append((what, f"hit: {found[f's{n}']}", f"key changed: {changed}"))
    assert wrong == []


@pytest.mark.daemon
def test_the_first_time_a_folders_mode_counts(tmp_path, build):
    """BuildKit takes up a folder's mode when it first sees the folder, and then never again."""
    salt = uuid.uuid4().hex
    hits = []
    for name, mode in (("one", 0o755), ("two", 0o755), ("three", 0o700)):
        plant(tmp_path / name)
        (tmp_path / name / "d/sub").chmod(mode)
        write(tmp_path / name / "Dockerfile", f"FROM scratch\nCOPY d /{salt}/\n")
        hits += build(tmp_path / name).values()
    assert hits == [False, True, False]


@pytest.mark.daemon
def test_a_copy_of_the_whole_context(tmp_path, build):
    write(tmp_path / "a")
    write(tmp_path / "b")
    write(tmp_path / "Dockerfile", f"FROM scratch\nCOPY . /{uuid.uuid4().hex}/\n")
    build(tmp_path)

    def step(change):
        before = snapshot(tmp_path).key(".")
        change()
        return *build(tmp_path).values(), snapshot(tmp_path).key(".") == before

    assert step(lambda: tmp_path.chmod(0o700)) == (True, True)
    assert step(lambda: write(tmp_path / ".dockerignore", ".dockerignore\n")) == (True, True)
    assert step(lambda: write(tmp_path / ".dockerignore", ".dockerignore\na\n")) == (False, False)
    assert step(lambda: write(tmp_path / "a", "left out")) == (True, True)
    assert step(lambda: write(tmp_path / "Dockerfile.dockerignore", "")) == (False, False)


@pytest.mark.daemon
@pytest.mark.parametrize("source", ["nope", "dangling", "dang*", "d/../../dangling"])
def test_a_build_fails_where_there_is_no_key(tmp_path, build, source):
    plant(tmp_path)
    (tmp_path / "dangling").symlink_to("/nope")
    write(tmp_path / "Dockerfile", f"FROM scratch\nCOPY {source} /\n")
    assert "not found" in build(tmp_path)
    assert snapshot(tmp_path).key(source) == ""


@pytest.mark.daemon
def test_a_build_fails_on_a_name_that_is_no_utf8(tmp_path, build, engine):
    with open(os.fsencode(tmp_path) + b"/\xff", "w") as file:  # noqa: PTH123
        file.write("x")
    write(tmp_path / "Dockerfile", "FROM scratch\nCOPY . /\n")
    assert ("UTF-8" in build(tmp_path)) is newer(engine)
    assert len(snapshots.warnings(snapshot(tmp_path))) == 1

"""When BuildKit's cache misses, held against what a snapshot says of the same change."""

from __future__ import annotations

import os
import re
import subprocess
import uuid
from pathlib import Path

import pytest

from helpers.builds import buildkit
from helpers.contexts import snapshots
from helpers.contexts.snapshots import snapshot
from tests.conftest import missing

from .conftest import write


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

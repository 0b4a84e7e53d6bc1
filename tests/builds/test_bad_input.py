"""What a learner, or any Dockerfile, can do wrong: each ends in words, none in a hang."""

from __future__ import annotations

import contextlib
import os
import random
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import pytest

from helpers import bases, builds
from helpers.builds import buildkit, rawjson
from helpers.contexts import weight
from helpers.engine import Engine, Private, connect
from helpers.engine.patience import until
from helpers.errors import BuildFailed, CourseError, EngineLost, NotFound, TimedOut
from helpers.messages import speaking
from tests.conftest import missing

pytestmark = pytest.mark.daemon
TAG = "lbl/test-bad:1"
GOOD = "FROM lbl/busybox:1\nCOPY a.txt /\nRUN cat /a.txt\n"
Build = Callable[..., builds.Build]


@pytest.fixture
def folder(tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    bases.busybox(engine)
    place = tmp_path / "contexts" / "bad"
    place.mkdir(parents=True)
    (place / "a.txt").write_text(f"{secrets.token_hex(4)}\n")
    monkeypatch.chdir(tmp_path)
    yield place
    with contextlib.suppress(docker.errors.ImageNotFound):
        engine.client.api.remove_image(TAG, force=True)


@pytest.fixture
def build(folder: Path, engine: Engine) -> Build:
    def run(dockerfile: str | bytes = GOOD, **options: object) -> builds.Build:
        data = dockerfile.encode() if isinstance(dockerfile, str) else dockerfile
        (folder / "Dockerfile").write_bytes(data)
        return builds.run(folder, TAG, engine, **options)

    return run


def failed(build: Build, *given: object, **options: object) -> CourseError:
    """Return the error of a build, after a look at its words in both languages."""
    with pytest.raises((BuildFailed, NotFound)) as caught:
        build(*given, **options)
    for language in ("en", "zh"):
        with speaking(language):
            said = str(caught.value)
            assert "builds." not in said
            assert not any(c < " " and c not in "\n\t" for c in said)
    return caught.value


# ---- the Dockerfile ----


@pytest.mark.parametrize(
    ("dockerfile", "line"),
    [
        ("FROM lbl/busybox:1\n\n# c\nRNU x\n", 4),
        ("FROM lbl/busybox:1\nCOPY a.txt\n", 2),
        ("FROM lbl/busybox:1\nADD\n", 2),
        ("FROM lbl/busybox:1\nRUN true\nENV\n", 3),
        ("FROM lbl/busybox:1\nENV A\n", 2),
        ("FROM lbl/busybox:1\nARG\n", 2),
        ("FROM lbl/busybox:1\nCOPY --nope=1 a.txt /\n", 2),
        ("FROM lbl/busybox:1\nWORKDIR\n", 2),
        ("FROM lbl/busybox:1\nEXPOSE\n", 2),
        ("RUN true\nFROM lbl/busybox:1\n", 1),
        ("FROM lbl/busybox:1\nRUN true \\\n  && true\nOOPS \\\n  more\n", 4),
    ],
)
def test_a_mistake_is_told_with_its_line(build, builder, dockerfile: str, line: int, capsys):
    error = failed(build, dockerfile)
    assert error.values["line"] == line, error
    assert error.what.startswith(f"Line {line} of the Dockerfile failed: ")


@pytest.mark.parametrize("dockerfile", ["", "\n\n", "# only a comment\n", "ARG A=1\n"])
def test_a_dockerfile_without_a_step(build, builder, dockerfile: str, capsys):
    assert failed(build, dockerfile).key.startswith("builds.")


@pytest.mark.parametrize(
    "data",
    [bytes(range(256)), b"\0" * 5000, GOOD.encode("utf-16"), b"\xff\xfe" * 9],
    ids=["bytes", "nul", "utf-16", "bom"],
)
def test_a_dockerfile_that_is_no_text(build, builder, data: bytes, capsys):
    assert failed(build, data).key.startswith("builds.")
    assert not any(c < " " and c != "\n" for c in capsys.readouterr().out)


def test_no_dockerfile_or_a_folder_in_its_place(build, folder, engine):
    for _ in range(2):
        with pytest.raises(NotFound, match="Dockerfile"):
            builds.run(folder, TAG, engine)
        (folder / "Dockerfile").mkdir(exist_ok=True)
    with pytest.raises(NotFound, match="nowhere/Dockerfile"):
        builds.run(folder, TAG, engine, file="nowhere/Dockerfile")


@pytest.mark.parametrize(
    "dockerfile",
    [
        GOOD.replace("\n", "\r\n"),
        "\ufeff" + GOOD,
        "# escape=`\n" + GOOD.replace("RUN cat", "RUN `\n  cat"),
        "# a comment\n\n" + GOOD.rstrip("\n"),
        GOOD.replace("RUN cat", "run\tcat").replace("COPY a.txt /", "\tCOPY a.txt /"),
    ],
    ids=["crlf", "byte order mark", "escape", "no line feed at the end", "tabs"],
)
def test_odd_dockerfiles_are_built_step_by_step(build, builder, dockerfile: str, folder, capsys):
    trace = build(dockerfile).trace
    assert [step.state for step in trace.steps] == ["base", "ran", "ran"]
    assert [step.word for step in trace.steps] == ["FROM", "COPY", "RUN"]
    assert trace.steps[2].log.strip() == (folder / "a.txt").read_text().strip()
    again = build(dockerfile).trace
    assert [step.state for step in again.steps] == ["base", "cached", "cached"]


@pytest.mark.parametrize(
    ("base", "needle"),
    [("UPPER", "UPPER"), ("lbl/busybox:$NOPE", ""), ("localhost:1/none:1", "localhost:1/none:1")],
)
def test_a_base_that_cannot_be(build, builder, base: str, needle: str, capsys):
    assert needle in str(failed(build, f"FROM {base}\nRUN true\n"))


def test_a_target_that_is_none(build, builder, capsys):
    assert "nope" in str(failed(build, target="nope"))


# ---- files ----


@pytest.mark.parametrize("source", ["nope.txt", "dir/nope.txt", "../outside.txt"])
def test_a_file_that_is_not_there(build, builder, source: str, folder, capsys):
    (folder.parent / "outside.txt").write_text("x")
    error = failed(build, f"FROM lbl/busybox:1\nCOPY {source} /x/\n")
    assert error.values["line"] == 2
    assert source.lstrip("./") in str(error)


def test_a_file_that_is_ignored(build, builder, folder, capsys):
    (folder / ".dockerignore").write_text("a.*\n")
    error = failed(build)
    assert error.key == "builds.missing_file"
    assert (
        error.what.startswith("Line 2 ") and "a.txt" in error.why and ".dockerignore" in error.why
    )


def test_an_ignore_file_with_a_mistake(build, builder, folder, capsys):
    (folder / ".dockerignore").write_text("ok\n[a-\n")
    error = failed(build)
    assert (error.values["line"], error.values["file"]) == (2, ".dockerignore")


@pytest.mark.skipif(os.geteuid() == 0, reason="root can read a folder that nobody may read")
def test_a_folder_that_cannot_be_read(build, builder, folder, capsys):
    (folder / "closed").mkdir(mode=0)
    try:
        assert "closed" in str(failed(build, "FROM lbl/busybox:1\nCOPY . /\n"))
    finally:
        (folder / "closed").chmod(0o755)


def test_links_that_lead_nowhere_or_in_a_circle(build, builder, folder, capsys):
    (folder / "dangling").symlink_to("nowhere")
    (folder / "circle").symlink_to("circle")
    (folder / "out").symlink_to("/etc/passwd")
    trace = build(f"{GOOD}COPY . /all/\n").trace
    assert trace.steps[3].state == "ran"
    again = build(f"{GOOD}COPY . /all/\n").trace
    assert [step.state for step in again.steps[1:]] == ["cached"] * 3
    assert failed(build, "FROM lbl/busybox:1\nCOPY dangling /\n").values["line"] == 2


def test_names_that_are_hard_to_say(build, builder, folder, engine, capsys):
    names = ["a b.txt", "ünï.txt", "中文.txt", "<b>.txt", "quote'.txt", "esc\x1b[31m.txt"]
    for name in names:
        (folder / name).write_text(secrets.token_hex(4))
    dockerfile = "FROM lbl/busybox:1\nCOPY . /all/\n"
    before = build(dockerfile)
    for name in names:
        (folder / name).write_text(secrets.token_hex(4))
    found = builds.explain(before, build(dockerfile), engine)
    assert {path for path, _ in found.of("stage-0 2").cause.files} == set(names)
    assert "\x1b" not in str(found)


def test_a_secret_that_is_not_there(build, engine, capsys):
    if not buildkit.available(engine):
        missing("no docker client with buildx")
    dockerfile = "FROM lbl/busybox:1\nRUN --mount=type=secret,id=k cat /run/secrets/k\n"
    assert "nowhere.txt" in str(failed(build, dockerfile, secrets={"k": "nowhere.txt"}))


# ---- sizes ----


def test_a_large_file_is_warned_of_by_name(build, builder, folder, monkeypatch, capsys):
    monkeypatch.setattr(weight, "SIZE", 1000)
    (folder / "data").mkdir()
    (folder / "data" / "large.bin").write_bytes(b"x" * 1001)
    build()
    assert "data/large.bin" in capsys.readouterr().out
    (folder / ".dockerignore").write_text("data\n")
    build()
    assert "large.bin" not in capsys.readouterr().out


def test_many_files_are_warned_of_with_their_folder(build, builder, folder, monkeypatch, capsys):
    monkeypatch.setattr(weight, "FILES", 20)
    (folder / "modules").mkdir()
    for n in range(25):
        (folder / "modules" / f"{n}.js").touch()
    build()
    told = capsys.readouterr().out
    assert "27 files, of which 25 in modules" in told


def test_a_gigabyte_that_is_ignored_costs_nothing(build, builder, folder, capsys):
    sparse(folder / "huge.bin")
    (folder / ".dockerignore").write_text("*.bin\n")
    began = time.monotonic()
    build("FROM lbl/busybox:1\nCOPY . /all/\nRUN test ! -e /all/huge.bin\n")
    assert time.monotonic() - began < 20
    assert "huge.bin" not in capsys.readouterr().out


def sparse(path: Path, size: int = 1_000_000_000) -> None:
    with path.open("wb") as file:
        file.truncate(size)


@pytest.mark.sweep
def test_a_gigabyte_for_real(build, engine, folder, capsys):
    if not buildkit.available(engine):
        missing("no docker client with buildx")
    sparse(folder / "huge.bin")
    before = _used(engine)
    assert build().trace.steps[1].state == "ran"  # BuildKit asks for what is copied alone
    assert "huge.bin" in capsys.readouterr().out
    assert _used(engine) - before < 100_000_000


def _used(engine: Engine) -> int:
    return sum(item["Size"] for item in engine.client.df()["BuildCache"])


@pytest.mark.sweep
def test_a_hundred_thousand_files(build, engine, folder, capsys):
    if not buildkit.available(engine):
        missing("no docker client with buildx")
    for top in range(100):
        place = folder / "node_modules" / f"m{top}"
        place.mkdir(parents=True)
        for n in range(1000):
            (place / f"{n}.js").touch()
    assert build().trace.steps[1].state == "ran"
    told = capsys.readouterr().out
    assert "node_modules" in told and "100,00" in told
    began = time.monotonic()
    assert [s.state for s in build().trace.steps] == ["base", "cached", "cached"]
    assert time.monotonic() - began < 30
    shutil.rmtree(folder / "node_modules")


# ---- names ----


@pytest.mark.parametrize("name", ["1A", "a-b", "", "A B", "A=B", "é", "A\n", "$A", "--x"])
def test_an_argument_that_has_no_name(build, name: str, capsys):
    error = failed(build, args={name: "1"})
    assert error.key == "builds.bad_argument"


@pytest.mark.parametrize(
    "tag",
    ["lbl/x:1:2", "lbl//x:1", "../x", "lbl/x:", "x:" + "y" * 200, "lbl/X:1", "x y", "lbl/x:1\n",
     "-x", "lbl/x@sha256:aa", "lbl/" + "x" * 300],
)  # fmt: skip
def test_a_tag_that_is_none(build, folder, engine, tag: str, capsys):
    (folder / "Dockerfile").write_text(GOOD)
    with pytest.raises(BuildFailed):
        builds.run(folder, tag, engine)


def test_values_are_handed_on_as_they_are(build, builder, capsys):
    value = "a b'\"$HOME\\ <x>;*\n中"
    run = f": {secrets.token_hex(4)}; printf '%s' \"$V\" > /v && cat /v"
    text = f"FROM lbl/busybox:1\nARG V\nRUN {run}\n"
    step = build(text, args={"V": value}).trace.steps[1]
    assert step.log.rstrip("\n") == value


# ---- builds that do not end ----


def test_a_build_that_hangs_is_gone_after_its_deadline(build, builder, engine, capsys):
    mark = f"4{secrets.randbelow(10**7):07d}"
    with pytest.raises(TimedOut, match=TAG):
        build(f"FROM lbl/busybox:1\nRUN sleep {mark}\n", limit=4)
    until(lambda: not _running(mark), 20, "builds.waiting.what", tag=mark)
    until(lambda: not _left(engine, mark), 20, "builds.waiting.what", tag=mark)
    assert build().trace.steps[2].state == "ran"


def _left(engine: Engine, mark: str) -> list[str]:
    return [c["Id"] for c in engine.client.api.containers(all=True) if mark in c["Command"]]


def _running(mark: str) -> list[str]:
    """Return the processes that have a word in their command line, whoever's they are."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = place.read_bytes().split(b"\0")
            if words[0].endswith(b"sleep") and mark.encode() in words:
                found.append(place.parent.name)
    return found


def test_the_daemon_stops_in_the_middle(
    private_engine: Private, folder, builder, monkeypatch, capsys
):
    own = Private("test-restart", private_engine.flavour, private_engine.store)
    own.remove()
    own.start()
    timer = None
    try:
        monkeypatch.setenv("DOCKER_HOST", own.url)
        engine = connect()
        if builder == "buildkit" and not buildkit.available(engine):
            missing("no docker client with buildx")
        bases.busybox(engine)
        (folder / "Dockerfile").write_text("FROM lbl/busybox:1\nRUN sleep 300\n")
        timer = threading.Timer(4, own.stop)
        timer.start()
        began = time.monotonic()
        with pytest.raises((EngineLost, BuildFailed)):
            builds.run(folder, TAG, engine, limit=90)
        assert time.monotonic() - began < 60
        timer.join()
        own.start()
        (folder / "Dockerfile").write_text(GOOD)
        assert builds.run(folder, TAG, engine).trace.steps[2].state == "ran"
        engine.close()
    finally:
        if timer is not None:
            timer.cancel()
            timer.join()
        own.remove()


# ---- what commands write ----

HOSTILE = r"printf '\033[31mred\033[0m \033]0;title\007<b>&amp;</b> \377\000\342\200\256end\n'"


def test_hostile_output_is_made_harmless(build, builder, capsys):
    error = failed(build, f"FROM lbl/busybox:1\nRUN {HOSTILE}; exit 3\n")
    assert error.values["code"] == 3
    for bad in ("\x1b", "\0", "\x07", "\u202e"):
        assert bad not in error.why and bad not in str(error.trace)
    assert "title" not in error.why  # it was for the window, not for the eye
    assert "red" in error.why and "<b>&amp;</b>" in error.why and "end" in error.why
    step = error.trace.steps[1]
    assert step.state == "failed" and "red" in step.log


def test_a_hostile_instruction_is_made_harmless(build, builder, engine, capsys):
    bad = "\x1b[31m<script>\u202e\x07"
    before = build(f"FROM lbl/busybox:1\nRUN : '{bad}' 1\n")
    after = build(f"FROM lbl/busybox:1\nRUN : '{bad}' 2\n")
    said = f"{after.trace}{builds.explain(before, after, engine)}{capsys.readouterr().out}"
    assert "<script>" in said and not any(c in said for c in "\x1b\x07\u202e")


def test_output_that_looks_like_the_builders_own(build, builder, capsys):
    fake = '{"vertexes":[{"digest":"sha256:x","name":"[9/9] RUN fake"}]}'
    fakes = ["Step 3/2 : RUN x", " ---> Using cache", "ERROR: fake", secrets.token_hex(4), fake]
    steps = "".join(f"; echo '{one}'" for one in fakes)
    text = f"FROM lbl/busybox:1\nRUN :{steps}\n"
    trace = build(text).trace
    assert [step.state for step in trace.steps] == ["base", "ran"]
    assert trace.steps[1].log.splitlines() == fakes


def test_a_million_lines(build, builder, capsys):
    salt = secrets.token_hex(4)
    text = f"FROM lbl/busybox:1\nRUN yes {salt} | head -n 1000000; echo the end\nRUN echo ok\n"
    began = time.monotonic()
    trace = build(text, limit=120).trace
    assert time.monotonic() - began < 100
    log = trace.steps[1].log
    assert salt in log and len(log) <= rawjson.LOG_BYTES
    # BuildKit itself cuts what is written too fast, and says so
    assert "the end" in log[-200:] or "clipped" in log[-300:]
    assert trace.steps[2].log.strip() == "ok"


def test_a_million_lines_before_a_failure(build, builder, capsys):
    salt = secrets.token_hex(4)
    error = failed(build, f"FROM lbl/busybox:1\nRUN yes {salt} | head -n 1000000; exit 9\n")
    assert error.values["code"] == 9 and len(str(error)) < 5000


# ---- no BuildKit ----


@pytest.fixture(params=["no client", "no buildx"])
def bare(request, engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without the docker client, or without its plugin."""
    place = tmp_path / "bin"
    place.mkdir()
    if request.param == "no buildx":
        (place / "docker").write_text(
            "#!/bin/sh\necho \"docker: 'buildx' is unknown\" >&2\nexit 1\n"
        )
        (place / "docker").chmod(0o755)
    monkeypatch.setattr(Engine, "environment", lambda self: {"PATH": f"{place}"})


def test_without_buildx_the_classic_builder_is_used(build, bare, capsys):
    done = build()
    assert done.builder == done.trace.builder == "classic"


@pytest.mark.parametrize(
    ("step", "what"),
    [
        ("RUN --mount=type=cache,target=/c true", "--mount"),
        ("COPY --chmod=755 a.txt /", "--chmod"),
        ("RUN <<EOF\ntrue\nEOF", "<<"),
        ("COPY <<EOF /x\nx\nEOF", "<<"),
    ],
)
def test_what_needs_buildkit_says_so(build, bare, step: str, what: str, capsys):
    error = failed(build, f"FROM lbl/busybox:1\n{step}\n")
    assert error.key == "builds.needs_buildkit", error
    assert what in error.why and "buildx" in error.next


def test_options_that_need_buildkit_say_so(build, bare, folder, capsys):
    assert "--secret" in failed(build, secrets={"k": "a.txt"}).why
    assert "--cache-to" in failed(build, cache_to="type=inline").why


def test_every_error_is_one_of_the_courses_own(build, builder, folder, engine, capsys):
    """Random instructions: whatever comes of them, nothing of a library's insides does."""
    words = [
        "RUN", "COPY", "a.txt", "/", "--from=x", "<<A", "\\", "$X", "${", '["a"', "FROM", "# c",
        "ENV", "ARG", "A=1", "AS", "\t", "'", '"', "ONBUILD", "HEALTHCHECK", "`",
    ]  # fmt: skip
    dice = random.Random(3)
    for _ in range(12):
        lines = [" ".join(dice.choices(words, k=dice.randint(1, 5))) for _ in range(3)]
        with contextlib.suppress(CourseError):
            build("FROM lbl/busybox:1\n" + "\n".join(lines) + "\n")

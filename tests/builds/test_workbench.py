"""The bench of the build editor on a real daemon: edits, rounds, live states, failures."""

from __future__ import annotations

import io
import sys
import threading

import pytest

from helpers import builds, paths, scenarios
from helpers.builds.classic import Done
from helpers.builds.hearing import heard
from helpers.builds.model import CACHED, RAN
from helpers.builds.rawjson import Vertex
from helpers.builds.rounds import Follower, read_steps
from helpers.builds.workbench import Workbench, workbench
from helpers.engine import cleanup
from helpers.errors import BuildFailed

TAG = "lbl/test-bench:1"
DOCKERFILE = """FROM lbl/busybox:90-bench
ENV X=1
WORKDIR /app
COPY needs.txt .
RUN cat needs.txt > installed
COPY app.txt run.sh ./
CMD cat app.txt
"""
NEEDS, INSTALL, APP = "stage-0 3", "stage-0 4", "stage-0 5"


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    folder = tmp_path / "lessons" / "90-sample" / "contexts" / "bench"
    folder.mkdir(parents=True)
    (folder / "Dockerfile").write_text(DOCKERFILE)
    (folder / "app.txt").write_text("app\n")
    (folder / "needs.txt").write_text("needs\n")
    (folder / "run.sh").write_text("#!/bin/sh\n")
    (folder / "run.sh").chmod(0o755)
    (folder / "logo").write_bytes(b"\x89PNG\0")
    (folder / "latin").write_bytes(b"caf\xe9")
    monkeypatch.setattr(paths, "LESSONS", tmp_path / "lessons")
    monkeypatch.setenv("LAYER_BY_LAYER_CONTEXTS", str(tmp_path / "contexts"))
    return folder


@pytest.fixture
def bench(shipped, engine) -> Workbench:
    return workbench(scenarios.start("90.bench", engine), TAG, engine)


@pytest.fixture(scope="module", autouse=True)
def nothing_is_left(engine):
    yield
    cleanup.clean(engine, lesson="90")


def states(done) -> dict[str, str]:
    return {step.id: step.state for step in done.trace}


def test_text_files_are_offered_the_dockerfile_first(bench):
    assert list(bench.files()) == ["Dockerfile", "app.txt", "needs.txt", "run.sh"]
    assert bench.files()["app.txt"] == "app\n"


def test_steps_are_those_of_the_edited_text(bench):
    steps = bench.steps({**bench.files(), "Dockerfile": DOCKERFILE + "RUN more\n"})
    assert [step.id for step in steps] == [f"stage-0 {number}" for number in range(1, 7)]
    with pytest.raises(BuildFailed, match=r"Line 8 .* RUNN more"):
        bench.steps({"Dockerfile": DOCKERFILE + "RUNN more\n"})


def test_rounds(bench, builder):
    first = bench.build()
    assert first.error is None
    assert first.trace.builder == builder
    assert {step.state for step in first.trace if step.number > 1} == {RAN}
    assert {reason.cause.kind for reason in first.explanation.reasons if reason.cause} == {"first"}
    bench.write("app.txt", "new\n")
    seen = []
    second = bench.build(lambda step, state: seen.append((step, state)))
    assert states(second)[NEEDS] == states(second)[INSTALL] == CACHED
    (blamed,) = second.explanation.blame
    assert (blamed.step.id, blamed.cause.files) == (APP, (("app.txt", "changed"),))
    assert second.prediction.held_against(second.trace).wrong == 0
    assert dict(seen)[NEEDS] == dict(seen)[INSTALL] == CACHED
    assert next(state for step, state in seen if step == APP) == "running"
    assert second.said == (
        f"contexts/90-bench $ docker build -t {TAG} .",
        f"Built {TAG}: 5 layers",
    )


def test_what_follows_is_told_of_the_future_before_the_build(bench):
    bench.build()
    bench.write("needs.txt", "more\n")
    second = bench.build()
    assert "step 3 will run, and this one stands on it" in str(second.prediction)
    assert "step 3 ran, and this one stands on it" in str(second.explanation)


def test_nothing_is_printed(bench, capsys):
    bench.build()
    assert capsys.readouterr().out == ""


def test_a_build_that_fails_is_a_round(bench, builder):
    bench.build()
    bench.write("Dockerfile", DOCKERFILE.replace("cat needs.txt >", "cat nothing >"))
    failed = bench.build()
    assert failed.error.what.startswith("Line 5 of the Dockerfile failed")
    assert states(failed)[INSTALL] == "failed"
    assert states(failed)[APP] == "unreached"
    assert failed.explanation.of(INSTALL).cause.kind == "instruction"


def test_a_dockerfile_with_a_mistake_is_no_build_to_compare_with(bench, builder):
    bench.build()
    bench.write("Dockerfile", "FROM lbl/busybox:90-bench\nCOPPY app.txt /\n")
    broken = bench.build()
    assert broken.trace is None and broken.explanation is None
    assert broken.error.values["line"] == 2
    bench.reset("Dockerfile")
    bench.write("app.txt", "new\n")
    (blamed,) = bench.build().explanation.blame
    assert (blamed.step.id, blamed.cause.kind) == (APP, "files")


def test_a_build_of_a_cell_is_the_one_before(bench, engine, capsys):
    bench.build()
    bench.write("needs.txt", "more\n")
    builds.run(bench.scenario, TAG, engine)
    bench.write("app.txt", "new\n")
    assert [reason.step.id for reason in bench.build().explanation.blame] == [APP]


def test_edits_keep_the_mode_and_are_taken_back_by_the_next_start(bench, engine, capsys):
    path = bench.scenario.folder / "run.sh"
    for content in ("#!/bin/sh\ndate\n", "#!/bin/sh\nls\n"):
        bench.write("run.sh", content)
        assert path.stat().st_mode & 0o777 == 0o755
    assert bench.reset("run.sh") == path.read_text() == "#!/bin/sh\n"
    bench.write("app.txt", "new\n")
    again = scenarios.start("90.bench", engine)
    assert (again.folder / "app.txt").read_text() == "app\n"
    assert capsys.readouterr().out == ""


def test_what_the_learner_made_elsewhere_is_kept_and_said(bench):
    (bench.scenario.folder / "app.txt").write_text("mine\n")
    bench.write("app.txt", "new\n")
    assert bench.build().said[0].startswith("You edited this file; your version is kept as")
    assert not any("You edited" in line for line in bench.build().said)


def test_stages_that_nothing_needs_are_no_steps_to_run():
    text = "FROM scratch AS spare\nCOPY a /\n\nFROM scratch\nCOPY b /\n"
    assert [step.state for step in read_steps(text)] == ["unreached", "unreached", "base", "ran"]
    assert [step.state for step in read_steps(text, classic=True)] == ["base", "ran"] * 2


def test_news_of_the_builders_are_about_steps():
    stages = "FROM a AS one\nWORKDIR /\nRUN b\n\nFROM a\nENV X=1\nCOPY c /\nRUN d\n"
    seen = []
    follow = Follower(stages, lambda *told: seen.append(told))
    told = Vertex("x", "[one 2/2] RUN b", started=0.0)
    follow(told)
    follow(told)  # it wrote a line
    told.completed = 1.0
    follow(told)
    follow(Vertex("y", "[stage-1 2/3] COPY c /", started=0.0, completed=0.0, cached=True))
    follow(Vertex("z", "[stage-1 3/3] RUN d", started=1.0, completed=2.0, error="exit code: 1"))
    follow(Vertex("f", "[one 1/2] FROM a", started=0.0, completed=0.0))
    follow(Vertex("i", "[internal] load build context", started=0.0))
    follow(Vertex("w", "[stage-1 3/3] RUN d"))  # not begun
    assert seen == [
        ("one 2", "running"), ("one 2", RAN), ("stage-1 2", CACHED), ("stage-1 3", "failed"),
    ]  # fmt: skip
    seen.clear()
    follow = Follower(stages, lambda *told: seen.append(told))
    for number, cached in ((3, False), (4, False), (5, False), (6, False), (6, True), (7, False)):
        follow(Done(number, 0.0, cached=cached))
    assert seen == [
        ("one 2", "running"), ("one 2", RAN), ("stage-1 2", "running"), ("stage-1 2", CACHED),
        ("stage-1 3", "running"),
    ]  # fmt: skip
    Follower("RUNN a\n", lambda *told: seen.append(told))(told)


def test_only_what_this_thread_prints_is_heard(monkeypatch):
    shown = io.StringIO()
    monkeypatch.setattr(sys, "stdout", shown)
    with heard() as words:
        other = threading.Thread(target=print, args=("from another thread",))
        other.start()
        other.join()
        print("from this one")
    print("afterwards")
    assert words.getvalue() == "from this one\n"
    assert shown.getvalue() == "from another thread\nafterwards\n"

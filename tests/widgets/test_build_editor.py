"""The build editor without a browser: rounds, verdicts, files, failures, words."""

from __future__ import annotations

import re
import threading

import pytest

from helpers import messages, widgets
from helpers.builds.model import CACHED, RAN
from helpers.errors import BuildFailed, NotFound
from helpers.widgets import BuildEditor

from .bench import DOCKERFILE, FILES, STAGES, FakeBench

WORKDIR, COPY, INSTALL, APP, STATE = (f"stage-0 {number}" for number in range(2, 7))
ALL = (WORKDIR, COPY, INSTALL, APP, STATE)


@pytest.fixture
def bench() -> FakeBench:
    return FakeBench()


@pytest.fixture
def editor(bench) -> BuildEditor:
    return widgets.build_editor(bench)


@pytest.fixture
def built(editor) -> BuildEditor:
    """An editor after a first build, in the next round."""
    editor.build(wait=True)
    editor.next()
    return editor


def say(editor: BuildEditor, **content: object) -> None:
    """Send what the browser would."""
    editor._handle_custom_msg(content, [])


def verdicts(editor: BuildEditor) -> list[str]:
    return [editor.result["steps"][step]["verdict"] for step in ALL]


def test_steps_of_the_dockerfile_are_asked_for_except_from(editor):
    assert [(step["id"], step["ask"]) for step in editor.steps] == [
        ("stage-0 1", False),
        *((step, True) for step in ALL),
    ]
    assert editor.steps[4]["instruction"] == "COPY app.py ."
    assert editor.steps[4]["line"] == 5
    assert editor.names[0] == "Dockerfile"


def test_a_stage_that_is_not_needed_is_not_asked_for():
    unused = "FROM lbl/busybox:1 AS spare\nRUN spare\n\nFROM lbl/busybox:1\nRUN wanted\n"
    editor = widgets.build_editor(FakeBench({"Dockerfile": unused}))
    assert [step["id"] for step in editor.steps if step["ask"]] == ["stage-1 2"]
    editor.build(wait=True)
    assert editor.result["steps"]["spare 2"]["truth"] == "not needed for this image"
    assert editor.rounds == ["Round 1: built without a prediction"]


def test_a_round_shows_prediction_and_truth_and_why(built):
    built.edit("app.py", "new\n")
    built.predict(dict.fromkeys((WORKDIR, COPY, INSTALL, STATE), CACHED) | {APP: RAN})
    done = built.build(wait=True)
    assert done is built.round and done.error is None
    assert built.phase == "result"
    assert verdicts(built) == ["right", "right", "right", "right", "wrong"]
    assert built.result["title"] == "Round 2: 4 of 5 right"
    assert built.result["course"] == "The course's own prediction: 5 of 5 right."
    assert built.result["said"][0].endswith("$ docker build -t lbl/03-web:1 .")
    hit, blame, follows = (built.result["steps"][step] for step in (COPY, APP, STATE))
    assert (hit["role"], hit["truth"]) == ("hit", "came from the cache")
    assert (blame["label"], blame["reason"]) == ("To blame", "app.py changed")
    assert (follows["label"], follows["truth"]) == ("Follows", "ran")
    assert "step 5" in follows["reason"]


def test_the_next_round_begins_with_no_prediction_and_keeps_the_history(built):
    built.predict(dict.fromkeys(ALL, CACHED))
    built.build(wait=True)
    built.next()
    assert (built.phase, built.predictions, built.result, built.live) == ("predict", {}, {}, {})
    assert built.rounds == ["Round 1: built without a prediction", "Round 2: 5 of 5 right"]


def test_predicting_after_a_build_begins_the_next_round(built):
    built.build(wait=True)
    built.predict({APP: RAN})
    assert (built.phase, built.predictions) == ("predict", {APP: RAN})


def test_steps_without_a_prediction_do_not_count(built):
    built.predict({APP: RAN, STATE: CACHED})
    built.build(wait=True)
    assert built.rounds[-1] == "Round 2: 1 of 2 right, 3 not predicted"
    assert verdicts(built) == ["open", "open", "open", "wrong", "right"]


def test_only_what_can_be_predicted_is_taken(editor):
    for wrong in ({"stage-0 1": RAN}, {"stage-0 9": RAN}, {APP: "maybe"}):
        with pytest.raises(NotFound, match="No prediction"):
            editor.predict(wrong)
    editor.predictions = {APP: RAN, "stage-0 1": RAN, "x": RAN, COPY: "<b>"}  # of a browser
    assert editor.predictions == {APP: RAN}


def test_edits_reach_the_disk_with_the_build_and_only_those(editor, bench):
    editor.edit("app.py", "new\n")
    assert bench.disk["app.py"] == FILES["app.py"]
    assert editor.changed == ["app.py"]
    editor.build(wait=True)
    assert bench.disk["app.py"] == "new\n"
    assert bench.written == ["app.py"]
    assert editor.changed == []


def test_what_was_changed_elsewhere_is_taken_over_and_what_was_typed_stays(editor, bench):
    editor.edit("app.py", "typed\n")
    bench.disk |= {"app.py": "elsewhere\n", "requirements.txt": "new\n", "more.txt": "more\n"}
    editor.build(wait=True)
    assert editor.files["app.py"] == bench.disk["app.py"] == "typed\n"
    assert editor.files["requirements.txt"] == "new\n"
    assert editor.names[-1] == "more.txt"
    assert bench.written == ["app.py"]


def test_reset_brings_the_shipped_text_back(editor, bench):
    editor.edit("app.py", "new\n")
    editor.build(wait=True)
    editor.reset("app.py")
    assert editor.files["app.py"] == bench.disk["app.py"] == FILES["app.py"]
    assert editor.changed == ["app.py"]  # the last build saw the other one
    with pytest.raises(NotFound, match=r"no file called no\.py"):
        editor.reset("no.py")


def test_editing_the_dockerfile_lists_its_steps_and_keeps_other_predictions(editor):
    editor.predict({COPY: CACHED, INSTALL: CACHED, APP: RAN})
    editor.edit("Dockerfile", DOCKERFILE.replace("sh install.sh", "sh install.sh --quiet"))
    assert editor.steps[3]["instruction"] == "RUN sh install.sh --quiet requirements.txt"
    assert editor.predictions == {COPY: CACHED, APP: RAN}


def test_a_dockerfile_that_is_being_typed_leaves_the_steps(editor):
    editor.predict({COPY: CACHED})
    before = editor.steps
    editor.edit("Dockerfile", DOCKERFILE.replace("COPY app.py .", "COP"))
    assert editor.problem["line"] == 5
    assert editor.problem["what"] == "Line 5 cannot be read as it stands: COP"
    assert (editor.steps, editor.predictions) == (before, {COPY: CACHED})
    assert "unknown instruction: COP" in str(editor)
    editor.edit("Dockerfile", "")
    assert editor.problem["what"] == "The Dockerfile has no steps yet."
    editor.edit("Dockerfile", DOCKERFILE)
    assert editor.problem == {}


def test_a_failed_build_is_told_at_its_step_and_nothing_typed_is_lost(built):
    broken = DOCKERFILE.replace("sh install.sh", "exit 3;")
    built.edit("Dockerfile", broken)
    built.predict({WORKDIR: CACHED, COPY: RAN, INSTALL: RAN, APP: RAN, STATE: RAN})
    done = built.build(wait=True)
    assert done.error is not None
    error = built.result["error"]
    assert (error["step"], error["line"]) == (INSTALL, 4)
    assert "exit code 3" in error["why"]
    assert built.result["title"] == "Round 2: the build failed; 2 of 3 right"
    assert built.result["steps"][INSTALL]["role"] == "failed"
    assert built.result["steps"][INSTALL]["verdict"] == "right"
    assert built.result["steps"][APP]["truth"].startswith("not reached")
    assert verdicts(built)[3:] == ["", ""]
    assert built.files["Dockerfile"] == broken
    built.edit("Dockerfile", DOCKERFILE)
    built.build(wait=True)
    assert built.result["error"] == {}


def test_a_build_that_fails_before_its_first_step_lists_no_old_steps(built, bench):
    def refuse(report):
        raise BuildFailed(
            "builds.line", line=2, instruction="COPPY a /", reason="unknown", folder="contexts/x"
        )

    bench.build = refuse
    built.edit("Dockerfile", "FROM lbl/busybox:1\nCOPPY a /\n")
    built.build(wait=True)
    assert built.steps == []
    assert built.result["error"]["step"] == ""
    assert built.rounds[-1] == "Round 2: the build failed before its first step"
    built.edit("Dockerfile", DOCKERFILE)
    built.next()
    assert len(built.steps) == 6


def test_what_nobody_expected_is_shown_and_the_editor_goes_on(editor, bench):
    real, bench.build = bench.build, lambda report: 1 // 0
    editor.build(wait=True)
    assert editor.phase == "result"
    assert editor.result["error"]["why"] == "ZeroDivisionError: integer division or modulo by zero"
    bench.build = real
    editor.build(wait=True)
    assert editor.result["error"] == {}


def test_what_goes_wrong_in_a_message_is_shown(editor, bench):
    say(editor, kind="reset", name="no.py")
    assert editor.notice["what"] == "The editor has no file called no.py."
    bench.write = lambda name, content: (_ for _ in ()).throw(OSError("full"))
    editor.edit("app.py", "new\n")
    say(editor, kind="build")
    assert editor.notice["why"] == "OSError: full"
    assert editor.phase == "predict"
    del bench.write
    say(editor, kind="build")
    editor.wait()
    assert (editor.phase, editor.notice) == ("result", {})


def test_one_build_at_a_time_and_typing_goes_on(editor, bench):
    go = threading.Event()
    bench.pause = lambda: go.wait(20)
    other = widgets.build_editor(FakeBench())
    try:
        say(editor, kind="build")
        assert editor.phase == "building"
        assert "The build is running." in str(editor)
        say(other, kind="build")
        assert other.notice["what"] == "A build is already running."
        for forbidden in (editor.build, editor.next, lambda: editor.reset("app.py")):
            with pytest.raises(BuildFailed, match="already running"):
                forbidden()
        editor.edit("app.py", "typed meanwhile\n")
    finally:
        go.set()
        editor.wait()
    assert editor.phase == "result"
    assert editor.files["app.py"] == "typed meanwhile\n"
    assert editor.changed == ["app.py"]
    say(other, kind="build")
    assert other.wait().error is None


def test_states_come_while_the_build_runs(editor):
    seen = []
    editor.observe(lambda change: seen.append(change.new), "live")
    editor.build(wait=True)
    news = [next(iter(b.items() - a.items())) for a, b in zip([{}, *seen], seen, strict=False)]
    assert news[:4] == [(WORKDIR, "running"), (WORKDIR, RAN), (COPY, "running"), (COPY, RAN)]
    assert [(p, f) for p, f in news if f == RAN] == [(step, RAN) for step in ALL]


def test_what_is_typed_is_numbered_so_that_late_answers_are_known(editor):
    say(editor, kind="edit", name="app.py", text="a", view="v1", turn=1)
    say(editor, kind="edit", name="app.py", text="ab", view="v1", turn=2)
    assert (editor.files["app.py"], editor.heard) == ("ab", {"v1": 2})
    say(editor, kind="edit", name="no.py", text="a", view="v1", turn=3)
    assert "no.py" in editor.notice["what"]
    assert editor.heard == {"v1": 3}
    say(editor, kind="nonsense")
    say(editor)


def test_stored_words_do_not_depend_on_what_is_done(editor):
    fresh = widgets.build_editor(FakeBench())
    editor.edit("app.py", "new\n")
    editor.predict({APP: RAN})
    editor.build(wait=True)
    data, _ = editor._repr_mimebundle_()
    assert data["text/plain"] == repr(editor) == repr(fresh)
    assert data["text/html"] == fresh._repr_mimebundle_()[0]["text/html"]
    assert repr(editor).splitlines() == [
        "Build editor for lbl/03-web:1: change a file, predict each step, build",
        "Files: Dockerfile, app.py, requirements.txt",
        "Build steps of the Dockerfile:",
        "  1  FROM lbl/busybox:1",
        "  2  WORKDIR /app",
        "  3  COPY requirements.txt .",
        "  4  RUN sh install.sh requirements.txt",
        "  5  COPY app.py .",
        "  6  RUN echo ready > /app/state",
    ]


def test_words_say_the_state(built):
    built.edit("app.py", "new\n")
    built.predict({APP: RAN, STATE: CACHED})
    assert "Files: Dockerfile, app.py (changed), requirements.txt" in str(built)
    assert "  5  COPY app.py .\n      you say: will run\n" in str(built)
    assert "2 of 5 steps predicted" in str(built)
    built.build(wait=True)
    assert (
        "  5  COPY app.py .\n      you say: will run; ran; right\n      To blame: app.py changed\n"
    ) in str(built)
    assert "      you say: from the cache; ran; wrong\n      Follows: " in str(built)
    assert str(built).splitlines()[-2:] == [
        "Round 1: built without a prediction",
        "Round 2: 1 of 2 right, 3 not predicted",
    ]


def test_several_stages_have_their_names_in_the_words():
    editor = widgets.build_editor(FakeBench({**FILES, "Dockerfile": STAGES}))
    assert "  build 2  COPY app.py /src/" in repr(editor)
    assert "  stage-1 3  COPY --from=build /program /program" in repr(editor)


def test_fallback_escapes(editor):
    files = {"Dockerfile": "FROM lbl/busybox:1\nRUN echo '<script>\x1b[2J'\n", "<b>.txt": "<i>\n"}
    html = widgets.build_editor(FakeBench(files))._repr_mimebundle_()[0]["text/html"]
    assert set(re.findall(r"</?([\w!]+)", html)) == {
        "div", "p", "pre", "details", "summary", "code",
    }  # fmt: skip
    assert "\x1b" not in html
    assert "RUN echo &#x27;&lt;script&gt;" in html


def test_it_speaks_chinese_from_messages_and_from_its_thread(bench):
    with messages.speaking("zh"):
        editor = widgets.build_editor(bench)
    assert editor.words["build"] == "构建"
    assert editor.words["predicted"].count("{") == 2  # the browser fills the fields
    say(editor, kind="build")  # in the language of the notebook, whatever the kernel's thread is in
    editor.wait()
    assert editor.rounds == ["第 1 轮：未作预测，直接构建"]
    assert editor.result["steps"][WORKDIR]["label"] == "最先未命中"
    say(editor, kind="reset", name="no.py")
    assert editor.notice["what"] == "编辑器中没有名为 no.py 的文件。"

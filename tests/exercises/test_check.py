"""What `check` and `hint` say, in both languages, whatever the daemon's names look like."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from helpers import engine, messages
from helpers.engine import labels
from helpers.errors import EngineLost, NotFound
from helpers.exercises import Right, Verdict, Wrong, check, checking, exercise, find, hint
from helpers.exercises.verdict import box


class FakeVolumes:
    """Stands in for a daemon that holds these volumes."""

    def __init__(self, *volumes: SimpleNamespace) -> None:
        self.volumes = volumes

    def list(self, filters: dict) -> list[SimpleNamespace]:
        return [one for one in self.volumes if filters["name"] in one.name]


@pytest.fixture
def daemon(sample: Path, monkeypatch: pytest.MonkeyPatch):
    """Return a function that makes `check` see a daemon with these volumes."""

    def with_volumes(*volumes: SimpleNamespace) -> None:
        client = SimpleNamespace(volumes=FakeVolumes(*volumes))
        monkeypatch.setattr(engine, "connect", lambda: SimpleNamespace(client=client))

    return with_volumes


def volume(name: str, **found: str) -> SimpleNamespace:
    return SimpleNamespace(name=name, attrs={"Labels": found or None})


def test_wrong_says_what_is_wrong(daemon, progress_file: Path) -> None:
    daemon(volume("lbl-90-box-2"))
    verdict = check("90.1")
    assert not verdict.ok
    assert str(verdict) == (
        "✗ Not yet 90.1 · Make a volume\n"
        "The daemon has no volume that is called lbl-90-box.\n"
        'Stuck? `hint("90.1")` gives a hint.'
    )
    assert not progress_file.exists()


def test_half_right_says_what_is_missing(daemon) -> None:
    daemon(volume("lbl-90-box"))
    assert "does not carry the course's label" in check("90.1").words


def test_right_is_kept(daemon, progress_file: Path) -> None:
    daemon(volume("lbl-90-box", **labels.make(lesson="90")))
    verdict = check("90.1")
    assert verdict.ok
    assert str(verdict).startswith("✓ Solved 90.1 · Make a volume\n")
    assert '"90.1"' in progress_file.read_text()


def test_a_verdict_follows_the_language(daemon) -> None:
    daemon()
    with messages.speaking("zh"):
        verdict = check("90.1")
        assert str(verdict).startswith("✗ 尚未完成 90.1 · 创建一个卷\n守护进程上没有名为")


def test_a_verdict_that_cannot_be_kept_stands(
    daemon, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    daemon(volume("lbl-90-box", **labels.make()))
    monkeypatch.setenv("LAYER_BY_LAYER_PROGRESS", str(tmp_path / "no" / "such" / "progress.json"))
    verdict = check("90.1")
    assert verdict.ok
    assert "could not be added to your progress" in str(verdict)


def test_html_and_text_say_the_same() -> None:
    verdict = Verdict("90.1", "A title", False, "It is `here`.", "A note.")
    with messages.speaking("en"):
        shown = verdict._repr_mimebundle_()
    assert shown["text/plain"] == "✗ Not yet 90.1 · A title\nIt is `here`.\nA note."
    assert shown["text/html"] == (
        '<div class="alert alert-block alert-warning" role="status" style="color:#212121">'
        "<strong>✗ Not yet 90.1 · A title</strong><br>It is <code>here</code>.<br>A note.</div>"
    )


def test_what_docker_says_is_escaped() -> None:
    words = Wrong("lesson90.ex1.missing", name="<img src=x onerror=alert(1)>\x1b[31m\u202e")
    found = box(f"head\n{words.values['name']}", "warning")
    assert "<img" not in found
    assert "\x1b" not in found
    assert "\\u202e" in found
    assert "&lt;img" in found


def test_an_unknown_exercise_names_near_ones(sample: Path) -> None:
    with pytest.raises(NotFound) as caught:
        check("90.7")
    assert "no exercise 90.7" in str(caught.value)
    assert "near this one: 90.1" in str(caught.value)


@pytest.mark.parametrize("name", ["", "<b>", "90", 90.1, "../../etc"])
def test_odd_ids_are_unknown_and_do_no_harm(sample: Path, name: object) -> None:
    if str(name) == "90.1":  # whoever forgets the quotes is understood
        assert find(name).id == "90.1"
        return
    with pytest.raises(NotFound):
        find(name)


def test_hints_come_one_by_one_and_the_last_stays(
    sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "_given", {})
    shown = [hint("90.1") for _ in range(3)]
    assert [one.number for one in shown] == [1, 2, 2]
    assert str(shown[0]).startswith("Hint 1 of 2 for 90.1\nVolumes have a command group")


def test_a_numbered_hint_is_always_the_same(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "_given", {})
    assert [hint("90.1", 2).number for _ in range(2)] == [2, 2]
    assert hint("90.1").number == 1, "it does not count as shown"
    assert "<code>docker</code>" in hint("90.1", 1)._repr_mimebundle_()["text/html"]


@pytest.mark.parametrize("number", [0, 3, -1])
def test_a_hint_that_is_not_there_is_said(sample: Path, number: int) -> None:
    with pytest.raises(NotFound, match="has no hint"):
        hint("90.1", number)


def test_a_daemon_that_dies_is_the_course_s_error(daemon, monkeypatch: pytest.MonkeyPatch) -> None:
    daemon()

    def dies(*_: object, **__: object) -> None:
        raise ConnectionResetError(104, "Connection reset by peer")

    monkeypatch.setattr(FakeVolumes, "list", dies)
    with pytest.raises(EngineLost, match="reset by peer"):
        check("90.1")


@pytest.mark.parametrize("name", ["1.1", "01", "01.0", "01.x", "one"])
def test_an_id_must_look_like_one(name: str) -> None:
    with pytest.raises(ValueError, match="not the id"):
        exercise(name)


def test_a_finding_has_a_short_name() -> None:
    assert repr(Right("lesson90.ex1.right", name="x")) == "Right('lesson90.ex1.right')"

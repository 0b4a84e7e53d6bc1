"""What is said of a cause, and which step of two builds is which; no daemon."""

from __future__ import annotations

import re

import pytest

from helpers import messages
from helpers.builds import Cause, model
from helpers.builds.causes import pairs
from helpers.builds.plan import Parts, Planned
from helpers.messages import speaking

KINDS = set(re.findall(r"^ +``(\w+)`` +\S", model.Cause.__doc__, re.MULTILINE))
SAID = {
    "instruction": Cause("instruction", before="RUN a", after="RUN b"),
    "argument": Cause("argument", ("VERSION",), before="1", after="2"),
    "environment": Cause("environment", ("MODE",), before="slow", after="fast"),
    "base": Cause("base", ("lbl/base:1",)),
    "files": Cause("files", files=(("a.txt", "changed"), ("b", "mode"))),
    "stage": Cause("stage", ("build",)),
    "ancestor": Cause("ancestor", ("stage-0 2",), after="2"),
    "removed": Cause("removed", before="COPY a /"),
    "combination": Cause("combination", ("stage-0 2",), after="2"),
}


def test_the_kinds_are_those_of_the_model() -> None:
    assert len(KINDS) == 15 and set(SAID) < KINDS


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_kind_is_said_in_both_languages(kind: str, language: str) -> None:
    cause = SAID.get(kind, Cause(kind))
    with speaking(language):
        said = str(cause)
    assert said and "builds." not in said and "{" not in said and "\n" not in said
    assert (re.search(r"[\u4e00-\u9fff]", said) is not None) == (language == "zh")
    for value in (*cause.names[: kind != "ancestor" and kind != "combination"], cause.after):
        assert value in said
    assert all(path in said for path, _ in cause.files)


def test_no_sentence_is_left_over() -> None:
    keys = {k.split(".")[2] for k in messages.catalogue() if k.startswith("builds.cause.")}
    extra = {"argument_value", "environment_value", "blanks"}
    assert keys == (KINDS - {"files"}) | extra


@pytest.mark.parametrize("how", ["changed", "added", "removed", "mode"])
def test_each_way_of_a_file_has_its_words(how: str) -> None:
    for language in ("en", "zh"):
        with speaking(language):
            assert "dir/a.txt" in str(Cause("files", files=(("dir/a.txt", how),)))


def test_many_files_are_counted_and_hostile_names_are_harmless() -> None:
    names = [f"{n}\x1b[31m\n.txt" for n in range(9)]
    with speaking("en"):
        said = str(Cause("files", files=tuple((name, "added") for name in names)))
    assert said == "0 .txt is new, 1 .txt is new, 2 .txt is new, 6 more"


def test_only_blanks_are_different() -> None:
    with speaking("en"):
        said = str(Cause("instruction", before="RUN a  b", after="RUN a b"))
    assert "blanks" in said and "→" not in said


def test_of_a_long_instruction_what_differs_is_shown() -> None:
    words = " ".join(f"word{n}" for n in range(200))
    with speaking("en"):
        said = str(Cause("instruction", before=f"RUN {words}", after=f"RUN {words[:-1]}X"))
    assert "word199 →" in said and "word19X" in said and len(said) < 200


# ---- which step is which ----


def steps(*texts: str, stage: str = "stage-0") -> list[Planned]:
    parts = [Parts(f'["{n}"]') for n in range(len(texts))]
    return [Planned(stage, n + 1, t, n + 1, parts[n]) for n, t in enumerate(texts)]


def matched(old: list[Planned], new: list[Planned]) -> dict[str, str]:
    return {step: was.id for step, was in pairs(old, new).items()}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("F A B C", "F A B C", {1: 1, 2: 2, 3: 3, 4: 4}),
        ("F A B C", "F A X B C", {1: 1, 2: 2, 4: 3, 5: 4}),
        ("F A B C", "F A C", {1: 1, 2: 2, 3: 4}),
        ("F A B", "F B A", {1: 1, 3: 2}),  # the other one was moved
        ("F A", "F A A", {1: 1, 2: 2}),
        ("F", "G", {1: 1}),  # another base image
    ],
)
def test_steps_are_matched_by_their_text(old: str, new: str, expected: dict) -> None:
    texts = [[f"RUN {word}" for word in one.split()] for one in (old, new)]
    found = matched(steps(*texts[0]), steps(*texts[1]))
    assert found == {f"stage-0 {a}": f"stage-0 {b}" for a, b in expected.items()}


def test_a_rewritten_step_is_matched_by_its_word() -> None:
    old = steps("FROM a", "COPY x /", "RUN make all", "RUN test")
    new = steps("FROM a", "COPY x y /", "RUN make one", "RUN test")
    assert matched(old, new)["stage-0 2"] == "stage-0 2"
    assert matched(old, new)["stage-0 3"] == "stage-0 3"
    new = steps("FROM a", "ADD x /", "RUN make all", "RUN test")
    assert "stage-0 2" not in matched(old, new)


def test_two_steps_that_changed_places_are_not_taken_for_rewritten() -> None:
    old = steps("FROM a", "COPY x /", "RUN make", "COPY y /", "RUN test")
    new = steps("FROM a", "COPY y /", "RUN make", "COPY x /", "RUN test")
    found = matched(old, new)
    assert found["stage-0 5"] == "stage-0 5"
    for step, was in found.items():
        text = {s.id: s.instruction for s in new}[step]
        assert {s.id: s.instruction for s in old}[was] == text


def test_a_stage_keeps_its_steps_when_its_name_changes() -> None:
    old = [*steps("FROM a", "RUN x", stage="build"), *steps("FROM b", "RUN y", stage="stage-1")]
    new = [*steps("FROM a", "RUN x", stage="maker"), *steps("FROM b", "RUN y", stage="stage-1")]
    assert matched(old, new)["maker 2"] == "build 2"
    assert matched(old, new)["stage-1 2"] == "stage-1 2"

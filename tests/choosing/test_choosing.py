"""Answers lead to verdicts that explain themselves, in both languages, by rules, not points."""

from __future__ import annotations

import itertools

import botocore.session
import pytest

from helpers import choosing, messages, paths, widgets
from helpers.choosing.judging import pairs, rules
from helpers.choosing.model import FITS, OUT, PLATFORMS, PRICE
from helpers.errors import NotFound

LESSONS = {f"{number:02}" for number in range(17)}


def _word(platform: str, **answers: str) -> str:
    found = choosing.choose(**answers)
    return next(one.word for one in found.verdicts if one.platform == platform)


@pytest.mark.parametrize(
    ("platform", "answers", "word"),
    [
        ("compose", {"machines": "one", "loss": "container"}, FITS),
        ("compose", {"loss": "machine"}, OUT),
        ("swarm", {"loss": "machine", "machines": "few"}, FITS),
        ("swarm", {"loss": "machine", "machines": "one"}, PRICE),
        ("fargate", {"people": "nobody", "load": "spiky"}, FITS),
        ("fargate", {"host": "gpu"}, OUT),
        ("fargate", {"place": "own"}, OUT),
        ("anywhere", {"place": "own", "people": "some"}, FITS),
        ("anywhere", {"aws": "no"}, OUT),
        ("eks", {"tools": "kubernetes", "people": "some"}, FITS),
        ("eks", {"tools": "kubernetes", "idle": "no"}, OUT),
        ("kubernetes", {"aws": "no", "tools": "kubernetes", "people": "team"}, FITS),
        ("ec2", {"host": "gpu", "people": "some"}, FITS),
    ],
)
def test_well_known_cases(platform: str, answers: dict[str, str], word: str) -> None:
    assert _word(platform, **answers) == word


def test_each_reason_names_the_answer_that_caused_it_and_a_lesson() -> None:
    found = choosing.choose(machines="one", loss="machine")
    swarm = next(one for one in found.verdicts if one.platform == "swarm")
    assert [reason.caused for reason in swarm.reasons] == ['machines="one", loss="machine"'] or [
        reason.caused for reason in swarm.reasons
    ] == ['loss="machine", machines="one"']
    assert {rule.lesson for rule in rules()} <= LESSONS


def test_what_is_left_open_rules_nothing_out() -> None:
    assert choosing.choose().of(FITS) == PLATFORMS


def test_one_more_answer_never_makes_a_platform_better() -> None:
    """A rule only takes away, so a verdict is the sum of its reasons and nothing else."""
    order = [FITS, PRICE, OUT]
    known = [(key, one) for key, answers in choosing.questions().items() for one in answers]
    for (first, a), (second, b) in itertools.combinations(known, 2):
        if first == second:
            continue
        alone, both = choosing.choose(**{first: a}), choosing.choose(**{first: a, second: b})
        for before, after in zip(alone.verdicts, both.verdicts, strict=True):
            assert order.index(after.word) >= order.index(before.word)


def test_rules_name_questions_and_platforms_that_exist_and_every_question_matters() -> None:
    known = choosing.questions()
    for rule in rules():
        assert set(rule.platforms) <= set(PLATFORMS)
        assert rule.verdict in (PRICE, OUT)
        assert all(value in known[key] for key, value in rule.when.items())
    assert {key for rule in rules() for key in rule.when} == set(known)
    # each platform can be the right one, and each can be wrong
    for platform in PLATFORMS:
        assert any(platform in rule.platforms for rule in rules() if rule.verdict == OUT) or (
            platform == "ec2"
        )


def test_every_word_is_there_and_none_in_vain() -> None:
    used = {f"choosing.because.{rule.because}" for rule in rules()}
    used |= {f"choosing.between.{'_'.join(pair)}" for pair in pairs()}
    there = {
        key
        for key in messages.catalogue()
        if key.startswith(("choosing.because.", "choosing.between."))
    }
    assert used == there
    for language in ("en", "zh"):
        with messages.speaking(language):
            str(choosing.ask()), str(choosing.choose(machines="few", aws="china"))


def test_what_is_said_of_china_is_what_botocore_knows() -> None:
    session = botocore.session.get_session()
    for service in ("ecs", "eks", "ecr", "elbv2"):
        regions = session.get_available_regions(service, "aws-cn")
        assert regions == ["cn-north-1", "cn-northwest-1"]


def test_a_wrong_question_or_answer_is_told() -> None:
    with pytest.raises(NotFound, match="machine"):
        choosing.choose(machine="one")
    with pytest.raises(NotFound, match="zone"):
        choosing.choose(loss="nothing")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_widget_says_what_the_function_says(language: str) -> None:
    with messages.speaking(language):
        made = widgets.chooser(machines="few")
        for key, answers in choosing.questions().items():
            for one in answers:
                made.menus[key].value = one
        given = {key: answers[-1] for key, answers in choosing.questions().items()}
        assert made.choice == choosing.choose(**given)
        assert made.result.value == choosing.choose(**given).html()
        data, _ = made._repr_mimebundle_()
        assert data["text/plain"] == str(choosing.choose(**given))
        made.menus["machines"].value = ""
        assert "machines" not in made.choice.answers


def test_the_widget_keeps_its_language_when_a_menu_is_used_later() -> None:
    with messages.speaking("zh"):
        made = widgets.chooser()
    with messages.speaking("en"):
        made.menus["aws"].value = "no"
    assert "排除" in made.result.value


def test_lessons_that_are_named_are_lessons_of_the_course() -> None:
    shipped = {folder.name[:2] for folder in paths.LESSONS.glob("[0-9][0-9]-*")}
    assert {rule.lesson for rule in rules()} - shipped <= {"11", "12", "15", "16"}

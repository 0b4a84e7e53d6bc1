"""The words of stories and of load: moments and causes in order, what was reached, no seconds."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from helpers import figures, messages
from helpers.figures.story_band import SIGNS
from helpers.figures.story_lanes import natural
from helpers.healing.case import CAUSES
from helpers.healing.model import Bar, Load, Second, Story

from . import stories
from .sheets import written


def later(story: Story, factor: float = 3.0) -> Story:
    """The same on a slower machine."""
    bars = tuple(replace(b, start=b.start * factor, end=b.end * factor) for b in story.bars)
    moments = tuple(replace(m, seconds=m.seconds * factor) for m in story.moments)
    back = story.recovered and story.recovered * factor
    return replace(
        story, bars=bars, moments=moments, seconds=story.seconds * factor, recovered=back
    )


def test_a_lost_node_is_told_by_moments_causes_and_the_end():
    assert figures.story(stories.stopped()).words.splitlines() == [
        "node-3 is stopped; then as many tasks run again as were asked for",
        "  $ docker kill node-3",
        "  1. node-3 is stopped",
        "  2. the orchestrator notices",
        "  3. as many tasks run as were asked for",
        "  4. node-3 is started again",
        "  why tasks ended: its node was stopped",
        "  the new tasks were started on other nodes",
        "  in the end: 6 tasks running",
    ]


@pytest.mark.parametrize(
    "story", [stories.stopped(), stories.killed(), stories.drained(), stories.updated(True)]
)
def test_a_slow_machine_has_the_same_words(story):
    assert figures.story(later(story)).words == figures.story(story).words


def test_which_node_a_killed_task_was_on_is_a_matter_of_chance():
    one = stories.killed()
    turn = {"node-1": "node-2", "node-2": "node-3", "node-3": "node-1"}
    other = replace(one, bars=tuple(replace(b, node=turn[b.node]) for b in one.bars))
    assert figures.story(other).words == figures.story(one).words


def test_versions_and_causes_of_an_update_and_a_rollback():
    good = figures.story(stories.updated()).words
    assert "web gets another version; at no time do fewer tasks run than were asked for" in good
    assert "why tasks ended: replaced by an update" in good
    assert good.endswith("in the end: 3 tasks running, all of version 2")
    bad = figures.story(stories.updated(True)).words
    assert "2. the orchestrator rolls back" in bad
    assert "why tasks ended: replaced by an update, its program failed" in bad
    assert bad.endswith("in the end: 3 tasks running, all of version 1")


def test_what_never_recovered_is_said():
    words = figures.story(stories.frozen()).words
    assert words.startswith("web.2 is frozen; in the end fewer tasks run than were asked for")
    assert words.endswith("in the end: 2 tasks running, 1 waiting for a node")
    assert "not recovered in this time" in [
        t.text for t in written(figures.story(stories.frozen()))
    ]


def test_another_leader_is_named_in_the_picture_alone():
    drawn = figures.story(stories.managers())
    assert "another manager leads\n" in drawn.words
    assert "another manager leads: node-2" in [t.text for t in written(drawn)]
    assert drawn.words.endswith("in the end: 2 tasks running, 1 unknown: its node does not answer")


def test_the_picture_says_how_long_it_took():
    texts = [text.text for text in written(figures.story(stories.stopped()))]
    assert "4.4 s until all was well" in texts and "3.5 s" in texts
    assert not re.search(r"\d s\b", figures.story(stories.stopped()).words)


def test_two_stories_have_one_scale_of_time():
    drawn = figures.story(stories.stopped(), stories.drained())
    first, *rest = drawn.words.splitlines()
    assert first == f"{rest[0]}; {rest[9]}"
    texts = written(drawn)
    twenty = [text for text in texts if text.text == "20"]
    assert len(twenty) == 2 and abs(twenty[0].left - twenty[1].left) < 0.01


def test_pods_are_called_pods():
    words = figures.story(replace(stories.killed(), fault="delete"), kind="pod").words
    assert words.startswith("web.2 is deleted; then as many pods run again as were asked for")
    assert "task" not in words


def test_details_may_be_words_of_the_orchestrator():
    one = stories.frozen()
    said = tuple(replace(m, detail="unhealthy container") for m in one.moments[1:])
    words = figures.story(replace(one, moments=(one.moments[0], *said))).words
    assert "2. the orchestrator notices: unhealthy container" in words


def test_every_fault_and_cause_has_words_and_a_sign():
    for fault in (*CAUSES, "update", "bad_update", "scale", "autoscale", "delete"):
        assert messages.has(f"orchestration.fault.{fault}"), fault
    for cause in {*CAUSES.values(), "deleted", "updated", "rolled_back", "scaled_down", "failed"}:
        assert messages.has(f"orchestration.cause.{cause}"), cause
        assert cause in SIGNS
    assert len(set(SIGNS.values())) == len(SIGNS)


def test_tasks_lie_in_the_order_of_their_numbers():
    assert sorted(["web.10", "web.9", "api.1", "web"], key=natural) == [
        "api.1", "web", "web.9", "web.10",
    ]  # fmt: skip
    bars = tuple(Bar(f"web.{n}", "node-1", "running", 0, 9) for n in range(40, 0, -1))
    texts = written(figures.story(Story("scale", "web", ("node-1",), bars, (), 9, 0.0)))
    tops = {text.text: text.top for text in texts}
    assert tops["web.2"] > tops["web.10"]
    assert "+14 more" in tops  # 26 lanes of a node are drawn


def test_load_is_told_as_relations():
    assert figures.load(stories.rolling()).words.splitlines() == [
        "Every request was answered",
        "  at first answered by version 1, in the end by version 2",
        "  replicas asked for: 3 all the time",
        "  in the end as many replicas run as were asked for",
    ]
    assert figures.load(stories.rolling(2)).words.startswith("Some requests were not answered")
    assert figures.load(stories.scaled()).words.splitlines()[1:] == [
        "  more replicas were asked for than at first, and in the end as many as at first",
        "  in the end as many replicas run as were asked for",
        "  the usage went above its target",
    ]


def test_ways_that_replicas_went():
    def words(*asked: int) -> str:
        over = [Second(n / 2, 1, 0, (), count, count) for n, count in enumerate(asked)]
        return figures.load(stories.summed(over)).words

    assert "more replicas were asked for than at first\n" in words(1, 2, 3)
    assert "and in the end fewer again" in words(1, 4, 2)
    assert "fewer replicas were asked for than at first" in words(3, 1)
    assert "replicas asked for: 2 all the time" in words(2, 2)


def test_numbers_of_requests_stand_in_the_picture():
    drawn = figures.load(stories.rolling(2))
    assert "154 sent, 150 answered, 4 failed" in [text.text for text in written(drawn)]
    assert "154" not in drawn.words
    assert figures.load(Load(0, 0, 0, ())).title == "No request was sent"
    assert figures.load(Load(3, 0, 3, (Second(0, 0, 3),))).title == "No request was answered"

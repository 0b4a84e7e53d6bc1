"""Lives out of events, in whatever order an engine tells them. No daemon."""

from __future__ import annotations

from types import SimpleNamespace

from helpers.containers import Event, timeline
from helpers.containers.events import Reader
from helpers.engine import labels


def _recording(*told: tuple, existed=(), present=("a",), policy="", state=None, seconds=10.0):
    events = [Event("x", i, kind, at, detail) for i, kind, at, detail in told]
    found = {
        "HostConfig": {"RestartPolicy": {"Name": policy}},
        "State": state or {"Restarting": False},
    }
    return SimpleNamespace(
        events=events,
        existed=frozenset(existed),
        present=frozenset(present),
        found={"a": found, "b": found},
        seconds=seconds,
        gaps=[],
    )


def _states(found) -> list[list[str]]:
    return [[span.state for span in life.spans] for life in found.lives]


def test_two_parts_of_the_engine_tell_in_either_order():
    started = [("a", "create", 0, ""), ("a", "start", 1, "")]
    kill, die, stop = ("a", "kill", 2, "15"), ("a", "die", 2.1, "0"), ("a", "stop", 2.1, "")
    one = timeline(_recording(*started, kill, die, stop))
    other = timeline(_recording(*started, kill, stop, die))
    kinds = ["create", "start", "kill", "die", "stop"]
    for found in (one, other):
        assert [event.kind for event in found.lives[0].events] == kinds
        assert _states(found) == [["created", "running", "exited"]]


def test_out_of_memory_comes_before_the_end_and_once():
    found = timeline(
        _recording(
            ("a", "create", 0, ""), ("a", "start", 1, ""), ("a", "die", 2, "137"),
            ("a", "oom", 2.01, ""), ("a", "oom", 2.02, ""),
        )
    )  # fmt: skip
    assert [event.kind for event in found.lives[0].events] == ["create", "start", "oom", "die"]


def test_a_stop_long_before_a_later_end_stays_where_it_is():
    found = timeline(_recording(("a", "stop", 1, ""), ("a", "start", 2, ""), ("a", "die", 9, "0")))
    assert [event.kind for event in found.lives[0].events] == ["stop", "start", "die"]


def test_the_policy_waits_before_it_starts_again():
    told = [("a", "create", 0, ""), ("a", "start", 1, ""), ("a", "die", 2, "1")]
    waiting = {"Restarting": True}
    found = timeline(_recording(*told, policy="always", state=waiting))
    assert _states(found) == [["created", "running", "restarting"]]
    gave_up = timeline(_recording(*told, policy="on-failure"))
    assert _states(gave_up) == [["created", "running", "exited"]]
    by_hand = timeline(_recording(*told, ("a", "start", 3, ""), policy=""))
    assert _states(by_hand) == [["created", "running", "exited", "running"]]
    assert by_hand.lives[0].restarts == 0


def test_a_new_container_takes_the_name_of_an_old_one():
    told = [("b", "destroy", 0, ""), ("a", "create", 1, ""), ("a", "start", 2, "")]
    found = timeline(_recording(*told, existed=("b",)))
    assert _states(found) == [["created", "running"]]
    # without a new one, the removal is the story
    alone = timeline(_recording(told[0], existed=("b",), present=()))
    assert _states(alone) == [["exited"]] and alone.lives[0].removed == 0


def test_no_events_no_lives():
    assert timeline(_recording()).lives == ()


def _told(action: str, name: str = "x", ours: bool = True, at: int = 1, **notes: str) -> dict:
    marks = labels.make() if ours else {}
    return {
        "Action": action,
        "timeNano": at * 10**9,
        "Actor": {"ID": "a", "Attributes": {"name": name, **marks, **notes}},
    }


def test_probes_of_a_health_check_are_left_out_and_a_learner_s_exec_is_not():
    reader = Reader(("x",))
    check = {"Healthcheck": {"Test": ["CMD-SHELL", "test -e /ok"]}}
    reader.knows({"Id": "a", "Config": check})
    told = [
        _told("exec_start: /bin/sh -c test -e /ok", execID="1"),
        _told("exec_start: echo hi", execID="2", at=2),
        _told("exec_die", execID="1", exitCode="0", at=3),
        _told("exec_die", execID="2", exitCode="7", at=4),
        _told("health_status: unhealthy", at=5),
    ]
    found = [(e.kind, e.detail, e.seconds) for e in reader.read(told, 1.0)]
    assert found == [
        ("exec_start", "echo hi", 1.0), ("exec_die", "7", 3.0), ("health_status", "unhealthy", 4.0),
    ]  # fmt: skip


def test_foreign_containers_and_unknown_events_are_left_out():
    told = [
        _told("start", ours=False),
        _told("start", name="y"),
        _told("attach"),
        _told("top"),
        {**_told("start"), "Actor": {"ID": "a"}},
    ]
    assert Reader(("x",)).read(told, 0.0) == []


def test_names_and_details_are_made_safe():
    (event,) = Reader(()).read([_told("exec_start: \x1b[31mred", name="\x1b[2Jx")], 0.0)
    assert (event.container, event.detail) == ("x", "red")

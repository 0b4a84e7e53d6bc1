"""Looks at pods made into stories and progress: the same course of events, the same bars."""

from __future__ import annotations

from dataclasses import replace

import pytest

from helpers.healing.model import Story
from helpers.kubernetes.looking import STEADY, Stuck
from helpers.kubernetes.pods import Look, Pod, Workload, alive, numbered, pod_of, seconds_of
from helpers.kubernetes.telling import Case, progress, tell

WEB = Workload("Deployment", "web", "web", 2, 2, 2, True, "old", replicas=2)


def pod(name: str, made: float = 0.0, **given: object) -> Pod:
    return Pod(name, name, "web", "node-1", "Running", True, 0, made, template="old", **given)


def look(at: float, *pods: Pod, web: Workload = WEB) -> Look:
    return Look(at, pods, (web,), ("node-1",))


A, B = pod("a", 1.0), pod("b", 2.0)
NEW = pod("c", 12.0)


def deleted() -> list[Look]:
    going = replace(A, ending=True)
    return [
        look(9.0, A, B, replace(pod("x"), ending=True, over=True)),
        look(10.1, going, B, replace(NEW, ready=False, node="")),
        look(10.5, going, B, replace(NEW, ready=False)),
        look(11.0, replace(going, over=True), B, replace(NEW, ready=False)),
        look(12.0, replace(going, over=True), B, NEW),
    ]


CASE = Case("delete", "web 1", 10.0, frozenset({"a"}), "killed", "kubectl delete pod web-…")


def bars(story: Story) -> list[tuple[str, str, str]]:
    return [(bar.task, bar.state, bar.cause) for bar in story.bars]


def test_a_deleted_pod_is_replaced_by_another() -> None:
    story = tell(deleted(), CASE, "web")
    assert bars(story) == [
        ("web 1", "running", ""),
        ("web 2", "running", ""),
        ("web 1", "stopping", "killed"),
        ("web 3", "waiting", ""),
        ("web 3", "starting", ""),
        ("web 3", "running", ""),
    ]
    assert [moment.what for moment in story.moments] == ["fault", "noticed", "recovered"]
    assert story.recovered == pytest.approx(2.0)


def test_what_nobody_saw_happen_is_told_all_the_same() -> None:
    seen = deleted()
    story = tell([seen[0], seen[-1]], CASE, "web")
    assert ("web 1", "stopping", "killed") in bars(story)
    assert ("web 3", "starting", "") in bars(story)


def test_a_sick_container_is_started_again_in_its_pod() -> None:
    sick = replace(A, ready=False)
    again = replace(A, restarts=1)
    story = tell(
        [look(9, A, B), look(11, sick, B), look(14, replace(again, ready=False), B),
         look(15, again, B)],
        Case("sicken", "web 1", 10.0, frozenset({"a"}), "unhealthy"), "web",
    )  # fmt: skip
    assert bars(story) == [
        ("web 1", "running", ""),
        ("web 2", "running", ""),
        ("web 1", "unhealthy", "unhealthy"),
        ("web 1", "starting", ""),
        ("web 1", "running", ""),
    ]
    assert [bar.generation for bar in story.bars if bar.task == "web 1"] == [1, 1, 2, 2]


def test_who_never_was_fewer_never_had_to_recover() -> None:
    new = replace(WEB, newest="new")
    fresh = replace(NEW, template="new", version="2")
    story = tell(
        [look(9, A, B), look(11, A, B, fresh, web=new),
         look(12, replace(A, ending=True), B, fresh, web=new), look(13, B, fresh, web=new)],
        Case("update", "web", 10.0, cause="updated"), "web",
    )  # fmt: skip
    assert story.recovered == 0.0
    assert ("web 1", "stopping", "updated") in bars(story)


def test_who_stays_short_has_not_recovered() -> None:
    assert tell(deleted()[:-1], CASE, "web").recovered is None


def test_progress_counts_what_is_ready_and_of_the_newest_template() -> None:
    new = replace(WEB, newest="new", desired=3)
    fresh = replace(NEW, template="new")
    found = progress([look(1, A, B), look(2, A, B, web=new), look(3, A, B, fresh, web=new)],
                     "kubectl apply", ["web"])  # fmt: skip
    ((name, amounts),) = found.services
    assert name == "web"
    assert [(a.desired, a.running, a.current) for a in amounts] == [(2, 2, 2), (3, 2, 0), (3, 3, 1)]
    assert not found.reached


def test_what_could_not_be_made_waits_with_its_reason() -> None:
    full = replace(WEB, desired=5, trouble='pods "web-…" is forbidden: exceeded quota')
    homeless = replace(NEW, ready=False, node="", reason="0/1 nodes are available: 1 Insufficient")
    found = progress([look(1, A, B), look(2, A, B, homeless, web=full)], "scale", ["web"])
    assert found.waiting == (
        ("web", 'pods "web-…" is forbidden: exceeded quota'),
        ("web 3", "0/1 nodes are available: 1 Insufficient"),
    )


def test_stuck_is_what_stays_so() -> None:
    stuck = Stuck(["web"])
    full = replace(WEB, desired=5, trouble="exceeded quota")
    assert not stuck(look(1, A, B, web=full))
    assert not stuck(look(1 + STEADY - 0.1, A, replace(B, ready=False), web=full)), "it moves"
    assert not stuck(look(2 + STEADY, A, B, web=full)), "counted anew"
    assert stuck(look(2 + 2 * STEADY, A, B, web=full))


STATUS = {
    "phase": "Running",
    "conditions": [{"type": "Ready", "status": "True"}],
    "containerStatuses": [{"restartCount": 2, "state": {"running": {}}}],
}
BODY = {
    "metadata": {
        "uid": "u", "name": "web-6b9f8c7d5-x2x4z\x1b[31m",
        "creationTimestamp": "1970-01-01T00:01:00Z",
        "labels": {"app": "web", "pod-template-hash": "6b9f8c7d5"},
    },
    "spec": {"nodeName": "node-1", "containers": [{"image": "registry:5000/lbl/page:2@sha256:ab"}]},
    "status": STATUS,
}  # fmt: skip


def test_a_pod_is_read() -> None:
    found = pod_of(BODY, 100.0)
    assert (found.app, found.version, found.restarts, found.made) == ("web", "2", 2, 60.0)
    assert found.state == "running"
    assert "\x1b" not in found.name


def test_a_pod_that_was_told_to_end_is_over_when_nothing_of_it_runs() -> None:
    body = {**BODY, "metadata": {**BODY["metadata"], "deletionTimestamp": "1970-01-01T00:02:00Z"}}
    assert pod_of(body, 100.0).state == "stopping"
    # 1.20: as soon as the container has been removed
    gone = {
        **STATUS,
        "containerStatuses": [{"state": {"waiting": {"reason": "ContainerCreating"}}}],
    }
    assert pod_of({**body, "status": gone}, 100.0).state == "over"
    assert pod_of(body, 125.0).over, "its time is up, whatever the list says"
    assert not alive([pod_of(body, 100.0)])


def test_short_names_go_by_age() -> None:
    assert numbered([B, A]) == {"a": "web 1", "b": "web 2"}


def test_times_of_the_api() -> None:
    assert seconds_of("1970-01-01T00:00:01.500Z") == 1.5
    assert seconds_of(None) == 0.0

"""Views become bars and moments: what a reader of the timeline would notice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from helpers.healing.case import Case
from helpers.healing.model import Bar, Moment
from helpers.healing.telling import tell

from .made_up import NOW, node, task, view

CALM = [task(1, 1), task(2, 2), task(3, 3)]


def case(fault: str, target: str, **changes: object) -> Case:
    return replace(Case(fault, target, began=NOW), **changes)  # type: ignore[arg-type]


def bars(story: object, name: str) -> list[tuple[str, str, int, str]]:
    return [(b.state, b.node, b.generation, b.cause) for b in story.bars if b.task == name]


def kinds(story: object) -> list[str]:
    return [moment.what for moment in story.moments]


def killed() -> list:
    dead = task(2, 2, "failed", desired="shutdown", since=NOW + 0.2, exit_code=137)
    ready = task(2, 2, "ready", id="t2b", desired="ready", since=NOW + 0.4, made=NOW + 0.3)
    again = replace(ready, state="running", desired="running", since=NOW + 1.5)
    return [
        view(-0.1, CALM),
        view(0.1, CALM),
        view(0.5, [CALM[0], dead, ready, CALM[2]]),
        view(1.6, [CALM[0], dead, again, CALM[2]]),
    ]


def test_a_killed_task() -> None:
    story = tell(killed(), case("kill", "web.2", tasks=frozenset({"t2"})))
    assert bars(story, "web.2") == [
        ("running", "node-2", 1, "killed"),
        ("starting", "node-2", 2, ""),
        ("running", "node-2", 2, ""),
    ]
    assert bars(story, "web.1") == [("running", "node-1", 1, "")]
    assert kinds(story) == ["fault", "noticed", "recovered"]
    assert story.moments[0] == Moment(0.0, "fault", "", "web.2", "kill")
    assert story.recovered == pytest.approx(1.5)
    assert story.seconds == pytest.approx(1.6)
    assert story.nodes == ("node-1", "node-2", "node-3")


def test_a_look_more_or_less_tells_the_same() -> None:
    seldom = [killed()[0], killed()[-1]]
    often, rarely = (
        tell(views, case("kill", "web.2", tasks=frozenset({"t2"}))) for views in (killed(), seldom)
    )
    assert bars(often, "web.2") == bars(rarely, "web.2")
    assert kinds(often) == kinds(rarely)


def test_clocks_that_differ_stay_within_the_looks() -> None:
    ahead = lambda one: replace(one, since=one.since + 500, made=one.made + 500)  # noqa: E731
    views = [replace(seen, tasks=tuple(ahead(one) for one in seen.tasks)) for seen in killed()]
    story = tell(views, case("kill", "web.2", tasks=frozenset({"t2"})))
    assert story.recovered == pytest.approx(1.6)
    assert all(0.0 <= bar.start <= bar.end <= story.seconds for bar in story.bars)


@pytest.mark.parametrize(("fault", "cause"), [("freeze", "frozen"), ("sicken", "unhealthy")])
def test_a_sick_task_is_unhealthy_until_it_is_replaced(fault: str, cause: str) -> None:
    views = killed()
    story = tell(views, case(fault, "web.2", tasks=frozenset({"t2"})))
    assert bars(story, "web.2")[:2] == [
        ("unhealthy", "node-2", 1, cause),
        ("starting", "node-2", 2, ""),
    ]
    assert story.recovered == pytest.approx(1.5)  # it did not serve from the fault on


def lost(undone: bool = True) -> list:
    """node-3 is stopped; web.3 goes to node-1; later node-3 is back, and its task is cleared."""
    down = [node(1), node(2), node(3, state="down")]
    old = task(3, 3, desired="shutdown")
    new = task(3, 1, "starting", id="t3b", since=NOW + 3.2, made=NOW + 3.1)
    runs = replace(new, state="running", since=NOW + 4.0)
    views = [
        view(-0.1, CALM),
        view(0.5, CALM),
        view(2.5, CALM),
        view(3.3, [*CALM[:2], old, new], down),
        view(4.1, [*CALM[:2], old, runs], down),
    ]
    if undone:
        gone = replace(old, state="shutdown", since=NOW + 6.2)
        views += [
            view(5.5, [*CALM[:2], old, runs], down),
            view(6.0, [*CALM[:2], old, runs]),
            view(6.5, [*CALM[:2], gone, runs]),
        ]
    return views


def test_a_stopped_node() -> None:
    story = tell(lost(), case("stop_node", "node-3", nodes=frozenset({"node-3"}), undone=NOW + 5.0))
    assert bars(story, "web.3") == [
        ("lost", "node-3", 1, "node_stopped"),
        ("starting", "node-1", 2, ""),
        ("running", "node-1", 2, ""),
    ]
    first = next(bar for bar in story.bars if bar.state == "lost")
    assert (first.start, first.end) == (0.0, pytest.approx(6.2))
    assert kinds(story) == ["fault", "noticed", "recovered", "undone"]
    assert story.recovered == pytest.approx(4.0)


def test_the_loss_counts_from_the_fault_even_if_nobody_looked() -> None:
    seldom = [lost()[0], lost()[4], lost()[-1]]
    found = case("stop_node", "node-3", nodes=frozenset({"node-3"}), undone=NOW + 5.0)
    assert bars(tell(seldom, found), "web.3") == bars(tell(lost(), found), "web.3")
    assert kinds(tell(seldom, found)) == kinds(tell(lost(), found))


def test_a_node_noticed_late_tells_the_same() -> None:
    late = [
        replace(one, at=one.at + 30 if number > 2 else one.at) for number, one in enumerate(lost())
    ]
    found = case("cut", "node-3", nodes=frozenset({"node-3"}), undone=NOW + 35.0)
    story = tell(late, found)
    assert [b[0] for b in bars(story, "web.3")] == ["lost", "starting", "running"]
    assert bars(story, "web.3")[0][3] == "node_cut"
    assert kinds(story) == ["fault", "noticed", "recovered", "undone"]


def test_what_never_recovers_says_so() -> None:
    story = tell(lost(False)[:4], case("stop_node", "node-3", nodes=frozenset({"node-3"})))
    assert story.recovered is None
    assert "recovered" not in kinds(story)


def test_a_task_that_no_node_fits_waits() -> None:
    reason = "no suitable node (scheduling constraints not satisfied on 3 nodes)"
    waits = task(3, "", "pending", id="t3b", reason=reason, made=NOW + 0.1, since=NOW + 0.1)
    dead = task(3, 3, "failed", desired="shutdown", since=NOW + 0.1)
    story = tell(
        [view(-0.1, CALM), view(2, [*CALM[:2], dead, waits])],
        case("kill", "web.3", tasks=frozenset({"t3"})),
    )
    assert bars(story, "web.3")[-1] == ("waiting", "", 2, "")
    assert story.recovered is None


def test_a_drained_node() -> None:
    empty = [node(1), node(2), node(3, availability="drain")]
    leaves = task(3, 3, desired="shutdown")
    gone = replace(leaves, state="shutdown", since=NOW + 1.0)
    new = task(3, 2, "running", id="t3b", since=NOW + 2.0, made=NOW + 0.2)
    story = tell(
        [
            view(-0.1, CALM),
            view(0.3, [*CALM[:2], leaves, replace(new, state="preparing")], empty),
            view(2.1, [*CALM[:2], gone, new], empty),
            view(3.0, [*CALM[:2], gone, new]),
        ],
        case("drain", "node-3", nodes=frozenset({"node-3"}), undone=NOW + 2.5),
    )
    assert sorted(bars(story, "web.3"), key=lambda bar: bar[2]) == [
        ("running", "node-3", 1, ""),
        ("stopping", "node-3", 1, "drained"),
        ("starting", "node-2", 2, ""),
        ("running", "node-2", 2, ""),
    ]
    assert kinds(story) == ["fault", "noticed", "recovered", "undone"]


def test_an_update_that_starts_first_loses_nothing() -> None:
    new = task(1, 2, id="t1b", image="lbl/page:2", since=NOW + 1.0, made=NOW + 0.2)
    old = task(1, 1, "shutdown", desired="shutdown", since=NOW + 1.4)
    story = tell(
        [
            view(-0.1, CALM[:1], desired=1),
            view(0.5, [CALM[0], replace(new, state="starting")], desired=1),
            view(2.0, [old, new], desired=1),
        ],
        case("update", "web", version="1"),
    )
    assert bars(story, "web.1") == [
        ("running", "node-1", 1, ""),
        ("starting", "node-2", 2, ""),
        ("running", "node-2", 2, ""),
        ("stopping", "node-1", 1, "updated"),
    ]
    assert {(b.generation, b.version) for b in story.bars} == {(1, "1"), (2, "2")}
    assert story.recovered == 0.0
    assert kinds(story) == ["fault"]


def test_a_bad_version_is_rolled_back() -> None:
    bad = task(1, 2, "failed", id="t1b", image="lbl/page:3", since=NOW + 1, made=NOW + 0.2)
    worse = task(2, 2, "running", id="t2b", image="lbl/page:3", since=NOW + 1, made=NOW + 0.2)
    ends = replace(worse, state="shutdown", desired="shutdown", since=NOW + 3)
    again = task(2, 2, id="t2c", since=NOW + 4, made=NOW + 2.5)
    two = task(2, 2, "shutdown", desired="shutdown", since=NOW + 0.9)
    story = tell(
        [
            view(-0.1, CALM[:2], desired=2),
            view(1.5, [CALM[0], bad, two, worse], desired=2, update="updating"),
            view(2.0, [CALM[0], bad, two, worse], desired=2, update="rollback_started"),
            view(4.5, [CALM[0], bad, two, ends, again], desired=2, update="rollback_completed"),
        ],
        case("bad_update", "web", version="1"),
    )
    assert bars(story, "web.1") == [
        ("running", "node-1", 1, ""),
        ("starting", "node-2", 2, "failed"),
    ]
    assert [b[3] for b in bars(story, "web.2") if b[3]] == ["updated", "rolled_back"]
    assert "rollback" in kinds(story)
    assert story.recovered == pytest.approx(4.0)


def test_another_manager_leads() -> None:
    before = [node(1), *(node(n, role="manager", reachability="reachable") for n in (2, 3))]
    after = [
        node(1, leader=False, reachability="unreachable", state="down"),
        replace(before[1], leader=True),
        before[2],
    ]
    elsewhere = task(1, 2, id="t1b", since=NOW + 8, made=NOW + 7)
    story = tell(
        [
            view(-0.1, CALM, before),
            view(6, CALM, after),
            view(9, [task(1, 1, desired="shutdown"), elsewhere, *CALM[1:]], after),
        ],
        case("lose_manager", "node-1", nodes=frozenset({"node-1"})),
    )
    assert kinds(story) == ["fault", "leader", "recovered"]
    assert Moment(6.0, "leader", "node-2") in story.moments
    assert bars(story, "web.1")[0] == ("lost", "node-1", 1, "")  # it still is


def test_scaled_down() -> None:
    ends = task(3, 3, "shutdown", desired="remove", since=NOW + 0.5)
    story = tell([view(-0.1, CALM), view(1, [*CALM[:2], ends], desired=2)], case("scale", "web"))
    assert bars(story, "web.3")[-1] == ("stopping", "node-3", 1, "scaled_down")
    assert story.recovered == 0.0


def test_other_services_and_what_was_over_before_are_left_out() -> None:
    over = task(1, 1, "failed", id="t0", since=NOW - 50, desired="shutdown")
    other = replace(task(9, 1), service="redis", name="redis.1")
    story = tell([view(-0.1, [over, other, *CALM]), view(1, [over, other, *CALM])],
                 case("kill", "web.2"))  # fmt: skip
    assert {bar.task for bar in story.bars} == {"web.1", "web.2", "web.3"}
    assert all(bar.generation == 1 for bar in story.bars)
    assert story.bars[0] == Bar("web.1", "node-1", "running", 0.0, 1.0)


def test_a_task_that_the_swarm_forgot_ends() -> None:
    story = tell([view(-0.1, CALM), view(1, CALM[:2], desired=2)], case("scale", "web"))
    assert bars(story, "web.3") == [("running", "node-3", 1, "scaled_down")]

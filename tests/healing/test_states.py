"""What is waited for, told by states: neither a slow machine nor a late look changes it."""

from __future__ import annotations

from dataclasses import replace

from helpers.healing.case import Case
from helpers.healing.states import calm, enough, lasting, noticed

from .made_up import NOW, node, task, view

THREE = [task(1, 1), task(2, 2), task(3, 3)]
WEB = ("web",)


def test_three_of_three() -> None:
    assert enough(view(0, THREE), WEB)
    assert calm(view(0, THREE), WEB)


def test_two_of_three() -> None:
    dead = task(3, 3, "failed", desired="shutdown")
    assert not enough(view(0, [*THREE[:2], dead]), WEB)
    assert not calm(view(0, [*THREE[:2], dead]), WEB)


def test_no_such_service() -> None:
    assert not enough(view(0, THREE), ("other",))
    assert not calm(view(0, THREE), ("other",))


def test_what_the_fault_has_hit_does_not_count_though_the_swarm_calls_it_running() -> None:
    assert not enough(view(1, THREE), WEB, Case("kill", "web.2", tasks=frozenset({"t2"})))
    cut = Case("cut", "node-3", nodes=frozenset({"node-3"}), began=NOW)
    assert not enough(view(1, THREE), WEB, cut)
    assert enough(view(9, THREE), WEB, replace(cut, undone=NOW + 8))


def test_a_node_that_is_down_does_not_count() -> None:
    nodes = [node(1), node(2), node(3, state="down")]
    assert not enough(view(0, THREE, nodes), WEB)
    assert not calm(view(0, THREE, nodes), WEB)


def test_one_too_many_is_not_calm() -> None:
    more = [*THREE, task(3, 3, id="old", desired="shutdown")]
    assert enough(view(0, more), WEB)
    assert not calm(view(0, more), WEB)
    starting = [*THREE, task(4, 1, "starting", id="new")]
    assert not calm(view(0, starting), WEB)


def test_calm_but_for_a_node_that_is_away_on_purpose() -> None:
    nodes = [node(1), node(2), node(3, state="down")]
    tasks = [*THREE[:2], task(3, 3, desired="shutdown"), task(3, 1, id="t3b")]
    assert not calm(view(0, tasks, nodes), WEB)
    assert calm(view(0, tasks, nodes), WEB, but={"node-3"})


def test_a_drained_node_is_not_calm_unless_that_is_meant() -> None:
    nodes = [node(1), node(2), node(3, availability="drain")]
    tasks = [*THREE[:2], task(3, 1, id="t3b")]
    assert not calm(view(0, tasks, nodes), WEB)
    assert calm(view(0, tasks, nodes), WEB, but={"node-3"})


def test_noticed() -> None:
    kill = Case("kill", "web.2", tasks=frozenset({"t2"}))
    assert not noticed(view(0, THREE), kill)
    assert noticed(view(0, [THREE[0], task(2, 2, "failed"), THREE[2]]), kill)
    stop = Case("stop_node", "node-3", nodes=frozenset({"node-3"}))
    assert not noticed(view(0, THREE), stop)
    assert not noticed(view(0, THREE, [node(1), node(2), node(3, state="unknown")]), stop)
    assert noticed(view(0, THREE, [node(1), node(2), node(3, state="down")]), stop)
    drain = replace(stop, fault="drain")
    assert not noticed(view(0, THREE), drain)
    assert noticed(view(0, THREE, [node(1), node(2), node(3, availability="drain")]), drain)


def test_lasting_begins_anew_after_a_look_at_which_it_does_not_hold() -> None:
    held = lasting(lambda seen: all(one.state == "ready" for one in seen.nodes), 4.0)
    well = view(0, [], [node(1)])
    ill = view(0, [], [node(1, state="down")])
    looks = [(well, 0), (well, 3), (ill, 4), (well, 5), (well, 8), (well, 9)]
    found = [held(replace(seen, at=NOW + seconds)) for seen, seconds in looks]
    assert found == [False, False, False, False, False, True]

"""What a look at a swarm means: agreed, still under way, or waiting for a node in vain."""

from __future__ import annotations

from dataclasses import replace

import pytest

from helpers.cluster.model import Node, Service, Task, View
from helpers.errors import ComposeFailed
from helpers.stacks.looking import Look, broken, read_look, state_of
from helpers.stacks.model import Amount
from helpers.stacks.watching import STILL, collect

REASON = "no suitable node (insufficient resources on 1 node)"
NODE = Node("n1", "node-1", "manager", "ready", "active", leader=True)
WEB = Service("s1", "web", "page:1", "replicated", 2, 2)
ONE = Task("t1", "web.1", "web", 1, "node-1", "running", "running")
TWO = Task("t2", "web.2", "web", 2, "node-1", "running", "running")


def look(*tasks: Task, service: Service = WEB, node: Node = NODE, **more: object) -> Look:
    return Look(View((node,), (service,), tasks), **more)


def pending(task: Task, reason: str = REASON) -> Task:
    return replace(task, state="pending", node="", reason=reason)


def test_all_run() -> None:
    assert state_of(look(ONE, TWO), None).reached
    assert state_of(look(ONE, TWO), {"other"}).reached  # nothing of it is asked about


@pytest.mark.parametrize("state", ["new", "assigned", "preparing", "ready", "starting"])
def test_one_is_under_way(state: str) -> None:
    found = state_of(look(ONE, replace(TWO, state=state)), None)
    assert not found.reached and not found.still


def test_one_waits_for_a_node() -> None:
    found = state_of(look(ONE, pending(TWO)), None)
    assert (found.reached, found.still, found.waiting) == (False, True, (("web.2", REASON),))


def test_the_scheduler_has_not_looked_yet() -> None:
    assert not state_of(look(ONE, pending(TWO, "")), None).still


def test_one_too_many_is_leaving() -> None:
    third = replace(TWO, id="t3", name="web.3", slot=3, desired="shutdown")
    assert not state_of(look(ONE, TWO, third), None).reached
    assert state_of(look(ONE, TWO, replace(third, state="shutdown")), None).reached
    lost = replace(third, node="node-9")  # whose node will not end it before it is back
    assert state_of(look(ONE, TWO, lost), None).reached


def test_an_older_specification_still_runs() -> None:
    old = look(ONE, TWO, stale=frozenset({"t2"}), updates={"web": ("updating", "1")})
    assert not state_of(old, None).reached
    assert state_of(look(ONE, TWO, updates={"web": ("updating", "1")}), None).reached
    assert not state_of(look(ONE, TWO, updates={"web": ("rollback_started", "1")}), None).reached
    doubt = look(ONE, TWO, doubtful=frozenset({"t1"}), updates={"web": ("updating", "1")})
    assert not state_of(doubt, None).reached
    assert state_of(replace(doubt, updates={"web": ("completed", "1")}), None).reached


def test_what_waits_by_the_older_specification_is_yet_to_be_replaced() -> None:
    found = look(ONE, pending(TWO), stale=frozenset({"t2"}), updates={"web": ("updating", "1")})
    assert not state_of(found, None).still


def test_specifications_are_compared() -> None:
    spec = {"ContainerSpec": {"Image": "page:1"}, "Placement": {}, "Runtime": "container"}
    services = [
        {"ID": "s1", "Spec": {"Name": "web", "TaskTemplate": spec},
         "UpdateStatus": {"State": "completed", "StartedAt": "1"}}
    ]  # fmt: skip
    same = {key: value for key, value in spec.items() if key != "Runtime"}
    elsewhere = {**same, "Placement": {"Constraints": ["node.role==worker"]}}
    older = {**same, "ContainerSpec": {"Image": "page:0"}}
    tasks = [{"ID": f"t{n}", "ServiceID": "s1", "Spec": spec}
             for n, spec in enumerate((same, elsewhere, older))]  # fmt: skip
    found = read_look(View((), (), ()), services, tasks)
    assert (found.stale, found.doubtful) == ({"t2"}, {"t1"})
    assert found.updates == {"web": ("completed", "1")}


def test_a_progress_ends_when_all_is_well_for_a_while() -> None:
    before = look(ONE, service=replace(WEB, desired=1))
    looks = [(0.1, look(ONE)), (1.0, look(ONE, TWO)), (1.2, look(ONE, TWO)), (2.1, look(ONE, TWO))]
    found = collect("scale", before, iter([*looks, (9.0, look())]), None)
    assert found.reached and found.seconds == 2.1
    web = (Amount(0.0, 1, 1, 1), Amount(0.1, 2, 1, 1), Amount(1.0, 2, 2, 2))
    assert found.services == (("web", web),)


def test_a_progress_ends_when_what_waits_has_waited_long_enough() -> None:
    stuck = look(ONE, pending(TWO))
    looks = [(0.1, look(ONE, replace(TWO, state="new"))), *((1.0 + n, stuck) for n in range(9))]
    found = collect("deploy", look(), iter(looks), None)
    assert not found.reached and found.waiting == (("web.2", REASON),)
    assert 1.0 + STILL <= found.seconds <= 2.0 + STILL
    assert "web.2" in str(found) and "1" in str(found)


def test_a_new_service_begins_with_nothing() -> None:
    nothing = Look(View((NODE,), (), ()))
    found = collect("deploy", nothing, iter([(0.5, look(ONE, TWO)), (1.0, look(ONE, TWO))]), None)
    assert found.services == (("web", (Amount(0.0, 0, 0, 0), Amount(0.5, 2, 2, 2))),)


def test_an_update_that_was_taken_back_is_not_reached() -> None:
    back = look(ONE, TWO, updates={"web": ("rollback_completed", "2")})
    looks = iter([(0.1, back), (1.0, back)])
    assert not collect("update", look(ONE, TWO), looks, None).reached
    # it was so before the order: that tells nothing of this one
    assert collect("scale", back, iter([(0.1, back), (1.0, back)]), None).reached


def refused(number: int, reason: str = "No such image: page:1@sha256:00") -> Task:
    return Task(f"r{number}", "web.1", "web", 1, "node-1", "rejected", "shutdown", reason)


def test_an_image_that_cannot_be_had_ends_it() -> None:
    assert broken(look(refused(1)), set(), None) is None  # one may be an accident
    bad = look(refused(1), refused(2))
    assert broken(bad, {"r1", "r2"}, None) is None  # of an earlier order
    with pytest.raises(ComposeFailed) as caught:
        collect("deploy", look(), iter([(0.1, bad)]), None)
    assert caught.value.key == "stacks.no_pull"
    assert caught.value.values["image"] == "page:1" and caught.value.values["node"] == "node-1"
    other = look(refused(1, "invalid mount"), refused(2, "invalid mount"))
    with pytest.raises(ComposeFailed) as caught:
        collect("deploy", look(), iter([(0.1, other)]), None)
    assert caught.value.key == "stacks.rejected"


def test_what_ends_again_and_again_ends_it_but_an_update_is_the_swarms_own() -> None:
    ended = [replace(ONE, id=f"f{n}", state="failed", desired="shutdown", exit_code=3,
                     reason="task: non-zero exit (3)") for n in range(3)]  # fmt: skip
    assert broken(look(*ended[:2]), set(), None) is None
    kind, task = broken(look(*ended), set(), None)
    assert (kind, task.exit_code) == ("failed", 3)
    assert broken(look(*ended, updates={"web": ("updating", "1")}), set(), None) is None
    assert broken(look(*ended, ONE), set(), None) is None  # it runs now


def test_going_back_is_no_failure_of_the_order_to_go_back() -> None:
    before = look(ONE, updates={"web": ("paused", "1")})
    ended = look(ONE, TWO, updates={"web": ("rollback_completed", "2")})
    looks = [
        (0.5, look(ONE, updates={"web": ("rollback_started", "2")})),
        (1.0, ended),
        (2.1, ended),
    ]
    assert collect("rollback", before, iter(looks), None, back=True).reached
    assert not collect("update", before, iter(looks), None).reached

"""Whom a fault hits; names of a stack shortened; and what a learner is told who asks amiss."""

from __future__ import annotations

from dataclasses import replace

import pytest

from helpers.errors import NotFound
from helpers.healing.autoscaling import _Scaler, named
from helpers.healing.faults import FAULTS, aim
from helpers.healing.rule import Rule
from helpers.healing.updating import _over
from helpers.healing.usage import cpu_of, share
from helpers.healing.watching import short
from helpers.messages import has

from .made_up import node, task, view

THREE = [task(1, 1), task(2, 2), task(3, 3)]
FULL = {"web.1": "shop_web.1", "web.2": "shop_web.2", "web.3": "shop_web.3"}
MANAGERS = [node(1), *(node(n, role="manager", reachability="reachable") for n in (2, 3))]


@pytest.mark.parametrize("target", ["web.2", "shop_web.2"])
def test_a_task_by_either_name(target: str) -> None:
    case = aim("kill", target, view(0, THREE), FULL)
    assert (case.target, case.full, case.tasks) == ("web.2", "shop_web.2", {"t2"})


def test_a_task_that_ended_is_not_meant() -> None:
    old = task(2, 2, "failed", id="old", desired="shutdown", made=1.0)
    assert aim("kill", "web.2", view(0, [old, *THREE]), FULL).tasks == {"t2"}


def test_nodes() -> None:
    assert aim("cut", "node-3", view(0, THREE), FULL).nodes == {"node-3"}
    seen = view(0, THREE, MANAGERS)
    assert aim("lose_manager", "", seen, FULL).nodes == {"node-1"}
    assert aim("lose_manager", "", seen, FULL).target == "node-1"
    # the first node has the front door, which is to answer on
    assert aim("lose_quorum", "", seen, FULL).nodes == {"node-2", "node-3"}


@pytest.mark.parametrize(
    ("fault", "target", "said"),
    [
        ("drop", "web.1", "kill"),  # names those that there are
        ("kill", "web.9", "web.2"),
        ("stop_node", "node-9", "node-"),
        ("stop_node", "", "node-1"),
        ("lose_manager", "", "1"),
        ("lose_quorum", "", "1"),
    ],
)
def test_amiss(fault: str, target: str, said: str) -> None:
    with pytest.raises(NotFound) as error:
        aim(fault, target, view(0, THREE), FULL)
    assert said in str(error.value)


def test_each_fault_has_its_words() -> None:
    for fault in [*FAULTS, "update", "bad_update", "scale"]:
        assert has(f"healing.fault.{fault}"), fault
        assert has(f"orchestration.fault.{fault}"), fault


def test_names_of_a_stack_are_shortened() -> None:
    tasks = [replace(one, service="shop_web", name=f"shop_{one.name}") for one in THREE]
    found = short(view(0, tasks, name="shop_web", stack="shop"))
    assert [one.name for one in found.services] == ["web"]
    assert [(one.name, one.service) for one in found.tasks] == [
        ("web.1", "web"), ("web.2", "web"), ("web.3", "web"),
    ]  # fmt: skip
    assert short(view(0, THREE)) == view(0, THREE)  # not of a stack


def test_a_service_by_either_name() -> None:
    seen = view(0, THREE, name="shop_web", stack="shop")
    assert named(seen, "web")[1] == named(seen, "shop_web")[1] == "web"
    with pytest.raises(NotFound, match="shop_web"):
        named(seen, "page")


def test_an_update_is_over_when_all_that_runs_is_what_is_asked_for() -> None:
    new = [replace(one, image="page:2") for one in THREE]
    old = [replace(one, image="page:1") for one in THREE]
    seen = {"image": "page:2", "update": "completed"}
    assert _over(view(0, new, **seen), "web")
    assert not _over(view(0, old, **seen), "web")  # it still tells of the update before
    assert not _over(view(0, new, **{**seen, "update": "updating"}), "web")
    assert _over(view(0, old, image="page:1", update="rollback_completed"), "web")
    assert not _over(view(0, old, image="page:1", update="rollback_started"), "web")
    assert _over(view(0, [new[0], *old[1:]], image="page:2", update="paused"), "web")
    assert not _over(view(0, new, **seen), "other")


def test_cpu_of_processes() -> None:
    stat = (
        "7 (python3) S 1 7 7 0 -1 4194304 100 0 0 0 150 50 9 9 20 0 3 0 5 0 0\n"
        "8 (a) b (c)) R 1 8 8 0 -1 4194304 100 0 0 0 10 5 0 0 20 0 1 0 5 0 0\n"
        "cat: can't open '/proc/9/stat': No such file or directory\n"
    )
    assert cpu_of(stat) == {7: 2.0, 8: 0.15}


def test_the_share_of_those_that_were_read_twice() -> None:
    assert share({}, {"a": (1.0, 0.5)}) is None
    assert share({"a": (1.0, 0.5), "gone": (1.0, 9.0)}, {"a": (3.0, 1.5), "new": (3.0, 7.0)}) == 0.5


def test_fewer_replicas_only_after_a_lull_without_a_break() -> None:
    scaler = _Scaler(Rule(0.5, least=1, most=4, cool_down=3))
    assert scaler.next(0.0, 4, 0.1) == 4
    assert scaler.next(2.0, 4, 0.9) == 4  # busy again: it counts anew
    assert scaler.next(3.0, 4, 0.1) == 4
    assert scaler.next(5.0, 4, 0.1) == 4
    assert scaler.next(6.0, 4, 0.1) == 1

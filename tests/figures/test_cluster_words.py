"""The words of nodes, of the desired state and of bin packing: relations that hold in each run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from helpers import figures, messages
from helpers.cluster.model import View
from helpers.figures import orchestra, style
from helpers.figures.tasks import able, condition_of, meaning
from helpers.stacks.model import Progress

from . import clusters
from .sheets import written
from .test_style import luminance

LINE = "insufficient resources"


def moved(view: View) -> View:
    """The same services on the same nodes, each task on another one: chance decides."""
    turn = {f"node-{n}": f"node-{n % 3 + 1}" for n in (1, 2, 3)}
    tasks = tuple(
        replace(t, node=turn.get(t.node, "")) if t.service == "shop_web" else t for t in view.tasks
    )
    return replace(view, tasks=tasks)


def test_nodes_and_services_are_told_without_who_lies_where():
    words = figures.nodes(clusters.shop()).words
    assert words.splitlines() == [
        "3 nodes, 3 services: 9 of 9 tasks run",
        "  node-1: manager, leader, ready",
        "  node-2: worker, ready, disk=ssd",
        "  node-3: worker, ready",
        "  shop_agent: 3 of 3 run, on every node, 1 on each",
        "  shop_redis: 1 of 1 run, on node-2 (constraint: node.labels.disk==ssd)",
        "  shop_web: 5 of 5 run, on every node, 1 to 2 on each",
    ]
    assert figures.nodes(moved(clusters.shop())).words == words
    assert (
        figures.packing(moved(clusters.packed())).words == figures.packing(clusters.packed()).words
    )


def test_a_node_is_named_only_where_there_was_no_choice():
    two = figures.nodes(clusters.shop(3, 2)).words
    assert "shop_web: 2 of 2 run, on 2 of the 3 nodes that could take it, 1 on each" in two
    view = clusters.shop(3, 2)
    busy = {t.node for t in view.tasks if t.service == "shop_web"}
    closed = tuple(n if n.name in busy else replace(n, availability="drain") for n in view.nodes)
    named = figures.nodes(replace(view, nodes=closed)).words
    assert "shop_web: 2 of 2 run, on node-1, node-2, 1 on each" in named
    assert "node-3: worker, ready, drain: must be empty" in named


def test_services_can_be_chosen():
    words = figures.nodes(clusters.shop(), ["shop_web"]).words
    assert "shop_web" in words and "shop_agent" not in words
    assert words.startswith("3 nodes, 1 service: 5 of 5 tasks run")


def test_what_waits_is_counted_with_its_reason_and_the_swarms_own_words():
    words = figures.nodes(clusters.crowded()).words
    assert (
        "  no node for 2 tasks of shop_web: not enough CPU or memory is free"
        f' ("{clusters.FULL}")' in words
    )
    with messages.speaking("zh"):
        words = figures.nodes(clusters.crowded()).words
        assert (
            f"shop_web 的 2 个任务没有节点可放：空闲的 CPU 或内存不够（“{clusters.FULL}”）" in words
        )


def test_a_task_that_cannot_start_is_told_whatever_its_state_is_just_now():
    words = figures.nodes(clusters.troubled()).words
    assert '1 task of api cannot run: the image could not be fetched ("No such image' in words
    assert "non-zero exit" not in words  # web.5 runs again
    moving = clusters.task("api", 1, "node-1", "shutdown", desired="shutdown", made=2.0)
    view = clusters.troubled()
    tasks = (*view.tasks, moving)
    assert "cannot run" not in figures.nodes(replace(view, tasks=tasks)).words  # told to end


def test_states_of_tasks():
    view = clusters.troubled()
    at = condition_of(view)
    found = {task.name: at[task.id] for task in view.tasks if at[task.id] != "ended"}
    assert found == {
        "web.1": "running", "web.2": "starting", "web.3": "stopping", "web.4": "lost",
        "web.5": "running", "api.1": "starting",
    }  # fmt: skip


def test_constraints_are_understood():
    nodes = clusters.shop().nodes
    for constraint, names in (
        ("node.labels.disk==ssd", ["node-2"]),
        ("node.labels.disk != ssd", ["node-1", "node-3"]),
        ("node.role==manager", ["node-1"]),
        ("node.hostname == node-3", ["node-3"]),
        (
            "node.platform.os==linux",
            ["node-1", "node-2", "node-3"],
        ),  # not known: no reason to say no
        ("nonsense", ["node-1", "node-2", "node-3"]),
    ):
        found = able(clusters.service("x", 1, 1, constraints=(constraint,)), nodes)
        assert [node.name for node in found] == names


@pytest.mark.parametrize(
    ("reason", "meant"),
    [
        ("no suitable node (insufficient resources on 1 node)", "not enough CPU or memory is free"),
        ("0/1 nodes are available: 1 Insufficient cpu.", "not enough CPU or memory is free"),
        ("no suitable node (max replicas per node limit exceed)",
         "no more are permitted on one node"),
        ("task: non-zero exit (137)", "its program ended"),
        ("unhealthy container", "its health check failed"),
        ("Back-off pulling image", "the image could not be fetched"),
        ("", "no node has been chosen yet"),
        ("something else", ""),
    ],
)  # fmt: skip
def test_what_orchestrators_write_is_explained(reason, meant):
    assert meaning(reason) == meant


def test_pods_are_called_pods():
    words = figures.nodes(clusters.crowded(), kind="pod").words
    assert "4 workloads: 8 of 11 pods run" in words and "2 pods of shop_web" in words
    assert "task" not in words.replace("for new tasks", "")


def test_the_way_to_the_desired_state_is_told_without_steps_and_seconds():
    words = figures.desired(clusters.DEPLOYED).words
    assert words.splitlines() == [
        "What runs is what was asked for",
        "  applied: docker stack deploy -c stack.yaml shop",
        "  shop_agent: 3 asked for; in the end 3 run",
        "  shop_redis: 1 asked for; in the end 1 run",
        "  shop_web: 5 asked for; in the end 5 run",
    ]
    fewer = tuple((name, (steps[0], steps[-1])) for name, steps in clusters.DEPLOYED.services)
    assert figures.desired(replace(clusters.DEPLOYED, services=fewer, seconds=99.0)).words == words


def test_changes_say_what_was_before_and_which_specification_runs():
    assert (
        "shop_web: 4 asked for, as before; in the end 4 run, all as specified now"
        in figures.desired(clusters.ROLLED).words
    )
    stuck = figures.desired(clusters.STUCK).words
    assert stuck.startswith("What runs is not what was asked for")
    assert "shop_web: 2 asked for before, 6 now; in the end 4 run" in stuck
    assert "no node for 2 tasks: not enough CPU or memory is free" in stuck
    assert "shop_web.5" not in stuck  # which ones wait is a matter of chance


def test_nothing_watched_is_said():
    assert "no service was watched" in figures.desired(Progress("x", (), True)).words


def test_packing_says_whether_all_together_had_room():
    words = figures.packing(clusters.packed()).words
    assert words.startswith("3 nodes: enough is free in all, yet 2 tasks without a place")
    assert "too little CPU is free on every node that could take one, though enough in all" in words
    assert "shop_web: 6 run, on every node, 2 on each; reserved for each: CPU and memory" in words
    full = figures.packing(clusters.packed(1.0)).words
    assert "too little CPU is free, on every node that could take one and in all" in full
    unfit = figures.packing(clusters.unfit()).words
    assert "too little memory is free" in unfit
    assert "gpu: no node may take it" in unfit
    assert "node-2: drain" in unfit and "node-3: down" in unfit


def test_packing_holds_no_amounts_in_its_words():
    double = clusters.packed()
    nodes = tuple(replace(n, cpus=n.cpus * 2, memory=n.memory * 2) for n in double.nodes)
    services = tuple(
        replace(s, reserved_cpus=s.reserved_cpus * 2, reserved_memory=s.reserved_memory * 2)
        for s in double.services
    )
    double = replace(double, nodes=nodes, services=services)
    assert figures.packing(double).words == figures.packing(clusters.packed()).words
    texts = [text.text for text in written(figures.packing(double))]
    assert "3 of 4 CPU" in texts and "needs 1.5 CPU" in texts


def test_what_other_services_reserve_is_not_free():
    view = clusters.packed(1.0, 3)
    tight = tuple(replace(n, memory=1100 << 20) for n in view.nodes)
    big = clusters.service("big", 1, 0, reserved_memory=512 << 20)
    late = clusters.task("big", 1, "", "pending", reason=clusters.FULL)
    view = replace(view, nodes=tight, services=(big, *view.services), tasks=(*view.tasks, late))
    alone = figures.packing(view, ["big"])
    assert alone.words.splitlines()[1:] == [
        "  big: 0 run; reserved for each: memory",
        f'  no node for 1 task of big: not enough CPU or memory is free ("{clusters.FULL}")',
    ]  # there is room on two nodes, so the reason is the swarm's own
    assert "1.25 GiB of 1.07 GiB" in [text.text for text in written(alone)]


def test_a_busy_node_says_how_many_are_not_drawn():
    texts = [text.text for text in written(figures.nodes(clusters.shop(1, 60)))]
    assert "+38 more" in texts  # 62 tasks with agent and store, 24 of them drawn
    texts = [text.text for text in written(figures.nodes(clusters.shop(14, 20)))]
    assert "+2 nodes more" in texts


@pytest.mark.parametrize("look", [*orchestra.SERVICES, *orchestra.STATES.values()])
def test_coloured_text_has_the_contrast_of_wcag_aa(look):
    for ground in (style.PAPER, look.fill):
        light, dark = sorted((luminance(ground), luminance(look.colour)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_states_differ_in_more_than_colour():
    others = [look for name, look in orchestra.STATES.items() if name != "running"]
    assert len({look.symbol for look in others}) == len({look.hatch for look in others}) == 5

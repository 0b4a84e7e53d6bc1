"""Faults and their undoing, on a cluster of three managers. They take minutes: for the sweep."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from helpers import bases, cluster
from helpers.cluster import Cluster, View
from helpers.engine import Engine
from helpers.errors import ClusterFailed, NotFound

from .conftest import LONG, runs, seen, serve

LESSON = "94"
pytestmark = pytest.mark.sweep


@pytest.fixture(scope="module")
def three(engine: Engine) -> Iterator[Cluster]:
    yield cluster.up(managers=3, lesson=LESSON, engine=engine)
    cluster.down(engine, LESSON)


@pytest.fixture
def web(three: Cluster, engine: Engine) -> Cluster:
    """The cluster as new, with three tasks of a service."""
    found = cluster.up(managers=3, lesson=LESSON, engine=engine)
    serve(found, found.image(bases.busybox(engine)))
    return found


def _state(view: View, node: str) -> str:
    return next(one.state for one in view.nodes if one.name == node)


def test_a_killed_task_is_replaced(web: Cluster, capsys) -> None:
    old = web.task("web.2")
    web.kill("web.2")
    assert capsys.readouterr().out.endswith(f"{old.node} $ docker kill web.2.…\n")
    view = seen(web, lambda v: runs(3)(v) and old.id not in {t.id for t in v.tasks if t.runs})
    ended = next(task for task in view.tasks if task.id == old.id)
    assert (ended.state, ended.exit_code) == ("failed", 137)
    web.kill(old)  # it has ended: no error
    with pytest.raises(NotFound):
        web.kill("web.7")


def test_a_frozen_task_goes_on_when_it_is_thawed(web: Cluster) -> None:
    one = web.task("web.1")
    for _ in range(2):
        web.freeze("web.1")
    paused = web.api(one.node).inspect_container(one.container)["State"]["Paused"]
    for _ in range(2):
        web.thaw("web.1")
    assert paused and web.exec("web.1", ["echo", "back"]).strip() == "back"


def test_a_sick_task_has_the_file(web: Cluster) -> None:
    web.sicken("web.3")
    assert "sick" in web.exec("web.3", ["ls", "/tmp"])
    web.heal("web.3")
    assert "sick" not in web.exec("web.3", ["ls", "/tmp"])


def test_tasks_of_a_node_that_is_switched_off_go_elsewhere(web: Cluster) -> None:
    for _ in range(2):
        web.stop_node("node-3")
    seen(web, lambda v: _state(v, "node-3") == "down")
    seen(web, runs(3, away="node-3"))
    with pytest.raises(ClusterFailed, match="node-3 does not answer"):
        web.docker("ps", node="node-3")
    for _ in range(2):
        web.start_node("node-3")
    assert _state(web.look(), "node-3") == "ready"
    assert web.docker("info --format '{{.Name}}'", node="node-3", show=False).lines == ["node-3"]


def test_a_node_that_is_cut_off_runs_on_and_is_not_heard(web: Cluster) -> None:
    held = next(task for task in web.look().tasks if task.node == "node-2" and task.runs)
    for _ in range(2):
        web.cut("node-2")
    seen(web, lambda v: _state(v, "node-2") == "down")
    seen(web, runs(3, away="node-2"))
    assert held.container in _containers(web, "node-2")  # nobody could tell it to stop
    for _ in range(2):
        web.mend("node-2")
    seen(web, lambda v: _state(v, "node-2") == "ready")
    seen(web, lambda _: held.container not in _containers(web, "node-2"))


def test_a_drained_node_gets_no_task_and_none_comes_back(web: Cluster) -> None:
    web.drain("node-3")
    seen(web, runs(3, away="node-3"))
    web.activate("node-3")
    view = seen(web, runs(3))
    assert "node-3" not in {task.node for task in view.tasks if task.runs}


def test_another_manager_leads_when_the_leader_is_lost(web: Cluster) -> None:
    lost = web.lose_leader()
    leader = web.look_leader()
    assert leader != lost
    assert web.manager != lost
    web.scale("web", 4)
    seen(web, runs(4, away=lost))
    web.start_node(lost)
    assert {node.state for node in seen(web, _all_ready).nodes} == {"ready"}


def test_without_a_majority_nothing_is_decided_and_everything_runs(web: Cluster) -> None:
    lost = web.lose_managers()
    assert lost == ("node-2", "node-3")
    here = _containers(web, "node-1")
    with pytest.raises(ClusterFailed, match="no leader"):
        web.scale("web", 5)
    with pytest.raises(ClusterFailed, match="no leader"):
        web.docker("service ls")
    with pytest.raises(ClusterFailed, match="no leader"):
        web.look()
    assert _containers(web, "node-1") == here
    web.regain_managers(lost)
    seen(web, _all_ready)
    web.scale("web", 5)
    seen(web, runs(5), 2 * LONG)


def test_a_lost_majority_is_restored_by_up(web: Cluster, engine: Engine) -> None:
    web.lose_managers()
    again = cluster.up(managers=3, lesson=LESSON, engine=engine)
    assert [(n.role, n.state) for n in again.look().nodes] == [("manager", "ready")] * 3


def test_another_shape_is_made_anew(three: Cluster, engine: Engine) -> None:
    two = cluster.up(2, lesson=LESSON, engine=engine)
    assert (two.names, len(two.look().nodes)) == (("node-1", "node-2"), 2)
    with pytest.raises(ClusterFailed, match="node-1, node-2"):
        two.stop_node("node-3")


def _containers(found: Cluster, node: str) -> set[str]:
    return {row["Id"] for row in found.api(node).containers()}


def _all_ready(view: View) -> bool:
    return all(node.state == "ready" for node in view.nodes)

"""A cluster of three real engines: made, looked at, given orders, restored, taken away."""

from __future__ import annotations

import time
import urllib.error
import urllib.request

import pytest

from helpers import bases, cluster
from helpers.cluster import Cluster, memory
from helpers.cluster.own import members, name_of
from helpers.cluster.swarm import MISSED
from helpers.engine import Engine, cleanup, inventory
from helpers.errors import ClusterFailed, NotFound, NotOurs

from ..engine import foreign
from .conftest import LESSON, runs, seen, serve

SHOWN = [
    "node-1 $ docker swarm init --advertise-addr eth0",
    "node-1 $ docker swarm update --dispatcher-heartbeat 1s",
    "node-2 $ docker swarm join --token SWMTKN-1-… node-1:2377",
    "node-3 $ docker swarm join --token SWMTKN-1-… node-1:2377",
]


def test_three_nodes_are_ready(swarm: Cluster, engine: Engine) -> None:
    view = swarm.look()
    found = [(node.name, node.role, node.state, node.availability) for node in view.nodes]
    assert found == [
        ("node-1", "manager", "ready", "active"),
        ("node-2", "worker", "ready", "active"),
        ("node-3", "worker", "ready", "active"),
    ]
    assert view.nodes[0].leader and swarm.manager == "node-1"
    assert cluster.find(engine, LESSON) == swarm and cluster.find(engine).names == swarm.names
    assert all(thing.ours for thing in inventory.take(engine).things if LESSON in str(thing.names))


def test_nodes_reach_each_other_by_name(swarm: Cluster, engine: Engine) -> None:
    api = engine.client.api
    for target in ("node-2", "registry"):
        made = api.exec_create(name_of(LESSON, 3), ["ping", "-c1", "-W5", target])["Id"]
        assert b"1 packets received" in api.exec_start(made)


def test_an_image_reaches_every_node(swarm: Cluster, web: str, engine: Engine) -> None:
    assert web == f"registry:5000/{bases.busybox(engine)}"
    view = seen(swarm, runs(3))
    assert {task.node for task in view.tasks if task.runs} == set(swarm.names)
    assert [(s.name, s.image, s.desired, s.running) for s in view.services] == [("web", web, 3, 3)]
    names = [name for image in engine.client.api.images() for name in image["RepoTags"] or []]
    assert not [name for name in names if name.startswith("127.0.0.1:")]  # the tag for the push


def test_the_client_is_led_to_a_manager(swarm: Cluster, web: str, capsys) -> None:
    answer = swarm.docker("service ls --format '{{.Name}} {{.Replicas}}'")
    assert answer.lines == ["web 3/3"]
    assert capsys.readouterr().out == (
        "$ docker service ls --format '{{.Name}} {{.Replicas}}'\nweb 3/3\n"
    )
    assert swarm.docker("service inspect nothing").exit_code == 1
    swarm.docker("info --format '{{.Name}}'", node="node-3")
    assert capsys.readouterr().out.endswith("node-3 $ docker info --format '{{.Name}}'\nnode-3\n")


def test_a_command_runs_in_a_task_wherever_it_is(swarm: Cluster, web: str) -> None:
    task = swarm.task("web.3")
    assert swarm.exec("web.3", ["hostname"]).strip() == task.container[:12]
    with pytest.raises(NotFound, match=r"web\.1"):
        swarm.exec("web.9", ["true"])


def test_a_port_of_node_1_is_reached(swarm: Cluster, web: str) -> None:
    for number in (8080, 8081):
        swarm.docker(
            f"service create --detach --quiet --name port{number} --constraint"
            f" node.hostname==node-1 --publish mode=host,target=80,published={number} {web}"
            f" sh -c 'echo {number} > /tmp/index.html && httpd -f -h /tmp'",
            show=False,
        )
        seen(swarm, lambda v, n=number: [s for s in v.services if (s.name, s.running) ==
                                         (f"port{n}", 1)])  # fmt: skip
        assert _page(swarm.port(number)) == f"{number}\n"
        swarm.docker(f"service rm port{number}", show=False)
    with pytest.raises(ClusterFailed, match="8080, 8081"):
        swarm.port(99)


def test_names_of_tasks_are_known_in_an_overlay_network(swarm: Cluster, web: str) -> None:
    swarm.docker("network create --driver overlay --attachable lbl-96-net", show=False)
    swarm.docker(
        "service create --detach --quiet --name named --mode global --endpoint-mode dnsrr"
        f" --network lbl-96-net --stop-grace-period 1s {web} sleep 900",
        show=False,
    )
    seen(swarm, lambda v: [s for s in v.services if (s.name, s.running) == ("named", 3)])

    def known(node: str) -> int:
        said = swarm.exec(f"named.{node}", ["nslookup", "-type=a", "tasks.named", "127.0.0.11"])
        return sum(line.startswith("Address") for line in said.splitlines()[2:])

    seen(swarm, lambda _: {known(node) for node in swarm.names} == {3})
    swarm.docker("service rm named", show=False)
    seen(swarm, lambda v: not [task for task in v.tasks if task.service == "named"])


def test_run_again_it_is_as_new(swarm: Cluster, web: str, engine: Engine, capsys) -> None:
    before = {row["Id"] for row in engine.client.api.containers(filters={"label": _label()})}
    swarm.docker("service create --detach --name left --secret none busybox", show=False)
    swarm.docker("config create left /etc/hostname", show=False)
    swarm.docker("network create --driver overlay left", show=False)
    swarm.label("node-2", disk="ssd")
    swarm.drain("node-3")
    swarm.freeze(next(task for task in swarm.look().tasks if task.node == "node-2" and task.runs))
    swarm.stop_node("node-2")  # although a frozen process does not die in cgroup v1
    swarm.cut("node-3")
    capsys.readouterr()
    again = cluster.up(lesson=LESSON, engine=engine)
    assert capsys.readouterr().out.splitlines() == SHOWN
    assert again == swarm
    view = again.look()
    assert (view.services, view.tasks) == ((), ())
    assert [(n.state, n.availability, dict(n.labels)) for n in view.nodes] == [
        ("ready", "active", {})
    ] * 3
    left = again.docker("config ls -q", show=False), again.docker("secret ls -q", show=False)
    assert [answer.output for answer in left] == ["", ""]
    assert "left" not in again.docker("network ls", show=False).output
    after = {row["Id"] for row in engine.client.api.containers(filters={"label": _label()})}
    assert after == before  # restored, not made anew
    serve(again, web)


def test_a_node_that_left_is_taken_in_again(swarm: Cluster, engine: Engine) -> None:
    swarm.api("node-3").leave_swarm()
    again = cluster.up(lesson=LESSON, engine=engine)
    assert [node.state for node in again.look().nodes] == ["ready"] * 3


def test_roles_are_changed_and_changed_back(swarm: Cluster, engine: Engine) -> None:
    swarm.promote("node-2")
    assert swarm.look().nodes[1].role == "manager"
    assert swarm.docker("node ls -q", node="node-2", show=False).exit_code == 0
    swarm.demote("node-2")
    assert [node.role for node in swarm.look().nodes] == ["manager", "worker", "worker"]


def test_when_a_manager_steps_down_nobody_is_missed_afterwards(swarm: Cluster) -> None:
    for node in ("node-2", "node-3"):
        swarm.promote(node)
    leader = next(row["Description"]["Hostname"] for row in swarm.api("node-1").nodes()
                  if row.get("ManagerStatus", {}).get("Leader"))  # fmt: skip
    swarm.demote(leader)
    states = set()
    began = time.monotonic()
    while time.monotonic() - began < 2 * MISSED:
        states |= {node.state for node in swarm.look().nodes}
        time.sleep(0.2)
    assert states == {"ready"}
    if leader == "node-1":
        swarm.promote(leader)
    for node in {"node-2", "node-3"} - {leader}:
        swarm.demote(node)
    assert [node.role for node in swarm.look().nodes] == ["manager", "worker", "worker"]


def test_a_swarm_of_the_learners_is_only_looked_at(swarm: Cluster, engine: Engine) -> None:
    theirs = cluster.use(swarm.link.url("node-1"))
    assert (theirs.names, theirs.mine) == (swarm.names, False)
    assert [node.name for node in theirs.look().nodes] == list(swarm.names)
    assert theirs.docker("node ls", show=False).exit_code == 0
    for order in (
        lambda: theirs.drain("node-2"),
        lambda: theirs.scale("web", 1),
        lambda: theirs.docker("service rm web"),
        lambda: theirs.docker("swarm leave --force"),
        lambda: theirs.docker("rm ls"),
        lambda: theirs.docker("--host unix:///x service rm ls"),
        lambda: theirs.stop_node("node-2"),
        lambda: theirs.image("lbl/busybox:1"),
        lambda: theirs.exec("web.1", ["true"]),
        lambda: theirs.api("node-2"),
    ):
        with pytest.raises(NotOurs):
            order()
    assert {node.availability for node in swarm.look().nodes} == {"active"}
    open_ = cluster.use(swarm.link.url("node-1"), touch=True)
    open_.drain("node-2")
    assert swarm.look().nodes[1].availability == "drain"
    open_.activate("node-2")
    with pytest.raises(NotOurs):
        open_.stop_node("node-2")


def test_a_daemon_without_a_swarm_is_no_cluster(engine: Engine) -> None:
    with pytest.raises(ClusterFailed, match="no manager of a swarm"):
        cluster.use(engine.endpoint.url)
    with pytest.raises(NotFound, match="nothing-here"):
        cluster.use("nothing-here")


def test_what_does_not_fit_is_refused_before_anything_starts(engine: Engine) -> None:
    before = inventory.take(engine)
    with pytest.raises(ClusterFailed, match=r"need 300 TB, and there is \d"):
        cluster.up(3, lesson="95", engine=engine, memory=10**14)
    for nodes, managers in ((0, 1), (3, 4), (2, 0), (99, 1)):
        with pytest.raises(ClusterFailed, match="cannot be made"):
            cluster.up(nodes, managers=managers, lesson="95", engine=engine)
    assert inventory.take(engine) == before
    assert memory.needed(3) < memory.available(engine)  # else nothing of this file could run


def test_a_name_that_is_taken_is_refused(engine: Engine) -> None:
    image = foreign.image(engine)
    taken = engine.client.api.create_container(image, ["sh"], name="lbl-95-node-2")["Id"]
    try:
        before = inventory.take(engine)
        with pytest.raises(NotOurs):
            cluster.up(2, lesson="95", engine=engine)
        assert inventory.take(engine) == before
    finally:
        engine.client.api.remove_container(taken, force=True)
        engine.client.images.remove(image, force=True)


def test_clean_up_of_the_lesson_leaves_nothing(swarm: Cluster, engine: Engine) -> None:
    foreign.everything(engine)
    try:
        serve(swarm, swarm.image(bases.busybox(engine)))
        swarm.freeze("web.1")  # such a node cannot be removed, unless it is thawed
        before = inventory.take(engine)
        cleanup.clean(engine, lesson=LESSON)
        after = inventory.take(engine)
        assert before.foreign_changes(after) == []
        assert not [thing for thing in after.ours if thing.lesson == LESSON]
        assert members(engine, LESSON) == [] and cluster.find(engine, LESSON) is None
        with pytest.raises(ClusterFailed, match="No manager"):
            swarm.look()
    finally:
        foreign.remove(engine)
    cluster.down(engine, LESSON)  # nothing there is no error


def _label() -> str:
    return f"org.layer-by-layer.lesson={LESSON}"


def _page(url: str) -> str:
    """The first answer; the port opens a moment after the task runs."""
    for _ in range(50):
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.read().decode()
        except (urllib.error.URLError, OSError) as error:
            last = error
    raise last

"""What a manager tells, read: the answers are those of an Engine 28.5, shortened."""

from __future__ import annotations

from helpers.cluster.reading import seconds_of, view_of

NODES = [
    {
        "ID": "b", "Spec": {"Role": "worker", "Availability": "drain", "Labels": {"disk": "ssd"}},
        "Description": {
            "Hostname": "node-10", "Engine": {"EngineVersion": "28.5.2"},
            "Resources": {"NanoCPUs": 2_000_000_000, "MemoryBytes": 1024},
        },
        "Status": {"State": "down", "Addr": "172.18.0.20"},
    },
    {
        "ID": "a", "Spec": {"Role": "manager", "Availability": "active"},
        "Description": {"Hostname": "node-2\x1b[31m"},
        "Status": {"State": "ready", "Addr": "172.18.0.12"},
        "ManagerStatus": {"Leader": True, "Reachability": "reachable", "Addr": "172.18.0.12:2377"},
    },
]  # fmt: skip
SERVICES = [
    {
        "ID": "s1",
        "Spec": {
            "Name": "shop_web", "Labels": {"com.docker.stack.namespace": "shop"},
            "Mode": {"Replicated": {"Replicas": 3}},
            "TaskTemplate": {
                "ContainerSpec": {"Image": "registry:5000/lbl/page:1@sha256:abc"},
                "Placement": {"Constraints": ["node.labels.disk==ssd"]},
                "Resources": {"Reservations": {"NanoCPUs": 250_000_000, "MemoryBytes": 64}},
            },
        },
        "Endpoint": {"Ports": [{"Protocol": "tcp", "TargetPort": 80, "PublishedPort": 8080}]},
        "UpdateStatus": {"State": "rollback_completed"},
        "ServiceStatus": {"RunningTasks": 1, "DesiredTasks": 3},
    },
    {
        "ID": "s2", "Spec": {"Name": "agent", "Mode": {"Global": {}}, "TaskTemplate": {}},
        "ServiceStatus": {"RunningTasks": 0, "DesiredTasks": 2},
    },
    {"ID": "s3", "Spec": {"Name": "alone", "Mode": {"Global": {}}}, "ServiceStatus": {}},
]  # fmt: skip


def _task(identifier: str, service: str, state: str, **more: object) -> dict:
    status = {"State": state, "Timestamp": "2026-11-28T20:00:01.5Z", **more.pop("Status", {})}
    made = {"CreatedAt": "2026-11-28T20:00:00.123456789Z", "DesiredState": "running"}
    return {"ID": identifier, "ServiceID": service, "Status": status, **made, **more}


TASKS = [
    _task("t3", "s1", "pending", Slot=3, Status={
        "Message": "pending task scheduling",
        "Err": "no suitable node (insufficient resources on 2 nodes)",
    }),
    _task("t1", "s1", "running", Slot=1, NodeID="a", Status={
        "Message": "started", "ContainerStatus": {"ContainerID": "c1", "ExitCode": 0},
    }),
    _task("t0", "s1", "failed", Slot=1, NodeID="b", DesiredState="shutdown",
          CreatedAt="2026-11-28T19:00:00Z", Status={
              "Err": "task: non-zero exit (137)",
              "ContainerStatus": {"ContainerID": "c0", "ExitCode": 137},
          }),
    _task("g1", "s2", "preparing", NodeID="b"),
    _task("gone", "no such service", "running", Slot=1),
]  # fmt: skip
VIEW = view_of(NODES, SERVICES, TASKS, 7.0)


def test_nodes_are_sorted_as_a_person_would_and_are_plain_text() -> None:
    first, second = VIEW.nodes
    assert (first.name, first.leader, first.reachability) == ("node-2", True, "reachable")
    assert (second.name, second.state, second.availability) == ("node-10", "down", "drain")
    assert (second.cpus, second.memory, dict(second.labels)) == (2.0, 1024, {"disk": "ssd"})
    assert VIEW.at == 7.0


def test_a_service_says_what_was_asked_for_and_what_runs() -> None:
    agent, alone, web = VIEW.services
    assert (web.image, web.desired, web.running) == ("registry:5000/lbl/page:1", 3, 1)
    assert (web.stack, web.update, web.ports) == ("shop", "rollback_completed", ("*:8080->80/tcp",))
    assert web.constraints == ("node.labels.disk==ssd",)
    assert (web.reserved_cpus, web.reserved_memory) == (0.25, 64)
    assert (agent.mode, agent.desired, agent.running) == ("global", 2, 0)
    assert alone.desired is None


def test_a_task_says_where_it_is_and_why() -> None:
    agent, old, new, waiting = VIEW.tasks
    assert (agent.name, agent.node, agent.state) == ("agent.node-10", "node-10", "preparing")
    assert (old.name, old.exit_code, old.reason) == (
        "shop_web.1", 137, "task: non-zero exit (137)",
    )  # fmt: skip
    assert (old.ended, old.runs, new.runs, new.reason) == (True, False, True, "")
    assert (new.container, new.exit_code, new.node) == ("c1", None, "node-2")
    assert waiting.reason == "no suitable node (insufficient resources on 2 nodes)"
    assert (waiting.name, waiting.node) == ("shop_web.3", "")
    assert new.made < new.since


def test_times_are_unix_seconds() -> None:
    assert seconds_of("1970-01-01T00:00:02.5Z") == 2.5
    assert seconds_of("1970-01-01T01:00:00+01:00") == 0.0
    assert seconds_of("0001-01-01T00:00:00Z") == 0.0
    assert seconds_of("") == 0.0

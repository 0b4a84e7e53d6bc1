"""ECS: tasks with logs, exit codes, limits that bite, secrets, and a role of their own."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from helpers import aws
from helpers.aws import Target
from helpers.engine import Engine, labels

pytestmark = pytest.mark.daemon
IMAGE = "lbl/busybox:1"
NETWORK = {"awsvpcConfiguration": {"subnets": ["subnet-1"], "assignPublicIp": "ENABLED"}}
Run = Callable[..., dict]


@pytest.fixture
def cluster(cloud: Target) -> str:
    """A cluster with one instance of 1 vCPU and 512 MiB."""
    ecs = aws.client("ecs")
    ecs.create_cluster(clusterName="small")
    _join(1024, 512)
    return "small"


def _join(cpu: int, memory: int) -> str:
    made = aws.client("ecs").register_container_instance(
        cluster="small",
        totalResources=[
            {"name": "CPU", "type": "INTEGER", "integerValue": cpu},
            {"name": "MEMORY", "type": "INTEGER", "integerValue": memory},
        ],
    )
    return made["containerInstance"]["containerInstanceArn"]


@pytest.fixture
def run(cluster: str) -> Run:
    """Register a task definition of one container, run it, and return the task once it stopped."""

    def whole(script: str, *, until: str = "tasks_stopped", task: dict | None = None,
              launch: str = "EC2", **container: object) -> dict:  # fmt: skip
        ecs = aws.client("ecs")
        main = {"name": "main", "image": IMAGE, "memory": 32, "command": ["sh", "-c", script],
                "logConfiguration": {"logDriver": "awslogs", "options": {
                    "awslogs-group": "/lbl/test", "awslogs-stream-prefix": "t",
                    "awslogs-create-group": "true", "awslogs-region": "us-east-1"}}}  # fmt: skip
        ecs.register_task_definition(
            family="job", containerDefinitions=[{**main, **container}], **(task or {})
        )
        network = {"networkConfiguration": NETWORK} if launch == "FARGATE" else {}
        made = ecs.run_task(cluster=cluster, taskDefinition="job", launchType=launch, **network)
        assert not made["failures"], made["failures"]
        return _wait(made["tasks"][0]["taskArn"], until)

    return whole


def _wait(arn: str, until: str) -> dict:
    ecs = aws.client("ecs")
    ecs.get_waiter(until).wait(cluster="small", tasks=[arn],
                               WaiterConfig={"Delay": 1, "MaxAttempts": 60})  # fmt: skip
    return ecs.describe_tasks(cluster="small", tasks=[arn])["tasks"][0]


def _log(task: dict) -> list[str]:
    stream = f"t/main/{task['taskArn'].rpartition('/')[2]}"
    rows = aws.client("logs").get_log_events(logGroupName="/lbl/test", logStreamName=stream)
    return [row["message"] for row in rows["events"]]


def test_what_a_task_writes_and_how_it_ends(run: Run) -> None:
    task = run("echo hello; echo there >&2; exit 7")
    assert task["containers"][0]["exitCode"] == 7
    assert task["stopCode"] == "EssentialContainerExited"
    assert sorted(_log(task)) == ["hello", "there"]


def test_memory_that_bites(run: Run) -> None:
    task = run("dd if=/dev/zero of=/dev/shm/full bs=1M count=60; tail /dev/zero", memory=20)
    assert task["containers"][0]["exitCode"] == 137


ASKS = "id -u; pwd; ulimit -n; touch /x 2> /dev/null || echo read-only"


def test_what_a_container_definition_asks_for(run: Run) -> None:
    task = run(
        "unused", entryPoint=["sh", "-c"], command=[ASKS],
        user="7", workingDirectory="/tmp", readonlyRootFilesystem=True,
        ulimits=[{"name": "nofile", "softLimit": 99, "hardLimit": 99}],
    )  # fmt: skip
    lines = _log(task)
    assert lines[:3] == ["7", "/tmp", "99"]
    assert lines[-1] == "read-only"


def test_environment_and_secrets(run: Run, cluster: str) -> None:
    aws.client("ssm").put_parameter(Name="/lbl/colour", Value="green", Type="String")
    secret = aws.client("secretsmanager").create_secret(
        Name="lbl/door", SecretString=json.dumps({"key": "open"})
    )["ARN"]
    task = run(
        'echo "$PLAIN $COLOUR $KEY"', environment=[{"name": "PLAIN", "value": "yes"}],
        secrets=[{"name": "COLOUR", "valueFrom": "/lbl/colour"},
                 {"name": "KEY", "valueFrom": f"{secret}:key::"}],
    )  # fmt: skip
    assert _log(task) == ["yes green open"]


def test_a_secret_that_does_not_exist(run: Run) -> None:
    task = run("true", secrets=[{"name": "A", "valueFrom": "/lbl/none"}])
    assert task["stopCode"] == "TaskFailedToStart"
    assert "ResourceInitializationError" in task["stoppedReason"]


def test_ports_are_published_on_loopback(run: Run, engine: Engine) -> None:
    task = run("sleep 60", until="tasks_running",
               portMappings=[{"containerPort": 8000, "hostPort": 0}])  # fmt: skip
    bound = task["containers"][0]["networkBindings"]
    assert [one["containerPort"] for one in bound] == [8000]
    assert bound[0]["bindIP"] == "127.0.0.1" and bound[0]["hostPort"] > 1024
    row = engine.client.api.inspect_container(_container(engine, task))
    assert labels.ours(row["Config"]["Labels"])
    assert {one["HostIp"] for one in row["NetworkSettings"]["Ports"]["8000/tcp"]} == {"127.0.0.1"}


def _container(engine: Engine, task: dict) -> str:
    wanted = {"label": f"com.amazonaws.ecs.task-arn={task['taskArn']}"}
    return engine.client.api.containers(filters=wanted)[0]["Id"]


def test_a_task_whose_container_is_removed_is_noticed(run: Run, engine: Engine) -> None:
    task = run("sleep 60", until="tasks_running")
    engine.client.api.remove_container(_container(engine, task), force=True)
    ended = _wait(task["taskArn"], "tasks_stopped")
    assert ended["stopCode"] == "EssentialContainerExited"


def test_containers_of_a_fargate_task_share_localhost_and_a_volume(cluster: str) -> None:
    ecs = aws.client("ecs")
    mount = [{"sourceVolume": "desk", "containerPath": "/desk"}]
    serve = "echo shared > /desk/note; mkdir /w; echo door > /w/index.html; httpd -f -p 8000 -h /w"
    ask = "until wget -qO- http://127.0.0.1:8000/; do sleep 0.1; done; cat /desk/note"
    log = {"logDriver": "awslogs", "options": {"awslogs-group": "/lbl/test",
           "awslogs-stream-prefix": "t", "awslogs-create-group": "true"}}  # fmt: skip
    ecs.register_task_definition(
        family="pair", requiresCompatibilities=["FARGATE"], networkMode="awsvpc", cpu="256",
        memory="512", volumes=[{"name": "desk"}],
        containerDefinitions=[
            {"name": "server", "image": IMAGE, "essential": False, "mountPoints": mount,
             "command": ["sh", "-c", serve], "portMappings": [{"containerPort": 8000}]},
            {"name": "main", "image": IMAGE, "mountPoints": mount, "command": ["sh", "-c", ask],
             "logConfiguration": log},
        ],
    )  # fmt: skip
    made = ecs.run_task(cluster=cluster, taskDefinition="pair", launchType="FARGATE",
                        networkConfiguration=NETWORK)  # fmt: skip
    task = _wait(made["tasks"][0]["taskArn"], "tasks_stopped")
    assert _log(task)[-2:] == ["door", "shared"]


PAIRS = [("256", "512", True), (".25 vCPU", "1 GB", True), ("256", "4096", False),
         ("300", "512", False), ("1024", "2048", True), ("1024", "1024", False),
         ("4096", "30720", True), ("16384", "122880", True)]  # fmt: skip


@pytest.mark.parametrize("cpu, memory, fits", PAIRS)
def test_sizes_that_fargate_has(cloud: Target, cpu: str, memory: str, fits: bool) -> None:
    ecs = aws.client("ecs")
    asked = {"family": "sized", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc",
             "cpu": cpu, "memory": memory,
             "containerDefinitions": [{"name": "main", "image": IMAGE}]}  # fmt: skip
    if fits:
        assert ecs.register_task_definition(**asked)["taskDefinition"]["cpu"].isdigit()
        return
    with pytest.raises(ecs.exceptions.ClientException, match="No Fargate configuration exists"):
        ecs.register_task_definition(**asked)


WRONG = [
    ({"containerDefinitions": [{"name": "a", "image": IMAGE}]}, "memory"),
    ({"containerDefinitions": [{"name": "a", "image": IMAGE, "memory": 3}]}, "at least 6"),
    ({"containerDefinitions": [{"name": "a", "image": IMAGE, "memory": 8, "essential": False}]},
     "essential"),
    ({"containerDefinitions": [{"name": "a", "image": IMAGE, "memory": 8, "links": ["b"]}]},
     "does not act on 'links'"),
    ({"requiresCompatibilities": ["FARGATE"], "networkMode": "bridge", "cpu": "256",
      "memory": "512", "containerDefinitions": [{"name": "a", "image": IMAGE}]}, "awsvpc"),
]  # fmt: skip


@pytest.mark.parametrize("asked, why", WRONG)
def test_definitions_that_are_refused(cloud: Target, asked: dict, why: str) -> None:
    ecs = aws.client("ecs")
    with pytest.raises(ecs.exceptions.ClientException, match=why):
        ecs.register_task_definition(family="wrong", **asked)


def test_a_fargate_task_needs_a_network_and_its_definition_the_type(cluster: str) -> None:
    ecs = aws.client("ecs")
    ecs.register_task_definition(family="plain", containerDefinitions=[
        {"name": "a", "image": IMAGE, "memory": 8}])  # fmt: skip
    with pytest.raises(ecs.exceptions.InvalidParameterException, match="launch_type FARGATE"):
        ecs.run_task(cluster=cluster, taskDefinition="plain", launchType="FARGATE")
    ecs.register_task_definition(
        family="own", requiresCompatibilities=["FARGATE"], networkMode="awsvpc", cpu="256",
        memory="512", containerDefinitions=[{"name": "a", "image": IMAGE}])  # fmt: skip
    with pytest.raises(ecs.exceptions.InvalidParameterException, match="Network Configuration"):
        ecs.run_task(cluster=cluster, taskDefinition="own", launchType="FARGATE")


def test_tasks_are_placed_where_there_is_room(cluster: str) -> None:
    ecs = aws.client("ecs")
    second = _join(1024, 512)
    ecs.register_task_definition(family="big", containerDefinitions=[
        {"name": "a", "image": IMAGE, "memory": 200, "command": ["sleep", "60"]}])  # fmt: skip
    spread = ecs.run_task(cluster=cluster, taskDefinition="big", count=3)
    homes = [task["containerInstanceArn"] for task in spread["tasks"]]
    assert homes[0] != homes[1] and not spread["failures"]
    more = ecs.run_task(cluster=cluster, taskDefinition="big", count=2)
    assert len(more["tasks"]) == 1
    assert {one["reason"] for one in more["failures"]} == {"RESOURCE:MEMORY"}
    row = ecs.describe_container_instances(cluster=cluster, containerInstances=[second])
    left = {one["name"]: one["integerValue"]
            for one in row["containerInstances"][0]["remainingResources"]}  # fmt: skip
    assert left["MEMORY"] == 512 - 2 * 200


def test_a_cluster_without_instances(cloud: Target) -> None:
    ecs = aws.client("ecs")
    ecs.create_cluster(clusterName="bare")
    ecs.register_task_definition(family="t", containerDefinitions=[
        {"name": "a", "image": IMAGE, "memory": 8}])  # fmt: skip
    with pytest.raises(ecs.exceptions.InvalidParameterException, match="No Container Instances"):
        ecs.run_task(cluster="bare", taskDefinition="t")

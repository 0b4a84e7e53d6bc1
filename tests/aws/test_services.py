"""An ECS service that scales, heals, rolls and rolls back behind a load balancer."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from docker.models.containers import Container

from helpers import aws
from helpers.aws import Target
from helpers.engine import Engine
from helpers.engine.patience import until

pytestmark = pytest.mark.daemon
IMAGE = "lbl/busybox:1"
CONTAINER = "com.amazonaws.ecs.task-arn="  # the label that leads from a task to its container
# A web server that says which version it is and which container; a wrong one ends at once.
SERVE = (
    "trap 'exit 0' TERM; mkdir /w; echo \"$VERSION $(hostname)\" > /w/index.html; "
    "echo ok > /w/health; mkdir /w/cgi-bin; "
    "printf '#!/bin/sh\\ntouch /w/busy\\nwhile [ ! -e /w/go ]; do sleep 0.1; done\\n"
    'printf "Content-Type: text/plain\\\\n\\\\nlate"\' '
    "> /w/cgi-bin/slow; chmod +x /w/cgi-bin/slow; httpd -f -p 8000 -h /w & wait"
)


@pytest.fixture
def door(cloud: Target) -> str:
    """A service ``web`` of two tasks behind a load balancer; its address."""
    ecs, balancer = aws.client("ecs"), aws.client("elbv2")
    ecs.create_cluster(clusterName="small")
    group = balancer.create_target_group(
        Name="web", Protocol="HTTP", Port=8000, VpcId="vpc-1", TargetType="ip",
        HealthCheckPath="/health", HealthCheckIntervalSeconds=5, HealthCheckTimeoutSeconds=2,
        HealthyThresholdCount=2, UnhealthyThresholdCount=2,
    )["TargetGroups"][0]["TargetGroupArn"]  # fmt: skip
    made = balancer.create_load_balancer(Name="web", Subnets=["subnet-1", "subnet-2"])
    made = made["LoadBalancers"][0]
    balancer.create_listener(
        LoadBalancerArn=made["LoadBalancerArn"], Protocol="HTTP", Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": group}])  # fmt: skip
    ecs.create_service(
        cluster="small", serviceName="web", taskDefinition=_define("one"), desiredCount=2,
        launchType="FARGATE",
        networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-1"]}},
        loadBalancers=[{"targetGroupArn": group, "containerName": "web", "containerPort": 8000}],
        deploymentConfiguration={"deploymentCircuitBreaker": {"enable": True, "rollback": True}},
    )  # fmt: skip
    _stable()
    return f"http://{made['DNSName']}/"


def _define(version: str, command: str = SERVE, **more: object) -> str:
    made = aws.client("ecs").register_task_definition(
        family="web", requiresCompatibilities=["FARGATE"], networkMode="awsvpc", cpu="256",
        memory="512",
        containerDefinitions=[{"name": "web", "image": IMAGE, "command": ["sh", "-c", command],
                               "environment": [{"name": "VERSION", "value": version}],
                               "portMappings": [{"containerPort": 8000}], **more}],
    )  # fmt: skip
    return made["taskDefinition"]["taskDefinitionArn"]


def _service() -> dict:
    return aws.client("ecs").describe_services(cluster="small", services=["web"])["services"][0]


def _stable(seconds: float = 60) -> None:
    def look() -> bool:
        found = _service()
        primary = next(one for one in found["deployments"] if one["status"] == "PRIMARY")
        return (
            found["runningCount"] == found["desiredCount"]
            and primary["rolloutState"] == "COMPLETED"
            and len([d for d in found["deployments"] if d["rolloutState"] != "FAILED"]) == 1
        )

    until(look, seconds, "aws.waiting")


def _ask(url: str, seconds: float = 10) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=seconds) as answer:
            return answer.status, answer.read().decode().strip()
    except urllib.error.HTTPError as error:
        return error.code, ""


def _answers(url: str, count: int = 2) -> None:
    """Wait until as many different containers answer."""
    until(lambda: len({_ask(url)[1] for _ in range(8)} - {""}) == count, 60, "aws.waiting")


def test_requests_go_to_each_task_in_turn(door: str) -> None:
    _answers(door)
    said = Counter(_ask(door) for _ in range(10))
    assert set(said.values()) == {5}
    assert {status for status, _ in said} == {200}


def test_it_scales(door: str) -> None:
    ecs = aws.client("ecs")
    for count in (4, 1):
        ecs.update_service(cluster="small", service="web", desiredCount=count)
        _stable()
        _answers(door, count)
        running = ecs.list_tasks(cluster="small", serviceName="web", desiredStatus="RUNNING")
        assert len(running["taskArns"]) == count


def test_it_heals(door: str, engine: Engine) -> None:
    before = set(aws.client("ecs").list_tasks(cluster="small", serviceName="web")["taskArns"])
    wanted = {"label": "com.amazonaws.ecs.container-name=web"}
    engine.client.api.kill(engine.client.api.containers(filters=wanted)[0]["Id"], "SIGKILL")

    def healed() -> bool:
        now = set(aws.client("ecs").list_tasks(
            cluster="small", serviceName="web", desiredStatus="RUNNING")["taskArns"])  # fmt: skip
        return len(now) == 2 and len(now & before) == 1 and _service()["runningCount"] == 2

    until(healed, 60, "aws.waiting")
    events = " ".join(one["message"] for one in _service()["events"])
    assert "has started 1 tasks" in events


def test_a_new_version_replaces_the_old_one_without_a_lost_request(door: str) -> None:
    _answers(door)
    aws.client("ecs").update_service(cluster="small", service="web", taskDefinition=_define("two"))
    statuses, versions = Counter(), []
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and versions[-8:].count("two") < 8:
        status, said = _ask(door)
        statuses[status] += 1
        versions.append(said.partition(" ")[0])
    assert versions[-1] == "two"
    assert set(statuses) == {200}, statuses
    _stable()


def test_a_task_answers_what_it_has_begun_before_it_ends(door: str, engine: Engine) -> None:
    _answers(door)
    ecs = aws.client("ecs")
    tasks = ecs.list_tasks(cluster="small", serviceName="web")["taskArns"]
    old = [f"{CONTAINER}{task}" for task in tasks]
    old = [engine.client.containers.list(filters={"label": one})[0] for one in old]

    def busy(one: Container) -> bool:
        return not one.exec_run(["test", "-e", "/w/busy"]).exit_code

    with ThreadPoolExecutor(4) as pool:  # in turn: each task has two of them
        asked = [pool.submit(_ask, f"{door}cgi-bin/slow", 120) for _ in range(4)]
        until(lambda: all(busy(one) for one in old), 60, "aws.waiting")
        for task in tasks:
            ecs.stop_task(cluster="small", task=task)
        assert _targets().count("draining") == 2
        for one in old:
            one.exec_run(["touch", "/w/go"])
        assert [one.result() for one in asked] == [(200, "late")] * 4
    until(lambda: not _left(engine, [one.id for one in old]), 30, "aws.waiting")
    until(lambda: _targets() == ["healthy", "healthy"], 30, "aws.waiting")


def _targets() -> list[str]:
    balancer = aws.client("elbv2")
    group = balancer.describe_target_groups()["TargetGroups"][0]["TargetGroupArn"]
    rows = balancer.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    return sorted(row["TargetHealth"]["State"] for row in rows)


def _left(engine: Engine, identifiers: list[str]) -> set[str]:
    return {row["Id"] for row in engine.client.api.containers(all=True)} & set(identifiers)


def test_a_bad_version_is_rolled_back(door: str) -> None:
    bad = _define("bad", command="exit 3")
    aws.client("ecs").update_service(cluster="small", service="web", taskDefinition=bad)
    until(lambda: any(one["rolloutState"] == "FAILED" for one in _service()["deployments"]),
          60, "aws.waiting")  # fmt: skip
    _stable()
    assert _service()["taskDefinition"] != bad
    assert _ask(door)[1].startswith("one")


def test_a_task_that_is_not_well_is_replaced(door: str) -> None:
    check = {
        "command": ["CMD-SHELL", "test -e /w/health"],
        "interval": 5,
        "timeout": 2,
        "retries": 1,
    }
    sick = SERVE.replace("& wait", "& sleep 8; rm /w/health; wait")
    first = _define("sick", command=sick, healthCheck=check)
    aws.client("ecs").update_service(cluster="small", service="web", taskDefinition=first,
                                     desiredCount=1)  # fmt: skip
    until(lambda: any("failed container health checks" in one["message"]
                      for one in _service()["events"]), 60, "aws.waiting")  # fmt: skip


def test_a_deleted_service_leaves_nothing(door: str) -> None:
    ecs = aws.client("ecs")
    with pytest.raises(ecs.exceptions.InvalidParameterException):
        ecs.delete_service(cluster="small", service="web")
    ecs.delete_service(cluster="small", service="web", force=True)
    assert not ecs.list_tasks(cluster="small", desiredStatus="RUNNING")["taskArns"]
    assert _ask(door)[0] == 503


def test_a_service_waits_for_room(cloud: Target) -> None:
    ecs = aws.client("ecs")
    ecs.create_cluster(clusterName="small")
    size = [{"name": "CPU", "type": "INTEGER", "integerValue": 1024},
            {"name": "MEMORY", "type": "INTEGER", "integerValue": 256}]  # fmt: skip
    ecs.register_container_instance(cluster="small", totalResources=size)
    ecs.register_task_definition(family="big", containerDefinitions=[
        {"name": "a", "image": IMAGE, "memory": 200, "command": ["sleep", "600"]}])  # fmt: skip
    ecs.create_service(cluster="small", serviceName="web", taskDefinition="big", desiredCount=2)
    until(lambda: _service()["runningCount"] == 1, 30, "aws.waiting")
    until(lambda: "unable to place a task" in _service()["events"][0]["message"], 30, "aws.waiting")
    ecs.register_container_instance(cluster="small", totalResources=size)
    until(lambda: _service()["runningCount"] == 2, 30, "aws.waiting")

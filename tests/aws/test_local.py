"""The local AWS: up, found again, safe, gone without a trace."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import docker
import pytest

from helpers import aws, containers
from helpers.aws import Target
from helpers.engine import Engine, cleanup, inventory, labels

pytestmark = pytest.mark.daemon


def _status(url: str, **headers: str) -> int:
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_it_is_found_again_with_its_credentials(cloud: Target) -> None:
    again = aws.local.start(cloud.local.engine)
    assert again == cloud.local
    caller = aws.client("sts").get_caller_identity()
    assert caller["Account"] == cloud.account
    assert caller["Arn"] == cloud.identity


def test_credentials_that_are_not_its_own_are_refused(cloud: Target) -> None:
    stranger = aws.client("sts", aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
                          aws_secret_access_key="x")  # fmt: skip
    with pytest.raises(stranger.exceptions.ClientError, match="InvalidClientTokenId"):
        stranger.get_caller_identity()


def test_no_page_in_a_browser_reaches_it(cloud: Target) -> None:
    url = f"{cloud.local.url}/_ministack/health"
    assert _status(url) == 200
    assert _status(url, Origin="http://evil.example") == 403
    assert _status(url, Origin="http://127.0.0.1:8888") == 403
    assert _status(url, Host="evil.example") == 403
    assert _status(f"{cloud.local.url}/_ministack/config") == 403


def test_it_listens_on_loopback_alone(cloud: Target, engine: Engine) -> None:
    row = engine.client.api.inspect_container(aws.local.CONTAINER)
    bound = [one for ports in row["NetworkSettings"]["Ports"].values() for one in ports or ()]
    assert {one["HostIp"] for one in bound} == {"127.0.0.1"}


def test_the_machine_keeps_its_own_way_to_link_local_addresses(
    cloud: Target, engine: Engine
) -> None:
    """It may be a cloud's machine itself, with a metadata service at 169.254.169.254."""
    linked = engine.client.api.inspect_network("lbl-aws-link")["Containers"].values()
    assert any(one["Name"] == aws.local.CONTAINER for one in linked)
    done = containers.run("lbl/busybox:1", ["cat", "/proc/net/route"], network="host",
                          engine=engine)  # fmt: skip
    to = [line.split()[1] for line in done.output.splitlines()[1:]]  # little-endian, in hex
    assert to and not [one for one in to if one.endswith(("A8FEA9", "A9FEA9", "AAFEA9"))]


def test_everything_goes_with_it(engine: Engine) -> None:
    aws.local.start(engine)
    aws.local.stop(engine)
    before = {(one.kind, one.id) for one in inventory.take(engine).ours}
    aws.target(engine=engine, lesson="13")
    bucket = aws.client("s3")
    bucket.create_bucket(Bucket="lbl-13-notes")
    _run_a_task(engine)
    assert {(one.kind, one.id) for one in inventory.take(engine).ours} - before
    cleanup.clean(engine, lesson="13")
    assert {(one.kind, one.id) for one in inventory.take(engine).ours} == before
    assert aws.local.find(engine) is None


def test_what_a_killed_one_left_goes_at_the_next_start(engine: Engine) -> None:
    aws.target(engine=engine)
    _run_a_task(engine)
    engine.client.api.kill(aws.local.CONTAINER, "SIGKILL")
    left = _tasks(engine)
    assert left
    aws.target(engine=engine)
    assert not set(_tasks(engine)) & set(left)
    aws.local.stop(engine)
    with pytest.raises(docker.errors.NotFound):
        engine.client.api.inspect_network("lbl-aws")


def _tasks(engine: Engine) -> list[str]:
    wanted = {"label": f"{labels.NAMESPACE}.role=aws-task"}
    return [row["Id"] for row in engine.client.api.containers(all=True, filters=wanted)]


def _run_a_task(engine: Engine) -> None:
    ecs = aws.client("ecs")
    ecs.create_cluster(clusterName="small")
    ecs.register_container_instance(cluster="small", totalResources=[
        {"name": "CPU", "type": "INTEGER", "integerValue": 1024},
        {"name": "MEMORY", "type": "INTEGER", "integerValue": 512},
    ])  # fmt: skip
    ecs.register_task_definition(family="sleeper", containerDefinitions=[
        {"name": "main", "image": "lbl/busybox:1", "memory": 16, "command": ["sleep", "600"]},
    ])  # fmt: skip
    made = ecs.run_task(cluster="small", taskDefinition="sleeper")
    assert made["tasks"], json.dumps(made["failures"], default=str)
    arn = made["tasks"][0]["taskArn"]
    ecs.get_waiter("tasks_running").wait(
        cluster="small", tasks=[arn], WaiterConfig={"Delay": 1, "MaxAttempts": 30}
    )
    assert _tasks(engine)

"""ECS Anywhere: a task really runs on another engine, which calls in and is never called."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import botocore.exceptions
import pytest

from helpers import aws
from helpers.aws import anywhere, local
from helpers.aws.places import Machine
from helpers.aws.site import AGENT, SITE, Site, find
from helpers.engine import Engine, cleanup, inventory
from helpers.engine.patience import until
from helpers.errors import AwsFailed

pytestmark = pytest.mark.daemon


@pytest.fixture(scope="module")
def site(started: Engine) -> Iterator[Site]:
    aws.target(empty=True, lesson="15", engine=started)
    aws.client("ecs").create_cluster(clusterName="hybrid")
    role = aws.machine_role("lbl-15-machine")
    activation = aws.client("ssm").create_activation(IamRole=role)
    yield anywhere.data_centre("hybrid", activation, lesson="15", engine=started)
    cleanup.clean(started, lesson="15")


def _task(arn: str) -> dict:
    return aws.client("ecs").describe_tasks(cluster="hybrid", tasks=[arn])["tasks"][0]


def _run(command: str, image: str = "lbl/busybox:1") -> str:
    ecs = aws.client("ecs")
    ecs.register_task_definition(
        family="job", requiresCompatibilities=["EXTERNAL"],
        containerDefinitions=[{
            "name": "main", "image": image, "memory": 32, "command": ["sh", "-c", command],
            "logConfiguration": {"logDriver": "awslogs", "options": {
                "awslogs-group": "/lbl/hybrid", "awslogs-stream-prefix": "t",
                "awslogs-create-group": "true"}}}],
    )  # fmt: skip
    made = ecs.run_task(cluster="hybrid", taskDefinition="job", launchType="EXTERNAL")
    assert not made["failures"], made["failures"]
    return made["tasks"][0]["taskArn"]


def _pushed(engine: Engine) -> str:
    """Push BusyBox to ECR, and return its address there."""
    ecr = aws.client("ecr")
    uri = ecr.create_repository(repositoryName="box")["repository"]["repositoryUri"]
    word = ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
    user, _, password = base64.b64decode(word).decode().partition(":")
    login = {"username": user, "password": password}
    api = engine.client.api
    api.tag("lbl/busybox:1", uri, "1")
    for row in api.push(uri, "1", stream=True, decode=True, auth_config=login):
        assert "error" not in row, row
    api.remove_image(f"{uri}:1")
    return f"{uri}:1"


def test_a_task_runs_there_and_not_here(site: Site, started: Engine) -> None:
    image = _pushed(started)
    arn = _run("echo from $(hostname -i | wc -w) machine; sleep 30", image)
    until(lambda: _task(arn)["lastStatus"] == "RUNNING", 60, "aws.waiting")
    seen = site.docker("ps --format {{.Image}}").lines
    assert image in seen
    assert not started.client.api.containers(filters={"ancestor": "busybox", "label": "ecs"})
    here = [row["Image"] for row in started.client.api.containers()]
    assert image not in here
    task = _task(arn)
    assert task["launchType"] == "EXTERNAL"
    row = aws.client("ecs").describe_container_instances(
        cluster="hybrid", containerInstances=[task["containerInstanceArn"]])  # fmt: skip
    assert row["containerInstances"][0]["ec2InstanceId"] == site.instance
    stream = f"t/main/{arn.rpartition('/')[2]}"
    logs = aws.client("logs")
    read = lambda: [one["message"] for one in logs.get_log_events(  # noqa: E731
        logGroupName="/lbl/hybrid", logStreamName=stream)["events"]]  # fmt: skip
    until(lambda: read() == ["from 1 machine"], 20, "aws.waiting")
    aws.client("ecs").stop_task(cluster="hybrid", task=arn)
    until(lambda: not site.docker("ps -q").lines, 30, "aws.waiting")


def test_what_runs_there_goes_on_while_the_line_is_cut(site: Site) -> None:
    image = f"{aws.client('ecr').describe_repositories()['repositories'][0]['repositoryUri']}:1"
    arn = _run("sleep 300", image)
    until(lambda: _task(arn)["lastStatus"] == "RUNNING", 60, "aws.waiting")

    def connected() -> bool:
        ecs = aws.client("ecs")
        arns = ecs.list_container_instances(cluster="hybrid")["containerInstanceArns"]
        rows = ecs.describe_container_instances(cluster="hybrid", containerInstances=arns)
        return rows["containerInstances"][0]["agentConnected"]

    site.cut()
    until(lambda: not connected(), 30, "aws.waiting")
    assert len(site.docker("ps -q").lines) == 1
    refused = aws.client("ecs").run_task(cluster="hybrid", taskDefinition="job",
                                         launchType="EXTERNAL")  # fmt: skip
    assert [one["reason"] for one in refused["failures"]] == ["AGENT"]
    site.mend()
    until(connected, 30, "aws.waiting")
    assert _task(arn)["lastStatus"] == "RUNNING"
    aws.client("ecs").stop_task(cluster="hybrid", task=arn)
    site.emptied()


def _machine() -> Machine:
    (found,) = aws.places("hybrid").machines
    return found


@pytest.fixture
def service(site: Site) -> Iterator[str]:
    """A service of two tasks in the data centre, of an image in ECR."""
    ecs = aws.client("ecs")
    image = f"{aws.client('ecr').describe_repositories()['repositories'][0]['repositoryUri']}:1"
    container = {"name": "main", "image": image, "memory": 32,
                 "command": ["sh", "-c", "trap 'exit 0' TERM; sleep 600 & wait"]}  # fmt: skip
    ecs.register_task_definition(
        family="stay", requiresCompatibilities=["EXTERNAL"], containerDefinitions=[container]
    )
    ecs.create_service(cluster="hybrid", serviceName="stay", taskDefinition="stay",
                       launchType="EXTERNAL", desiredCount=2)  # fmt: skip
    aws.steady("hybrid", "stay")
    yield "stay"
    ecs.delete_service(cluster="hybrid", service="stay", force=True)


def test_a_service_hears_of_an_order_when_the_line_is_back(site: Site, service: str) -> None:
    ecs = aws.client("ecs")
    assert _machine() == Machine("ACTIVE", True, ("stay",) * 2, ("stay",) * 2)
    site.cut()
    ecs.update_service(cluster="hybrid", service=service, desiredCount=1)
    assert _machine() == Machine("ACTIVE", False, ("stay",) * 2, ("stay",) * 2)
    (leaving,) = ecs.list_tasks(cluster="hybrid", desiredStatus="STOPPED", family="stay")[
        "taskArns"
    ]
    assert _task(leaving)["lastStatus"] == "RUNNING"
    site.mend()
    aws.steady("hybrid", service)
    until(lambda: _machine().there == ("stay",), 30, "aws.waiting")
    assert _task(leaving)["containers"][0]["exitCode"] == 0  # it was asked, and had time to end


def test_what_somebody_removes_there_is_replaced(site: Site, service: str) -> None:
    gone, *_ = site.running()
    site.docker(f"rm -f {gone.container}")
    until(lambda: _task(gone.task)["lastStatus"] == "STOPPED", 30, "aws.waiting")
    assert _task(gone.task)["containers"][0]["exitCode"] == 137
    until(lambda: _machine().there == ("stay",) * 2, 30, "aws.waiting")
    assert gone not in site.running()


def test_a_machine_is_emptied_as_far_as_its_services_allow(site: Site, service: str) -> None:
    ecs = aws.client("ecs")
    arns = ecs.list_container_instances(cluster="hybrid")["containerInstanceArns"]
    which = {"cluster": "hybrid", "containerInstances": arns}
    ecs.update_container_instances_state(**which, status="DRAINING")
    refused = ecs.run_task(cluster="hybrid", taskDefinition="stay", launchType="EXTERNAL")
    assert refused["failures"]
    half = {"minimumHealthyPercent": 50, "maximumPercent": 200}
    ecs.update_service(cluster="hybrid", service=service, deploymentConfiguration=half)
    until(lambda: len(site.running()) == 1, 30, "aws.waiting")
    none = {**half, "minimumHealthyPercent": 0}
    ecs.update_service(cluster="hybrid", service=service, deploymentConfiguration=none)
    site.emptied()
    assert _machine().state == "DRAINING"
    ecs.update_container_instances_state(**which, status="ACTIVE")
    aws.steady("hybrid", service)


def test_what_would_not_be_acted_on_is_refused(site: Site) -> None:
    ecs, ssm = aws.client("ecs"), aws.client("ssm")
    with pytest.raises(botocore.exceptions.ClientError, match="trust policy"):
        ssm.create_activation(IamRole="nobody")
    role = aws.task_role("lbl-15-task", {"Action": "s3:ListBucket", "Resource": "*"})
    container = {"name": "main", "image": "lbl/busybox:1", "memory": 32}
    kind = {"family": "odd", "requiresCompatibilities": ["EXTERNAL"]}
    ecs.register_task_definition(**kind, containerDefinitions=[container], taskRoleArn=role)
    run = {"cluster": "hybrid", "taskDefinition": "odd", "launchType": "EXTERNAL"}
    with pytest.raises(botocore.exceptions.ClientError, match="no task role"):
        ecs.run_task(**run)
    ecs.register_task_definition(**kind, containerDefinitions=[container])
    rule = {"type": "memberOf", "expression": "attribute:ecs.os-type == windows"}
    with pytest.raises(botocore.exceptions.ClientError, match="memberOf"):
        ecs.run_task(**run, placementConstraints=[rule])


def test_after_a_restart_of_the_kernel_it_is_found_again(site: Site, started: Engine) -> None:
    assert find(started) == anywhere.data_centre("hybrid", engine=started) == site
    with pytest.raises(AwsFailed, match="joined the cluster"):
        anywhere.data_centre("elsewhere", engine=started)
    assert find(started) == site


def test_an_image_that_it_cannot_have(site: Site) -> None:
    arn = _run("true", "127.0.0.1:9/none:1")
    until(lambda: _task(arn)["lastStatus"] == "STOPPED", 60, "aws.waiting")
    assert _task(arn)["stopCode"] == "TaskFailedToStart"


def test_one_that_is_deregistered_by_force_runs_on_until_it_is_replaced(
    site: Site, started: Engine, service: str
) -> None:
    ecs, ssm = aws.client("ecs"), aws.client("ssm")
    (arn,) = ecs.list_container_instances(cluster="hybrid")["containerInstanceArns"]
    with pytest.raises(botocore.exceptions.ClientError, match="running tasks"):
        ecs.deregister_container_instance(cluster="hybrid", containerInstance=arn)
    ecs.deregister_container_instance(cluster="hybrid", containerInstance=arn, force=True)
    assert _machine() == Machine("NONE", False, (), ("stay",) * 2, ("stay",) * 2)
    activation = ssm.create_activation(IamRole="lbl-15-machine")
    new = anywhere.data_centre("hybrid", activation, lesson="15", engine=started)
    assert [row["InstanceId"] for row in ssm.describe_instance_information()[
        "InstanceInformationList"]] == [new.instance] != [site.instance]  # fmt: skip
    aws.steady("hybrid", service)
    assert _machine().there == ("stay",) * 2
    kinds = {one.kind for one in aws.inventory("15").things}
    assert {"ssm activation", "ssm managed instance", "ecs cluster", "iam role"} <= kinds


def test_an_activation_is_good_for_as_many_as_it_says(site: Site) -> None:
    ssm = aws.client("ssm")
    rows = {one["RegistrationsCount"] for one in ssm.describe_activations()["ActivationList"]}
    assert rows == {1}
    with pytest.raises(AwsFailed, match="not valid"):
        anywhere.data_centre("hybrid", {"ActivationId": "x", "ActivationCode": "y"},
                             lesson="15", engine=site.outer)  # fmt: skip


def test_it_goes_with_the_lesson(started: Engine) -> None:
    assert not aws.clean_up("15").things
    cleanup.clean(started, lesson="15")
    names = {name for one in inventory.take(started).ours for name in one.names}
    assert not names & {SITE, AGENT, f"{SITE}-data"}
    assert local.find(started) is not None  # it was not started for this lesson

"""Tasks of ECS: their definitions out of a file, their end, what they wrote."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping, Sequence
from typing import Any

import botocore.exceptions

from ..engine.patience import until
from ..errors import AwsFailed
from ..scenarios.start import SourceText
from ..text import plain
from .targeting import client, current
from .trusting import trusted

__all__ = ["ended", "execution_role", "fill", "filled", "logs", "network", "task_role"]

END = 300.0  # seconds for a task to end
ARRIVE = 10.0  # seconds for a log to arrive
QUIET = 0.3  # seconds without a new line, after which a log counts as whole
POLICY = "service-role/AmazonECSTaskExecutionRolePolicy"
SERVICE = {"Service": "ecs-tasks.amazonaws.com"}  # who takes on the roles of tasks


def filled(source: SourceText, **values: str) -> str:
    """Return a file's text with ``${NAME}`` replaced.

    Parameters
    ----------
    source: as `Scenario.show` returned it.
    **values: what stands for each name, as ``IMAGE="…"``.

    Raises
    ------
    AwsFailed: a name has no value.
    """
    text = source.content
    for name, value in values.items():
        text = text.replace("${" + name + "}", value)
    if missing := re.findall(r"\$\{(\w+)\}", text):
        raise AwsFailed("aws.unfilled", file=source.name, names=", ".join(dict.fromkeys(missing)))
    return text


def fill(source: SourceText, **values: str) -> dict[str, Any]:
    """Return a JSON file as a dictionary, with ``${NAME}`` replaced as by `filled`.

    Raises
    ------
    AwsFailed: a name has no value, or what comes of it is no JSON.
    """
    try:
        return json.loads(filled(source, **values))
    except ValueError as error:
        raise AwsFailed("aws.no_json", file=source.name, reason=error) from None


def execution_role(name: str, *, secrets: Sequence[str] = ()) -> str:
    """Return the ARN of a role with which ECS itself pulls images and writes logs for tasks.

    It is made if there is none of that name, with AWS's own policy for the purpose.

    Parameters
    ----------
    secrets: ARNs of parameters (SSM) that it may read and hand to tasks.
    """
    arn = trusted(name, SERVICE)
    policy = f"arn:{current().partition}:iam::aws:policy/{POLICY}"
    client("iam").attach_role_policy(RoleName=name, PolicyArn=policy)
    if secrets:
        _allow(name, {"Action": "ssm:GetParameters", "Resource": list(secrets)})
    return arn


def task_role(name: str, allowed: Mapping[str, Any]) -> str:
    """Return the ARN of a role that a task's own program has; it is made if need be.

    Parameters
    ----------
    allowed: what the program may do: ``{"Action": …, "Resource": …}``, and nothing else.
    """
    arn = trusted(name, SERVICE)
    _allow(name, allowed)
    return arn


def _allow(name: str, allowed: Mapping[str, Any]) -> None:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **allowed}]}
    client("iam").put_role_policy(
        RoleName=name, PolicyName="lesson", PolicyDocument=json.dumps(document)
    )


def network(*groups: str) -> dict[str, Any]:
    """Return where tasks in the network mode awsvpc run: in all subnets of the default VPC.

    Parameters
    ----------
    groups: security groups; the VPC's default one if there is none.

    Raises
    ------
    AwsFailed: the region has no default VPC.
    """
    rows = client("ec2").describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])
    subnets = sorted(row["SubnetId"] for row in rows["Subnets"])
    if not subnets:
        raise AwsFailed("aws.no_vpc", region=current().region)
    found: dict[str, Any] = {"subnets": subnets, "assignPublicIp": "ENABLED"}
    if groups:
        found["securityGroups"] = list(groups)
    return {"awsvpcConfiguration": found}


def ended(task: dict[str, Any]) -> dict[str, Any]:
    """Wait until a task has stopped, and return how it ended, as DescribeTasks tells it.

    Parameters
    ----------
    task: as ``run_task`` returned it.

    Raises
    ------
    TimedOut: it did not stop in time.
    """
    ecs = client("ecs")

    def look() -> dict[str, Any] | None:
        row = ecs.describe_tasks(cluster=task["clusterArn"], tasks=[task["taskArn"]])["tasks"][0]
        return row if row["lastStatus"] == "STOPPED" else None

    return until(look, END, "aws.waiting_task")


def logs(task: dict[str, Any]) -> None:
    """Print what a task's containers wrote, out of CloudWatch Logs.

    Raises
    ------
    AwsFailed: its definition sends no log there.
    """
    definition = client("ecs").describe_task_definition(taskDefinition=task["taskDefinitionArn"])
    number = task["taskArn"].rpartition("/")[2]
    found = False
    for one in definition["taskDefinition"]["containerDefinitions"]:
        options = (one.get("logConfiguration") or {}).get("options") or {}
        if "awslogs-group" not in options:
            continue
        found = True
        stream = f"{options['awslogs-stream-prefix']}/{one['name']}/{number}"
        for line in _lines(options["awslogs-group"], stream):
            print(plain(line))
    if not found:
        raise AwsFailed("aws.no_log", task=definition["taskDefinition"]["family"])


def _lines(group: str, stream: str) -> list[str]:
    """Return a log's lines once no more come: they take a moment to get there."""
    before: list[str] | None = None
    deadline = time.monotonic() + ARRIVE
    while time.monotonic() < deadline:
        try:
            rows = client("logs").get_log_events(
                logGroupName=group, logStreamName=stream, startFromHead=True
            )["events"]
        except botocore.exceptions.ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            rows = []  # it wrote nothing, or nothing has arrived yet
        lines = [row["message"] for row in rows]
        if lines and lines == before:
            break
        before = lines
        time.sleep(QUIET)
    return before or []

"""What the exercises of lesson 14 look for in ECS, IAM and the logs."""

from __future__ import annotations

from typing import Any

import botocore.exceptions

from helpers import aws
from helpers.engine import Engine
from helpers.errors import AwsRefused
from helpers.exercises import Right, Wrong, exercise

CLUSTER, LOG = "lbl-14", "lbl-14"
JOB, RESULT = "lbl-14-sum", "42"
SMALLEST = ("256", "512")
READER, KEY, OTHERS = "lbl-14-reader", "public/note", ("public/other", "private/note")
PAGE, FIRST, THREE = "page", "lbl-14-page:1", 3


def _client(service: str) -> Any:
    try:
        return aws.client(service)
    except AwsRefused:
        return None


def _absent(error: botocore.exceptions.ClientError) -> bool:
    code = error.response["Error"]["Code"]
    return code.startswith("NoSuch") or code.endswith("NotFoundException") or code in (
        "ClientException", "ResourceNotFoundException")  # fmt: skip


@exercise("14.1")
def a_job(engine: Engine) -> Right | Wrong:
    """A finished task of the smallest size that wrote the result."""
    ecs = _client("ecs")
    if ecs is None:
        return Wrong("lesson14.no_target")
    try:
        found = ecs.describe_task_definition(taskDefinition=JOB)["taskDefinition"]
        arns = ecs.list_tasks(cluster=CLUSTER, family=JOB, desiredStatus="STOPPED")["taskArns"]
    except botocore.exceptions.ClientError as error:
        if not _absent(error):
            raise
        return Wrong("lesson14.ex1.no_definition", family=JOB)
    if "FARGATE" not in (found.get("requiresCompatibilities") or []):
        return Wrong("lesson14.ex1.no_fargate", family=JOB)
    if (found.get("cpu"), found.get("memory")) != SMALLEST:
        return Wrong("lesson14.ex1.size", family=JOB, cpu=found.get("cpu"),
                     memory=found.get("memory"))  # fmt: skip
    if not arns:
        return Wrong("lesson14.ex1.no_task", family=JOB, cluster=CLUSTER)
    tasks = ecs.describe_tasks(cluster=CLUSTER, tasks=arns)["tasks"]
    well = [one for one in tasks if one["containers"][0].get("exitCode") == 0]
    if not well:
        return Wrong("lesson14.ex1.exit", code=tasks[0]["containers"][0].get("exitCode"))
    numbers = [one["taskArn"].rpartition("/")[2] for one in well]
    if not any(RESULT in _wrote(number) for number in numbers):
        return Wrong("lesson14.ex1.no_line", group=LOG, line=RESULT)
    command = " ".join(found["containerDefinitions"][0].get("command") or [])
    return Right("lesson14.ex1.right", command=command, line=RESULT)


def _wrote(number: str) -> list[str]:
    logs = aws.client("logs")
    rows = logs.describe_log_streams(logGroupName=LOG)["logStreams"]
    names = [row["logStreamName"] for row in rows if row["logStreamName"].endswith(number)]
    return [
        event["message"].strip()
        for name in names
        for event in logs.get_log_events(logGroupName=LOG, logStreamName=name)["events"]
    ]


@exercise("14.2")
def hands_off(engine: Engine) -> Right | Wrong:
    """What the role may do, as IAM's own simulator says."""
    iam = _client("iam")
    if iam is None:
        return Wrong("lesson14.no_target")
    try:
        arn = iam.get_role(RoleName=READER)["Role"]["Arn"]
    except botocore.exceptions.ClientError as error:
        if not _absent(error):
            raise
        return Wrong("lesson14.ex2.no_role", name=READER)
    chosen = aws.current()
    place = f"arn:{chosen.partition}:s3:::lbl-14-{chosen.account}"

    def may(action: str, key: str) -> bool:
        rows = iam.simulate_principal_policy(
            PolicySourceArn=arn, ActionNames=[action], ResourceArns=[f"{place}/{key}"]
        )["EvaluationResults"]
        return rows[0]["EvalDecision"] == "allowed"

    if not may("s3:GetObject", KEY):
        return Wrong("lesson14.ex2.too_little", what=KEY)
    for action, key in [("s3:GetObject", one) for one in OTHERS] + [("s3:PutObject", KEY)]:
        if may(action, key):
            return Wrong("lesson14.ex2.too_much", action=action, resource=key)
    return Right("lesson14.ex2.right", what=KEY)


@exercise("14.3")
def back_to_one(engine: Engine) -> Right | Wrong:
    """Three tasks of the first revision, and no scaling policy."""
    ecs = _client("ecs")
    if ecs is None:
        return Wrong("lesson14.no_target")
    try:
        rows = ecs.describe_services(cluster=CLUSTER, services=[PAGE])["services"]
    except botocore.exceptions.ClientError as error:
        if not _absent(error):
            raise
        rows = []
    rows = [row for row in rows if row["status"] == "ACTIVE"]
    if not rows:
        return Wrong("lesson14.ex3.no_service", name=PAGE, cluster=CLUSTER)
    definition = rows[0]["taskDefinition"].rpartition("/")[2]
    if definition != FIRST:
        return Wrong("lesson14.ex3.definition", definition=definition)
    running, desired = rows[0]["runningCount"], rows[0]["desiredCount"]
    if (running, desired) != (THREE, THREE):
        return Wrong("lesson14.ex3.count", running=running, desired=desired)
    scaled = aws.client("application-autoscaling").describe_scalable_targets(
        ServiceNamespace="ecs", ResourceIds=[f"service/{CLUSTER}/{PAGE}"])  # fmt: skip
    if scaled["ScalableTargets"]:
        return Wrong("lesson14.ex3.scaled")
    return Right("lesson14.ex3.right", count=running, definition=definition)

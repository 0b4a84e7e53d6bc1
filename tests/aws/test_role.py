"""A task role that may read one prefix of one bucket, and is refused everything else."""

from __future__ import annotations

import json

import pytest

from helpers import aws
from helpers.aws import Target

pytestmark = pytest.mark.daemon
# The local AWS's own image has Python and boto3.
IMAGE = "lbl/aws:1"
TRUST = {"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Action": "sts:AssumeRole",
    "Principal": {"Service": "ecs-tasks.amazonaws.com"}}]}  # fmt: skip
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::lbl-notes/open/*"}
    ],
}
SCRIPT = """
import boto3
from botocore.exceptions import ClientError
s3 = boto3.client("s3")
print(boto3.client("sts").get_caller_identity()["Arn"].split("/")[1])
for key in ("open/a", "closed/b"):
    try:
        print(s3.get_object(Bucket="lbl-notes", Key=key)["Body"].read().decode())
    except ClientError as error:
        print(error.response["Error"]["Code"])
try:
    s3.put_object(Bucket="lbl-notes", Key="open/a", Body=b"changed")
except ClientError as error:
    print(error.response["Error"]["Code"])
"""


@pytest.fixture
def role(cloud: Target) -> str:
    s3, iam = aws.client("s3"), aws.client("iam")
    s3.create_bucket(Bucket="lbl-notes")
    for key in ("open/a", "closed/b"):
        s3.put_object(Bucket="lbl-notes", Key=key, Body=f"this is {key}".encode())
    made = iam.create_role(RoleName="lbl-reader", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.put_role_policy(RoleName="lbl-reader", PolicyName="read", PolicyDocument=json.dumps(POLICY))
    return made["Role"]["Arn"]


def _run(role: str) -> list[str]:
    ecs, logs = aws.client("ecs"), aws.client("logs")
    ecs.create_cluster(clusterName="small")
    ecs.register_task_definition(
        family="reader", requiresCompatibilities=["FARGATE"], networkMode="awsvpc", cpu="256",
        memory="512", taskRoleArn=role,
        containerDefinitions=[{
            "name": "main", "image": IMAGE, "entryPoint": ["python3", "-c"], "command": [SCRIPT],
            "logConfiguration": {"logDriver": "awslogs", "options": {
                "awslogs-group": "/lbl/role", "awslogs-stream-prefix": "t",
                "awslogs-create-group": "true"}}}],
    )  # fmt: skip
    network = {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}
    arn = ecs.run_task(cluster="small", taskDefinition="reader", launchType="FARGATE",
                       networkConfiguration=network)["tasks"][0]["taskArn"]  # fmt: skip
    ecs.get_waiter("tasks_stopped").wait(cluster="small", tasks=[arn],
                                         WaiterConfig={"Delay": 1, "MaxAttempts": 60})  # fmt: skip
    stream = f"t/main/{arn.rpartition('/')[2]}"
    rows = logs.get_log_events(logGroupName="/lbl/role", logStreamName=stream)["events"]
    return [row["message"] for row in rows]


def test_a_task_reads_what_its_role_may_and_nothing_else(role: str) -> None:
    said = _run(role)
    assert said == ["lbl-reader", "this is open/a", "AccessDenied", "AccessDenied"]
    kept = aws.client("s3").get_object(Bucket="lbl-notes", Key="open/a")["Body"].read()
    assert kept == b"this is open/a"


def test_a_role_that_does_not_trust_tasks(role: str) -> None:
    other = json.dumps(TRUST).replace("ecs-tasks", "ec2")
    aws.client("iam").update_assume_role_policy(RoleName="lbl-reader", PolicyDocument=other)
    with pytest.raises(aws.client("ecs").exceptions.ClientException, match="unable to assume"):
        _run(role)

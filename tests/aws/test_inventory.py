"""Everything made is tagged, found by that, and gone after clean-up; the command line works."""

from __future__ import annotations

import json

import pytest

from helpers import aws
from helpers.aws import Target, infrastructure
from helpers.aws.eks import leaving
from helpers.aws.holdings import KINDS
from helpers.aws.holdings import take as inventory

pytestmark = pytest.mark.daemon
# In tests of their own.
ELSEWHERE = {"rds instance", "ssm managed instance", *infrastructure.FIND, *leaving.FIND}
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Action": "sts:AssumeRole",
    "Principal": {"Service": "ecs-tasks.amazonaws.com"}}]})  # fmt: skip
READ = json.dumps({"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]})  # fmt: skip


def _one_of_each() -> None:
    ecs, elb = aws.client("ecs"), aws.client("elbv2")
    ecs.create_cluster(clusterName="lbl-13")
    ecs.register_task_definition(
        family="web", requiresCompatibilities=["FARGATE"], networkMode="awsvpc", cpu="256",
        memory="512", containerDefinitions=[{"name": "a", "image": "lbl/busybox:1",
                                             "command": ["sleep", "600"]}])  # fmt: skip
    ecs.create_service(
        cluster="lbl-13", serviceName="web", taskDefinition="web", desiredCount=1,
        launchType="FARGATE",
        networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-1"]}})  # fmt: skip
    aws.client("application-autoscaling").register_scalable_target(
        ServiceNamespace="ecs", ResourceId="service/lbl-13/web",
        ScalableDimension="ecs:service:DesiredCount", MinCapacity=1, MaxCapacity=2,
    )  # fmt: skip
    aws.client("ec2").create_security_group(GroupName="web", Description="web", VpcId="vpc-1")
    group = elb.create_target_group(Name="web", Protocol="HTTP", Port=80, VpcId="vpc-1",
                                    TargetType="ip")["TargetGroups"][0]  # fmt: skip
    made = elb.create_load_balancer(Name="web", Subnets=["subnet-1"])["LoadBalancers"][0]
    elb.create_listener(
        LoadBalancerArn=made["LoadBalancerArn"], Protocol="HTTP", Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": group["TargetGroupArn"]}],
    )  # fmt: skip
    aws.client("ecr").create_repository(repositoryName="team/web")
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="lbl-13-notes")
    s3.put_object(Bucket="lbl-13-notes", Key="a", Body=b"a")
    for name in ("lbl-13-month", "month"):
        aws.client("budgets").create_budget(
            AccountId=aws.current().account,
            Budget={"BudgetName": name, "TimeUnit": "MONTHLY", "BudgetType": "COST",
                    "BudgetLimit": {"Amount": "5", "Unit": "USD"}})  # fmt: skip
    iam = aws.client("iam")
    iam.create_role(RoleName="reader", AssumeRolePolicyDocument=TRUST)
    iam.put_role_policy(RoleName="reader", PolicyName="read", PolicyDocument=READ)
    iam.create_user(UserName="ana")
    iam.create_access_key(UserName="ana")
    aws.client("logs").create_log_group(logGroupName="/team/web")
    ssm = aws.client("ssm")
    ssm.put_parameter(Name="/team/colour", Value="green", Type="String")
    # AWS takes no tags with an overwrite: found by its name
    ssm.put_parameter(Name="/lbl-13/colour", Value="red", Type="String", Overwrite=True)
    aws.client("secretsmanager").create_secret(Name="team/door", SecretString="open")
    role = aws.machine_role("outside")
    aws.client("ssm").create_activation(IamRole=role, DefaultInstanceName="shop")


def test_one_of_each_is_found_and_goes(cloud: Target) -> None:
    assert not inventory().things
    foreign = cloud.session.client("ecr", endpoint_url=cloud.local.url)
    foreign.create_repository(repositoryName="somebody/else")
    _one_of_each()
    found = inventory()
    assert {one.kind for one in found.things} == set(KINDS) - ELSEWHERE
    assert {one.lesson for one in found.things} == {"13"}
    assert not inventory("14").things
    left = aws.clean_up("13")
    assert not left.things
    assert str(left)
    names = [row["repositoryName"] for row in foreign.describe_repositories()["repositories"]]
    assert names == ["somebody/else"]


def test_the_ecr_and_ecs_lesson_by_hand(cloud: Target, capsys: pytest.CaptureFixture) -> None:
    """What the lessons do with boto3, typed as commands."""
    said = lambda command: json.loads(aws.cli(f"{command} --output json").output)  # noqa: E731
    assert said("sts get-caller-identity")["Account"] == cloud.account
    uri = said("ecr create-repository --repository-name team/hand")["repository"]["repositoryUri"]
    assert uri.startswith("127.0.0.1:")
    assert len(aws.cli("ecr get-login-password").output.strip()) > 20
    said("ecs create-cluster --cluster-name hand")
    containers = json.dumps([{"name": "a", "image": "lbl/busybox:1",
                              "command": ["sh", "-c", "exit 5"]}])  # fmt: skip
    said(
        "ecs register-task-definition --family hand --requires-compatibilities FARGATE "
        f"--network-mode awsvpc --cpu 256 --memory 512 --container-definitions '{containers}'"
    )
    task = said("ecs run-task --cluster hand --task-definition hand --launch-type FARGATE "
                "--network-configuration 'awsvpcConfiguration={subnets=[subnet-1]}'")  # fmt: skip
    arn = task["tasks"][0]["taskArn"]
    aws.cli(f"ecs wait tasks-stopped --cluster hand --tasks {arn}")
    ended = said(f"ecs describe-tasks --cluster hand --tasks {arn}")["tasks"][0]
    assert ended["containers"][0]["exitCode"] == 5
    refused = aws.cli("ecs describe-services --cluster nowhere --services x")
    assert refused.exit_code and "ClusterNotFoundException" in refused.output
    assert "$ aws ecr get-login-password" in capsys.readouterr().out

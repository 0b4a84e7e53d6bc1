"""Target tracking: the rule, and a service that follows the load of its tasks."""

from __future__ import annotations

import pytest

from helpers import aws
from helpers.aws import Target
from helpers.aws.inside.tracking import decide
from helpers.engine.patience import until


@pytest.mark.parametrize(
    "metric, target, tasks, least, most, wanted",
    [
        (50, 50, 4, 1, 10, 4),
        (100, 50, 4, 1, 10, 8),
        (51, 50, 4, 1, 10, 5),
        (100, 50, 8, 1, 10, 10),
        (10, 50, 4, 1, 10, 1),
        (10, 50, 4, 2, 10, 2),
        (0, 50, 4, 1, 10, 1),
        (0, 50, 4, 0, 10, 0),
    ],
)
def test_the_rule(
    metric: float, target: float, tasks: int, least: int, most: int, wanted: int
) -> None:
    assert decide(metric, target, tasks, least, most) == wanted


@pytest.mark.daemon
def test_a_service_follows_the_load(cloud: Target) -> None:
    ecs, scaling = aws.client("ecs"), aws.client("application-autoscaling")
    ecs.create_cluster(clusterName="small")
    work = "timeout 25 sh -c 'while :; do :; done'; sleep 600"
    ecs.register_task_definition(
        family="busy", requiresCompatibilities=["FARGATE"], networkMode="awsvpc", cpu="256",
        memory="512",
        containerDefinitions=[
            {"name": "a", "image": "lbl/busybox:1", "command": ["sh", "-c", work]}
        ],
    )  # fmt: skip
    ecs.create_service(
        cluster="small", serviceName="busy", taskDefinition="busy", desiredCount=1,
        launchType="FARGATE",
        networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-1"]}},
    )  # fmt: skip
    name = {"ServiceNamespace": "ecs", "ResourceId": "service/small/busy",
            "ScalableDimension": "ecs:service:DesiredCount"}  # fmt: skip
    policy = {"PolicyName": "half", "PolicyType": "TargetTrackingScaling",
              "TargetTrackingScalingPolicyConfiguration": RULE, **name}  # fmt: skip
    with pytest.raises(scaling.exceptions.ObjectNotFoundException):
        scaling.put_scaling_policy(**policy)
    with pytest.raises(scaling.exceptions.ValidationException):
        scaling.register_scalable_target(MinCapacity=3, MaxCapacity=2, **name)
    scaling.register_scalable_target(MinCapacity=1, MaxCapacity=2, **name)
    scaling.put_scaling_policy(**policy)

    def desired() -> int:
        found = ecs.describe_services(cluster="small", services=["busy"])["services"]
        return found[0]["desiredCount"]

    until(lambda: desired() == 2, 60, "aws.waiting")
    done = scaling.describe_scaling_activities(**name)["ScalingActivities"]
    assert done[0]["Description"] == "Setting desired count to 2."
    until(lambda: desired() == 1, 90, "aws.waiting")


RULE = {
    "TargetValue": 50.0,
    "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
    "ScaleOutCooldown": 1,
    "ScaleInCooldown": 1,
}

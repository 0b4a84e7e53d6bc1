"""Remove what the course has in an account, and prove with an inventory that nothing is left."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import botocore.exceptions

from ..engine.patience import until
from ..messages import text
from . import infrastructure
from .eks import leaving
from .holdings import KINDS, Inventory, Thing, take
from .targeting import client, current

__all__ = ["clean_up"]

BUSY = ("ResourceInUse", "ResourceInUseException", "DependencyViolation")
GONE = 1800.0  # seconds for a service to have removed what it was asked to; EKS takes a while


def clean_up(lesson: str | None = None) -> Inventory:
    """Remove what the course made in the chosen target, and return what is left: nothing.

    Parameters
    ----------
    lesson: only what belongs to that lesson; all that is the course's without one.

    Raises
    ------
    AwsRefused: no target was chosen.
    TimedOut: a service had not removed something in time; run it again.
    """
    left = take(lesson)
    for thing in left.things:
        print(text("aws.inventory.removing", kind=thing.kind, name=thing.shown))
        with contextlib.suppress(*_gone(thing)):
            REMOVE[thing.kind](thing)
    until(lambda: not take(lesson).things, GONE, "aws.inventory.waiting")
    print(text("aws.inventory.proof", account=current().account, region=current().region))
    return take(lesson)


def _gone(thing: Thing) -> tuple[type[Exception], ...]:
    """What an API raises for something that went along with something else."""
    names = {
        "ecs service": ("ecs", ["ServiceNotFoundException", "ServiceNotActiveException"]),
        "ecr repository": ("ecr", ["RepositoryNotFoundException"]),
        "s3 bucket": ("s3", ["NoSuchBucket"]),
        "eks node group": ("eks", ["ResourceNotFoundException"]),
        "iam role": ("iam", ["NoSuchEntityException"]),
        "iam user": ("iam", ["NoSuchEntityException"]),
        "log group": ("logs", ["ResourceNotFoundException"]),
    }
    service, kinds = names.get(thing.kind, ("sts", []))
    return tuple(getattr(client(service).exceptions, kind) for kind in kinds)


def _service(thing: Thing) -> None:
    # arn:…:service/CLUSTER/NAME
    cluster = thing.name.split("/")[-2]
    client("ecs").delete_service(cluster=cluster, service=thing.name, force=True)


def _cluster(thing: Thing) -> None:
    ecs = client("ecs")
    for arn in ecs.list_tasks(cluster=thing.name)["taskArns"]:
        ecs.stop_task(cluster=thing.name, task=arn)
    _emptied(thing.name)
    for arn in ecs.list_container_instances(cluster=thing.name)["containerInstanceArns"]:
        ecs.deregister_container_instance(cluster=thing.name, containerInstance=arn, force=True)
    ecs.delete_cluster(cluster=thing.name)


def _emptied(cluster: str) -> None:
    """Wait until its machines have ended their tasks: one that is deregistered is told no more."""
    ecs = client("ecs")
    arns = ecs.list_container_instances(cluster=cluster)["containerInstanceArns"]
    if not arns:
        return

    def empty() -> bool:
        rows = ecs.describe_container_instances(cluster=cluster, containerInstances=arns)
        return not any(
            row["runningTasksCount"] + row["pendingTasksCount"]
            for row in rows["containerInstances"]
            if row["agentConnected"]  # a machine that hears nothing ends nothing
        )

    until(empty, GONE, "aws.inventory.waiting")


def _definition(thing: Thing) -> None:
    ecs = client("ecs")
    ecs.deregister_task_definition(taskDefinition=thing.name)
    ecs.delete_task_definitions(taskDefinitions=[thing.name])


def _managed(thing: Thing) -> None:
    client("ssm").deregister_managed_instance(InstanceId=thing.name)


def _activation(thing: Thing) -> None:
    client("ssm").delete_activation(ActivationId=thing.name)


def _balancer(thing: Thing) -> None:
    elb = client("elbv2")
    for row in elb.describe_listeners(LoadBalancerArn=thing.name)["Listeners"]:
        elb.delete_listener(ListenerArn=row["ListenerArn"])
    elb.delete_load_balancer(LoadBalancerArn=thing.name)


def _group(thing: Thing) -> None:
    _let_go(lambda: client("elbv2").delete_target_group(TargetGroupArn=thing.name))


def _security(thing: Thing) -> None:
    _let_go(lambda: client("ec2").delete_security_group(GroupId=thing.name))


def _scaled(thing: Thing) -> None:
    client("application-autoscaling").deregister_scalable_target(
        ServiceNamespace="ecs", ResourceId=thing.name, ScalableDimension="ecs:service:DesiredCount"
    )


def _let_go(remove: Callable[[], object]) -> None:
    """Remove something as soon as what went before has let go of it: a load balancer, nodes."""

    def removed() -> bool:
        try:
            remove()
        except botocore.exceptions.ClientError as error:
            if error.response["Error"]["Code"] not in BUSY:
                raise
            return False
        return True

    until(removed, GONE, "aws.inventory.waiting")


def _repository(thing: Thing) -> None:
    client("ecr").delete_repository(repositoryName=thing.name, force=True)


def _bucket(thing: Thing) -> None:
    s3 = client("s3")
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=thing.name):
        for row in [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]:
            s3.delete_object(Bucket=thing.name, Key=row["Key"], VersionId=row["VersionId"])
    s3.delete_bucket(Bucket=thing.name)


def _role(thing: Thing) -> None:
    iam = client("iam")
    for name in iam.list_role_policies(RoleName=thing.name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=thing.name, PolicyName=name)
    for row in iam.list_attached_role_policies(RoleName=thing.name)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=thing.name, PolicyArn=row["PolicyArn"])
    for row in iam.list_instance_profiles_for_role(RoleName=thing.name)["InstanceProfiles"]:
        name = row["InstanceProfileName"]
        iam.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=thing.name)
        iam.delete_instance_profile(InstanceProfileName=name)
    iam.delete_role(RoleName=thing.name)


def _user(thing: Thing) -> None:
    iam = client("iam")
    for row in iam.list_access_keys(UserName=thing.name)["AccessKeyMetadata"]:
        iam.delete_access_key(UserName=thing.name, AccessKeyId=row["AccessKeyId"])
    for name in iam.list_user_policies(UserName=thing.name)["PolicyNames"]:
        iam.delete_user_policy(UserName=thing.name, PolicyName=name)
    for row in iam.list_attached_user_policies(UserName=thing.name)["AttachedPolicies"]:
        iam.detach_user_policy(UserName=thing.name, PolicyArn=row["PolicyArn"])
    iam.delete_user(UserName=thing.name)


def _log(thing: Thing) -> None:
    client("logs").delete_log_group(logGroupName=thing.name)


def _secret(thing: Thing) -> None:
    client("secretsmanager").delete_secret(SecretId=thing.name, ForceDeleteWithoutRecovery=True)


def _parameter(thing: Thing) -> None:
    client("ssm").delete_parameter(Name=thing.name)


def _budget(thing: Thing) -> None:
    client("budgets").delete_budget(AccountId=current().account, BudgetName=thing.name)


def _database(thing: Thing) -> None:
    rds = client("rds")
    row = rds.describe_db_instances(DBInstanceIdentifier=thing.name)["DBInstances"][0]
    if row["DBInstanceStatus"] != "deleting":
        rds.delete_db_instance(DBInstanceIdentifier=thing.name, SkipFinalSnapshot=True)


REMOVE: dict[str, Callable[[Thing], None]] = {
    "scalable target": _scaled,
    "ecs service": _service,
    "ecs cluster": _cluster,
    "ecs task definition": _definition,
    **leaving.REMOVE,
    "ssm managed instance": _managed,
    "ssm activation": _activation,
    "load balancer": _balancer,
    "target group": _group,
    "rds instance": _database,
    **infrastructure.REMOVE,
    "security group": _security,
    "ecr repository": _repository,
    "budget": _budget,
    "s3 bucket": _bucket,
    "secret": _secret,
    "ssm parameter": _parameter,
    "log group": _log,
    "iam user": _user,
    "iam role": _role,
}
assert REMOVE.keys() == KINDS.keys()

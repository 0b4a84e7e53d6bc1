"""What the course has in an account: by its tag, or by a name that begins with ``lbl-``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import botocore.exceptions

from ..engine import labels
from ..messages import text
from . import infrastructure
from .eks import leaving
from .finding import PREFIX, Thing
from .finding import marks as _marks
from .finding import pages as _pages
from .finding import thing as _thing
from .targeting import client, current

__all__ = ["KINDS", "Inventory", "Thing", "take"]

Finder = Callable[[], Iterable["Thing"]]


@dataclass(frozen=True)
class Inventory:
    """All that was found, in the order in which it can be removed."""

    things: tuple[Thing, ...]
    real: bool

    def __str__(self) -> str:
        if not self.things:
            return text("aws.inventory.nothing")
        rows = [text("aws.inventory.row", kind=one.kind, name=one.shown) for one in self.things]
        return "\n".join([text("aws.inventory.some", count=len(rows)), *rows])

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": str(self)}


def take(lesson: str | None = None) -> Inventory:
    """Ask each service of the lessons what the course has there.

    Parameters
    ----------
    lesson: only what belongs to that lesson.

    Raises
    ------
    AwsRefused: no target was chosen.
    """
    found: list[Thing] = []
    for find in KINDS.values():
        try:
            found += find()
        except botocore.exceptions.ClientError as error:
            # a service that this account, region or local AWS does not have holds nothing
            if error.response["Error"].get("Code") not in _ABSENT:
                raise
    rows = [one for one in found if lesson in (None, one.lesson)]
    return Inventory(tuple(rows), current().real)


_ABSENT = ("UnknownOperationException", "InvalidAction", "UnrecognizedClientException",
           "UnsupportedOperation", "NotImplemented", "SubscriptionRequiredException")  # fmt: skip


def _services() -> Iterator[Thing]:
    ecs = client("ecs")
    for cluster in _pages("ecs", "list_clusters", "clusterArns"):
        for arn in _pages("ecs", "list_services", "serviceArns", cluster=cluster):
            row = ecs.describe_services(cluster=cluster, services=[arn], include=["TAGS"])
            if row["services"] and row["services"][0]["status"] == "ACTIVE":
                yield from _thing("ecs service", arn, _marks(row["services"][0].get("tags")))


def _clusters() -> Iterator[Thing]:
    ecs = client("ecs")
    for arn in _pages("ecs", "list_clusters", "clusterArns"):
        row = ecs.describe_clusters(clusters=[arn], include=["TAGS"])["clusters"][0]
        if row["status"] != "INACTIVE":
            yield from _thing("ecs cluster", arn, _marks(row.get("tags")), row["clusterName"])


def _definitions() -> Iterator[Thing]:
    ecs = client("ecs")
    for arn in _pages("ecs", "list_task_definitions", "taskDefinitionArns"):
        tags = ecs.list_tags_for_resource(resourceArn=arn).get("tags")
        yield from _thing("ecs task definition", arn, _marks(tags))


def _repositories() -> Iterator[Thing]:
    ecr = client("ecr")
    for row in _pages("ecr", "describe_repositories", "repositories"):
        tags = ecr.list_tags_for_resource(resourceArn=row["repositoryArn"]).get("tags")
        yield from _thing("ecr repository", row["repositoryName"], _marks(tags))


def _balancers() -> Iterator[Thing]:
    yield from _balanced("load balancer", "describe_load_balancers", "LoadBalancers",
                         "LoadBalancerArn", "LoadBalancerName")  # fmt: skip


def _groups() -> Iterator[Thing]:
    yield from _balanced("target group", "describe_target_groups", "TargetGroups",
                         "TargetGroupArn", "TargetGroupName")  # fmt: skip


def _balanced(kind: str, operation: str, key: str, arn: str, name: str) -> Iterator[Thing]:
    elb = client("elbv2")
    for row in _pages("elbv2", operation, key):
        tags = elb.describe_tags(ResourceArns=[row[arn]])["TagDescriptions"][0].get("Tags")
        yield from _thing(kind, row[arn], _marks(tags), row[name])


def _buckets() -> Iterator[Thing]:
    s3 = client("s3")
    for row in s3.list_buckets()["Buckets"]:
        try:
            tags = s3.get_bucket_tagging(Bucket=row["Name"])["TagSet"]
        except botocore.exceptions.ClientError:  # it has none, or is not ours to look at
            tags = []
        yield from _thing("s3 bucket", row["Name"], _marks(tags))


def _roles() -> Iterator[Thing]:
    for row in _pages("iam", "list_roles", "Roles"):
        yield from _thing("iam role", row["RoleName"], _marks(row.get("Tags")))


def _users() -> Iterator[Thing]:
    for row in _pages("iam", "list_users", "Users"):
        yield from _thing("iam user", row["UserName"], _marks(row.get("Tags")))


def _logs() -> Iterator[Thing]:
    logs = client("logs")
    for row in _pages("logs", "describe_log_groups", "logGroups"):
        name = row["logGroupName"]
        tags = logs.list_tags_log_group(logGroupName=name).get("tags")
        yield from _thing("log group", name, _marks(tags), name.lstrip("/").replace("/", "-", 1))


def _parameters() -> Iterator[Thing]:
    for row in _pages("ssm", "describe_parameters", "Parameters"):
        name = row["Name"]
        tags = client("ssm").list_tags_for_resource(ResourceType="Parameter", ResourceId=name)
        marks = _marks(tags.get("TagList"))
        # one that was overwritten has no tags: /lbl-12/… tells whose it is
        shown = "" if labels.ours(marks) else name.lstrip("/").replace("/", "-", 1)
        yield from _thing("ssm parameter", name, marks, shown)


def _managed() -> Iterator[Thing]:
    """Machines outside of AWS; they have the tags of the activation that let them in."""
    for row in _pages("ssm", "describe_instance_information", "InstanceInformationList"):
        if row.get("ResourceType") == "ManagedInstance":
            which = {"ResourceType": "ManagedInstance", "ResourceId": row["InstanceId"]}
            tags = _marks(client("ssm").list_tags_for_resource(**which).get("TagList"))
            yield from _thing("ssm managed instance", row["InstanceId"], tags, row.get("Name", ""))


def _activations() -> Iterator[Thing]:
    for row in _pages("ssm", "describe_activations", "ActivationList"):
        shown = row.get("DefaultInstanceName", "")
        yield from _thing("ssm activation", row["ActivationId"], _marks(row.get("Tags")), shown)


def _secrets() -> Iterator[Thing]:
    for row in _pages("secretsmanager", "list_secrets", "SecretList"):
        yield from _thing("secret", row["ARN"], _marks(row.get("Tags")), row["Name"])


def _databases() -> Iterator[Thing]:
    for row in _pages("rds", "describe_db_instances", "DBInstances"):
        name = row["DBInstanceIdentifier"]
        yield from _thing("rds instance", name, _marks(row.get("TagList")))


def _budgets() -> Iterator[Thing]:
    """Budgets belong to the account. Who may not see them, as is usual, has made none."""
    api, own = client("budgets"), current().account
    try:
        rows = list(_pages("budgets", "describe_budgets", "Budgets", AccountId=own))
    except api.exceptions.AccessDeniedException:
        return
    for name in (row["BudgetName"] for row in rows):
        tags = None
        if not name.startswith(PREFIX):  # else the name says it all, without another call
            arn = f"arn:{current().partition}:budgets::{own}:budget/{name}"
            tags = api.list_tags_for_resource(ResourceARN=arn).get("ResourceTags")
        yield from _thing("budget", name, _marks(tags))


def _security() -> Iterator[Thing]:
    for row in _pages("ec2", "describe_security_groups", "SecurityGroups"):
        marks = _marks(row.get("Tags"))
        yield from _thing("security group", row["GroupId"], marks, row["GroupName"])


def _scaled() -> Iterator[Thing]:
    """Their tags are in another call; the cluster's name tells whose they are."""
    call = ("application-autoscaling", "describe_scalable_targets", "ScalableTargets")
    for row in _pages(*call, ServiceNamespace="ecs"):
        cluster = row["ResourceId"].split("/")[1]
        yield from _thing("scalable target", row["ResourceId"], {}, cluster)


# In the order in which they can be removed: what uses something comes before what it uses.
KINDS: dict[str, Finder] = {
    "scalable target": _scaled,
    "ecs service": _services,
    "ecs cluster": _clusters,
    "ecs task definition": _definitions,
    **leaving.FIND,
    "ssm managed instance": _managed,
    "ssm activation": _activations,
    "load balancer": _balancers,
    "target group": _groups,
    "rds instance": _databases,
    **infrastructure.FIND,
    "security group": _security,
    "ecr repository": _repositories,
    "budget": _budgets,
    "s3 bucket": _buckets,
    "secret": _secrets,
    "ssm parameter": _parameters,
    "log group": _logs,
    "iam user": _users,
    "iam role": _roles,
}

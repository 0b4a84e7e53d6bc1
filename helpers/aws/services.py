"""Services of ECS behind a load balancer: made reachable, watched, updated under load."""

from __future__ import annotations

import re
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from ..engine.patience import until
from ..errors import AwsFailed
from ..healing.counting import Sample, count
from ..healing.model import Load
from ..healing.sending import Sender
from ..text import plain
from . import tasks
from .targeting import client, current

__all__ = ["FrontDoor", "events", "front_door", "steady", "update"]

STEADY = 600.0  # seconds for a service to be as it shall be
OPEN = 300.0  # seconds for a load balancer to answer; a real one takes minutes to start
BEFORE, AFTER = 10, 10  # requests that are answered before an update begins, and after its end
REPLIES = 120.0  # seconds for so many
PAGE = 100  # tasks that ListTasks returns at once
EVERY = 0.5  # seconds between two looks at a service
ASKED = 24  # requests, to see how many tasks answer
ID = re.compile(r"\b(?:[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f-]{27})\b")
ARN = re.compile(r"arn:[\w-]+:[\w-]*:[\w-]*:\d*:\S*?(?=[)\s]|$)")


@dataclass(frozen=True)
class FrontDoor:
    """A load balancer with a target group.

    Fields
    ------
    address: ``http://…/``.
    group: the target group's ARN; security: the security group of door and tasks.
    """

    address: str
    group: str = field(repr=False)
    security: str = field(repr=False)

    def __repr__(self) -> str:
        return self.address

    @property
    def network(self) -> dict[str, Any]:
        """Where tasks run so that this door reaches them: for ``networkConfiguration``."""
        return tasks.network(self.security)

    def to(self, container: str, port: int) -> list[dict[str, Any]]:
        """Return what leads to a container's port: for ``loadBalancers``."""
        return [{"targetGroupArn": self.group, "containerName": container, "containerPort": port}]

    def ask(self) -> None:
        """Ask for the page once; print the status and the first words of the answer."""
        status, body = _ask(self.address)
        print(f"$ curl {self.address}")
        print(status, plain(body).partition(" on ")[0].strip())

    def answering(self) -> int:
        """Return how many different tasks answer."""
        found = (_ask(self.address) for _ in range(ASKED))
        return len({body for status, body in found if status == 200})


def front_door(name: str, port: int, path: str) -> FrontDoor:
    """Make a load balancer that leads to tasks by their addresses.

    Parameters
    ----------
    name: of load balancer, target group and security group.
    port: at which the tasks answer.
    path: what it asks each task for, every five seconds, to know whether it is well.

    Raises
    ------
    AwsFailed: the region has no default VPC.
    """
    ec2, elb = client("ec2"), client("elbv2")
    vpcs = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    if not vpcs:
        raise AwsFailed("aws.no_vpc", region=ec2.meta.region_name)
    vpc = vpcs[0]["VpcId"]
    security = _security(name, vpc, port)
    print(f"$ aws elbv2 create-target-group --name {name} --port {port} --target-type ip …")
    group = elb.create_target_group(
        Name=name, Protocol="HTTP", Port=port, VpcId=vpc, TargetType="ip", HealthCheckPath=path,
        HealthCheckIntervalSeconds=5, HealthCheckTimeoutSeconds=2, HealthyThresholdCount=2,
        UnhealthyThresholdCount=2,
    )["TargetGroups"][0]["TargetGroupArn"]  # fmt: skip
    print(f"$ aws elbv2 create-load-balancer --name {name} …")
    subnets = tasks.network()["awsvpcConfiguration"]["subnets"]
    made = elb.create_load_balancer(Name=name, Subnets=subnets, SecurityGroups=[security])
    made = made["LoadBalancers"][0]
    print("$ aws elbv2 create-listener --protocol HTTP --port 80 --default-actions Type=forward,…")
    elb.create_listener(
        LoadBalancerArn=made["LoadBalancerArn"], Protocol="HTTP", Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
    )  # fmt: skip
    return FrontDoor(f"http://{made['DNSName']}/", group, security)


def steady(cluster: str, service: str, *, tasks: int | None = None) -> None:
    """Wait until a service has as many tasks as it shall have, all of its newest deployment.

    Behind a load balancer, they also have to be found well by that.

    Parameters
    ----------
    tasks: wait until it shall have so many, which a scaling policy decides.

    Raises
    ------
    TimedOut: it was not so in time.
    """

    def look() -> bool:
        row = _look(cluster, service)
        if not _is_steady(row) or tasks not in (None, row["desiredCount"]):
            return False
        # one that was told to end counts as running until its agent says that it did
        staying = client("ecs").list_tasks(cluster=cluster, serviceName=row["serviceName"])
        return len(staying["taskArns"]) >= min(row["desiredCount"], PAGE)

    until(look, STEADY, "aws.waiting_service", name=service)


def events(cluster: str, service: str, last: int = 6) -> None:
    """Print the last events of a service, the oldest first, without the numbers of tasks."""
    rows = _look(cluster, service)["events"][:last]
    for row in reversed(rows):
        words = ARN.sub("…", ID.sub("…", row["message"]))
        print(plain(words))


def update(
    cluster: str, service: str, door: FrontDoor, *, per_second: float = 8, **changes: Any
) -> Load:
    """Change a service while requests come in, until ECS has finished, one way or the other.

    Parameters
    ----------
    per_second: requests a second.
    **changes: as for ``update_service``.

    Returns the requests with what became of them, for `helpers.figures.load`. To a real account no
    load is sent: then there are none.

    Raises
    ------
    TimedOut: it did not come to an end.
    """
    shown = " ".join(f"--{_kebab(key)} {_short(value)}" for key, value in changes.items())
    print(f"$ aws ecs update-service --cluster {cluster} --service {service} {shown}")
    if current().real:
        client("ecs").update_service(cluster=cluster, service=service, **changes)
        steady(cluster, service)
        return count((), seconds=0.0)
    place = urlsplit(door.address)
    sender = Sender(f"http://{place.netloc}", per_second, place.path or "/")
    sender.settle()
    samples: list[Sample] = []

    def sample() -> dict[str, Any]:
        row = _look(cluster, service)
        samples.append(Sample(sender.seconds, row["runningCount"], row["desiredCount"]))
        return row

    with sender:
        sample()
        _replies(sender, BEFORE)
        client("ecs").update_service(cluster=cluster, service=service, **changes)

        def over() -> bool:
            time.sleep(EVERY)
            return _is_steady(sample())

        until(over, STEADY, "aws.waiting_service", name=service)
        _replies(sender, len(sender.replies) + AFTER)
        seconds = sender.seconds
    return count(sender.replies, samples, seconds=seconds)


def _look(cluster: str, service: str) -> dict[str, Any]:
    return client("ecs").describe_services(cluster=cluster, services=[service])["services"][0]


def _is_steady(row: dict[str, Any]) -> bool:
    deployments = [one for one in row["deployments"] if one["rolloutState"] != "FAILED"]
    return (
        len(deployments) == 1
        and deployments[0]["rolloutState"] == "COMPLETED"
        and row["runningCount"] == row["desiredCount"]
        and all(
            _well(one["targetGroupArn"]) == row["desiredCount"]
            for one in row.get("loadBalancers") or []
        )
    )


def _well(group: str) -> int:
    """Return how many tasks a load balancer sends requests to; -1 while one leaves or comes."""
    rows = client("elbv2").describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    states = [row["TargetHealth"]["State"] for row in rows]
    return len(states) if set(states) <= {"healthy"} else -1


def _security(name: str, vpc: str, port: int) -> str:
    """Make a security group: port 80 from everywhere, the tasks' port from the group itself."""
    ec2 = client("ec2")
    made = ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=[
        {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80,
         "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
        {"IpProtocol": "tcp", "FromPort": port, "ToPort": port,
         "UserIdGroupPairs": [{"GroupId": made}]},
    ])  # fmt: skip
    return made


def _replies(sender: Sender, number: int) -> None:
    until(lambda: len(sender.replies) >= number, REPLIES, "healing.waiting.replies", count=number)


def _ask(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read(10_000).decode(errors="replace")
    except urllib.error.HTTPError as error:
        return error.code, ""
    except OSError:
        return 0, ""


def _kebab(name: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", lambda found: f"-{found[1].lower()}", name)


def _short(value: object) -> str:
    words = str(value)
    return words.rpartition("/")[2] if words.startswith("arn:") else words

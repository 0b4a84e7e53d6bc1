"""Roles that EKS and its machines take on, and the subnets that it accepts.

Trust and policies as in the EKS user guide: "Amazon EKS cluster IAM role", "Amazon EKS node IAM
role", "Amazon EKS Pod execution IAM role"; zones as in "View Amazon EKS networking requirements for
VPC and subnets".
"""

from __future__ import annotations

from ...errors import AwsFailed
from ..targeting import client, current
from ..trusting import trusted

__all__ = ["service_role", "subnets"]

# What takes the role on, and what AWS's own policies allow it.
ROLES = {
    "cluster": ("eks.amazonaws.com", ("AmazonEKSClusterPolicy",)),
    "node": (
        "ec2.amazonaws.com",
        ("AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryPullOnly"),
    ),
    "pods": ("eks-fargate-pods.amazonaws.com", ("AmazonEKSFargatePodExecutionRolePolicy",)),
}
ZONES = 3
NOT_THERE = ("use1-az3", "usw1-az2", "cac1-az3")  # zone IDs in which EKS has no control planes


def service_role(name: str, what: str) -> str:
    """Make a role with AWS's own policies, and return its ARN.

    Parameters
    ----------
    what: ``"cluster"`` for EKS itself, ``"node"`` for the machines of a node group, ``"pods"`` for
        what starts pods on Fargate.

    Raises
    ------
    AwsRefused: no target was chosen.
    AwsFailed: there is no such kind of role.
    """
    if what not in ROLES:
        raise AwsFailed("eks.no_such_role", what=what, known=", ".join(ROLES))
    service, policies = ROLES[what]
    arn = trusted(name, {"Service": service})
    iam, partition = client("iam"), current().partition
    for policy in policies:
        iam.attach_role_policy(RoleName=name, PolicyArn=f"arn:{partition}:iam::aws:policy/{policy}")
    return arn


def subnets() -> list[str]:
    """Return subnets of the default VPC in as many zones as EKS shall use, three if there are.

    Raises
    ------
    AwsRefused: no target was chosen.
    AwsFailed: the region has no default VPC.
    """
    rows = client("ec2").describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])
    # the local AWS numbers the zones of every region from 1, whatever they are called in AWS
    absent = NOT_THERE if current().real else ()
    usable = [row for row in rows["Subnets"] if row.get("AvailabilityZoneId") not in absent]
    if not usable:
        raise AwsFailed("aws.no_vpc", region=current().region)
    found = sorted(usable, key=lambda row: row["AvailabilityZone"])
    return [row["SubnetId"] for row in found[:ZONES]]

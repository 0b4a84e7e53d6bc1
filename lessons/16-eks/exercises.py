"""What the exercises of lesson 16 look for in EKS, in the cluster, and in an etcd."""

from __future__ import annotations

from typing import Any

import botocore.exceptions

from helpers import aws
from helpers.containers.own import look
from helpers.containers.quietly import quietly
from helpers.engine import Engine
from helpers.errors import AwsRefused, CourseError
from helpers.exercises import Right, Wrong, exercise
from helpers.kubernetes import own
from helpers.quorum.model import majority

CLUSTER, SPACE = "lbl-16", "lbl-16"
EDITOR, EDIT = "lbl-16-editor", "AmazonEKSEditPolicy"
REPOSITORY, TAG, PODS = "lbl-16/10-page", "2", 3
FIVE, ZONES, KEY, VALUE = "lbl-16-five", "abcde", "colour", "gold"
ASK = 10.0  # seconds for one question to a member


def _client(service: str) -> Any:
    try:
        return aws.client(service)
    except AwsRefused:
        return None


@exercise("16.1")
def a_second_colleague(engine: Engine) -> Right | Wrong:
    """An access entry with one policy, for one namespace."""
    eks = _client("eks")
    if eks is None:
        return Wrong("lesson16.no_target")
    chosen = aws.current()
    who = f"arn:{chosen.partition}:iam::{chosen.account}:role/{EDITOR}"
    try:
        aws.client("iam").get_role(RoleName=EDITOR)
    except botocore.exceptions.ClientError:
        return Wrong("lesson16.ex1.no_role", name=EDITOR)
    try:
        rows = eks.list_associated_access_policies(clusterName=CLUSTER, principalArn=who)
    except eks.exceptions.ResourceNotFoundException:
        return Wrong("lesson16.ex1.no_entry", name=EDITOR, cluster=CLUSTER)
    found = {row["policyArn"].rpartition("/")[2]: row["accessScope"]
             for row in rows["associatedAccessPolicies"]}  # fmt: skip
    if not found:
        return Wrong("lesson16.ex1.no_policy", name=EDITOR)
    if set(found) != {EDIT}:
        return Wrong("lesson16.ex1.policy", policies=", ".join(sorted(found)))
    if found[EDIT]["type"] != "namespace":
        return Wrong("lesson16.ex1.everywhere")
    if found[EDIT]["namespaces"] != [SPACE]:
        return Wrong("lesson16.ex1.elsewhere", spaces=", ".join(found[EDIT]["namespaces"]))
    return Right("lesson16.ex1.right", name=EDITOR, space=SPACE)


@exercise("16.2")
def version_two(engine: Engine) -> Right | Wrong:
    """The Deployment runs the image that ECR holds under the tag."""
    ecr = _client("ecr")
    if ecr is None:
        return Wrong("lesson16.no_target")
    try:
        ecr.describe_images(repositoryName=REPOSITORY, imageIds=[{"imageTag": TAG}])
    except botocore.exceptions.ClientError:
        return Wrong("lesson16.ex2.not_pushed", repository=REPOSITORY, tag=TAG)
    body = _deployment(engine)
    if body is None:
        return Wrong("lesson16.ex2.no_deployment")
    image = body["spec"]["template"]["spec"]["containers"][0]["image"]
    if not image.endswith(f"/{REPOSITORY}:{TAG}"):
        return Wrong("lesson16.ex2.image", image=image.partition("/")[2])
    state = body["status"]
    if (state.get("updatedReplicas"), state.get("readyReplicas")) != (PODS, PODS):
        return Wrong("lesson16.ex2.pods", updated=state.get("updatedReplicas", 0),
                     ready=state.get("readyReplicas", 0), wanted=PODS)  # fmt: skip
    return Right("lesson16.ex2.right", image=image.partition("/")[2], count=PODS)


def _deployment(engine: Engine) -> dict | None:
    """The Deployment as the cluster has it, None if there is no cluster or no Deployment."""
    path = f"/apis/apps/v1/namespaces/{SPACE}/deployments/web"
    try:
        if aws.current().real:
            return aws.eks.connect(CLUSTER).api.get(path)
        running = own.running(engine)
        return running.ask(path) if running else None
    except CourseError:
        return None


@exercise("16.3")
def how_many_may_go(engine: Engine) -> Right | Wrong:
    """Five members, as few of them running as agree, and the value among these."""
    rows = {zone: look(engine, f"{FIVE}-{zone}") for zone in ZONES}
    there = [zone for zone, row in rows.items() if row]
    if len(there) < len(ZONES):
        return Wrong("lesson16.ex3.missing", name=FIVE, there=len(there), wanted=len(ZONES))
    living = [zone for zone, row in rows.items() if row and row["State"]["Running"]]
    least = majority(len(ZONES))
    if len(living) < least:
        return Wrong("lesson16.ex3.too_few", living=len(living))
    if len(living) > least:
        return Wrong("lesson16.ex3.more", living=len(living))
    command = ["etcdctl", "--command-timeout=4s", "get", "--print-value-only", KEY]
    code, said = quietly(engine, f"{FIVE}-{living[0]}", command, ASK)
    if code or said.strip() != VALUE:
        return Wrong("lesson16.ex3.value", key=KEY, value=VALUE)
    return Right("lesson16.ex3.right", living=least, lost=len(ZONES) - least)

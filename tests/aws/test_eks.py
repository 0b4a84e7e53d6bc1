"""EKS without a control plane: what is written down, what is refused, who may bring one."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import botocore.exceptions
import pytest

from helpers import aws
from helpers.aws import Target
from helpers.aws.eks.control_plane import PATH
from helpers.errors import AwsFailed

pytestmark = pytest.mark.daemon
NAME = "lbl-13-test"


@pytest.fixture
def made(cloud: Target) -> str:
    role = aws.eks.service_role("lbl-13-cluster", "cluster")
    where = {"subnetIds": aws.eks.subnets()}
    aws.client("eks").create_cluster(name=NAME, roleArn=role, resourcesVpcConfig=where)
    return role


def _refused(call: object, **given: object) -> str:
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(**given)  # type: ignore[operator]
    return caught.value.response["Error"]["Message"]


def test_a_cluster_is_what_eks_would_make(made: str) -> None:
    eks = aws.client("eks")
    found = eks.describe_cluster(name=NAME)["cluster"]
    assert found["status"] == "CREATING"
    assert "endpoint" not in found
    assert len(aws.eks.subnets()) == 3
    where = {"subnetIds": aws.eks.subnets()}
    other = {"name": "lbl-13-other", "roleArn": made, "resourcesVpcConfig": where}
    assert "unsupported" in _refused(eks.create_cluster, **other, version="1.33")
    one = {**other, "resourcesVpcConfig": {"subnetIds": where["subnetIds"][:1]}}
    assert "two different AZs" in _refused(eks.create_cluster, **one)
    assert "from 1.20 to 1.22" in _refused(eks.update_cluster_version, name=NAME, version="1.22")
    assert "no other" in _refused(eks.update_cluster_version, name=NAME, version="1.21")
    with pytest.raises(AwsFailed, match="cluster, node, pods"):
        aws.eks.service_role("lbl-13-other", "queen")


def test_machines_are_written_down_and_hold_the_cluster(made: str) -> None:
    eks, node = aws.client("eks"), aws.eks.service_role("lbl-13-node", "node")
    group = {"clusterName": NAME, "nodegroupName": "lbl-13-small"}
    rest = {"nodeRole": node, "subnets": aws.eks.subnets()}
    sizes = {"minSize": 1, "desiredSize": 5, "maxSize": 4}
    assert "max size 4" in _refused(eks.create_nodegroup, **group, **rest, scalingConfig=sizes)
    eks.create_nodegroup(**group, **rest, scalingConfig={**sizes, "desiredSize": 2})
    assert aws.eks.ready(NAME, "lbl-13-small")["scalingConfig"]["desiredSize"] == 2
    eks.update_nodegroup_config(**group, scalingConfig={"desiredSize": 4})
    assert eks.describe_nodegroup(**group)["nodegroup"]["scalingConfig"]["desiredSize"] == 4

    profile = {"clusterName": NAME, "fargateProfileName": "lbl-13-batch"}
    pods = aws.eks.service_role("lbl-13-pods", "pods")
    assert "selectors" in _refused(eks.create_fargate_profile, **profile, podExecutionRoleArn=pods)
    eks.create_fargate_profile(**profile, podExecutionRoleArn=pods, selectors=[{"namespace": "x"}])
    assert eks.list_fargate_profiles(clusterName=NAME)["fargateProfileNames"] == ["lbl-13-batch"]

    assert "attached" in _refused(eks.delete_cluster, name=NAME)
    assert aws.inventory("13").things
    assert not aws.clean_up("13").things
    assert eks.list_clusters()["clusters"] == []


def test_nobody_but_the_course_brings_a_control_plane(made: str, cloud: Target) -> None:
    assert cloud.local
    for told in (
        {"do": "attach", "name": NAME, "secret": "", "endpoint": "https://x", "version": "1.20"},
        {"do": "attach", "name": NAME, "secret": "guess", "endpoint": "https://x"},
        {"do": "review", "secret": "", "review": {"spec": {"token": "k8s-aws-v1.x"}}},
        {"do": "review", "secret": "guess", "review": {"spec": {"token": "k8s-aws-v1.x"}}},
    ):
        body = json.dumps(told).encode()
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(f"{cloud.local.url}{PATH}", body, timeout=10)
    assert aws.client("eks").describe_cluster(name=NAME)["cluster"]["status"] == "CREATING"

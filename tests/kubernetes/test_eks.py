"""EKS with a control plane: the cluster knows users of AWS, and forgets those that it should."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from helpers import aws, bases, kubernetes
from helpers.engine import Engine, cleanup
from helpers.engine.patience import until
from helpers.errors import KubernetesFailed
from helpers.kubernetes import own, spaces
from helpers.kubernetes.cluster import Cluster
from helpers.paths import home

pytestmark = pytest.mark.daemon
NAME = "lbl-16"
POLICY = "arn:aws:eks::aws:cluster-access-policy/AmazonEKS{}Policy"
SOON = 20  # seconds; the API server remembers a token for ten


@dataclass
class Made:
    cluster: Cluster
    role: str


@pytest.fixture(scope="module")
def made(engine: Engine, programs: Path) -> Iterator[Made]:
    bases.busybox(engine)
    aws.target(empty=True, lesson="16", engine=engine)
    kubernetes.connect(engine=engine)  # lesson 10 is in the same cluster
    role = aws.eks.service_role("lbl-16-cluster", "cluster")
    where = {"subnetIds": aws.eks.subnets()}
    aws.client("eks").create_cluster(name=NAME, roleArn=role, resourcesVpcConfig=where)
    assert aws.eks.ready(NAME)["status"] == "ACTIVE"
    yield Made(aws.eks.connect(NAME), aws.eks.role("lbl-16-test"))
    cleanup.clean(engine)


def _may(cluster: Cluster, space: str = NAME) -> bool:
    try:
        cluster.api.get(f"/api/v1/namespaces/{space}/pods")
    except KubernetesFailed:
        return False
    return True


def test_an_access_entry_counts_at_once_and_for_as_long_as_it_is_there(made: Made) -> None:
    eks, entry = aws.client("eks"), {"clusterName": NAME, "principalArn": made.role}
    guest = aws.eks.connect(NAME, role=made.role)
    assert not _may(guest)
    eks.create_access_entry(**entry)
    here = {"type": "namespace", "namespaces": [NAME]}
    eks.associate_access_policy(**entry, policyArn=POLICY.format("View"), accessScope=here)
    assert _may(guest)
    assert not _may(guest, "default")
    # the same policy for another namespace takes the first one's place
    there = {"type": "namespace", "namespaces": ["default"]}
    eks.associate_access_policy(**entry, policyArn=POLICY.format("View"), accessScope=there)
    until(lambda: _may(guest, "default") and not _may(guest), SOON, "kubernetes.api_ready")
    eks.delete_access_entry(**entry)
    until(lambda: not _may(guest, "default"), SOON, "kubernetes.api_ready")


def test_a_token_of_somebody_else_is_refused(made: Made) -> None:
    for token in ("k8s-aws-v1.aHR0cHM6Ly9zdHMudXMtZWFzdC0xLmFtYXpvbmF3cy5jb20v", "nothing"):
        assert not _may_with(made.cluster, token)


def _may_with(cluster: Cluster, token: str) -> bool:
    try:
        cluster.api.with_token(token).get("/api/v1/namespaces/lbl-16/pods")
    except KubernetesFailed:
        return False
    return True


def test_no_key_of_aws_is_written_down(made: Made) -> None:
    keys = aws.current().session.get_credentials().get_frozen_credentials()
    files = [file for file in (home() / "eks").rglob("*") if file.is_file()]
    assert files
    for file in files:
        assert keys.secret_key not in file.read_text()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_clean_up_of_lesson_10_leaves_the_users_of_aws(made: Made, engine: Engine) -> None:
    cleanup.clean(engine, lesson="10")
    assert spaces.exists(made.cluster.api, "lbl-10") is None
    assert _may(aws.eks.connect(NAME))
    kubernetes.connect(engine=engine)


def test_clean_up_of_one_lesson_leaves_the_other_ones_part(made: Made, engine: Engine) -> None:
    cleanup.clean(engine, lesson="16")
    found = kubernetes.find(engine)
    assert found is not None and found.namespace == "lbl-10"
    assert spaces.exists(found.api, NAME) is None
    running = own.running(engine)
    assert running and not running.node.iam.exists()

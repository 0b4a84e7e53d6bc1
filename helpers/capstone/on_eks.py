"""The page on Amazon EKS: Kubernetes whose control plane AWS runs, and images from ECR."""

from __future__ import annotations

import contextlib
import io
import secrets

from .. import aws
from ..kubernetes.cluster import Cluster
from .on_kubernetes import SECRET, OnKubernetes
from .place import Folder

__all__ = ["OnEks"]

CLUSTER = "lbl-17"  # and the namespace in it
REPOSITORY = "lbl-17/17-page"  # as `aws.eks.publish` names it


class OnEks(OnKubernetes):
    """Pods of a Deployment, in a cluster that is made for them."""

    platform = "eks"
    _found: Cluster | None = None

    def begin(self) -> None:
        """Make a cluster and a repository, as lesson 16 does, and put a key into its namespace."""
        eks = aws.client("eks")
        if CLUSTER in eks.list_clusters()["clusters"]:
            with contextlib.redirect_stdout(io.StringIO()):
                aws.clean_up("17")
        role = aws.eks.service_role(f"{CLUSTER}-cluster", "cluster")
        print(f"$ aws eks create-cluster --name {CLUSTER} …")
        eks.create_cluster(
            name=CLUSTER, roleArn=role, resourcesVpcConfig={"subnetIds": aws.eks.subnets()}
        )
        aws.eks.ready(CLUSTER)
        self._found = aws.eks.connect(CLUSTER, namespace=CLUSTER)
        self._found.secret(SECRET, key=secrets.token_urlsafe(16))
        print(f"$ aws ecr create-repository --repository-name {REPOSITORY}")
        made = aws.client("ecr").create_repository(repositoryName=REPOSITORY)["repository"]
        aws.login(self.engine)
        self._remember(kept={"uri": made["repositoryUri"]})

    @property
    def cluster(self) -> Cluster:
        if self._found is None:
            with contextlib.redirect_stdout(io.StringIO()):
                self._found = aws.eks.connect(CLUSTER, namespace=CLUSTER)
        return self._found

    def _push(self, image: str, tag: str) -> str:
        aws.push(image, self.record.kept["uri"], tag, engine=self.engine)
        return f"{self.record.kept['uri']}:{tag}"

    def _deploy(self, description: Folder) -> None:
        aws.eks.publish(description)
        self.cluster.apply(description)

    def _remove(self) -> None:
        aws.clean_up("17")

"""Clusters of EKS and their machines: how they are found and removed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import botocore.exceptions

from ...engine.patience import until
from ..finding import Thing, marks, pages, thing
from ..targeting import client

__all__ = ["FIND", "REMOVE"]

GONE = 1800.0  # seconds until machines and a cluster have gone; a quarter of an hour is usual


def _clusters() -> Iterator[Thing]:
    eks = client("eks")
    for name in pages("eks", "list_clusters", "clusters"):
        row = eks.describe_cluster(name=name)["cluster"]
        yield from thing("eks cluster", name, marks(row.get("tags")))


def _node_groups() -> Iterator[Thing]:
    for cluster in _clusters():
        for name in pages("eks", "list_nodegroups", "nodegroups", clusterName=cluster.name):
            yield Thing("eks node group", f"{cluster.name}/{name}", cluster.lesson, name)


def _profiles() -> Iterator[Thing]:
    for cluster in _clusters():
        given = {"clusterName": cluster.name}
        for name in pages("eks", "list_fargate_profiles", "fargateProfileNames", **given):
            yield Thing("eks fargate profile", f"{cluster.name}/{name}", cluster.lesson, name)


def _remove_profile(found: Thing) -> None:
    cluster, name = found.name.split("/")
    # one profile of a cluster is deleted at a time
    _let_go(
        lambda: client("eks").delete_fargate_profile(clusterName=cluster, fargateProfileName=name)
    )


def _remove_node_group(found: Thing) -> None:
    cluster, name = found.name.split("/")
    client("eks").delete_nodegroup(clusterName=cluster, nodegroupName=name)


def _remove_cluster(found: Thing) -> None:
    _let_go(lambda: client("eks").delete_cluster(name=found.name))


def _let_go(remove: Callable[[], object]) -> None:
    """Remove something as soon as what is in it, or goes beside it, has gone."""

    def removed() -> bool:
        try:
            remove()
        except botocore.exceptions.ClientError as error:
            code = error.response["Error"]["Code"]
            if code == "ResourceInUseException":
                return False
            if code != "ResourceNotFoundException":  # it went by itself
                raise
        return True

    until(removed, GONE, "aws.inventory.waiting")


# Machines before the cluster that they are in.
FIND: dict[str, Callable[[], Iterator[Thing]]] = {
    "eks fargate profile": _profiles,
    "eks node group": _node_groups,
    "eks cluster": _clusters,
}
REMOVE: dict[str, Callable[[Thing], None]] = {
    "eks fargate profile": _remove_profile,
    "eks node group": _remove_node_group,
    "eks cluster": _remove_cluster,
}

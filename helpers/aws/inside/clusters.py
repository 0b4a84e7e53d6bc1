"""EKS: a cluster gets its control plane from the course, and Kubernetes asks who its users are.

MiniStack starts a container of k3s, which would have to be pulled, and calls a cluster active that
has none. Here a cluster stays CREATING until the course has brought a control plane, as AWS does
within some ten minutes: a Kubernetes of the learner's own machine. That one asks here whose a token
is (`helpers.kubernetes.own.iam`), and MiniStack's own authenticator answers: it checks the
signature and looks for an access entry.
"""

from __future__ import annotations

import json
import os
import secrets
import threading
from typing import Any

from ministack.core.responses import get_region, request_scope
from ministack.services import ec2, eks

__all__ = ["PATH", "answer", "install"]

PATH = "/_course/eks"
VERSION = "1.20"  # the only one there is: what the course builds from Debian's source
ZONES = 2  # "at least two different Availability Zones" (EKS user guide, VPC requirements)


def install() -> None:
    """Put this into MiniStack's EKS."""
    eks._get_docker = _no_docker
    eks._schedule_access_policy_reconcile = lambda *_, **__: None
    eks._create_cluster = _checked(eks._create_cluster)
    eks._delete_cluster = _empty_first(eks._delete_cluster)


def answer(body: bytes) -> tuple[int, dict]:
    """Answer the course or the control plane; returns the HTTP status and what to say."""
    try:
        data = json.loads(body)
    except ValueError:
        return 400, {"message": "no JSON"}
    given = str(data.get("secret") or "")
    if data.get("do") == "attach":
        if not secrets.compare_digest(given, os.environ["AWS_SECRET_ACCESS_KEY"]):
            return 403, {"message": "only the course brings a control plane"}
        return _attach(data)
    for (account, region, name), cluster in eks._clusters.all_items():
        if given and secrets.compare_digest(given, cluster.get("_auth_token") or ""):
            with request_scope(account, region):
                return _review(name, account, region, given, data)
    return 403, {"message": "no cluster has that control plane"}


def _no_docker() -> None:
    """Start and stop no container: EKS's own thread that would start one ends here."""
    if threading.current_thread().name.startswith("eks-"):
        raise SystemExit


def _checked(original: Any) -> Any:
    def create(body: dict, creator_arn: str | None = None) -> Any:
        version = body.get("version") or VERSION
        if version != VERSION:
            return eks._error(400, "InvalidParameterException",
                              f"unsupported Kubernetes version {version}")  # fmt: skip
        found = [ec2._subnets.get(one) for one in
                 (body.get("resourcesVpcConfig") or {}).get("subnetIds") or []]  # fmt: skip
        if None in found:
            return eks._error(400, "InvalidParameterException", "The subnet ID does not exist")
        if len({one["AvailabilityZone"] for one in found}) < ZONES:
            return eks._error(
                400, "InvalidParameterException",
                "Subnets specified must be in at least two different AZs",
            )  # fmt: skip
        status, headers, content = original({**body, "version": version}, creator_arn)
        if status == 200:
            eks._clusters[body["name"]].pop("endpoint", None)  # it has none before it is active
            made = json.loads(content)
            made["cluster"].pop("endpoint", None)
            content = json.dumps(made).encode()
        return status, headers, content

    return create


def _empty_first(original: Any) -> Any:
    """A cluster with machines is not deleted (DeleteCluster, API reference)."""

    def delete(name: str) -> Any:
        from . import profiles

        for kind, keys in (("nodegroups", eks._nodegroups), ("Fargate profiles", profiles.FOUND)):
            if any(str(key).startswith(f"{name}/") for key in keys):
                return eks._error(409, "ResourceInUseException", f"Cluster has {kind} attached")
        return original(name)

    return delete


def _attach(data: dict) -> tuple[int, dict]:
    """Give a cluster the control plane that was brought; both learn a secret of their own."""
    for (account, region, name), cluster in eks._clusters.all_items():
        if name == data.get("name") and region == data.get("region", get_region()):
            cluster.update(endpoint=data["endpoint"], version=data["version"], status="ACTIVE")
            cluster["certificateAuthority"]["data"] = data["authority"]
            return 200, {"secret": cluster["_auth_token"], "account": account, "region": region}
    return 404, {"message": f"No cluster found for name: {data.get('name')}."}


def _review(name: str, account: str, region: str, secret: str, data: dict) -> tuple[int, dict]:
    """Say whose a token is, and which roles and bindings the access policies amount to."""
    asked = data.get("review") or {}
    _, _, content = eks._authenticate_token_review(name, account, region, asked, secret)
    objects = eks._access_policy_rbac_objects(name, account, region, data.get("namespaces") or [])
    return 200, {"status": json.loads(content)["status"], "objects": objects}

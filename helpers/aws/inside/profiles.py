"""EKS: Fargate profiles, the size of node groups, and versions. All of it only written down.

Field names and rules as in the EKS API reference (CreateFargateProfile, UpdateNodegroupConfig,
UpdateClusterVersion).
"""

from __future__ import annotations

import re
import time
import uuid
from typing import Any

from ministack.core.responses import AccountRegionScopedDict, get_account_id, get_region
from ministack.services import eks

from .clusters import VERSION

__all__ = ["FOUND", "install"]

FOUND = AccountRegionScopedDict()  # "cluster/profile" → record
MOST = 5  # selectors of a profile
_PROFILES = re.compile(r"/clusters/([A-Za-z0-9_-]+)/fargate-profiles(?:/([A-Za-z0-9_-]+))?")
_UPDATE = re.compile(r"/clusters/([A-Za-z0-9_-]+)/updates")
_GROUP = re.compile(r"/clusters/([A-Za-z0-9_-]+)/node-groups/([A-Za-z0-9_-]+)/update-config")


def install() -> None:
    """Put this into MiniStack's EKS."""
    eks._handle_request_sync = _routed(eks._handle_request_sync)
    eks._create_nodegroup = _sized(eks._create_nodegroup)
    reset = eks.reset

    def whole() -> None:
        reset()
        FOUND.clear()

    eks.reset = whole


def _routed(original: Any) -> Any:
    def handle(method: str, path: str, headers: dict, body: bytes, query: dict) -> Any:
        data = eks.json.loads(body) if body else {}
        if match := _PROFILES.fullmatch(path):
            return _profiles(method, match[1], match[2], data)
        if (match := _UPDATE.fullmatch(path)) and method == "POST":
            return _version(match[1], data.get("version", ""))
        if (match := _GROUP.fullmatch(path)) and method == "POST":
            return _resize(match[1], match[2], data)
        return original(method, path, headers, body, query)

    return handle


def _profiles(method: str, cluster: str, name: str | None, data: dict) -> Any:
    if cluster not in eks._clusters:
        return eks._error(
            404, "ResourceNotFoundException", f"No cluster found for name: {cluster}."
        )
    if name is None and method == "GET":
        names = [key.partition("/")[2] for key in FOUND if key.startswith(f"{cluster}/")]
        return eks._json_resp(200, {"fargateProfileNames": names})
    if name is None:
        return _create(cluster, data)
    found = FOUND.get(f"{cluster}/{name}")
    if found is None:
        return eks._error(404, "ResourceNotFoundException",
                          f"No Fargate Profile found with name: {name}.")  # fmt: skip
    if method == "DELETE":
        FOUND.pop(f"{cluster}/{name}")
        found = {**found, "status": "DELETING"}
    return eks._json_resp(200, {"fargateProfile": found})


def _create(cluster: str, data: dict) -> Any:
    name, selectors = data.get("fargateProfileName", ""), data.get("selectors") or []
    key = f"{cluster}/{name}"
    if key in FOUND:
        return eks._error(409, "ResourceInUseException", f"Fargate profile {name} already exists.")
    if not 1 <= len(selectors) <= MOST or not all(one.get("namespace") for one in selectors):
        return eks._error(400, "InvalidParameterException",
                          f"A profile has 1 to {MOST} selectors, each a namespace")  # fmt: skip
    here = f"arn:aws:eks:{get_region()}:{get_account_id()}"
    FOUND[key] = {
        "fargateProfileName": name,
        "fargateProfileArn": f"{here}:fargateprofile/{cluster}/{name}/{uuid.uuid4()}",
        "clusterName": cluster,
        "createdAt": time.time(),
        "podExecutionRoleArn": data["podExecutionRoleArn"],
        "subnets": data.get("subnets") or eks._clusters[cluster]["resourcesVpcConfig"]["subnetIds"],
        "selectors": selectors,
        "status": "ACTIVE",
        "tags": data.get("tags") or {},
    }
    return eks._json_resp(200, {"fargateProfile": FOUND[key]})


def _minor(version: str) -> int:
    return int(version.partition(".")[2]) if re.fullmatch(r"1\.\d+", version) else 0


def _version(cluster: str, wanted: str) -> Any:
    found = eks._clusters.get(cluster)
    if found is None:
        return eks._error(
            404, "ResourceNotFoundException", f"No cluster found for name: {cluster}."
        )
    if _minor(wanted) != _minor(found["version"]) + 1:
        return eks._error(400, "InvalidParameterException",
                          "Unsupported Kubernetes minor version update from "
                          f"{found['version']} to {wanted}")  # fmt: skip
    return eks._error(400, "InvalidParameterException",
                      f"unsupported Kubernetes version {wanted}: the course's local EKS has "
                      f"{VERSION} and no other")  # fmt: skip


def _wrong(sizes: dict) -> str | None:
    low, wanted, high = (sizes.get(f"{one}Size") for one in ("min", "desired", "max"))
    if low is not None and wanted is not None and wanted < low:
        return f"Minimum capacity {low} can't be greater than desired size {wanted}"
    if high is not None and wanted is not None and wanted > high:
        return f"desired capacity {wanted} can't be greater than max size {high}"
    return None


def _sized(original: Any) -> Any:
    def create(cluster: str, data: dict) -> Any:
        if reason := _wrong(data.get("scalingConfig") or {}):
            return eks._error(400, "InvalidParameterException", reason)
        return original(cluster, data)

    return create


def _resize(cluster: str, name: str, data: dict) -> Any:
    found = eks._nodegroups.get(f"{cluster}/{name}")
    if found is None:
        return eks._error(404, "ResourceNotFoundException",
                          f"No node group found for name: {name}.")  # fmt: skip
    sizes = {**found["scalingConfig"], **(data.get("scalingConfig") or {})}
    if reason := _wrong(sizes):
        return eks._error(400, "InvalidParameterException", reason)
    found["scalingConfig"] = sizes
    update = {"id": str(uuid.uuid4()), "status": "Successful", "type": "ConfigUpdate",
              "createdAt": time.time(), "errors": [], "params": []}  # fmt: skip
    return eks._json_resp(200, {"update": update})

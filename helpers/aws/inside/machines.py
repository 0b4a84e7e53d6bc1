"""EC2 instances: containers that run their user data and find their role's credentials.

An instance of EC2 asks 169.254.169.254 who it is and which credentials it has. The course gives
this server that address in a network of its own (`helpers.aws.local.server`), in which the
instances are, too; who asks is known by the address that it asks from. Only the second version of
that service is served (a token first, then the question), as is the default of new images in EC2.

Replaces ``_vm_launch``; wraps `imds.handle_request`; adds ``GetConsoleOutput``.
Source: "Instance metadata and user data" in the Amazon EC2 user guide.
"""

from __future__ import annotations

import base64
import time
from contextvars import ContextVar
from typing import Any

from docker import errors
from ministack.core import container_reaper
from ministack.core.responses import get_account_id, get_region
from ministack.services import ec2, iam, imds

from . import credentials
from .settings import LINK, NETWORK, PORT, engine

__all__ = ["asking", "install"]

SERVICE = "ec2.amazonaws.com"
ROLES = "/latest/meta-data/iam/security-credentials"
# What starts an instance: its user data once, and then it stays.
BOOT = 'test -z "$USER_DATA" || { echo "$USER_DATA" | base64 -d > /boot.sh; chmod +x /boot.sh; \
/boot.sh 2>&1; }; exec sleep infinity'
asking: ContextVar[str] = ContextVar("asking", default="")  # the address a request comes from
_addresses: dict[str, tuple[str, str, str]] = {}  # address → account, region, instance


def install() -> None:
    """Put real instances into MiniStack's EC2, and their roles into its metadata service."""
    ec2._vm_launch = _launch
    ec2._ACTION_MAP["GetConsoleOutput"] = _console
    imds.handle_request = _answering(imds.handle_request)


def _launch(instance: dict, reference: str) -> Any:
    """Start the container of an instance; raise what the daemon says if it cannot."""
    name = ec2._ec2_container_name(instance["InstanceId"])
    marks = {**container_reaper.own_labels("ec2"), "instance_id": instance["InstanceId"],
             "account_id": get_account_id(), "region": get_region()}  # fmt: skip
    environment = {
        "AWS_ENDPOINT_URL": f"http://lbl-aws:{PORT}",
        "AWS_DEFAULT_REGION": get_region(),
        "USER_DATA": instance.get("UserData") or "",
    }
    made = engine().containers.create(
        f"lbl/{reference}", ["-c", BOOT], entrypoint="/bin/sh", name=name, labels=marks,
        environment=environment, init=True, network=NETWORK,
    )  # fmt: skip
    try:
        if LINK:
            engine().api.connect_container_to_network(made.id, LINK)
        made.start()
        made.reload()
    except errors.APIError:
        made.remove(force=True, v=True)
        raise
    networks = made.attrs["NetworkSettings"]["Networks"]
    if LINK:
        own = get_account_id(), get_region(), instance["InstanceId"]
        _addresses[networks[LINK]["IPAddress"]] = own
    instance.update(_container_id=made.id, _container_name=name, VmManager="docker",
                    PrivateIpAddress=networks[NETWORK]["IPAddress"])  # fmt: skip
    ec2._docker_in_use = True
    return made


def _console(given: dict) -> Any:
    """Answer GetConsoleOutput: what the container wrote."""
    number = ec2._p(given, "InstanceId")
    instance = ec2._instances.get(number)
    if instance is None:
        return ec2._error("InvalidInstanceID.NotFound",
                          f"The instance ID '{number}' does not exist", 400)  # fmt: skip
    container = ec2._vm_get_container(instance)
    written = base64.b64encode(container.logs() if container else b"").decode()
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
    return ec2._xml(200, "GetConsoleOutputResponse",
                    f"<instanceId>{number}</instanceId><timestamp>{stamp}</timestamp>"
                    f"<output>{written}</output>")  # fmt: skip


def _answering(original: Any) -> Any:
    async def handle(method: str, path: str, headers: dict, body: bytes, query: dict) -> Any:
        if not path.startswith("/latest/") or path.startswith("/latest/api/"):
            return await original(method, path, headers, body, query)
        found = _addresses.get(asking.get())
        if found is None:
            return imds._not_found()  # an instance asks about itself; nobody else has anything here
        if not headers.get("x-aws-ec2-metadata-token") or not imds._check_token(headers):
            return imds._unauthorized()
        return _told(found, path.rstrip("/"))

    return handle


def _told(found: tuple[str, str, str], path: str) -> Any:
    account, region, number = found
    instance = ec2._instances.get_scoped(account, region, number)
    if instance is None or instance["State"]["Name"] != "running":
        return imds._not_found()  # another container may have its address by now
    if path == "/latest/meta-data/instance-id":
        return imds._text(number)
    if path == "/latest/meta-data/placement/availability-zone":
        return imds._text(instance["Placement"]["AvailabilityZone"])
    if path == "/latest/meta-data/placement/region":
        return imds._text(region)
    role = _role(instance)
    if role is None or not path.startswith(ROLES):
        return imds._not_found()
    name = role["RoleName"]
    if path == ROLES:
        return imds._text(name)
    if path != f"{ROLES}/{name}" or not credentials.assumable(role["Arn"], SERVICE):
        return imds._not_found()
    issued = credentials.issue(role["Arn"], number, account)
    issued.pop("RoleArn")
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return imds._json_resp({"Code": "Success", "LastUpdated": now, "Type": "AWS-HMAC", **issued})


def _role(instance: dict) -> dict | None:
    """The role in an instance's profile."""
    arn = (instance.get("IamInstanceProfile") or {}).get("Arn", "")
    profile = iam._lookup_instance_profile(arn=arn)
    return iam._roles.get(profile["Roles"][0]) if profile and profile["Roles"] else None

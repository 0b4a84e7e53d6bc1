"""Hybrid activations of Systems Manager: what a machine outside of AWS shows to be let in.

MiniStack has none. An activation is good for as many machines as it says, and for a day unless it
says otherwise; each machine that was let in is a *managed instance* (``mi-…``) until it is
deregistered. The rules are those of CreateActivation in the Systems Manager API reference.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from ministack.core.responses import (
    error_response_json,
    get_account_id,
    get_region,
    json_response,
)
from ministack.services import ssm

from . import instances
from .credentials import assumable
from .extra import add_operations

__all__ = ["MANAGED", "Activation", "NotAdmitted", "admit", "install"]

LASTS = 24 * 3600  # seconds: "the activation code expires in 24 hours"
MOST = 30 * 24 * 3600  # seconds: "a date up to 30 days in advance"
SERVICE = "ssm.amazonaws.com"


@dataclass
class Activation:
    """What a machine shows to be let in, and how often it may."""

    number: str
    code: str
    role: str
    limit: int
    expires: float
    account: str
    region: str
    name: str = ""
    used: int = 0
    tags: list[dict] = field(default_factory=list)


class NotAdmitted(Exception):
    """A machine showed no activation that is good."""


_activations: dict[str, Activation] = {}
MANAGED: dict[str, Activation] = {}  # mi-… → by which activation it was let in


def install() -> None:
    """Put this into MiniStack's SSM."""
    tags = ssm._list_tags_for_resource
    add_operations(ssm, {
        "CreateActivation": _create,
        "DescribeActivations": _describe,
        "DeleteActivation": _delete,
        "DescribeInstanceInformation": _information,
        "DeregisterManagedInstance": _deregister,
        "ListTagsForResource": lambda data: _tags_of(data) or tags(data),
    })  # fmt: skip
    reset = ssm.reset

    def whole() -> None:
        reset()
        _activations.clear()
        MANAGED.clear()

    ssm.reset = whole


def admit(number: str, code: str) -> tuple[str, Activation]:
    """Let one more machine in; return the number that it has from now on, and its activation.

    Raises
    ------
    NotAdmitted: there is no such activation, or it has expired or was used up.
    """
    found = _activations.get(number)
    if found is None or not secrets.compare_digest(found.code, code):
        raise NotAdmitted("InvalidActivation: the activation ID or code is not valid")
    if time.time() > found.expires:
        raise NotAdmitted("InvalidActivation: the activation has expired")
    if found.used >= found.limit:
        raise NotAdmitted("InvalidActivation: the activation was used as often as it may be")
    found.used += 1
    made = f"mi-{secrets.token_hex(9)[:17]}"
    MANAGED[made] = found
    return made, found


def _create(data: dict) -> Any:
    role = data.get("IamRole") or ""
    if not assumable(role, SERVICE):
        said = "Nonexistent role or missing ssm service principal in trust policy"
        return _invalid(f"{said}: {role}")
    limit = data.get("RegistrationLimit", 1)
    if not 1 <= limit <= 1000:
        return _invalid("RegistrationLimit must be 1 to 1000")
    until = float(data.get("ExpirationDate") or time.time() + LASTS)
    if not time.time() < until <= time.time() + MOST:
        return _invalid("ExpirationDate must be in the future, and at most 30 days ahead")
    parts = [secrets.token_hex(size) for size in (4, 2, 2, 2, 6)]
    made = Activation(
        number="-".join(parts), code=secrets.token_urlsafe(15)[:20], role=role, limit=limit,
        expires=until, account=get_account_id(), region=get_region(),
        name=data.get("DefaultInstanceName", ""), tags=data.get("Tags") or [],
    )  # fmt: skip
    _activations[made.number] = made
    return json_response({"ActivationId": made.number, "ActivationCode": made.code})


def _here(one: Activation) -> bool:
    return (one.account, one.region) == (get_account_id(), get_region())


def _describe(_data: dict) -> Any:
    rows = [{"ActivationId": one.number, "IamRole": one.role, "RegistrationLimit": one.limit,
             "RegistrationsCount": one.used, "ExpirationDate": one.expires,
             "Expired": time.time() > one.expires, "DefaultInstanceName": one.name,
             "Tags": one.tags}
            for one in _activations.values() if _here(one)]  # fmt: skip
    return json_response({"ActivationList": rows})


def _delete(data: dict) -> Any:
    found = _activations.get(data.get("ActivationId") or "")
    if found is None or not _here(found):
        return error_response_json("InvalidActivationId", "The activation ID isn't valid.", 400)
    del _activations[found.number]
    return json_response({})


def _information(_data: dict) -> Any:
    online = {one.number for one in instances.INSTANCES.values() if one.connected}
    rows = [{"InstanceId": number, "PingStatus": "Online" if number in online else "ConnectionLost",
             "ResourceType": "ManagedInstance", "PlatformType": "Linux", "Name": one.name,
             "ActivationId": one.number, "IamRole": one.role}
            for number, one in MANAGED.items() if _here(one)]  # fmt: skip
    return json_response({"InstanceInformationList": rows})


def _deregister(data: dict) -> Any:
    number = data.get("InstanceId") or ""
    if number not in MANAGED or not _here(MANAGED[number]):
        return error_response_json("InvalidInstanceId", "The instance ID isn't valid.", 400)
    del MANAGED[number]
    return json_response({})


def _tags_of(data: dict) -> Any:
    """A machine has the tags of its activation."""
    if data.get("ResourceType") != "ManagedInstance":
        return None
    found = MANAGED.get(data.get("ResourceId") or "")
    if found is None or not _here(found):
        return error_response_json("InvalidResourceId", "The resource ID isn't valid.", 400)
    return json_response({"TagList": found.tags})


def _invalid(reason: str) -> Any:
    return error_response_json("ValidationException", reason, 400)

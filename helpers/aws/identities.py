"""Who may do what: roles for instances, keys of users, and the outcome of a call."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping
from typing import Any

import botocore.exceptions

from ..engine.patience import until
from .targeting import client, current

__all__ = ["instance_profile", "key", "outcome"]

KNOWN = 60.0  # seconds until all of AWS knows a new key or a new instance profile
# EC2 is one of the services that are called otherwise in China.
EC2 = {"aws-cn": "ec2.amazonaws.com.cn"}


def instance_profile(name: str, allowed: Mapping[str, Any]) -> str:
    """Make a role that an EC2 instance can have, in an instance profile of the same name.

    Both are made if need be, and the profile's name is returned.

    Parameters
    ----------
    allowed: what programs on the instance may do: ``{"Action": …, "Resource": …}``.

    Raises
    ------
    TimedOut: EC2 did not get to know the profile in time.
    """
    service = EC2.get(current().partition, "ec2.amazonaws.com")
    trust = {
        "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}
    }  # fmt: skip
    iam = client("iam")
    there = iam.exceptions.EntityAlreadyExistsException
    steps: tuple[tuple[Callable[..., Any], dict[str, Any]], ...] = (
        (iam.create_role, {"RoleName": name, "AssumeRolePolicyDocument": _document(trust)}),
        (iam.create_instance_profile, {"InstanceProfileName": name}),
    )
    for make, given in steps:
        with contextlib.suppress(there):
            make(**given)
    iam.put_role_policy(RoleName=name, PolicyName="lesson",
                        PolicyDocument=_document({"Effect": "Allow", **allowed}))  # fmt: skip
    if not iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]["Roles"]:
        iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
    return name


def _document(statement: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def key(user: str) -> dict[str, str]:
    """Make an access key for a user, for ``aws.client``; keys that it had before are deleted.

    Raises
    ------
    TimedOut: AWS did not accept the key in time.
    """
    iam = client("iam")
    for row in iam.list_access_keys(UserName=user)["AccessKeyMetadata"]:
        iam.delete_access_key(UserName=user, AccessKeyId=row["AccessKeyId"])
    made = iam.create_access_key(UserName=user)["AccessKey"]
    given = {
        "aws_access_key_id": made["AccessKeyId"],
        "aws_secret_access_key": made["SecretAccessKey"],
    }
    # whoever may do nothing else may ask who they are
    until(lambda: outcome(client("sts", **given).get_caller_identity) == "OK", KNOWN,
          "primer.waiting_key")  # fmt: skip
    return given


def outcome(call: Callable[..., Any], **given: Any) -> str:
    """Make a call, and return ``"OK"`` or the code of AWS's answer, as ``"AccessDenied"``.

    Parameters
    ----------
    call: a method of a client.
    **given: its parameters.
    """
    try:
        call(**given)
    except botocore.exceptions.ClientError as error:
        return error.response["Error"]["Code"]
    return "OK"

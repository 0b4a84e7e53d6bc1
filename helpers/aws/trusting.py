"""Roles, and who may take them on."""

from __future__ import annotations

import json

from .targeting import client

__all__ = ["trusted"]


def trusted(name: str, principal: dict[str, str]) -> str:
    """Make a role unless there is one of that name, and return its ARN.

    Parameters
    ----------
    principal: who may take it on: ``{"Service": "ecs-tasks.amazonaws.com"}``, ``{"AWS": "arn:…"}``.

    Raises
    ------
    AwsRefused: no target was chosen.
    """
    iam = client("iam")
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    try:
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)
    except iam.exceptions.EntityAlreadyExistsException:
        made = iam.get_role(RoleName=name)
    return made["Role"]["Arn"]

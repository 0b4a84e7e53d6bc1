"""A task's own credentials: those of its task role, as ECS hands them out.

Wraps ``_register_metadata``: the variable that an SDK looks for leads to this server, which answers
each task with credentials that are good for its role and nothing else. AWS serves them at
169.254.170.2, an address that exists in every task; an SDK takes no other host name or address, so
the course gives this server that very address in a network of its own.
"""

from __future__ import annotations

import json
import secrets
import time
from typing import Any

from ministack.core.responses import get_account_id, get_region, json_response
from ministack.services import ecs, iam, imds, sts

from .settings import PORT

__all__ = ["SERVICE", "assumable", "install", "issue"]

SERVICE = "ecs-tasks.amazonaws.com"

LASTS = 3600  # seconds
_roles: dict[str, tuple[str, str, str]] = {}  # path → role ARN, task ID, account


def install() -> None:
    """Put task roles into MiniStack's ECS and its credentials endpoint."""
    ecs._register_metadata = _with_role(ecs._register_metadata)
    imds.handle_request = _answering(imds.handle_request)


def assumable(role: str, service: str = SERVICE) -> bool:
    """Whether a role exists and trusts a service, so that it may hand its credentials to others."""
    found = iam._roles.get(role.rpartition("/")[2])
    if found is None:
        return False
    document = found.get("AssumeRolePolicyDocument") or "{}"
    whole = json.loads(document) if isinstance(document, str) else document
    statements = whole.get("Statement") or []
    for one in statements if isinstance(statements, list) else [statements]:
        services = (one.get("Principal") or {}).get("Service") or []
        actions = one.get("Action") or []
        if (
            one.get("Effect") == "Allow"
            and service in ([services] if isinstance(services, str) else services)
            and "sts:AssumeRole" in ([actions] if isinstance(actions, str) else actions)
        ):
            return True
    return False


def issue(role: str, session: str, account: str) -> dict:
    """Make credentials of a role, as AssumeRole does, and return what the endpoint answers."""
    key, secret = imds._gen_session_access_key(), imds._gen_secret()
    token, until = imds._gen_session_token(), time.time() + LASTS
    sts.register_session(key, {
        "Arn": sts._assumed_role_arn(role, session)[0],
        "AccountId": account,
        "UserId": f"{sts._role_id(role)}:{session}",
        "SecretAccessKey": secret,
        "SessionToken": token,
        "Expiration": until,
        "PrincipalType": "AssumedRole",
    })  # fmt: skip
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(until))
    return {"AccessKeyId": key, "SecretAccessKey": secret, "Token": token, "Expiration": stamp,
            "RoleArn": role}  # fmt: skip


def _with_role(original: Any) -> Any:
    def register(arn: str, cluster: str, td: dict, cdef: dict, kind: str, env: dict,
                 *rest: Any) -> str:  # fmt: skip
        given = dict(env)
        token = original(arn, cluster, td, cdef, kind, env, *rest)
        for name in ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN"):
            env.pop(name, None)
        if td.get("taskRoleArn"):
            path = f"/v2/credentials/{secrets.token_urlsafe(24)}"
            _roles[path] = (td["taskRoleArn"], arn.rpartition("/")[2], get_account_id())
            env["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = path
        env.setdefault("AWS_REGION", get_region())
        env.setdefault("AWS_DEFAULT_REGION", get_region())
        env["AWS_ENDPOINT_URL"] = f"http://lbl-aws:{PORT}"
        env.update({name: value for name, value in given.items() if name.startswith("AWS_")})
        return token

    return register


def _answering(original: Any) -> Any:
    async def handle(method: str, path: str, headers: dict, body: bytes, query: dict) -> Any:
        if path.startswith("/v2/credentials/"):
            found = _roles.get(path)
            if method.upper() != "GET" or found is None:
                return json_response(
                    {"code": "InvalidIdInRequest", "message": "CredentialsV2Request: no such task"},
                    400,
                )
            return json_response(issue(*found))
        return await original(method, path, headers, body, query)

    return handle

"""ECR as docker sees it: addresses that work here, a login that is asked for, sizes that are true.

Replaces in ``ministack.services.ecr``: the repository's URI, the token, ``DescribeImages`` (whose
size was that of the manifest), and the registry protocol's door. Adds the checks of a repository's
name and the preview of lifecycle rules.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
import time
from typing import Any

from ministack.core.responses import error_response_json, json_response
from ministack.services import ecr

from . import lifecycle
from .owned import TOKEN, USER
from .settings import door

__all__ = ["install"]

LASTS = 12 * 3600  # seconds: "The authorization token is valid for 12 hours" (API reference)
# The constraint of `repositoryName` in the API reference of ECR.
NAME = re.compile(r"(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*")
EXTRA = {
    "StartLifecyclePolicyPreview": lifecycle.start_preview,
    "GetLifecyclePolicyPreview": lifecycle.get_preview,
}


def install() -> None:
    """Put these into MiniStack's ECR."""
    ecr._repo_uri = lambda name: f"{door()}/{name}"
    ecr._get_authorization_token = _token
    ecr._create_repository = _named(ecr._create_repository)
    ecr._describe_images = _sized(ecr._describe_images)
    ecr._put_lifecycle_policy = lifecycle.checked(ecr._put_lifecycle_policy)
    ecr._v2_put_manifest = _immutable(ecr._v2_put_manifest)
    ecr.handle_registry_request = _guarded(ecr.handle_registry_request)
    ecr.handle_request = _with_extra(ecr.handle_request)


def _token(_data: dict) -> Any:
    word = base64.b64encode(f"{USER}:{TOKEN}".encode()).decode()
    row = {"authorizationToken": word, "expiresAt": int(time.time()) + LASTS,
           "proxyEndpoint": f"http://{door()}"}  # fmt: skip
    return json_response({"authorizationData": [row]})


def _named(original: Any) -> Any:
    def create(data: dict) -> Any:
        name = data.get("repositoryName", "")
        if not 2 <= len(name) <= 256 or not NAME.fullmatch(name):
            return error_response_json(
                "InvalidParameterException",
                "Invalid parameter at 'repositoryName' failed to satisfy constraint: "
                f"'must satisfy regular expression '{NAME.pattern}''", 400,
            )  # fmt: skip
        return original(data)

    return create


def _sized(original: Any) -> Any:
    """The size of an image is that of its layers and its config, as they lie in the repository."""

    def describe(data: dict) -> Any:
        status, headers, body = original(data)
        found = json.loads(body)
        for row in found.get("imageDetails", []):
            row["imageSizeInBytes"] = lifecycle.size(row["repositoryName"], row["imageDigest"])
        return status, headers, json.dumps(found).encode()

    return describe


def _immutable(original: Any) -> Any:
    """ECR's own words for a tag that cannot be pushed again."""

    def put(name: str, ref: str, headers: dict, body: bytes) -> Any:
        status, found, answer = original(name, ref, headers, body)
        if status == 400 and b"TAG_INVALID" in answer:
            return ecr._registry_error(
                400, "TAG_INVALID",
                f"The image tag '{ref}' already exists in the '{name}' repository and cannot be "
                "overwritten because the tag is immutable.",
            )  # fmt: skip
        return status, found, answer

    return put


def _guarded(original: Any) -> Any:
    async def handle(method: str, path: str, headers: dict, body: bytes, query: dict) -> Any:
        if not _logged_in(headers.get("authorization", "")):
            status, found, answer = ecr._registry_error(401, "UNAUTHORIZED", "Not Authorized")
            found["Www-Authenticate"] = (
                f'Basic realm="http://{door()}/",service="ecr.amazonaws.com"'
            )
            return status, found, answer
        return await original(method, path, headers, body, query)

    return handle


def _logged_in(header: str) -> bool:
    kind, _, word = header.partition(" ")
    if kind.lower() != "basic":
        return False
    try:
        given = base64.b64decode(word, validate=True).decode()
    except ValueError:
        return False
    return secrets.compare_digest(given.encode(), f"{USER}:{TOKEN}".encode())


def _with_extra(original: Any) -> Any:
    async def handle(method: str, path: str, headers: dict, body: bytes, query: dict) -> Any:
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        if action in EXTRA:
            return EXTRA[action](json.loads(body or b"{}"))
        return await original(method, path, headers, body, query)

    return handle

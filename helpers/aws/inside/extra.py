"""Services and operations that MiniStack does not have: where they are hooked in.

A request for them is signed as every other one, and MiniStack checks that before it calls the
handler.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ministack import app
from ministack.core.responses import error_response_json

__all__ = ["add_operations", "add_service"]

Operation = Callable[[dict], Any]


def add_service(name: str, target: str, operations: dict[str, Operation]) -> None:
    """Serve a JSON service of AWS.

    Parameters
    ----------
    name: as in a request's credential scope, ``application-autoscaling``.
    target: the prefix of its ``X-Amz-Target`` header.
    operations: what answers each operation.
    """
    detect = app.detect_service

    def detected(method: str, path: str, headers: dict, query: dict) -> str:
        if headers.get("x-amz-target", "").startswith(f"{target}."):
            return name
        return detect(method, path, headers, query)

    async def handle(method: str, path: str, headers: dict, body: bytes, query: dict) -> Any:
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        if action not in operations:
            return error_response_json(
                "UnknownOperationException", f"The course's local AWS has no {action}.", 400
            )
        return operations[action](json.loads(body or b"{}"))

    app.detect_service = detected
    app.SERVICE_HANDLERS[name] = handle


def add_operations(module: Any, operations: dict[str, Operation]) -> None:
    """Add operations to a JSON service that MiniStack has."""
    original = module.handle_request

    async def handle(method: str, path: str, headers: dict, body: bytes, query: dict) -> Any:
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        if action in operations:
            return operations[action](json.loads(body or b"{}"))
        return await original(method, path, headers, body, query)

    module.handle_request = handle

"""How a notebook shows what AWS refused: its answer, without a library's insides."""

from __future__ import annotations

import botocore.exceptions

from ..errors import AwsFailed
from ..messages import text

__all__ = ["short_errors"]


def short_errors() -> None:
    """Let a notebook show AWS's answer instead of the library's insides."""

    def shown(error: botocore.exceptions.ClientError) -> list[str]:
        told = error.response.get("Error") or {}
        return [
            text(
                "aws.error.layout", operation=error.operation_name,
                code=told.get("Code", "?"), message=told.get("Message", ""),
            )
        ]  # fmt: skip

    def lost(error: botocore.exceptions.BotoCoreError) -> list[str]:
        url = error.kwargs.get("endpoint_url", "")
        return AwsFailed("aws.lost", url=url, reason=type(error).__name__)._render_traceback_()

    botocore.exceptions.ClientError._render_traceback_ = shown
    for kind in (
        botocore.exceptions.EndpointConnectionError,
        botocore.exceptions.ConnectionClosedError,
    ):
        kind._render_traceback_ = lost

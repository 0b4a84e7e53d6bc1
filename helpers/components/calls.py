"""What the calls of the Engine's API and of a registry's API mean, found by method and path.

Sources: https://docs.docker.com/reference/api/engine/ and
https://github.com/opencontainers/distribution-spec/blob/main/spec.md
"""

from __future__ import annotations

import re

__all__ = ["MEANINGS", "meaning"]

_DAEMON = (
    ("ping", "HEAD|GET", "/_ping"),
    ("version", "GET", "/version"),
    ("info", "GET", "/info"),
    ("list", "GET", "/containers/json"),
    ("create", "POST", "/containers/create"),
    ("attach", "POST", "/containers/[^/]+/attach"),
    ("wait", "POST", "/containers/[^/]+/wait"),
    ("start", "POST", "/containers/[^/]+/start"),
    ("change", "POST", "/containers/[^/]+/(stop|kill|pause|unpause|restart|rename|update|resize)"),
    ("inspect", "GET", "/containers/[^/]+/json"),
    ("logs", "GET", "/containers/[^/]+/logs"),
    ("remove", "DELETE", "/containers/[^/]+"),
    ("exec_create", "POST", "/containers/[^/]+/exec"),
    ("exec_start", "POST", "/exec/[^/]+/start"),
    ("exec_inspect", "GET", "/exec/[^/]+/json"),
    ("images", "GET", "/images/json"),
    ("pull", "POST", "/images/create"),
    ("push", "POST", "/images/.+/push"),
    ("tag", "POST", "/images/.+/tag"),
    ("image_inspect", "GET", "/images/.+/json"),
    ("image_remove", "DELETE", "/images/.+"),
    ("build", "POST", "/build|/session|/grpc"),
    ("events", "GET", "/events"),
    ("login", "POST", "/auth"),
    ("networks", ".*", "/networks(/.*)?"),
    ("volumes", ".*", "/volumes(/.*)?"),
)
_REGISTRY = (
    ("registry_base", "GET|HEAD", "/v2/"),
    ("registry_manifest", "GET|HEAD", "/v2/.+/manifests/.+"),
    ("registry_blob", "GET", "/v2/.+/blobs/[^/]+"),
    ("registry_has", "HEAD", "/v2/.+/blobs/[^/]+"),
    ("registry_upload", "POST|PATCH|PUT", "/v2/.+/blobs/uploads/.*"),
    ("registry_store", "PUT", "/v2/.+/manifests/.+"),
    ("registry_delete", "DELETE", "/v2/.+"),
)
MEANINGS = ("other", *(name for name, _, _ in (*_DAEMON, *_REGISTRY)))


def meaning(method: str, path: str, *, registry: bool = False) -> str:
    """Return what a call does, a key below ``components.call`` of the messages.

    Parameters
    ----------
    path: without the API's version and without a query.
    registry: whether a registry was asked, not the daemon.
    """
    for name, methods, pattern in _REGISTRY if registry else _DAEMON:
        if re.fullmatch(methods, method) and re.fullmatch(pattern, path):
            return name
    return "other"

"""What a registry holds, asked over its HTTP API.

The calls are those of the OCI distribution specification
(https://github.com/opencontainers/distribution-spec/blob/main/spec.md).
"""

from __future__ import annotations

import base64
import http.client
import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field

from ..errors import EngineFailed, EngineLost, NotFound, RegistryDenied

__all__ = ["AGENT", "Access", "ready"]

ANSWER = 20  # seconds for one request
MOST = 1 << 22  # bytes of an answer: the specification lets a manifest have 4 MiB
AGENT = "layer-by-layer"  # how our own requests are told from the engine's


@dataclass(frozen=True)
class Access:
    """Where a registry listens, and as whom it is asked."""

    url: str
    login: tuple[str, str] | None = field(default=None, repr=False)

    def get(self, path: str, accept: tuple[str, ...] = ()) -> tuple[bytes, str, str]:
        """Return the content at ``path``, its digest and its media type as the registry says."""
        return self._ask("GET", path, {"Accept": ", ".join(accept)} if accept else {})

    def put(self, path: str, content: bytes, media_type: str) -> str:
        """Store a manifest; return the digest that the registry gave it."""
        return self._ask("PUT", path, {"Content-Type": media_type}, content)[1]

    def delete(self, path: str) -> None:
        """Delete what a path names."""
        self._ask("DELETE", path, {})

    def touch(self, path: str) -> None:
        """Ask for a path without a login, whatever the answer."""
        try:
            urllib.request.urlopen(self._request("GET", path, {}, None, False), timeout=ANSWER)
        except urllib.error.HTTPError as error:
            error.close()
        except (OSError, http.client.HTTPException) as error:
            raise self._lost(error) from None

    def _request(
        self, method: str, path: str, headers: dict, content: bytes | None, login: bool = True
    ) -> urllib.request.Request:
        headers = {"User-Agent": AGENT, **headers}
        if self.login and login:
            pair = base64.b64encode(":".join(self.login).encode()).decode()
            headers["Authorization"] = f"Basic {pair}"
        url = f"http://{self.url}{path}"
        return urllib.request.Request(url, content, headers, method=method)

    def _ask(
        self, method: str, path: str, headers: dict, content: bytes | None = None
    ) -> tuple[bytes, str, str]:
        request = self._request(method, path, headers, content)
        try:
            with urllib.request.urlopen(request, timeout=ANSWER) as answer:
                told = answer.headers
                digest = told.get("Docker-Content-Digest", "")
                return answer.read(MOST), digest, told.get("Content-Type", "")
        except urllib.error.HTTPError as error:
            raise self._refusal(error, path) from None
        except (OSError, http.client.HTTPException) as error:
            raise self._lost(error) from None

    def _refusal(self, error: urllib.error.HTTPError, path: str) -> Exception:
        reason = _reason(error)
        if error.code == 401:
            return RegistryDenied("registry.no_login", url=self.url)
        if error.code == 404:
            name = (
                path.removeprefix("/v2/")
                .replace("/manifests/", ":")
                .replace(":sha256:", "@sha256:")
            )
            return NotFound("registry.missing", name=name, known="–")
        if error.code < 500:
            return EngineFailed("registry.refused", name=path.partition("?")[0], reason=reason)
        return EngineLost("registry.lost", url=self.url, reason=f"HTTP {error.code}: {reason}")

    def _lost(self, error: Exception) -> EngineLost:
        reason = getattr(error, "reason", error)
        return EngineLost("registry.lost", url=self.url, reason=reason)


def ready(url: str) -> bool:
    """Whether a registry answers at ``url`` (``"127.0.0.1:PORT"``), be it to ask for a login."""
    try:
        with urllib.request.urlopen(f"http://{url}/v2/", timeout=2) as answer:
            return answer.status == 200
    except urllib.error.HTTPError as error:
        return error.code == 401
    except (OSError, http.client.HTTPException):
        return False


def _reason(error: urllib.error.HTTPError) -> str:
    """Return the registry's own words: ``DIGEST_INVALID: provided digest did not match …``."""
    try:
        found = json.loads(error.read(MOST))["errors"][0]
        return f"{found['code']}: {found['message']}"
    except (OSError, ValueError, LookupError, TypeError):
        return f"HTTP {error.code}"

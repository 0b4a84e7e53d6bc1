"""Requests to an API server, with what the official client knows of addresses and credentials."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import urllib3
import yaml

from ..errors import KubernetesFailed, NotFound
from ..text import plain

if TYPE_CHECKING:  # the client takes a second to import: only who connects pays for it
    import kubernetes

__all__ = ["Api", "Refused", "contexts", "nameless"]

ANSWER = 30.0  # seconds for one request
TRIES = 3  # of a question that only reads


class Refused(KubernetesFailed):
    """The API server answered with an error.

    ``status``: of HTTP; ``reason``: ``"NotFound"``, ``"Forbidden"``, …; ``message``: its words, the
    random ends of pods' names left out.
    """

    def __init__(self, status: int, reason: str, message: str) -> None:
        self.status, self.reason, self.message = status, reason, nameless(plain(message))
        key = "forbidden" if status == 403 else "unknown_token" if status == 401 else "answered"
        super().__init__(f"kubernetes_use.{key}", status=status, reason=self.message)


def nameless(message: str) -> str:
    """Leave out the random ends of pods' names, so that words are the same in each run."""
    return re.sub(
        r"([a-z0-9]-)[bcdf-hj-np-tv-z2-9]{6,10}-[bcdf-hj-np-tv-z2-9]{5}\b", r"\1…", message
    )


class Api:
    """A connection to an API server. Answers are the server's JSON as it stands.

    Parameters
    ----------
    client: of the official package: it carries address, certificates and credentials.
    context: its name, for messages.
    """

    def __init__(self, client: kubernetes.client.ApiClient, context: str) -> None:
        self._client = client
        self.context = context

    @classmethod
    def of_context(cls, context: str, file: Path | str | None = None) -> Api:
        """Connect as a context of a kubeconfig says; nothing is asked yet.

        Raises
        ------
        NotFound: the kubeconfig has no such context.
        KubernetesFailed: it cannot be read, or names files or programs that are missing.
        """
        import kubernetes

        known = contexts(file)
        if context not in known:
            raise NotFound("kubernetes_use.no_context", name=context, known=", ".join(known) or "–")
        try:
            client = kubernetes.config.new_client_from_config(
                config_file=_file(file), context=context, persist_config=False
            )
        except (kubernetes.config.ConfigException, OSError, ValueError) as error:
            raise KubernetesFailed(
                "kubernetes_use.bad_config", name=context, reason=plain(error)
            ) from None
        client.configuration.retries = False
        return cls(client, context)

    @classmethod
    def of_config(cls, config: dict, context: str) -> Api:
        """Connect as a context of a kubeconfig's content says; nothing is asked yet.

        Raises
        ------
        KubernetesFailed: it names a program that is missing, or that made no credentials.
        """
        import kubernetes

        try:
            client = kubernetes.config.new_client_from_config_dict(
                config, context=context, persist_config=False
            )
        except (kubernetes.config.ConfigException, OSError, ValueError) as error:
            raise KubernetesFailed(
                "kubernetes_use.bad_config", name=context, reason=plain(error)
            ) from None
        client.configuration.retries = False
        return cls(client, context)

    def with_token(self, token: str) -> Api:
        """Return a connection to the same server with a token as the only credential."""
        import kubernetes

        mine = self._client.configuration
        given = kubernetes.client.Configuration()
        given.host, given.ssl_ca_cert, given.verify_ssl = (
            mine.host,
            mine.ssl_ca_cert,
            mine.verify_ssl,
        )
        given.assert_hostname = mine.assert_hostname
        given.tls_server_name = getattr(mine, "tls_server_name", None)
        if data := getattr(mine, "ca_cert_data", None):
            given.ca_cert_data = data
        given.api_key = {"authorization": f"Bearer {token}", "BearerToken": f"Bearer {token}"}
        return Api(kubernetes.client.ApiClient(given), self.context)

    @property
    def host(self) -> str:
        return self._client.configuration.host

    def get(self, path: str, limit: float = ANSWER, **query: object) -> dict:
        """Return the JSON that lies at a path: ``/api/v1/namespaces/lbl-10/pods``.

        Raises
        ------
        Refused: the server answered with an error.
        KubernetesFailed: it did not answer.
        """
        for attempt in range(1, TRIES + 1):
            try:
                return self.call("GET", path, limit=limit, **query)
            except Refused as error:
                if (error.status < 500 and error.status != 429) or attempt == TRIES:
                    raise
            time.sleep(0.2 * attempt)
        raise AssertionError("unreachable")

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        kind: str = "application/json",
        limit: float = ANSWER,
        **query: object,
    ) -> dict:
        """Send one request and return the JSON of the answer. Errors are those of `get`."""
        content = self.raw(method, path, body, kind=kind, limit=limit, **query)[1]
        try:
            found = json.loads(content)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def raw(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        kind: str = "application/json",
        limit: float = ANSWER,
        **query: object,
    ) -> tuple[int, bytes]:
        """Send one request and return status and content. Errors are those of `get`."""
        answer = self._send(method, path, body, kind, limit, query)
        content = answer.data
        if answer.status >= 400:
            raise _refused(answer.status, content)
        return answer.status, content

    def reply(self, path: str, limit: float = ANSWER) -> tuple[int, bytes]:
        """Return status and content of what answers at a path, errors of a service included."""
        answer = self._send("GET", path, None, "application/json", limit, {})
        return answer.status, answer.data

    def stream(self, path: str, seconds: float, **query: object) -> Iterator[dict]:
        """Yield the events of a watch, for `seconds` at most."""
        query = {"watch": "true", "timeoutSeconds": max(1, int(seconds)), **query}
        answer = self._send("GET", path, None, "application/json", seconds + 5, query, stream=True)
        try:
            if answer.status >= 400:
                raise _refused(answer.status, answer.data)
            rest = b""
            for chunk in answer.stream(1 << 16):
                *lines, rest = (rest + chunk).split(b"\n")
                yield from (json.loads(line) for line in lines if line.strip())
        except urllib3.exceptions.HTTPError as error:
            raise self._silent(error) from None
        finally:
            answer.release_conn()

    def date(self) -> str:
        """Return the server's clock, as HTTP tells it; empty if it does not."""
        answer = self._send("GET", "/version", None, "application/json", ANSWER, {})
        return answer.headers.get("Date", "")

    def close(self) -> None:
        self._client.close()

    def _send(
        self,
        method: str,
        path: str,
        body: object,
        kind: str,
        limit: float,
        query: Mapping[str, object],
        stream: bool = False,
    ) -> urllib3.BaseHTTPResponse:
        headers = {"Accept": "application/json, */*", "Content-Type": kind}
        for auth in self._client.configuration.auth_settings().values():
            if auth["in"] == "header" and auth["value"]:
                headers[auth["key"]] = auth["value"]
        url = self.host.rstrip("/") + path
        if query:
            url += ("&" if "?" in url else "?") + urlencode(query)
        content = None if body is None else json.dumps(body).encode()
        try:
            return self._client.rest_client.pool_manager.request(
                method, url, body=content, headers=headers, preload_content=not stream,
                timeout=urllib3.Timeout(connect=min(limit, 10), read=limit), retries=False,
            )  # fmt: skip
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise self._silent(error) from None

    def _silent(self, error: Exception) -> KubernetesFailed:
        reason = plain(error).rpartition(": ")[2] or type(error).__name__
        return KubernetesFailed("kubernetes_use.silent", name=self.context, reason=reason)


def _refused(status: int, content: bytes) -> Refused:
    try:
        told = json.loads(content)
        return Refused(status, str(told.get("reason", "")), str(told.get("message", "")))
    except (ValueError, AttributeError):
        return Refused(status, "", content[:500].decode("utf-8", "replace"))


def _file(given: Path | str | None) -> str | None:
    """The client looks at KUBECONFIG once, when it is imported; a learner may set it later."""
    return str(given) if given else os.environ.get("KUBECONFIG") or None


def contexts(file: Path | str | None = None) -> tuple[str, ...]:
    """Return the names of the contexts of a kubeconfig (the user's without `file`), as they stand.

    Nothing is asked and nothing is changed. No kubeconfig, no contexts.

    Raises
    ------
    KubernetesFailed: it cannot be read.
    """
    import kubernetes

    try:
        found, _ = kubernetes.config.list_kube_config_contexts(_file(file))
    except kubernetes.config.ConfigException:
        return ()
    except (OSError, ValueError, yaml.YAMLError, TypeError, KeyError) as error:
        raise KubernetesFailed("kubernetes_use.no_config", reason=plain(error)) from None
    return tuple(plain(one["name"]) for one in found)

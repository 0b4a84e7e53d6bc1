"""The places in which a user would expect a Docker daemon, in the order the docker CLI looks."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from docker.context import ContextAPI
from docker.errors import DockerException
from docker.tls import TLSConfig

from ..paths import home

__all__ = ["Endpoint", "candidates", "given"]


@dataclass(frozen=True)
class Endpoint:
    """Where a daemon is addressed and how it was found.

    Parameters
    ----------
    url: ``unix:///…``, ``npipe:////./pipe/…``, ``tcp://host:port`` or ``ssh://user@host``.
    source: ``"DOCKER_HOST"``, ``"context"``, ``"default"``, ``"rootless"``, ``"desktop"``,
        ``"course"`` (a private engine) or ``"argument"``.
    certificates: the folder with ``ca.pem``, ``cert.pem`` and ``key.pem``, for TLS.
    """

    url: str
    source: str
    certificates: Path | None = None

    @property
    def remote(self) -> bool:
        """Whether the daemon runs on another machine: its paths and ports are not the learner's."""
        parts = urlsplit(self.url)
        if parts.scheme == "ssh":
            return True
        local = {"localhost", "127.0.0.1", "::1"}
        return parts.scheme in ("tcp", "http", "https") and parts.hostname not in local

    @property
    def private(self) -> bool:
        """Whether it is an engine that the course made."""
        return self.socket is not None and (home() / "engines") in self.socket.parents

    @property
    def socket(self) -> Path | None:
        """The Unix socket, if it is one."""
        prefix = "unix://"
        return Path(self.url[len(prefix) :]) if self.url.startswith(prefix) else None

    @property
    def tls(self) -> TLSConfig | None:
        """What the SDK needs to speak TLS with it."""
        folder = self.certificates
        if folder is None:
            return None
        return TLSConfig(
            client_cert=(str(folder / "cert.pem"), str(folder / "key.pem")),
            ca_cert=str(folder / "ca.pem"),
            verify=os.environ.get("DOCKER_TLS_VERIFY", "1") != "",
        )


def given() -> Endpoint | None:
    """Return the daemon that the user named: DOCKER_HOST, or the current docker context.

    Whoever named one wants that one: if it does not answer, no other is tried.
    """
    if url := os.environ.get("DOCKER_HOST"):
        certificates = os.environ.get("DOCKER_CERT_PATH")
        secure = certificates and os.environ.get("DOCKER_TLS_VERIFY")
        return Endpoint(url, "DOCKER_HOST", Path(certificates) if secure else None)
    try:
        context = ContextAPI.get_current_context()
    except (DockerException, OSError, ValueError):
        return None  # a damaged ~/.docker is not the course's business
    if context is None or context.name == "default" or not context.Host:
        return None
    folder = Path(context.tls_path or "") / "docker"
    return Endpoint(context.Host, "context", folder if (folder / "cert.pem").exists() else None)


def candidates() -> Iterator[Endpoint]:
    """Yield the places to try when the user named none; sockets only if they exist."""
    if platform.system() == "Windows":
        for pipe in ("docker_engine", "dockerDesktopLinuxEngine"):
            yield Endpoint(f"npipe:////./pipe/{pipe}", "desktop")
        return
    places = [(Path("/var/run/docker.sock"), "default")]
    if runtime := os.environ.get("XDG_RUNTIME_DIR"):
        places.append((Path(runtime) / "docker.sock", "rootless"))
    elif hasattr(os, "getuid"):
        places.append((Path(f"/run/user/{os.getuid()}/docker.sock"), "rootless"))
    user = Path.home() / ".docker"
    places += [(user / "run/docker.sock", "desktop"), (user / "desktop/docker.sock", "desktop")]
    places.append((home() / "engines/course/docker.sock", "course"))
    for path, source in places:
        if _exists(path):
            yield Endpoint(f"unix://{path}", source)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except PermissionError:
        return True  # there may be one: trying it gives the right message

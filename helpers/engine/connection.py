"""A connection to a Docker daemon, and what the course needs to know of that daemon."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import shutil
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import docker
import requests
import urllib3

from ..errors import CourseError, EngineDenied, EngineLost, EngineNotFound, NoSpace
from ..messages import text
from ..paths import home, writable
from . import packages
from .endpoints import Endpoint, candidates, given
from .private import Private, reasons_against

__all__ = ["Engine", "connect", "talking"]

PING = 10  # seconds in which a daemon must answer that it is there
ANSWER = 60  # seconds for any other call, unless it is given more (`helpers.engine.patience`)
_known: dict[str, Engine] = {}


class Engine:
    """A daemon that answered, and the client that talks to it.

    Parameters
    ----------
    endpoint: where it was found.
    client: the Docker SDK's client.
    """

    def __init__(self, endpoint: Endpoint, client: docker.DockerClient) -> None:
        self.endpoint = endpoint
        self.client = client

    def __repr__(self) -> str:
        return text("engine.connected")  # the same on every machine, since lessons print it

    @cached_property
    def info(self) -> dict:
        """What ``docker info`` tells, as the daemon gives it."""
        with talking(self):
            return self.client.info()

    @cached_property
    def _versions(self) -> dict:
        with talking(self):
            return self.client.version()

    @property
    def version(self) -> str:
        """The engine's version, for example ``28.5.2``."""
        return self._versions["Version"].split("+")[0]

    @property
    def api_version(self) -> str:
        return self._versions["ApiVersion"]

    @property
    def id(self) -> str:
        """What tells this daemon from others; it stays the same over restarts."""
        return self.info.get("ID", self.endpoint.url)

    @property
    def store(self) -> str:
        """Which image store it uses: ``"containerd"``, or a classic driver as ``"overlay2"``."""
        status = dict(pair[:2] for pair in self.info.get("DriverStatus") or [])
        if status.get("driver-type", "").startswith("io.containerd.snapshotter"):
            return "containerd"
        return self.info["Driver"]

    @property
    def architecture(self) -> str:
        """Debian's name of the daemon's architecture, which need not be the client's."""
        return self._versions["Arch"]

    @property
    def desktop(self) -> bool:
        """Whether it runs inside Docker Desktop's virtual machine."""
        return "Docker Desktop" in self.info.get("OperatingSystem", "")

    @property
    def root_dir(self) -> Path | None:
        """The engine's data root, if this process can read it; ``None`` for every other case."""
        if self.endpoint.remote or self.desktop or self.endpoint.socket is None:
            return None
        folder = Path(self.info.get("DockerRootDir") or "/nonexistent")
        return folder if os.access(folder, os.R_OK | os.X_OK) else None

    @property
    def private(self) -> Private | None:
        """The private engine that this is, if it is one."""
        socket = self.endpoint.socket
        return Private.existing(socket.parent.name) if socket and self.endpoint.private else None

    def environment(self) -> dict[str, str]:
        """Return the environment for a subprocess: ``docker`` on PATH, on this very daemon.

        ``DOCKER_CONFIG`` is a folder of the course's own, so that logins and contexts made in a
        lesson never end up in the learner's.
        """
        found = dict(os.environ)
        plugins = [Path.home() / ".docker/cli-plugins"]
        folders = []
        tools = packages.client() if self.private or not shutil.which("docker") else None
        if tools:
            folders.append(str(tools / "usr/bin"))
            plugins.insert(0, tools / "usr/libexec/docker/cli-plugins")
        found["PATH"] = os.pathsep.join([*folders, found.get("PATH", os.defpath)])
        found["DOCKER_HOST"] = self.endpoint.url
        found["DOCKER_CONFIG"] = str(_client_config(plugins))
        found.pop("DOCKER_CONTEXT", None)
        if self.endpoint.certificates:
            found["DOCKER_CERT_PATH"] = str(self.endpoint.certificates)
            found["DOCKER_TLS_VERIFY"] = "1"
        return found

    def close(self) -> None:
        """Close the connection."""
        _known.pop(self.endpoint.url, None)
        self.client.close()


def connect(host: str | Endpoint | None = None, *, start: bool = True) -> Engine:
    """Return the daemon that a user would expect; the same object for the same daemon.

    Looked at in this order: ``host``; DOCKER_HOST; the current docker context; the default socket;
    a rootless daemon's; Docker Desktop's; the course's private engine, which is made and started if
    nothing else answered.

    Parameters
    ----------
    host: an address as in DOCKER_HOST, or an endpoint, to use no other.
    start: whether a private engine may be started.

    Raises
    ------
    EngineNotFound: no daemon answered, and none could be started.
    EngineDenied: a daemon is there and refuses this user.
    """
    named = Endpoint(host, "argument") if isinstance(host, str) and host else host or given()
    if named:
        return _open(named)
    denied: EngineDenied | None = None
    for endpoint in candidates():
        try:
            return _open(endpoint)
        except EngineDenied as error:
            denied = denied or error
        except EngineNotFound:
            continue
    if denied:
        raise denied
    if start and not reasons_against():
        print_line = lambda line: print(line, flush=True)  # noqa: E731
        return _open(Endpoint(Private().start(print_line), "course"))
    if start and (reasons := reasons_against()):
        raise EngineNotFound(reasons[0], system=platform.system())
    raise EngineNotFound("engine.none_found")


def _open(endpoint: Endpoint) -> Engine:
    engine = _known.get(endpoint.url)
    if engine is None:
        engine = Engine(endpoint, _client(endpoint))
    engine.client.api.timeout = PING
    try:
        with talking(engine, lost=False):
            engine.client.ping()
    except CourseError:
        engine.close()
        raise
    finally:
        engine.client.api.timeout = ANSWER
    return _known.setdefault(endpoint.url, engine)


def _client(endpoint: Endpoint) -> docker.DockerClient:
    ssh = endpoint.url.startswith("ssh://")
    try:
        return docker.DockerClient(
            base_url=endpoint.url,
            tls=endpoint.tls or False,
            version="auto",
            timeout=PING if not ssh else ANSWER,
            use_ssh_client=ssh,
        )
    except (docker.errors.DockerException, OSError, ValueError) as error:
        raise _why_not(endpoint, error) from None


@contextlib.contextmanager
def talking(engine: Engine, *, lost: bool = True) -> Iterator[None]:
    """Turn what goes wrong while talking to a daemon into the course's errors.

    What the daemon answers about an object (not found, conflict) passes through: only the caller
    knows what it means.

    Raises
    ------
    EngineLost: the daemon went away, or gave no answer in time.
    NoSpace: the daemon's disk is full.
    """
    try:
        yield
    except docker.errors.APIError as error:
        if "no space left on device" in str(error).lower():
            raise NoSpace("engine.no_space") from None
        raise
    except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        if isinstance(error, requests.exceptions.HTTPError):
            raise
        if lost:
            raise EngineLost("engine.lost", reason=_innermost(error)) from None
        raise _why_not(engine.endpoint, error) from None


def _why_not(endpoint: Endpoint, error: Exception) -> CourseError:
    reason = _innermost(error)
    if "permission denied" in str(error).lower():
        return EngineDenied("engine.denied", url=endpoint.url)
    key = (
        "engine.named_silent"
        if endpoint.source in ("DOCKER_HOST", "context", "argument")
        else "engine.silent"
    )
    return EngineNotFound(key, url=endpoint.url, source=endpoint.source, reason=reason)


def _innermost(error: BaseException) -> str:
    """Return the words of the system's own error, without the libraries around it."""
    seen: BaseException | None = error
    found = error
    while seen is not None:
        if isinstance(seen, OSError) and seen.strerror:
            return seen.strerror
        found = seen
        inner = [arg for arg in seen.args if isinstance(arg, BaseException)]
        seen = inner[0] if inner else seen.__cause__ or seen.__context__
    return str(found).splitlines()[0] if str(found) else type(found).__name__


def _client_config(plugins: list[Path]) -> Path:
    """Return the course's DOCKER_CONFIG; what a lesson wrote into it (logins) stays."""
    folder = writable(home() / "docker")
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        config = {}
    wanted = [str(plugin) for plugin in plugins if plugin.is_dir()]
    if config.get("cliPluginsExtraDirs") != wanted or not path.exists():
        config["cliPluginsExtraDirs"] = wanted
        part = path.with_suffix(f".{os.getpid()}.part")
        part.write_text(json.dumps(config, indent=1))
        part.replace(path)
    return folder

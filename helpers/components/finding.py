"""Look for the parts of Docker on this machine: ask client and daemon, and change nothing."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from urllib.parse import urlsplit

from ..engine import Engine, connect, labels, talking
from ..engine.patience import patient
from ..errors import NotFound
from ..text import plain
from .client import environment_of, program
from .parts import Client, Context, Daemon, Images, Parts, Shelf
from .processes import of_daemon

__all__ = ["find"]

ANSWER = 30  # seconds for each question
REGISTRY = "registry"  # the role in the label of the course's own


def find(engine: Engine | None = None, *, without: str | None = None) -> Parts:
    """Look at client and daemon and change nothing.

    Parameters
    ----------
    without: a lesson whose registry and applications are left out: an earlier run may have left
        them.

    Raises
    ------
    EngineNotFound, EngineDenied: as for `helpers.engine.connect`.
    EngineLost: the daemon went away.
    """
    engine = engine or connect()
    with patient(engine, ANSWER) as api:
        held = api.images()
        containers = api.containers(all=True)
    return Parts(
        client=_client(engine),
        link=_link(engine),
        address=engine.endpoint.url,
        daemon=_daemon(engine, containers),
        images=Images(
            store=engine.store,
            folder=str(engine.info.get("DockerRootDir", "")),
            count=len(held),
            ours=sum(labels.ours(image.get("Labels")) for image in held),
        ),
        registries=(*_shelves(containers, without), Shelf("docker.io", ours=False)),
        services=_services(containers, without),
    )


def _client(engine: Engine) -> Client | None:
    environment = environment_of(engine)
    try:
        path = program(environment)
    except NotFound:
        return None
    told = _json([path, "version", "--format", "{{json .Client}}"], environment)
    plugins = _json([path, "info", "--format", "{{json .ClientInfo}}"], environment) or {}
    found = [(p["Name"], p.get("Version", "")) for p in plugins.get("Plugins") or []]
    return Client(
        path=path,
        version=str((told or {}).get("Version", "")).split("+")[0],
        plugins=tuple((plain(name), plain(version)) for name, version in sorted(found)),
        contexts=tuple(_contexts(path, environment)),
    )


def _contexts(path: str, environment: dict[str, str]) -> Iterator[Context]:
    for line in _says([path, "context", "ls", "--format", "{{json .}}"], environment).splitlines():
        try:
            one = json.loads(line)
        except ValueError:
            continue
        yield Context(plain(one["Name"]), plain(one["DockerEndpoint"]), bool(one.get("Current")))


def _json(command: list[str], environment: dict[str, str]) -> dict | None:
    try:
        found = json.loads(_says(command, environment) or "null")
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _says(command: list[str], environment: dict[str, str]) -> str:
    """Return what a program prints; nothing if it fails: an old client knows fewer commands."""
    try:
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=ANSWER, check=True,
            stdin=subprocess.DEVNULL,
        ).stdout  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return ""


def _link(engine: Engine) -> str:
    scheme = urlsplit(engine.endpoint.url).scheme
    if scheme in ("tcp", "http", "https"):
        return "tls" if engine.endpoint.certificates or scheme == "https" else "tcp"
    return scheme if scheme in ("unix", "npipe", "ssh") else "tcp"


def _daemon(engine: Engine, containers: list[dict]) -> Daemon:
    with talking(engine):
        info = engine.info
        versions = engine.client.version()
    endpoint = engine.endpoint
    place = "private" if endpoint.private else "remote" if endpoint.remote else "here"
    listed = [
        (plain(c["Name"]), plain(c["Version"]).split("+")[0])
        for c in versions.get("Components") or []
    ]
    return Daemon(
        version=engine.version,
        api=engine.api_version,
        place="desktop" if engine.desktop else place,
        system=str(info.get("OperatingSystem", "")),
        kernel=str(info.get("KernelVersion", "")),
        architecture=str(info.get("Architecture", "")),
        components=tuple(listed),
        processes=of_daemon(engine),
        running=sum(c["State"] == "running" for c in containers),
        containers=len(containers),
        swarm=(info.get("Swarm") or {}).get("LocalNodeState") == "active",
    )


def _shelves(containers: list[dict], without: str | None) -> Iterator[Shelf]:
    for one in containers:
        marks = one.get("Labels") or {}
        if without and labels.lesson_of(marks) == without:
            continue
        if marks.get(f"{labels.NAMESPACE}.role") == REGISTRY and one["State"] == "running":
            ports = [p for p in one.get("Ports") or [] if p.get("PublicPort")]
            if ports:
                yield Shelf(f"127.0.0.1:{ports[0]['PublicPort']}", ours=True)


def _services(containers: list[dict], without: str | None) -> tuple[tuple[str, int], ...]:
    found: dict[str, int] = {}
    for one in containers:
        name = (one.get("Labels") or {}).get("com.docker.compose.project")
        if name and not (without and labels.named(name) == without):
            found[plain(name)] = found.get(plain(name), 0) + 1
    return tuple(sorted(found.items()))

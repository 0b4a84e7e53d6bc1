"""The parts of Docker as they were found: client, daemon, images, registries, services."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..messages import text
from ..text import escape, plain
from .processes import Process

__all__ = ["Client", "Context", "Daemon", "Images", "Parts", "Shelf"]


@dataclass(frozen=True)
class Context:
    """A name for a daemon's address; ``current`` is the one that commands go to."""

    name: str
    url: str
    current: bool


@dataclass(frozen=True)
class Client:
    """The program ``docker``: where it lies, its version, its plug-ins (name and version)."""

    path: str
    version: str
    plugins: tuple[tuple[str, str], ...]
    contexts: tuple[Context, ...]


@dataclass(frozen=True)
class Daemon:
    """The Docker Engine.

    Fields
    ------
    place: ``"private"`` (the course's), ``"here"``, ``"desktop"`` (in Docker Desktop's virtual
        machine) or ``"remote"``.
    system, architecture, kernel: of the machine that it runs on, as it says.
    components: of what it consists, with their versions: ``(("Engine", "28.5.2"), …)``.
    processes: those that can be seen from here.
    running, containers: how many run, how many there are.
    swarm: whether services of a swarm can run on it.
    """

    version: str
    api: str
    place: str
    system: str
    kernel: str
    architecture: str
    components: tuple[tuple[str, str], ...]
    processes: tuple[Process, ...]
    running: int
    containers: int
    swarm: bool

    def count(self, role: str) -> int:
        """Return how many processes of a role were seen."""
        return sum(process.role == role for process in self.processes)


@dataclass(frozen=True)
class Images:
    """Where the daemon keeps images: which store, in which folder of its machine, how many."""

    store: str
    folder: str
    count: int
    ours: int


@dataclass(frozen=True)
class Shelf:
    """A registry: what stands before the first ``/`` of a name there, and whose it is."""

    address: str
    ours: bool


@dataclass(frozen=True)
class Parts:
    """What was found. ``client`` is None without a docker program, ``services`` are projects.

    Fields
    ------
    link: how client and daemon speak: ``"unix"``, ``"npipe"``, ``"tcp"``, ``"tls"`` or ``"ssh"``.
    address: where the daemon is addressed.
    services: Compose applications that the daemon holds, with the number of their containers.
    """

    client: Client | None
    link: str
    address: str
    daemon: Daemon
    images: Images
    registries: tuple[Shelf, ...]
    services: tuple[tuple[str, int], ...]

    def rows(self) -> Iterator[tuple[str, list[str]]]:
        """Yield each part's message key and what was found of it, untrusted text made plain."""
        yield "client", _client_rows(self.client)
        yield "link", [text(f"components.link.{self.link}"), plain(self.address)]
        yield "daemon", _daemon_rows(self.daemon)
        yield (
            "images",
            [
                text("components.images", count=self.images.count, ours=self.images.ours),
                text("components.kept", store=self.images.store, folder=self.images.folder),
            ],
        )
        yield (
            "registry",
            [
                text(f"components.shelf.{'ours' if s.ours else 'usual'}", address=s.address)
                for s in self.registries
            ],
        )
        yield (
            "services",
            [text("components.project", name=name, count=count) for name, count in self.services]
            or [text("components.no_services")],
        )

    def __str__(self) -> str:
        lines = []
        for key, found in self.rows():
            lines.append(text(f"components.part.{key}"))
            lines += [f"    {line}" for line in found]
        return "\n".join(lines)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        rows = "".join(
            f"<tr><th scope='row' style='text-align:left;vertical-align:top'>"
            f"{escape(text(f'components.part.{key}'))}</th><td style='text-align:left'>"
            + "<br>".join(escape(line) for line in found)
            + "</td></tr>"
            for key, found in self.rows()
        )
        return {"text/plain": str(self), "text/html": f"<table>{rows}</table>"}


def _client_rows(client: Client | None) -> list[str]:
    if client is None:
        return [text("components.no_client.what")]
    lines = [text("components.client", version=client.version, path=client.path)]
    if client.plugins:
        named = ", ".join(f"{name} {version}" for name, version in client.plugins)
        lines.append(text("components.plugins", plugins=named))
    for context in client.contexts:
        key = "current" if context.current else "other"
        lines.append(text(f"components.context.{key}", name=context.name, url=context.url))
    return lines


def _daemon_rows(daemon: Daemon) -> list[str]:
    lines = [
        text("components.daemon", version=daemon.version, api=daemon.api),
        text(f"components.place.{daemon.place}"),
        text("components.machine", system=daemon.system, kernel=daemon.kernel,
             architecture=daemon.architecture),
        text("components.containers", running=daemon.running, count=daemon.containers),
    ]  # fmt: skip
    if daemon.components:
        named = ", ".join(f"{n} {v}" for n, v in daemon.components if not re.match("Engine", n))
        lines.append(text("components.consists", components=named))
    if daemon.processes:
        lines += [
            text("components.process", role=text(f"components.role.{p.role}"), pid=p.pid,
                 name=p.name, parent=p.parent)
            for p in daemon.processes
        ]  # fmt: skip
    else:
        lines.append(text("components.no_processes"))
    if daemon.swarm:
        lines.append(text("components.swarm"))
    return [plain(line) for line in lines]

"""Record what one command of the docker client makes client, daemon and registry say."""

from __future__ import annotations

import json
import shlex
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from ..engine import Engine, connect
from ..errors import ContainerFailed
from ..messages import text
from ..text import plain
from . import registry_log
from .client import Answer, check_ports, environment_of, invoke, show, words_of
from .model import Conversation, Exchange
from .naming import exchanges
from .own import make_room
from .proxy import Proxy

__all__ = ["WithContainer", "record", "why_not"]

LIMIT = 120.0  # seconds for the command
DIAL = 10.0  # seconds until the daemon must take a connection
STORED = Path(__file__).with_name("stored.json")


class WithContainer(Protocol):
    """A registry that runs in a container, such as `helpers.registry.Registry`."""

    @property
    def container(self) -> str: ...


def record(
    command: str | Sequence[str],
    *,
    registry: WithContainer | None = None,
    limit: float = LIMIT,
    engine: Engine | None = None,
) -> Conversation:
    """Run a command of the docker client and listen; print the command and its output.

    The client is led to a socket of the course's own, which passes everything on to the daemon.
    That socket is a file that only this user reaches, and is gone when the command has ended.
    A container of the command's ``--name`` that an earlier run of the cell left is removed first.

    Parameters
    ----------
    command: ``"docker run --rm lbl/busybox:1 echo hello"``, or a list of words.
    registry: a registry of the course; what the daemon asks of it is read from its access log.
    limit: seconds until the command is given up.

    Where no such socket is possible (Windows; a daemon behind ssh) the command is run all the same,
    and what is returned is the course's stored recording, which says so (`Conversation.stored`).

    Raises
    ------
    NotFound: the docker client is not installed.
    NotOurs: a container of that name exists that the course did not make.
    ContainerFailed: a port would be published to other machines, or the client failed.
    TimedOut, EngineLost: as for `helpers.components.docker`.
    """
    engine = engine or connect()
    words = words_of(command)
    check_ports(words)
    make_room(engine, words)
    shown = plain(shlex.join(["docker", *words]))
    print(f"$ {shown}", flush=True)
    environment = environment_of(engine)
    if why := why_not(engine):
        answer = invoke(words, environment, limit)
        show(answer)
        print(text(why))
        return _stored(shown, words, answer)
    with Proxy(_dial(engine)) as proxy:
        environment["DOCKER_HOST"] = proxy.url
        for name in ("DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "DOCKER_TLS"):
            environment.pop(name, None)  # the way to the socket needs none; `_dial` speaks TLS
        answer = invoke(words, environment, limit)
    show(answer)
    if answer.exit_code and not proxy.heard:
        raise ContainerFailed("components.client_failed", reason=answer.output.strip())
    found = exchanges(proxy.heard)
    if registry and proxy.heard:
        wall = min(one.wall for one in proxy.heard)
        found += registry_log.since(engine, registry.container, wall)
    found.sort(key=lambda one: one.began)
    return Conversation(shown, tuple(found), answer.output, answer.exit_code)


def why_not(engine: Engine) -> str | None:
    """Return the message key of why nobody can listen here; None if it can be done."""
    if not hasattr(socket, "AF_UNIX"):
        return "components.not_heard.windows"
    if urlsplit(engine.endpoint.url).scheme not in ("unix", "tcp", "http", "https"):
        return "components.not_heard.address"
    return None


def _dial(engine: Engine) -> Callable[[], socket.socket]:
    """Return what connects to the daemon, as the client itself would."""
    endpoint = engine.endpoint

    def unix() -> socket.socket:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(DIAL)
        connection.connect(str(endpoint.socket))
        connection.settimeout(None)  # an answer may take as long as a container runs
        return connection

    def tcp() -> socket.socket:
        parts = urlsplit(endpoint.url)
        secure = endpoint.certificates is not None or parts.scheme == "https"
        place = (parts.hostname or "localhost", parts.port or (2376 if secure else 2375))
        connection = socket.create_connection(place, timeout=DIAL)
        connection.settimeout(None)
        if folder := endpoint.certificates:
            tls = ssl.create_default_context(cafile=str(folder / "ca.pem"))
            tls.load_cert_chain(str(folder / "cert.pem"), str(folder / "key.pem"))
            return tls.wrap_socket(connection, server_hostname=parts.hostname)
        return connection

    return unix if endpoint.socket else tcp


def _stored(shown: str, words: list[str], answer: Answer) -> Conversation:
    """Return the recording that the course carries for a command of this kind, if it has one."""
    kept = json.loads(STORED.read_text("utf-8"))
    found = tuple(Exchange(**one) for one in kept.get(words[0] if words else "", []))
    made = Conversation(shown, found, answer.output, answer.exit_code)
    return replace(made, stored=bool(found))

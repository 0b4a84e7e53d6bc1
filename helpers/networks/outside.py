"""Reach a container's published port from this machine, where the notebook runs."""

from __future__ import annotations

import socket

from ..engine import Engine

__all__ = ["knock", "published"]

WAIT = 2.0  # seconds for a connection, and for its first bytes
REQUEST = b"GET / HTTP/1.0\r\n\r\n"
ANY = ("0.0.0.0", "::", "")


def published(told: dict) -> dict[int, tuple[str, int]]:
    """Return where the TCP ports of a container can be reached: port → address and port.

    Parameters
    ----------
    told: what the daemon tells of the container.
    """
    found = {}
    for inside, bindings in (told["NetworkSettings"].get("Ports") or {}).items():
        number, _, protocol = inside.partition("/")
        if protocol == "tcp" and bindings:
            address = bindings[0].get("HostIp") or ""
            outside = "127.0.0.1" if address in ANY else address
            found[int(number)] = (outside, int(bindings[0]["HostPort"]))
    return found


def knock(engine: Engine, address: tuple[str, int]) -> str:
    """Connect to a published port and ask for a page; return why it ended as it did.

    A connection alone proves nothing: the engine's proxy takes it, whether or not a program listens
    in the container. So bytes have to come back, or the connection has to stay open.
    """
    if engine.endpoint.remote:
        return "no_way"
    try:
        with socket.create_connection(address, timeout=WAIT) as connection:
            connection.sendall(REQUEST)
            try:
                return "answered" if connection.recv(1) else "refused"
            except TimeoutError:
                return "answered"  # it listens, and waits for something else
    except TimeoutError:
        return "silent"
    except OSError:
        return "refused"

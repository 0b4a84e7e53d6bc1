"""Published ports: on loopback, so that nothing is reachable from another machine."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import ContainerFailed

__all__ = ["Port", "ports_of"]

FORM = re.compile(r"(?:(\[[^\]]*\]|[^:\[\]]*):)?(\d*):(\d+)(?:/(tcp|udp|sctp))?")


@dataclass(frozen=True)
class Port:
    """One published port: ``address:host`` on the engine's host leads to ``inside``."""

    address: str
    host: str
    inside: str

    @property
    def binding(self) -> dict[str, str]:
        return {"HostIp": self.address, "HostPort": self.host}


def ports_of(publish: Sequence[str]) -> list[Port]:
    """Read what stands after ``-p``: ``127.0.0.1:8080:80``, or ``127.0.0.1::80`` for any free port.

    Raises
    ------
    ContainerFailed: it has another form, a number that is no port, or an address that is not
        loopback (without an address Docker would listen on every network).
    """
    if isinstance(publish, str):
        publish = (publish,)
    return [_port(one) for one in publish]


def _port(given: str) -> Port:
    form = FORM.fullmatch(given)
    if not form:
        if given.isdigit():  # "-p 80": every address, any port
            raise ContainerFailed("containers.publish", port=given, instead=f"127.0.0.1::{given}")
        raise ContainerFailed("containers.bad_port", port=given)
    address, host, inside, protocol = form.groups()
    if not 0 < int(inside) < 65536 or not 0 <= int(host or 0) < 65536:
        raise ContainerFailed("containers.bad_port", port=given)
    if not _loopback(address or ""):
        instead = f"127.0.0.1:{host}:{inside}"
        raise ContainerFailed("containers.publish", port=given, instead=instead)
    return Port(address.strip("[]"), host, f"{int(inside)}/{protocol or 'tcp'}")


def _loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return False

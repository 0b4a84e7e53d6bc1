"""What a cluster's name server answers: questions and answers of DNS, from services and endpoints.

After the specification (https://github.com/kubernetes/dns/blob/master/docs/specification.md): the
addresses of services, of the pods of headless ones, SRV of named ports, PTR.

It uses the standard library alone, so that it starts under any Python.
"""

from __future__ import annotations

import socket
import struct
import time
from dataclasses import dataclass, field

__all__ = ["Zone", "answer", "failed"]

A, CNAME, SOA, PTR, AAAA, SRV = 1, 5, 6, 12, 28, 33  # RFC 1035, RFC 3596, RFC 2782
FINE, FAILED, UNKNOWN = 0, 2, 3  # response codes
TTL = 5  # seconds, as CoreDNS does for cluster names

Record = tuple[int, bytes]  # type and data


@dataclass
class Zone:
    """What the API says of services and their pods, as answers to questions.

    Parameters
    ----------
    domain: the cluster's domain, ``cluster.local``.
    """

    domain: str
    objects: dict[str, dict[str, dict]] = field(
        default_factory=lambda: {"services": {}, "endpoints": {}}
    )

    def replace(self, kind: str, items: list[dict]) -> None:
        """Take a whole list, in place of all that was known."""
        self.objects[kind] = {_key(item): item for item in items}

    def change(self, kind: str, verb: str, item: dict) -> None:
        """Take one event of a watch."""
        known = dict(self.objects[kind])  # readers keep the one they hold
        if verb == "DELETED":
            known.pop(_key(item), None)
        else:
            known[_key(item)] = item
        self.objects[kind] = known

    def ours(self, name: str) -> bool:
        """Whether this zone answers for a name: all below its domain, and its reverse names."""
        if name == self.domain or name.endswith(f".{self.domain}"):
            return True
        return name.endswith(".in-addr.arpa") and self._reverse(name) is not None

    def find(self, name: str) -> list[Record] | None:
        """Return all records of a name; None if there is no such name."""
        if name.endswith(".in-addr.arpa"):
            found = self._reverse(name)
            return [(PTR, _name(found))] if found else None
        labels = name.removesuffix(self.domain).strip(".").split(".")
        if labels in ([""], ["svc"], ["pod"]):
            return []
        kind = labels.pop()
        if kind == "svc":
            return self._service(labels)
        if kind == "pod" and len(labels) == 2:
            address = labels[0].replace("-", ".")
            return [(A, socket.inet_aton(address))] if _is_address(address) else None
        return None

    def _service(self, labels: list[str]) -> list[Record] | None:
        if len(labels) == 1:
            spaces = {key.partition("/")[0] for key in self.objects["services"]}
            return [] if labels[0] in spaces else None
        *before, name, space = labels
        service = self.objects["services"].get(f"{space}/{name}")
        if service is None:
            return None
        spec = service["spec"]
        if spec.get("type") == "ExternalName":
            return [(CNAME, _name(spec["externalName"]))] if not before else None
        headless = spec.get("clusterIP") in (None, "", "None")
        ports = {
            (f"_{p['name']}", f"_{p.get('protocol', 'TCP').lower()}"): p["port"]
            for p in spec.get("ports") or []
            if p.get("name")
        }
        own = f"{name}.{space}.svc.{self.domain}"
        pods = self._pods(f"{space}/{name}") if headless else {}
        if len(before) == 2:
            port = ports.get((before[0], before[1]))
            targets = [f"{host}.{own}" for host in pods] if headless else [own]
            if port is None:
                return None
            return [(SRV, struct.pack("!HHH", 0, 100, port) + _name(t)) for t in targets]
        if len(before) == 1:
            return [(A, socket.inet_aton(pods[before[0]]))] if before[0] in pods else None
        if before:
            return None
        addresses = pods.values() if headless else [spec["clusterIP"]]
        return [(A, socket.inet_aton(address)) for address in addresses]

    def _pods(self, key: str) -> dict[str, str]:
        """Return the ready pods behind a service: host name and address."""
        subsets = self.objects["endpoints"].get(key, {}).get("subsets") or []
        return {
            found.get("hostname") or found["ip"].replace(".", "-"): found["ip"]
            for subset in subsets
            for found in subset.get("addresses") or []
        }

    def _reverse(self, name: str) -> str | None:
        address = ".".join(reversed(name.removesuffix(".in-addr.arpa").split(".")))
        for key, service in self.objects["services"].items():
            if service["spec"].get("clusterIP") == address:
                space, _, own = key.partition("/")
                return f"{own}.{space}.svc.{self.domain}"
        return None


def answer(zone: Zone, question: bytes, limit: int | None = None) -> bytes | None:
    """Return the answer to a packet; None if the question is none of this zone's.

    Parameters
    ----------
    limit: the most bytes of an answer; a longer one is cut, and says so.
    """
    number, flags, questions = struct.unpack_from("!HHH", question)
    name, end = _read(question, 12)
    kind, _ = struct.unpack_from("!HH", question, end)
    asked = question[12 : end + 4]
    if questions != 1 or not zone.ours(name):
        return None
    records = zone.find(name)
    fitting = [r for r in records or [] if r[0] in (kind, CNAME)]
    code = UNKNOWN if records is None else FINE
    body = b"".join(_record(b"\xc0\x0c", *record) for record in fitting)
    authority = b""
    if not fitting:  # how long "there is none" may be remembered (RFC 2308)
        data = _name(f"ns.dns.{zone.domain}") + _name(f"hostmaster.{zone.domain}")
        data += struct.pack("!IIIII", int(time.time()), 7200, 1800, 86400, TTL)
        authority = _record(_name(zone.domain), SOA, data)
    said = 0x8400 | (flags & 0x0100) | 0x0080 | code  # an answer, authoritative, recursion offered
    cut = limit is not None and 12 + len(asked) + len(body) + len(authority) > limit
    if cut:
        said, body, fitting, authority = said | 0x0200, b"", [], b""
    counts = (1, len(fitting), 1 if authority else 0, 0)
    return struct.pack("!HHHHHH", number, said, *counts) + asked + body + authority


def failed(question: bytes) -> bytes:
    """Return the answer that says that none could be found."""
    number, flags = struct.unpack_from("!HH", question)
    _, end = _read(question, 12)
    said = 0x8080 | (flags & 0x0100) | FAILED
    return struct.pack("!HHHHHH", number, said, 1, 0, 0, 0) + question[12 : end + 4]


def _key(item: dict) -> str:
    return f"{item['metadata']['namespace']}/{item['metadata']['name']}"


def _is_address(written: str) -> bool:
    parts = written.split(".")
    return len(parts) == 4 and all(p.isdecimal() and int(p) < 256 for p in parts)


def _name(written: str) -> bytes:
    labels = [label.encode() for label in written.strip(".").split(".")]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def _read(packet: bytes, at: int) -> tuple[str, int]:
    """Return the name of the question and where it ends; questions hold no pointers."""
    labels = []
    while size := packet[at]:
        labels.append(packet[at + 1 : at + 1 + size].decode("ascii", "replace").lower())
        at += 1 + size
    return ".".join(labels), at + 1


def _record(name: bytes, kind: int, data: bytes) -> bytes:
    return name + struct.pack("!HHIH", kind, 1, TTL, len(data)) + data

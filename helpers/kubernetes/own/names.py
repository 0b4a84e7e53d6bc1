"""The cluster's name server: services by name, read from the API; runs as ``python names.py …``.

Kubernetes comes with none of its own: clusters install CoreDNS, which Debian does not have. This
one serves what the specification asks for (https://github.com/kubernetes/dns/blob/master/docs/
specification.md): addresses of services, of the pods of headless ones, SRV of named ports, PTR.
What is not of the cluster is asked of the host's resolver.

It uses the standard library alone, so that it starts under any Python.
"""

from __future__ import annotations

import json
import socket
import ssl
import struct
import sys
import threading
import time
import urllib.request
from dataclasses import dataclass, field

A, CNAME, SOA, PTR, AAAA, SRV = 1, 5, 6, 12, 28, 33  # RFC 1035, RFC 3596, RFC 2782
FINE, FAILED, UNKNOWN = 0, 2, 3  # response codes
TTL = 5  # seconds, as CoreDNS does for cluster names
UPSTREAM = 5  # seconds for the host's resolver
LARGEST = 512  # bytes of an answer over UDP (RFC 1035 §2.3.4)
AGAIN = 0.5  # seconds between two attempts to reach the API

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


class _Server:
    def __init__(self, config: dict) -> None:
        self.zone = Zone(config["domain"])
        self.address = (config["address"], 53)
        self.upstream = (config["upstream"], 53)
        self.url = config["url"]
        self.context = ssl.create_default_context(cafile=config["authority"])
        self.context.load_cert_chain(*config["identity"])

    def follow(self, kind: str) -> None:
        """List, then watch, for ever: after a lost connection from the beginning."""
        while True:
            try:
                with self._get(kind) as reply:
                    found = json.load(reply)
                self.zone.replace(kind, found["items"])
                version = found["metadata"]["resourceVersion"]
                with self._get(f"{kind}?watch=1&resourceVersion={version}") as reply:
                    for line in reply:
                        event = json.loads(line)
                        if event["type"] == "ERROR":
                            break
                        self.zone.change(kind, event["type"], event["object"])
            except (OSError, ValueError, KeyError) as error:
                print(f"{kind}: {error}", flush=True)
            time.sleep(AGAIN)  # a pause between two attempts, not a wait for a state

    def _get(self, what: str):
        address = f"{self.url}/api/v1/{what}"
        return urllib.request.urlopen(address, timeout=3600, context=self.context)

    def _reply(self, question: bytes, limit: int | None) -> bytes:
        own = answer(self.zone, question, limit)
        if own is not None:
            return own
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
                other.settimeout(UPSTREAM)
                other.sendto(question, self.upstream)
                return other.recv(4096)
        except OSError:
            return failed(question)

    def datagrams(self) -> None:
        own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        own.bind(self.address)

        def one(question: bytes, sender: tuple[str, int]) -> None:
            try:
                own.sendto(self._reply(question, LARGEST), sender)
            except (OSError, IndexError, struct.error) as error:  # not a question: no answer
                print(error, flush=True)

        while True:
            threading.Thread(target=one, args=own.recvfrom(4096), daemon=True).start()

    def streams(self) -> None:
        own = socket.create_server(self.address, reuse_port=False)

        def one(line: socket.socket) -> None:
            with line:
                line.settimeout(UPSTREAM)
                try:
                    (size,) = struct.unpack("!H", line.recv(2, socket.MSG_WAITALL))
                    found = self._reply(line.recv(size, socket.MSG_WAITALL), None)
                    line.sendall(struct.pack("!H", len(found)) + found)
                except (OSError, IndexError, struct.error) as error:
                    print(error, flush=True)

        while True:
            threading.Thread(target=one, args=(own.accept()[0],), daemon=True).start()


def main(written: str) -> None:
    server = _Server(json.loads(written))
    work = [threading.Thread(target=server.follow, args=(k,)) for k in server.zone.objects]
    work += [threading.Thread(target=target) for target in (server.datagrams, server.streams)]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()


if __name__ == "__main__":
    main(sys.argv[1])

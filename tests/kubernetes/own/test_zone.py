"""The cluster's name server says what the specification of Kubernetes' DNS asks for."""

from __future__ import annotations

import socket
import struct

import pytest

from helpers.kubernetes.own.zone import AAAA, CNAME, PTR, SRV, A, Zone, answer, failed

DOMAIN = "cluster.local"


def _service(name: str, space: str = "default", **spec: object) -> dict:
    return {"metadata": {"name": name, "namespace": space}, "spec": spec}


@pytest.fixture
def zone() -> Zone:
    found = Zone(DOMAIN)
    ports = [{"name": "http", "port": 80, "protocol": "TCP"}, {"name": "plain", "port": 9}]
    found.replace("services", [
        _service("web", clusterIP="10.96.5.6", ports=ports),
        _service("db", clusterIP="None", ports=[{"name": "redis", "port": 6379}]),
        _service("away", type="ExternalName", externalName="example.com"),
        _service("kube-dns", "kube-system", clusterIP="10.96.0.10", ports=[{"port": 53}]),
    ])  # fmt: skip
    addresses = [{"ip": "10.244.0.7"}, {"ip": "10.244.0.8", "hostname": "db-1"}]
    found.replace("endpoints", [
        {
            "metadata": {"name": "db", "namespace": "default"},
            "subsets": [{"addresses": addresses, "notReadyAddresses": [{"ip": "10.244.0.9"}]}],
        }
    ])  # fmt: skip
    return found


def _question(name: str, kind: int) -> bytes:
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    head = struct.pack("!HHHHHH", 4711, 0x0100, 1, 0, 0, 0)
    return head + labels + b"\0" + struct.pack("!HH", kind, 1)


def _asked(zone: Zone, name: str, kind: int = A) -> tuple[int, list[bytes]]:
    """Ask, and return the response code and the data of the answers."""
    question = _question(name, kind)
    reply = answer(zone, question)
    assert reply is not None
    number, said, questions, count, authorities, _ = struct.unpack_from("!HHHHHH", reply)
    assert (number, questions) == (4711, 1)
    assert said & 0x8400 == 0x8400  # an answer, by who is in charge of the name
    assert authorities == (0 if count else 1)
    assert reply[12 : len(question)] == question[12:]
    at, found = len(question), []
    for _ in range(count):
        size = struct.unpack_from("!H", reply, at + 10)[0]
        found.append(reply[at + 12 : at + 12 + size])
        at += 12 + size
    return said & 0xF, found


def _addresses(found: list[bytes]) -> list[str]:
    return [socket.inet_ntoa(data) for data in found]


def test_a_service_has_its_address(zone: Zone) -> None:
    code, found = _asked(zone, "web.default.svc.cluster.local")
    assert (code, _addresses(found)) == (0, ["10.96.5.6"])
    assert _asked(zone, "WEB.Default.svc.Cluster.local")[1] == found


def test_a_headless_one_has_those_of_its_ready_pods(zone: Zone) -> None:
    code, found = _asked(zone, "db.default.svc.cluster.local")
    assert (code, _addresses(found)) == (0, ["10.244.0.7", "10.244.0.8"])
    assert _addresses(_asked(zone, "db-1.db.default.svc.cluster.local")[1]) == ["10.244.0.8"]
    assert _addresses(_asked(zone, "10-244-0-7.db.default.svc.cluster.local")[1]) == ["10.244.0.7"]
    assert _asked(zone, "db-2.db.default.svc.cluster.local") == (3, [])


def test_no_such_name_and_no_such_record_are_different(zone: Zone) -> None:
    assert _asked(zone, "wbe.default.svc.cluster.local") == (3, [])
    assert _asked(zone, "web.other.svc.cluster.local") == (3, [])
    assert _asked(zone, "web.default.svc.cluster.local", AAAA) == (0, [])
    assert _asked(zone, "default.svc.cluster.local") == (0, [])
    assert _asked(zone, "svc.cluster.local") == (0, [])
    # what the search list of a pod makes out of a name of the outside
    assert _asked(zone, "deb.debian.org.default.svc.cluster.local") == (3, [])


def test_ports_pods_and_addresses_have_names_too(zone: Zone) -> None:
    code, (found,) = _asked(zone, "_http._tcp.web.default.svc.cluster.local", SRV)
    assert (code, struct.unpack_from("!HHH", found)) == (0, (0, 100, 80))
    assert found[6:].startswith(b"\3web\7default")
    assert len(_asked(zone, "_redis._tcp.db.default.svc.cluster.local", SRV)[1]) == 2
    assert _asked(zone, "_none._tcp.web.default.svc.cluster.local", SRV) == (3, [])
    assert _addresses(_asked(zone, "10-1-2-3.default.pod.cluster.local")[1]) == ["10.1.2.3"]
    assert _asked(zone, "10-1-2-999.default.pod.cluster.local") == (3, [])
    code, (found,) = _asked(zone, "6.5.96.10.in-addr.arpa", PTR)
    assert found.startswith(b"\3web\7default\3svc\7cluster\5local\0")
    code, (found,) = _asked(zone, "away.default.svc.cluster.local", A)
    assert found == b"\7example\3com\0"
    assert zone.find("away.default.svc.cluster.local") == [(CNAME, found)]


def test_what_is_not_of_the_cluster_is_not_answered_here(zone: Zone) -> None:
    for name in ("deb.debian.org", "local", "notcluster.local", "1.0.0.127.in-addr.arpa"):
        assert answer(zone, _question(name, A)) is None
    number, said = struct.unpack_from("!HH", failed(_question("deb.debian.org", A)))
    assert (number, said & 0xF) == (4711, 2)


def test_it_follows_what_the_api_tells(zone: Zone) -> None:
    name = "late.default.svc.cluster.local"
    assert _asked(zone, name)[0] == 3
    zone.change("services", "ADDED", _service("late", clusterIP="10.96.1.1"))
    assert _addresses(_asked(zone, name)[1]) == ["10.96.1.1"]
    zone.change("services", "DELETED", _service("late"))
    assert _asked(zone, name)[0] == 3


def test_too_long_an_answer_is_cut_and_says_so(zone: Zone) -> None:
    many = [{"ip": f"10.244.0.{number}"} for number in range(1, 200)]
    zone.change("endpoints", "MODIFIED", {
        "metadata": {"name": "db", "namespace": "default"}, "subsets": [{"addresses": many}],
    })  # fmt: skip
    question = _question("db.default.svc.cluster.local", A)
    short, whole = answer(zone, question, 512), answer(zone, question)
    assert short is not None
    assert whole is not None
    assert len(short) <= 512
    assert struct.unpack_from("!H", short, 2)[0] & 0x0200
    assert struct.unpack_from("!H", whole, 6)[0] == 199

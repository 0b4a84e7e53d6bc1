"""The access log of a registry, read without a daemon: lines as Engine 28.5 made them."""

from __future__ import annotations

import pytest

from helpers.registry.model import FETCHED, HELD, MOUNTED, SENT, THERE, Blob, Manifest
from helpers.registry.traffic import Recorder, Way, _request, counted, transfer

HEAD = "172.17.0.1 - - [25/Nov/2026:03:09:44 +0000] "
AGENT = '"" "docker/28.5.2+dfsg4 go/go1.27.1 UpstreamClient(docker-sdk-python/7.2.0)"'
D = {name: f"sha256:{name * 64}" for name in "abcde"}
MANIFEST = Manifest(
    "lbl/x:1", D["e"], Blob(D["c"], 800), (Blob(D["a"], 1000), Blob(D["b"], 300)), Blob(D["e"], 700)
)


def _line(request: str, status: int) -> str:
    return f'{HEAD}"{request} HTTP/1.1" {status} 0 {AGENT}'


def _heard(
    *lines: str, received: int | None = None, sent: int | None = None, twice: int = 0
) -> Recorder:
    recorder = Recorder(None, "x", None)  # type: ignore[arg-type]
    recorder.requests = [found for line in lines if (found := _request(line))]
    recorder.received = None if received is None else Way(received, twice)
    recorder.sent = None if sent is None else Way(sent, twice)
    return recorder


def _states(recorder: Recorder, push: bool) -> list[str]:
    return [item.state for item in transfer(recorder, MANIFEST, push=push).items]


def test_a_push_of_the_classic_store():
    escaped = D["b"].replace(":", "%3A")
    found = _heard(
        _line("GET /v2/", 200),
        _line(f"HEAD /v2/lbl/x/blobs/{D['a']}", 200),
        _line("POST /v2/lbl/x/blobs/uploads/", 202),
        _line("PATCH /v2/lbl/x/blobs/uploads/1?_state=x", 202),
        _line(f"PUT /v2/lbl/x/blobs/uploads/1?_state=x%3D&digest={escaped}", 201),
        _line(f"HEAD /v2/lbl/x/blobs/{D['c']}", 200),
        _line("PUT /v2/lbl/x/manifests/1", 201),
        received=1100,
    )
    assert _states(found, True) == [SENT, THERE, THERE, SENT]
    done = transfer(found, MANIFEST, push=True)
    assert (done.crossed, done.spared, done.wire, done.requests) == (1000, 1800, 1100, 7)
    assert done.agrees


def test_a_mount_is_one_only_if_the_registry_agreed():
    mount = f"POST /v2/lbl/y/blobs/uploads/?from=lbl%2Fx&mount={D['a'].replace(':', '%3A')}"
    assert _states(_heard(_line(mount, 201)), True)[2] == MOUNTED
    assert transfer(_heard(_line(mount, 201)), MANIFEST, push=True).layers[0].source == "lbl/x"
    put = f"PUT /v2/lbl/y/blobs/uploads/2?digest={D['a']}"
    assert _states(_heard(_line(mount, 202), _line(put, 201)), True)[2] == SENT


def test_a_pull():
    found = _heard(
        _line("HEAD /v2/lbl/x/manifests/1", 200),
        _line(f"GET /v2/lbl/x/manifests/{D['e']}", 200),
        _line(f"GET /v2/lbl/x/blobs/{D['b']}", 200),
        _line(f"GET /v2/lbl/x/blobs/{D['a']}", 404),
        sent=1050,
    )
    assert _states(found, False) == [FETCHED, HELD, HELD, FETCHED]
    assert transfer(found, MANIFEST, push=False).wire == 1050


@pytest.mark.parametrize(
    "line", ["", "time=x level=warning", f'{HEAD}"" 400 0', '"GET /\x1b[31m', "\0" * 50]
)
def test_other_lines_are_no_requests(line):
    assert _request(line) is None


def test_a_count_below_what_crossed_does_not_agree():
    found = _heard(_line(f"PUT /v2/x/blobs/uploads/1?digest={D['a']}", 201), received=10)
    assert transfer(found, MANIFEST, push=True).agrees is False


def test_what_tcp_sends_again_is_known_as_that():
    line = _line(f"PUT /v2/x/blobs/uploads/1?digest={D['a']}", 201)
    assert transfer(_heard(line, received=60_000), MANIFEST, push=True).agrees is False
    assert transfer(_heard(line, received=60_000, twice=1), MANIFEST, push=True).agrees is True


def test_the_counters_of_the_kernel():
    # /proc/net/dev, /proc/net/snmp and /proc/net/netstat of Linux 6.1, shortened
    tables = """\
Inter-|   Receive                         |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs
    lo:     900       9    0    0    0     0          0         0      900       9    0    0
  eth0: 1400000     120    0    0    0     0          0         0     7000      90    0    0
eth1:       5     1    0    0    0     0          0         0     6      1    0    0
Ip: Forwarding DefaultTTL InReceives
Ip: 1 64 129
Tcp: RtoAlgorithm MaxConn InSegs OutSegs RetransSegs InErrs
Tcp: 1 -1 120 90 3 0
TcpExt: SyncookiesSent TCPDSACKOldSent TCPDSACKOfoSent TCPDSACKRecv
TcpExt: 0 2 1 7
IpExt: InNoRoutes
IpExt: 0
"""
    assert counted(tables) == (Way(1_400_005, 3), Way(7_006, 3))
    assert counted(tables.replace("90 3 0", "90 0 0"))[1].twice == 0

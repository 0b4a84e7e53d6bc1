"""The metrics API: what it makes of a kubelet's counters; its certificate, by a real handshake."""

from __future__ import annotations

import json
import ssl
import threading
import urllib.request
from pathlib import Path

import pytest

from helpers.kubernetes.metrics import objects, server
from helpers.kubernetes.metrics.selfsigned import make

NAME = "metrics.lbl-10-metrics.svc"
KEY = ("lbl-10", "web-1", "page")


def summary(seconds: int, cpu: int, pod: str = "web-1") -> dict:
    """What a kubelet of 1.20 answered, cut down."""
    time = f"2026-11-28T20:00:{seconds:02}Z"
    used = {"cpu": {"time": time, "usageNanoCores": 1, "usageCoreNanoSeconds": cpu},
            "memory": {"time": time, "workingSetBytes": 20 << 20}}  # fmt: skip
    ref = {"name": pod, "namespace": "lbl-10", "uid": "u"}
    return {
        "node": {"nodeName": "node-1", **used},
        "pods": [{"podRef": ref, "containers": [{"name": "page", **used}]}],
    }


def test_usage_is_how_fast_the_counter_grew() -> None:
    counters = server.Counters()
    server.take(counters, summary(0, 1_000_000_000))
    assert counters.usage(KEY) is None, "one value is no rate"
    server.take(counters, summary(2, 1_200_000_000))
    server.take(counters, summary(2, 1_200_000_000))  # the kubelet did not count anew
    _, window, cores, memory = counters.usage(KEY)
    assert (window, cores, memory) == (2.0, 100_000_000, 20 << 20)


def test_usage_looks_back_a_few_seconds_only() -> None:
    counters = server.Counters()
    for second in range(0, 30, 2):
        server.take(counters, summary(second, 0 if second < 20 else (second - 20) * 10**9))
    _, window, cores, _ = counters.usage(KEY)
    assert server.WINDOW <= window <= server.WINDOW + 2
    assert cores == 10**9


def test_a_counter_that_begins_anew_is_a_new_container() -> None:
    counters = server.Counters()
    server.take(counters, summary(0, 9_000_000_000))
    server.take(counters, summary(2, 1_000))
    assert counters.usage(KEY) is None


def test_what_is_gone_is_forgotten() -> None:
    counters = server.Counters()
    server.take(counters, summary(0, 1))
    counters.forget(server.seconds_of("2026-11-28T20:00:30Z"))
    assert counters.containers("lbl-10", "web-1") == ["page"]
    counters.forget(server.seconds_of("2026-11-28T20:02:00Z"))
    assert counters.containers("lbl-10", "web-1") == []


@pytest.mark.parametrize(
    ("selector", "fits"),
    [
        ("", True), ("app=web", True), ("app==web", True), ("app=db", False), ("app!=db", True),
        ("app", True), ("!app", False), ("app in (web, db)", True), ("app notin (web,db)", False),
        ("app=web,tier in (a,b)", False), ("app in (web,db),tier notin (a)", True),
    ],
)  # fmt: skip
def test_selectors_are_those_of_the_api(selector: str, fits: bool) -> None:
    assert server.selected({"app": "web"}, selector) is fits


def test_a_client_that_trusts_the_certificate_gets_an_answer(tmp_path: Path) -> None:
    certificate, key = make([NAME, "localhost"])
    (tmp_path / "tls.crt").write_text(certificate)
    (tmp_path / "tls.key").write_text(key)
    counters = server.Counters()
    running = server.serve(None, counters, 0, str(tmp_path))
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    try:
        address = f"https://localhost:{running.server_address[1]}"
        trusting = ssl.create_default_context(cadata=certificate)
        place = f"{address}/apis/metrics.k8s.io/v1beta1"
        with urllib.request.urlopen(place, timeout=20, context=trusting) as answer:
            names = [one["name"] for one in json.load(answer)["resources"]]
        assert names == ["nodes", "pods"]
        with pytest.raises(OSError, match="503"):  # nothing was measured yet
            urllib.request.urlopen(f"{address}/healthz", timeout=20, context=trusting)
        with pytest.raises(OSError, match=r"(?i)certificate"):
            urllib.request.urlopen(
                place, timeout=20, context=ssl.create_default_context()
            )  # fmt: skip
    finally:
        running.shutdown()
        running.server_close()
        thread.join(10)


def test_each_certificate_is_another() -> None:
    assert make([NAME]) != make([NAME])


def test_the_account_may_read_counters_and_nothing_else() -> None:
    rules = dict(objects.cluster_wide())["/apis/rbac.authorization.k8s.io/v1/clusterroles"]["rules"]
    verbs = {verb for rule in rules for verb in rule["verbs"]}
    assert verbs == {"get", "list"}
    assert not any("proxy" in name or "secret" in name for r in rules for name in r["resources"])


def test_the_program_needs_nothing_but_python() -> None:
    source = Path(server.__file__).read_text("utf-8")
    assert "from .." not in source
    assert "import requests" not in source

"""The course's own cluster does what a cluster does, and the host does not notice."""

from __future__ import annotations

import collections
import os
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers import bases
from helpers.engine import Engine
from helpers.engine.patience import until
from helpers.errors import KubernetesFailed, NotFound
from helpers.kubernetes import own
from helpers.kubernetes.own.inside import WANTED
from helpers.kubernetes.own.node import of

pytestmark = pytest.mark.daemon

SOON = 120  # seconds; the machine may be busy
APPS = "/apis/apps/v1/namespaces/default/deployments"
PODS = "/api/v1/namespaces/default/pods"
SERVICES = "/api/v1/namespaces/default/services"
SERVE = "trap exit TERM; mkdir /w; hostname > /w/index.html; httpd -f -p 80 -h /w & wait"
# the same as request and as limit: the kubelet calls it guaranteed, with a negative OOM score
AMOUNT = {"cpu": "50m", "memory": "16Mi"}


def _host() -> dict[str, object]:
    """What a cluster must not change on the host."""
    kernel = {name: Path("/proc/sys", name).read_text() for name in WANTED}
    rules = subprocess.run(
        ["sh", "-c", "iptables-save 2>/dev/null"], capture_output=True, check=False
    )
    return {
        **kernel,
        "links": sorted(p.name for p in Path("/sys/class/net").iterdir()),
        "rules": rules.stdout,
        "mounts": Path("/proc/self/mounts").read_text(),
        "tracked": Path("/proc/sys/net/ipv4/ip_forward").read_text(),
        "lib": sorted(p.name for p in Path("/var/lib").iterdir()),
        "log": sorted(p.name for p in Path("/var/log").iterdir()),
        "run": sorted(p.name for p in Path("/run").iterdir()),
    }


def _listening() -> dict[int, set[str]]:
    """The TCP ports of the host that somebody listens on, with the addresses (proc(5))."""
    found: dict[int, set[str]] = collections.defaultdict(set)
    for name in ("tcp", "tcp6"):
        for line in Path(f"/proc/self/net/{name}").read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == "0A":
                address, _, port = words[1].partition(":")
                found[int(port, 16)].add(address)
    return found


def _processes(engine: Engine) -> list[str]:
    words = ["pgrep", "-af", f"{of(engine).folder}/"]
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout.splitlines()


@pytest.fixture(scope="module")
def host(engine: Engine) -> dict[str, object]:
    """How the host looks before the cluster of this test engine starts."""
    own.stop(engine)
    return _host()


@pytest.fixture(scope="module")
def cluster(engine: Engine, host: dict[str, object], programs: Path) -> Iterator[own.Running]:
    bases.busybox(engine)
    running = own.start(engine)
    running.load([bases.BUSYBOX], engine)
    yield running
    own.stop(engine)


def _kubectl(cluster: own.Running, *words: str) -> str:
    done = subprocess.run(
        [str(cluster.kubectl), "--kubeconfig", str(cluster.kubeconfig), *words],
        capture_output=True, text=True, timeout=SOON, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def web(cluster: own.Running) -> list[str]:
    """Three replicas behind a service that has a node port; returns the pods' names."""
    container = {
        "name": "page", "image": bases.BUSYBOX, "command": ["sh", "-c", SERVE],
        "resources": {"requests": AMOUNT, "limits": AMOUNT},
        "readinessProbe": {"httpGet": {"path": "/", "port": 80}, "periodSeconds": 1},
    }  # fmt: skip
    mark = {"app": "web"}
    cluster.ask(APPS, {
        "metadata": {"name": "web"},
        "spec": {
            "replicas": 3, "selector": {"matchLabels": mark},
            "template": {"metadata": {"labels": mark}, "spec": {"containers": [container]}},
        },
    })  # fmt: skip
    ports = [{"name": "http", "port": 80, "nodePort": 30080}]
    cluster.ask(SERVICES, {
        "metadata": {"name": "web"}, "spec": {"type": "NodePort", "selector": mark, "ports": ports},
    })  # fmt: skip

    def ready() -> bool:
        return cluster.ask(f"{APPS}/web")["status"].get("readyReplicas") == 3

    until(ready, SOON, "kubernetes.node_ready")
    pods = cluster.ask(f"{PODS}?labelSelector=app%3Dweb")["items"]
    assert {pod["status"]["qosClass"] for pod in pods} == {"Guaranteed"}
    return sorted(pod["metadata"]["name"] for pod in pods)


def test_a_node_port_balances_over_all_pods(cluster: own.Running, web: list[str]) -> None:
    answered: collections.Counter[str] = collections.Counter()
    for _ in range(90):
        with urllib.request.urlopen(cluster.port(30080), timeout=30) as reply:
            answered[reply.read().decode().strip()] += 1
    assert sorted(answered) == web
    with pytest.raises(NotFound) as caught:
        cluster.port(31000)
    assert "30080, 30081" in caught.value.why


def test_a_pod_finds_a_service_by_name_and_the_api_too(
    cluster: own.Running, web: list[str]
) -> None:
    ask = "for i in 1 2 3 4 5 6 7 8 9; do timeout 20 wget -q -O- http://web; done"
    assert set(_kubectl(cluster, "exec", web[0], "--", "sh", "-c", ask).split()) <= set(web)
    found = _kubectl(
        cluster, "exec", web[0], "--", "nslookup", "kubernetes.default.svc.cluster.local"
    )
    assert "10.96.0.1\n" in found
    missing = "nslookup nonesuch.default.svc.cluster.local || true"
    assert "NXDOMAIN" in _kubectl(cluster, "exec", web[0], "--", "sh", "-c", f"{missing} 2>&1")


def test_what_a_container_prints_is_kept(cluster: own.Running) -> None:
    say = ["run", "speaker", f"--image={bases.BUSYBOX}", "--restart=Never", "--", "echo", "你好"]
    _kubectl(cluster, *say)

    def over() -> bool:
        return cluster.ask(f"{PODS}/speaker")["status"]["phase"] == "Succeeded"

    until(over, SOON, "kubernetes.node_ready")
    assert _kubectl(cluster, "logs", "speaker") == "你好\n"


def test_the_kubelet_measures(cluster: own.Running, web: list[str]) -> None:
    def measured() -> set[str]:
        found = cluster.ask("/api/v1/nodes/node-1/proxy/stats/summary")["pods"]
        return {
            pod["podRef"]["name"]
            for pod in found
            if all(
                "usageCoreNanoSeconds" in c.get("cpu", {}) for c in pod.get("containers") or [{}]
            )
        }

    until(lambda: set(web) <= measured(), SOON, "kubernetes.node_ready")


def test_further_api_servers_can_trust_it(cluster: own.Running) -> None:
    """What an APIService (a metrics API) reads to know its callers."""
    path = "/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication"
    data = cluster.ask(path)["data"]
    assert data["requestheader-allowed-names"] == '["front-proxy-client"]'
    assert data["requestheader-client-ca-file"] != data["client-ca-file"]


def test_a_deleted_pod_is_soon_gone_and_replaced(cluster: own.Running, web: list[str]) -> None:
    """Without the course's patch of the kubelet it stays listed for one or two minutes."""
    cluster.ask(f"{PODS}/{web[0]}", method="DELETE")

    def gone() -> bool:
        names = {
            p["metadata"]["name"] for p in cluster.ask(f"{PODS}?labelSelector=app%3Dweb")["items"]
        }
        return web[0] not in names and len(names) == 3

    until(gone, 45, "kubernetes.node_ready")


def test_the_host_does_not_notice(
    cluster: own.Running, engine: Engine, host: dict[str, object], web: list[str]
) -> None:
    assert _host() == host
    listening = _listening()
    assert {address for port in cluster.ports.values() for address in listening[port]} == {
        "0100007F"  # 127.0.0.1
    }
    assert not {2379, 2380, 10248, 10249, 10250, 10256} & set(listening)
    assert own.start(engine).ports == cluster.ports  # it runs already


def test_a_refusal_is_told(cluster: own.Running) -> None:
    with pytest.raises(KubernetesFailed) as caught:
        cluster.ask("/api/v1/namespaces/nonesuch/pods/nonesuch")
    assert "404" in caught.value.why
    with pytest.raises(NotFound):
        cluster.load(["lbl/nonesuch:1"])


def test_a_port_of_a_pod_is_forwarded(cluster: own.Running, web: list[str]) -> None:
    words = [str(cluster.kubectl), "--kubeconfig", str(cluster.kubeconfig), "port-forward"]
    process = subprocess.Popen(
        [*words, "deployment/web", ":80"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()  # Forwarding from 127.0.0.1:43211 -> 80
        address = line.split()[2]
        with urllib.request.urlopen(f"http://{address}/", timeout=60) as reply:
            assert reply.read().decode().startswith("web-")
    finally:
        process.terminate()
        process.communicate(timeout=60)


def test_killed_it_leaves_nothing(
    cluster: own.Running, engine: Engine, host: dict[str, object]
) -> None:
    """Ends the cluster: the tests below start it again."""
    node = of(engine)
    process = node._pid()
    assert process
    os.kill(process, signal.SIGKILL)
    until(lambda: _processes(engine) == [], SOON, "kubernetes.ended")
    assert own.running(engine) is None
    assert _host() == host
    assert not _listening().keys() & set(cluster.ports.values())
    assert own.stop(engine) is False
    assert not node.place.exists()
    assert [str(p) for p in Path("/sys/fs/cgroup").glob(f"**{node.cgroup}")] == []


@pytest.mark.sweep
def test_it_starts_again_and_what_ends_is_started_again(
    cluster: own.Running, engine: Engine, host: dict[str, object]
) -> None:
    again = own.start(engine)
    assert again.ask(PODS)["items"] == []  # a new cluster
    (server,) = [line.split()[0] for line in _processes(engine) if "/kube-apiserver " in line]
    os.kill(int(server), signal.SIGKILL)

    def back() -> bool:
        alive = own.running(engine)
        return alive is not None and alive.ask(PODS)["items"] == []

    until(back, SOON, "kubernetes.api_ready")
    assert own.stop(engine)
    assert _processes(engine) == []
    assert _host() == host

"""A metrics API: how much CPU and memory pods and nodes use; runs as ``python server.py`` in a pod.

The HorizontalPodAutoscaler asks for this API (metrics.k8s.io/v1beta1), which Kubernetes describes
and does not bring. The usual answer is metrics-server; this is a small one of the same kind. It
reads counters from every node's kubelet (``/stats/summary``), and says how fast they grew.

It uses the standard library alone: it runs in any image that has Python.
"""

from __future__ import annotations

import json
import os
import ssl
import sys
import threading
import time
import urllib.error
import urllib.request
from calendar import timegm
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

VERSION = "metrics.k8s.io/v1beta1"
EVERY = 1.0  # seconds between two looks at the kubelets
WINDOW = 5.0  # seconds over which a rate is measured, if the kubelet counts that often
OLDEST = 60.0  # seconds after which a counter that no longer comes is forgotten
ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
LIMIT = 10  # seconds for one question


class Counters:
    """What the kubelets said: for each container the last few values of its counter."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, str, str], deque[tuple[float, int, int]]] = {}
        self._lock = threading.Lock()
        self.looks = 0

    def add(self, key: tuple[str, str, str], when: float, cpu: int, memory: int) -> None:
        """Take a value: nanoseconds of CPU used so far, at `when`, and bytes of memory in use."""
        with self._lock:
            values = self._values.setdefault(key, deque())
            if values and (when <= values[-1][0] or cpu < values[-1][1]):
                if cpu >= values[-1][1]:
                    return  # the same value again
                values.clear()  # a new container of the same name
            values.append((when, cpu, memory))
            while len(values) > 2 and values[-1][0] - values[1][0] >= WINDOW:
                values.popleft()

    def forget(self, now: float) -> None:
        """Drop what has not come for a while."""
        with self._lock:
            gone = [key for key, values in self._values.items() if now - values[-1][0] > OLDEST]
            for key in gone:
                del self._values[key]

    def usage(self, key: tuple[str, str, str]) -> tuple[float, float, int, int] | None:
        """Return time, seconds measured, nanocores and bytes; None before there are two values."""
        with self._lock:
            values = self._values.get(key)
            if not values or len(values) < 2:
                return None
            (begin, first, _), (end, last, memory) = values[0], values[-1]
        return end, end - begin, int((last - first) / (end - begin)), memory

    def containers(self, namespace: str, pod: str) -> list[str]:
        with self._lock:
            return sorted(key[2] for key in self._values if key[:2] == (namespace, pod))


def seconds_of(stamp: str) -> float:
    """Return a time of the kubelet (RFC 3339) as seconds of the Unix epoch."""
    whole, _, rest = stamp.rstrip("Z").partition(".")
    return timegm(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) + float(f"0.{rest or 0}")


def stamp_of(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def take(counters: Counters, summary: dict) -> None:
    """Read a kubelet's summary (k8s.io/kubelet/pkg/apis/stats/v1alpha1)."""
    node = summary.get("node", {})
    _one(counters, ("", node.get("nodeName", ""), ""), node)
    for pod in summary.get("pods") or []:
        ref = pod["podRef"]
        for container in pod.get("containers") or []:
            _one(counters, (ref["namespace"], ref["name"], container["name"]), container)


def _one(counters: Counters, key: tuple[str, str, str], found: dict) -> None:
    cpu, memory = found.get("cpu") or {}, found.get("memory") or {}
    if "usageCoreNanoSeconds" in cpu:
        counters.add(
            key, seconds_of(cpu["time"]), cpu["usageCoreNanoSeconds"],
            memory.get("workingSetBytes", 0),
        )  # fmt: skip


def selected(labels: dict, selector: str) -> bool:
    """Whether labels fit a selector: ``app=web,tier!=x,tier in (a,b),key,!key``."""
    for part in split(selector):
        if "!=" in part:
            key, _, value = part.partition("!=")
            fits = labels.get(key.strip()) != value.strip()
        elif " in " in part or " notin " in part:
            key, _, values = part.partition(" notin " if " notin " in part else " in ")
            inside = labels.get(key.strip()) in [v.strip() for v in values.strip(" ()").split(",")]
            fits = inside != (" notin " in part)
        elif "=" in part:
            key, _, value = part.replace("==", "=").partition("=")
            fits = labels.get(key.strip()) == value.strip()
        elif part.startswith("!"):
            fits = part[1:].strip() not in labels
        else:
            fits = part in labels
        if not fits:
            return False
    return True


def split(selector: str) -> list[str]:
    """Part a selector at its commas, but not at those in brackets."""
    parts, depth = [""], 0
    for char in selector:
        depth += (char == "(") - (char == ")")
        if char == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    return [part.strip() for part in parts if part.strip()]


class Cluster:
    """Asks API server and kubelets, as the pod's own account."""

    def __init__(self) -> None:
        host, port = os.environ["KUBERNETES_SERVICE_HOST"], os.environ["KUBERNETES_SERVICE_PORT"]
        self._url = f"https://{host}:{port}"
        self._context = ssl.create_default_context(cafile=str(ACCOUNT / "ca.crt"))
        self._blind: set[str] = set()

    def api(self, path: str) -> dict:
        return self._get(self._url + path, self._context)

    def summary(self, address: str, port: int) -> dict:
        """Ask a kubelet. Many have a certificate that nobody vouches for; then it goes without."""
        url = f"https://{address}:{port}/stats/summary?only_cpu_and_memory=true"
        if address not in self._blind:
            try:
                return self._get(url, self._context)
            except urllib.error.URLError as error:
                if not isinstance(error.reason, ssl.SSLCertVerificationError):
                    raise
                self._blind.add(address)
        return self._get(url, ssl._create_unverified_context())

    def _get(self, url: str, context: ssl.SSLContext) -> dict:
        token = (ACCOUNT / "token").read_text().strip()
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request, timeout=LIMIT, context=context) as answer:
            return json.load(answer)


def watch(cluster: Cluster, counters: Counters) -> None:
    """Look at all kubelets, again and again."""
    while True:
        begun = time.monotonic()
        try:
            for node in cluster.api("/api/v1/nodes")["items"]:
                status = node["status"]
                address = next(
                    a["address"] for a in status["addresses"] if a["type"] == "InternalIP"
                )
                port = (
                    status.get("daemonEndpoints", {}).get("kubeletEndpoint", {}).get("Port", 10250)
                )
                take(counters, cluster.summary(address, port))
            counters.looks += 1
        except (OSError, ValueError, KeyError, StopIteration) as error:
            print("kubelets:", error, flush=True)
        counters.forget(time.time())
        time.sleep(max(EVERY - (time.monotonic() - begun), 0.1))


def pods(cluster: Cluster, counters: Counters, namespace: str, name: str, selector: str) -> list:
    """Return the metrics of pods, all their containers measured, as the API has them."""
    path = f"/api/v1/namespaces/{namespace}/pods" if namespace else "/api/v1/pods"
    found = []
    for pod in cluster.api(path)["items"]:
        metadata = pod["metadata"]
        if name and metadata["name"] != name:
            continue
        if not selected(metadata.get("labels") or {}, selector):
            continue
        names = [one["name"] for one in pod["spec"]["containers"]]
        used = {n: counters.usage((metadata["namespace"], metadata["name"], n)) for n in names}
        if all(used.values()):
            found.append(_metrics("PodMetrics", metadata, used))
    return found


def _metrics(kind: str, metadata: dict, used: dict) -> dict:
    oldest = min(used.values(), key=lambda one: one[0])
    kept = ("name", "namespace", "labels", "creationTimestamp")
    said = {
        "kind": kind,
        "apiVersion": VERSION,
        "metadata": {key: metadata[key] for key in kept if key in metadata},
        "timestamp": stamp_of(oldest[0]),
        "window": f"{max(one[1] for one in used.values()):.3f}s",
    }
    usage = {n: {"cpu": f"{u[2]}n", "memory": f"{u[3] // 1024}Ki"} for n, u in used.items()}
    if kind == "NodeMetrics":
        return said | {"usage": usage[""]}
    return said | {"containers": [{"name": n, "usage": u} for n, u in usage.items()]}


def nodes(cluster: Cluster, counters: Counters, name: str, selector: str) -> list:
    found = []
    for node in cluster.api("/api/v1/nodes")["items"]:
        metadata = node["metadata"]
        used = counters.usage(("", metadata["name"], ""))
        fits = selected(metadata.get("labels") or {}, selector)
        if used and fits and name in ("", metadata["name"]):
            found.append(_metrics("NodeMetrics", metadata, {"": used}))
    return found


RESOURCES = {
    "kind": "APIResourceList",
    "apiVersion": "v1",
    "groupVersion": VERSION,
    "resources": [
        {"name": "nodes", "singularName": "", "namespaced": False, "kind": "NodeMetrics",
         "verbs": ["get", "list"]},
        {"name": "pods", "singularName": "", "namespaced": True, "kind": "PodMetrics",
         "verbs": ["get", "list"]},
    ],
}  # fmt: skip


def answer(cluster: Cluster, counters: Counters, target: str) -> tuple[int, dict]:
    """Return status and JSON for a path of the API."""
    url = urlsplit(target)
    selector = unquote(parse_qs(url.query).get("labelSelector", [""])[0])
    parts = [part for part in url.path.split("/") if part]
    if parts == ["healthz"]:
        return (200 if counters.looks >= 2 else 503), {"looks": counters.looks}
    if parts[:3] != ["apis", *VERSION.split("/")]:
        return 404, _status(404, url.path)
    rest = parts[3:]
    if not rest:
        return 200, RESOURCES
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 2:
        namespace, rest = rest[1], rest[2:]
    kind, name = rest[0], rest[1] if len(rest) > 1 else ""
    if kind == "pods" and (namespace or not name) and len(rest) < 3:
        found = pods(cluster, counters, namespace, name, selector)
    elif kind == "nodes" and not namespace and len(rest) < 3:
        found = nodes(cluster, counters, name, selector)
    else:
        return 404, _status(404, url.path)
    if name:
        return (200, found[0]) if found else (404, _status(404, url.path))
    listed = {"pods": "PodMetricsList", "nodes": "NodeMetricsList"}[kind]
    return 200, {"kind": listed, "apiVersion": VERSION, "metadata": {}, "items": found}


def _status(code: int, path: str) -> dict:
    return {
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code,
        "reason": "NotFound", "message": f"no metrics at {path}",
    }  # fmt: skip


def serve(cluster: Cluster, counters: Counters, port: int, keys: str) -> ThreadingHTTPServer:
    """Return an HTTPS server for the API; ``keys``: folder of ``tls.crt`` and ``tls.key``."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 120  # seconds that a connection may lie idle

        def do_GET(self) -> None:
            try:
                status, said = answer(cluster, counters, self.path)
            except (OSError, ValueError, KeyError) as error:
                print(self.path, error, flush=True)
                status, said = 503, _status(503, self.path)
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def finish_request(self, request: object, client_address: object) -> None:
            # here, in a thread of its own: a caller that never shakes hands stops nobody else
            request.settimeout(LIMIT)
            with context.wrap_socket(request, server_side=True) as secured:
                super().finish_request(secured, client_address)

        def handle_error(self, request: object, client_address: object) -> None:
            print("connection:", sys.exc_info()[1], flush=True)

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{keys}/tls.crt", f"{keys}/tls.key")
    return Server(("", port), Handler)


def main() -> None:
    cluster, counters = Cluster(), Counters()
    threading.Thread(target=watch, args=(cluster, counters), daemon=True).start()
    server = serve(cluster, counters, 8443, "/keys")
    print("metrics on port 8443", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()

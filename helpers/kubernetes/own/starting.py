"""Start, find and stop the cluster of the course's own."""

from __future__ import annotations

import contextlib
import json
import platform
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import docker
from filelock import FileLock

from ...engine import Engine, connect
from ...engine.patience import until
from ...engine.private import reasons_against
from ...engine.traces import children, ended, send, started
from ...errors import CourseError, EngineFailed, KubernetesFailed
from ...messages import text
from ...paths import home, writable
from ..building import programs
from . import beside, flags, settings
from .certificates import Certificates
from .node import Node, of
from .pause import pause
from .plan import NAME
from .running import Running
from .tools import Tools, tools

__all__ = ["find", "remove_all", "start", "stop"]

READY = 180  # seconds for API server and node; 8 to 15 are usual
STOP = 10  # seconds for the cluster's programs to end before their namespaces do
MEMORY = 700 * 10**6  # bytes that cluster and engine take before the first pod

Line = Callable[[str], None]


def start(engine: Engine | None = None, progress: Line = lambda line: None) -> Running:
    """Start the cluster unless it runs, and return it once pods can be made.

    Parameters
    ----------
    engine: the learner's engine: engines under test have clusters of their own.
    progress: called with one line for each package that is fetched.

    Raises
    ------
    KubernetesFailed: it cannot run on this machine, its programs are not built yet, there is too
        little memory, or it did not start; the message holds the end of a log.
    EngineFailed: its private engine did not start.
    TimedOut: the API server or the node was not ready in time.
    """
    if reasons := reasons_against():
        why = text(f"{reasons[0]}.why", system=platform.system())
        raise KubernetesFailed("kubernetes.elsewhere", reason=why)
    built = programs()
    if built is None:
        raise KubernetesFailed("kubernetes.not_built")
    node = _node(engine)
    with _lock(node):
        if running := _find(node):
            _wait(node, lambda: _node_ready(running), "kubernetes.node_ready")
            return running
        _check_memory()
        _stop(node)
        found = tools(progress)
        node.start(progress)
        try:
            return _start(node, built, found)
        except BaseException:
            _stop(node)
            raise


def find(engine: Engine | None = None) -> Running | None:
    """Return the cluster if it runs and answers; nothing is started."""
    return _find(_node(engine))


def stop(engine: Engine | None = None) -> bool:
    """End the cluster with all its pods, and return whether it ran. Its engine's images stay."""
    node = _node(engine)
    if not node.folder.exists():
        return False
    with _lock(node):
        return _stop(node)


def remove_all() -> int:
    """End every cluster of this folder and delete its engine; return how many there were."""
    places = sorted((home() / "engines").glob("k8s*"))
    for place in places:
        node = Node(place.name)
        _stop(node)
        node.remove()
    return len(places)


def _node(engine: Engine | None) -> Node:
    if engine is None:
        with contextlib.suppress(CourseError):
            engine = connect(start=False)
    return of(engine)


def _lock(node: Node) -> FileLock:
    return FileLock(writable(home() / "kubernetes") / f"{node.name}.lock")


def _check_memory() -> None:
    for line in Path("/proc/meminfo").read_text().splitlines():
        name, _, rest = line.partition(":")
        if name == "MemAvailable" and int(rest.split()[0]) * 1024 < MEMORY:
            there = int(rest.split()[0]) * 1024 // 10**6
            raise KubernetesFailed("kubernetes.memory", needed=MEMORY // 10**6, found=there)


def _start(node: Node, built: Path, found: Tools) -> Running:
    for part in ("logs", "bin"):
        (node.place / part).mkdir(parents=True, mode=0o700)
    engine = connect(node.url)
    _remove_pods(engine)
    pause(engine, found)
    layout = flags.layout(node, built, found)
    config = node.place / "inside.json"
    config.write_text(json.dumps(beside.config(node, layout)))
    log = node.place / "logs" / "inside.log"
    outer = node.programs()
    process = subprocess.Popen(
        [
            str(outer.find("nsenter")), f"--target={_first(node)}", "--mount", "--net", "--pid",
            sys.executable, "-S", str(Path(__file__).with_name("inside.py")), str(config),
        ],
        stdin=subprocess.DEVNULL, stdout=log.open("wb"), stderr=subprocess.STDOUT, cwd="/",
        start_new_session=True, env=beside.environment(node, outer.environment(), found),
    )  # fmt: skip
    (node.place / "pid").write_text(f"{process.pid} {started(process.pid)}")
    return _ready(node, found)


def _ready(node: Node, found: Tools) -> Running:
    """Wait until pods can be made; write the name server's service, and the kubeconfig file last.

    While there is no such file the cluster is none yet: a start that was interrupted begins anew.
    """
    told = node.place / "ports.json"
    _wait(node, told.exists, "kubernetes.api_ready")
    running = _read(node, found)
    system = "/api/v1/namespaces/kube-system"
    _wait(node, lambda: running.ask(system), "kubernetes.api_ready")
    for kind, content in settings.name_service().items():
        running.ask(f"{system}/{kind}", content)
    account = "/api/v1/namespaces/default/serviceaccounts/default"
    _wait(node, lambda: running.ask(account).get("secrets"), "kubernetes.api_ready")
    _wait(node, lambda: _node_ready(running), "kubernetes.node_ready")
    keys = Certificates(node.place / "certificates", found)
    part = running.kubeconfig.with_suffix(".part")
    part.write_text(json.dumps(settings.kubeconfig(running.url, keys, "admin"), indent=1))
    part.chmod(0o600)
    part.replace(running.kubeconfig)
    return running


def _wait(node: Node, look: Callable[[], object], awaited: str) -> None:
    """Wait for a state of the cluster; a silent or refusing API server is asked again.

    Raises
    ------
    KubernetesFailed: what starts the cluster's programs has ended.
    TimedOut: it did not happen in time.
    """

    def one() -> object:
        if _pid(node) is None:
            log = node.place / "logs" / "inside.log"
            tail = log.read_text(errors="replace")[-800:] if log.exists() else ""
            raise KubernetesFailed("kubernetes.ended", log=log, tail=tail)
        with contextlib.suppress(KubernetesFailed):
            return look()
        return None

    until(one, READY, awaited)


def _node_ready(running: Running) -> bool:
    node = running.ask(f"/api/v1/nodes/{NAME}")
    states = {c["type"]: c["status"] for c in node["status"].get("conditions", ())}
    return states.get("Ready") == "True" and not node["spec"].get("taints")


def _find(node: Node) -> Running | None:
    if _pid(node) is None:  # it ends with the engine's namespaces
        return None
    try:
        running = _read(node, tools())
        running.ask("/version")
    except (CourseError, FileNotFoundError, ValueError):
        return None
    return running if running.kubeconfig.exists() else None


def _read(node: Node, found: Tools) -> Running:
    ports = json.loads((node.place / "ports.json").read_text())
    kubeconfig = node.place / "kubeconfig"
    return Running(node, kubeconfig, found.kubectl, {int(k): v for k, v in ports.items()})


def _first(node: Node) -> int:
    """The first process of the engine's namespaces, as the host numbers it."""
    pid = node._pid()
    inner = children(pid) if pid else []
    if not inner:
        raise EngineFailed("engine.start_failed", log=node.log, tail=node.tail())
    return inner[0]


def _pid(node: Node) -> int | None:
    """The process of ``nsenter``, if it is still the one that was started."""
    try:
        pid, began = (node.place / "pid").read_text().split()
    except (FileNotFoundError, ValueError):
        return None
    return int(pid) if started(int(pid)) == began else None


def _stop(node: Node) -> bool:
    pid = _pid(node)
    if pid is not None:
        for inner in children(pid):  # nsenter forwards nothing
            send(inner, signal.SIGTERM)
        ended(pid, STOP)
    if node.running:
        with contextlib.suppress(CourseError, docker.errors.DockerException, OSError):
            engine = connect(node.url)
            _remove_pods(engine)
            engine.close()
    node.stop()
    shutil.rmtree(node.place, ignore_errors=True)
    return pid is not None


def _remove_pods(engine: Engine) -> None:
    """Remove the containers of pods, many at a time: without a kubelet nobody starts them again."""
    api = engine.client.api
    found = api.containers(all=True, filters={"label": "io.kubernetes.docker.type"})

    def one(container: dict) -> None:
        with contextlib.suppress(docker.errors.APIError):
            api.remove_container(container["Id"], force=True, v=True)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, found))

"""On a real cluster: whose it is, is asked; what is there, stays; what cannot run, says why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers import bases, kubernetes
from helpers.engine import Engine, cleanup
from helpers.errors import KubernetesFailed, ManifestFailed, NotFound, NotOurs
from helpers.kubernetes import Cluster, metrics, own, spaces
from helpers.kubernetes.connecting import NAMESPACE
from helpers.kubernetes.metrics.objects import API

pytestmark = pytest.mark.daemon

SOMEBODY = "somebody"  # a context as a learner may have it
REGISTRY = "/apis/apiregistration.k8s.io/v1/apiservices"
CLOCK = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: clock}
spec:
  replicas: 1
  selector: {matchLabels: {app: clock}}
  template:
    metadata: {labels: {app: clock}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: clock
          image: lbl/busybox:1
          imagePullPolicy: Never
          command: [sh, -c, "trap exit TERM; while true; do sleep 1; done"]
          resources: {requests: {cpu: 10m}}
"""


@pytest.fixture(scope="module")
def running(engine: Engine, programs: Path) -> Iterator[own.Running]:
    found = own.start(engine)
    bases.busybox(engine)
    found.load(["lbl/busybox:1"], engine)
    yield found
    own.stop(engine)


@pytest.fixture
def kubeconfig(
    running: own.Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """The learner's own kubeconfig, in which the cluster has another name."""
    told = json.loads(running.kubeconfig.read_text())
    told["contexts"][0]["name"] = SOMEBODY
    path = tmp_path / "kubeconfig"
    path.write_text(json.dumps({**told, "current-context": SOMEBODY}))
    monkeypatch.setenv("KUBECONFIG", str(path))
    yield path


@pytest.fixture
def theirs(kubeconfig: Path, engine: Engine) -> Iterator[Cluster]:
    """That cluster, confirmed; cleaned up as a learner would."""
    yield kubernetes.connect(SOMEBODY, confirm=True, engine=engine)
    cleanup.clean(engine, lesson="10")


def namespaces(running: own.Running) -> set[str]:
    return {one["metadata"]["name"] for one in running.ask("/api/v1/namespaces")["items"]}


def test_another_cluster_is_told_and_left_alone(
    kubeconfig: Path, running: own.Running, engine: Engine
) -> None:
    before = kubeconfig.read_text(), namespaces(running)
    with pytest.raises(KubernetesFailed) as caught:
        kubernetes.connect(SOMEBODY, engine=engine)
    assert caught.value.key == "kubernetes_use.not_confirmed"
    assert caught.value.values["host"] == running.url
    assert (kubeconfig.read_text(), namespaces(running)) == before
    with pytest.raises(NotFound, match=SOMEBODY):
        kubernetes.connect("nobody", confirm=True, engine=engine)
    assert kubernetes.find(engine) is None


def test_what_the_course_made_goes_and_the_rest_stays(
    kubeconfig: Path, running: own.Running, engine: Engine
) -> None:
    before = namespaces(running)
    cluster = kubernetes.connect(SOMEBODY, confirm=True, engine=engine)
    assert (cluster.own, cluster.context) == (False, SOMEBODY)
    assert kubernetes.find(engine) == cluster
    assert namespaces(running) == before | {NAMESPACE}
    with pytest.raises(KubernetesFailed, match="lbl/busybox:1"):
        cluster.image("lbl/busybox:1")  # its nodes pull from a registry
    cleanup.clean(engine, lesson="10")
    assert namespaces(running) == before
    assert own.running(engine) is not None, "the cluster goes on: it is not the course's"


def test_a_namespace_of_somebody_else_s_is_not_touched(
    kubeconfig: Path, running: own.Running, engine: Engine
) -> None:
    made = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    running.ask("/api/v1/namespaces", made)
    with pytest.raises(NotOurs, match=NAMESPACE):
        kubernetes.connect(SOMEBODY, confirm=True, empty=True, engine=engine)
    assert NAMESPACE in namespaces(running)
    cleanup.clean(engine, lesson="10")
    found = running.ask(f"/api/v1/namespaces/{NAMESPACE}")
    assert found["status"]["phase"] == "Active"
    running.ask(f"/api/v1/namespaces/{NAMESPACE}", method="DELETE")


def test_a_broken_metrics_api_of_somebody_else_s_is_named_and_stays(
    theirs: Cluster, running: own.Running
) -> None:
    body = {
        "apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "metadata": {"name": API},
        "spec": {
            "group": "metrics.k8s.io", "version": "v1beta1", "groupPriorityMinimum": 100,
            "versionPriority": 100, "insecureSkipTLSVerify": True,
            "service": {"name": "nothing", "namespace": "default", "port": 443},
        },
    }  # fmt: skip
    running.ask(REGISTRY, body)
    try:
        with pytest.raises(NotOurs, match="metrics"):
            metrics.install(theirs, "lbl/debian:12")
        assert running.ask(f"{REGISTRY}/{API}")["metadata"]["name"] == API
    finally:
        running.ask(f"{REGISTRY}/{API}", method="DELETE")


def test_what_cannot_run_says_why(theirs: Cluster, tmp_path: Path) -> None:
    path = tmp_path / "clock.yaml"
    path.write_text(CLOCK)
    done = theirs.apply(path)
    assert done.reached and not done.waiting
    path.write_text(CLOCK.replace("cpu: 10m", "cpu: 1000"))
    large = theirs.apply(path)
    assert not large.reached
    assert any("Insufficient cpu" in reason for _, reason in large.waiting)
    path.write_text(CLOCK.replace("busybox:1", "busybox:99"))
    lost = theirs.apply(path)
    assert any("ErrImageNeverPull" in reason for _, reason in lost.waiting)
    path.write_text(CLOCK.replace("replicas:", "replica:"))
    with pytest.raises(ManifestFailed, match="replica"):
        theirs.apply(path)
    assert theirs.pods("clock"), "the server was asked first, so nothing has changed"
    spaces.empty(theirs.api, NAMESPACE)
    assert not theirs.pods()

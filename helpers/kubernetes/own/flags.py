"""With which words each program of the cluster is started, and why."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from . import settings
from .certificates import Certificates
from .node import Node
from .plan import (
    ADDRESS,
    API,
    DOMAIN,
    FIRST_SERVICE,
    NAME,
    PAUSE,
    PODS,
    SERVICES,
    STATE,
    USERS,
)  # fmt: skip
from .tools import Tools

__all__ = ["Layout", "layout"]

HOSTS = [
    "localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
    f"kubernetes.default.svc.{DOMAIN}",
]  # fmt: skip


@dataclass(frozen=True)
class Layout:
    """What is started in which order: programs of the second list need the first one's."""

    store: dict[str, list[str]]
    rest: dict[str, list[str]]


def layout(node: Node, programs: Path, tools: Tools) -> Layout:
    """Write certificates and configuration below the node's folder; return the command lines.

    Raises
    ------
    KubernetesFailed: OpenSSL made no certificate.
    """
    keys = _certificates(node.place / "certificates", tools)
    inner = f"https://127.0.0.1:{API}"
    configs = {
        name: _write(node.place / f"{name}.kubeconfig", settings.kubeconfig(inner, keys, name))
        for name in USERS
    }
    network = node.place / "network"
    network.mkdir(exist_ok=True)
    _write(network / "10-course.conflist", settings.network())
    kubelet = _write(node.place / "kubelet.json", settings.kubelet(keys, node.cgroup))
    reviewer = _write(node.place / "reviewer.json", settings.reviewer())
    found = {
        "kube-controller-manager": _controllers(configs["controllers"], keys),
        "kube-scheduler": _scheduler(configs["scheduler"]),
        "kubelet": _node(configs["node"], kubelet, network, node, tools),
        "kube-proxy": _proxy(configs["proxy"]),
    }
    return Layout(
        {
            "etcd": [str(tools.etcd), *_etcd()],
            "kube-apiserver": [str(programs / "kube-apiserver"), *_api(keys, reviewer)],
        },
        {name: [str(programs / name), *words] for name, words in found.items()},
    )


def _write(path: Path, content: dict) -> str:
    path.write_text(json.dumps(content, indent=1))  # JSON is YAML
    path.chmod(0o600)
    return str(path)


def _certificates(folder: Path, tools: Tools) -> Certificates:
    keys = Certificates(folder, tools)
    for name in ("ca", "front-proxy-ca", "accounts"):  # the last one's key signs tokens
        keys.authority(name)
    for name, (user, groups) in USERS.items():
        keys.client(name, user, groups)
    keys.client("to-kubelet", "kube-apiserver-kubelet-client", ("system:masters",))
    keys.client("front-proxy", "front-proxy-client", by="front-proxy-ca")
    keys.server("kube-apiserver", HOSTS, ["127.0.0.1", ADDRESS, FIRST_SERVICE])
    keys.server("kubelet", [NAME, "localhost"], [ADDRESS, "127.0.0.1"])
    return keys


def _etcd() -> list[str]:
    return [
        f"--data-dir={STATE}/etcd", "--name=course",
        "--listen-client-urls=http://127.0.0.1:2379",
        "--advertise-client-urls=http://127.0.0.1:2379",
        "--listen-peer-urls=http://127.0.0.1:2380",
        "--initial-advertise-peer-urls=http://127.0.0.1:2380",
        "--initial-cluster=course=http://127.0.0.1:2380",
    ]  # fmt: skip


def _api(keys: Certificates, reviewer: str) -> list[str]:
    return [
        "--etcd-servers=http://127.0.0.1:2379",
        # every address, but of the namespaces' own network: the host sees none of them
        "--bind-address=0.0.0.0", f"--secure-port={API}", f"--advertise-address={ADDRESS}",
        f"--service-cluster-ip-range={SERVICES}",
        f"--tls-cert-file={keys.certificate('kube-apiserver')}",
        f"--tls-private-key-file={keys.key('kube-apiserver')}",
        f"--client-ca-file={keys.certificate('ca')}",
        f"--kubelet-certificate-authority={keys.certificate('ca')}",
        f"--kubelet-client-certificate={keys.certificate('to-kubelet')}",
        f"--kubelet-client-key={keys.key('to-kubelet')}",
        "--kubelet-preferred-address-types=InternalIP",  # nobody resolves the node's name
        f"--service-account-key-file={keys.certificate('accounts')}",
        f"--service-account-signing-key-file={keys.key('accounts')}",
        f"--service-account-issuer=https://kubernetes.default.svc.{DOMAIN}",
        "--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction",
        # how API servers behind this one (APIService objects: metrics) know who asks
        f"--requestheader-client-ca-file={keys.certificate('front-proxy-ca')}",
        "--requestheader-allowed-names=front-proxy-client",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-username-headers=X-Remote-User",
        f"--proxy-client-cert-file={keys.certificate('front-proxy')}",
        f"--proxy-client-key-file={keys.key('front-proxy')}",
        "--enable-aggregator-routing=true",  # to the pod itself: no wait for kube-proxy's rules
        "--profiling=false",
        # tokens of AWS (lesson 16); a new access entry shall count at once (usual: 2 min)
        f"--authentication-token-webhook-config-file={reviewer}",
        "--authentication-token-webhook-version=v1",
        "--authentication-token-webhook-cache-ttl=0s",
    ]  # fmt: skip


def _controllers(config: str, keys: Certificates) -> list[str]:
    return [
        *_known(config), *_alone(),
        f"--cluster-cidr={PODS}", "--allocate-node-cidrs=false",
        f"--service-account-private-key-file={keys.key('accounts')}",
        f"--root-ca-file={keys.certificate('ca')}",
        f"--cluster-signing-cert-file={keys.certificate('ca')}",
        f"--cluster-signing-key-file={keys.key('ca')}",
        "--use-service-account-credentials=true",  # each controller with rights of its own
        # A lesson has minutes, not hours: the autoscaler looks every 2 s (usual: 15), trusts a
        # pod's CPU after 5 s (300), and scales down when 10 s agree (300).
        "--horizontal-pod-autoscaler-sync-period=2s",
        "--horizontal-pod-autoscaler-cpu-initialization-period=5s",
        "--horizontal-pod-autoscaler-initial-readiness-delay=2s",
        "--horizontal-pod-autoscaler-downscale-stabilization=10s",
    ]  # fmt: skip


def _scheduler(config: str) -> list[str]:
    return [*_known(config), *_alone()]


def _known(config: str) -> list[str]:
    return [
        f"--kubeconfig={config}", f"--authentication-kubeconfig={config}",
        f"--authorization-kubeconfig={config}",
    ]  # fmt: skip


def _alone() -> list[str]:
    # one of each: nobody to elect; and a lesson should not wait for a client's own rate limit
    return [
        "--leader-elect=false", "--bind-address=127.0.0.1", "--kube-api-qps=200",
        "--kube-api-burst=400",
    ]  # fmt: skip


def _proxy(config: str) -> list[str]:
    return [
        f"--kubeconfig={config}", f"--hostname-override={NAME}", f"--cluster-cidr={PODS}",
        "--proxy-mode=iptables", "--iptables-min-sync-period=100ms",
        "--healthz-bind-address=127.0.0.1:10256", "--metrics-bind-address=127.0.0.1:10249",
        # connection tracking's limits are the whole machine's: they stay
        "--conntrack-max-per-core=0", "--conntrack-min=0",
        "--conntrack-tcp-timeout-established=0s", "--conntrack-tcp-timeout-close-wait=0s",
        "--oom-score-adj=0",
    ]  # fmt: skip


def _node(config: str, settings: str, network: Path, node: Node, tools: Tools) -> list[str]:
    return [
        f"--kubeconfig={config}", f"--config={settings}", f"--hostname-override={NAME}",
        f"--node-ip={ADDRESS}", "--container-runtime=docker", f"--docker-endpoint={node.url}",
        f"--pod-infra-container-image={PAUSE}", "--network-plugin=cni",
        f"--cni-bin-dir={tools.plugins}", f"--cni-conf-dir={network}",
        f"--cni-cache-dir={STATE}/cni-cache", f"--root-dir={STATE}/kubelet",
        f"--cert-dir={STATE}/kubelet-pki", f"--volume-plugin-dir={STATE}/volume-plugins",
        f"--experimental-dockershim-root-directory={STATE}/dockershim",
        f"--docker={node.url}",  # the part of it that measures (cadvisor) is told apart
        "--housekeeping-interval=2s",  # how old a pod's measured CPU may be (usual: 10 s)
        f"--docker={node.url}",  # else cAdvisor looks at the usual socket, and measures no pod
    ]  # fmt: skip

"""What the cluster's programs and users are told in files, and the name server's service."""

from __future__ import annotations

from .certificates import Certificates
from .plan import ADDRESS, CONTEXT, DNS, DOMAIN, IAM, PODS, STATE

__all__ = ["kubeconfig", "kubelet", "name_service", "network", "reviewer"]


def kubeconfig(url: str, keys: Certificates, user: str) -> dict:
    """Return a kubeconfig file's content: it names the certificates, it does not hold them."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": CONTEXT,
        "clusters": [
            {
                "name": CONTEXT,
                "cluster": {"server": url, "certificate-authority": keys.certificate("ca")},
            }
        ],
        "users": [
            {
                "name": user,
                "user": {
                    "client-certificate": keys.certificate(user),
                    "client-key": keys.key(user),
                },
            }
        ],
        "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": user}}],
    }


def reviewer() -> dict:
    """Return where the API server asks whose a token is that it does not know: at `iam`."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "iam",
        "clusters": [{"name": "iam", "cluster": {"server": f"http://127.0.0.1:{IAM}/"}}],
        "users": [{"name": "iam", "user": {}}],
        "contexts": [{"name": "iam", "context": {"cluster": "iam", "user": "iam"}}],
    }


def kubelet(keys: Certificates, group: str) -> dict:
    """Return the kubelet's configuration; ``group`` is the control group that pods lie below."""
    nothing = dict.fromkeys(("nodefs.available", "nodefs.inodesFree", "imagefs.available"), "0%")
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": ADDRESS,
        "healthzBindAddress": "127.0.0.1",
        "tlsCertFile": keys.certificate("kubelet"),
        "tlsPrivateKeyFile": keys.key("kubelet"),
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": keys.certificate("ca")},
        },
        "authorization": {"mode": "Webhook"},
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": group,
        "clusterDNS": [DNS],
        "clusterDomain": DOMAIN,
        "failSwapOn": False,
        "oomScoreAdj": 0,
        # it must change nothing of the machine's: `inside` shows it the values that it wants
        "protectKernelDefaults": True,
        # How soon a new node is told to be ready (usual: 10 s). It is also the time that a request
        # may take: on a busy machine 2 s are not enough.
        "nodeStatusUpdateFrequency": "4s",
        "serializeImagePulls": False,
        # a learner's full disk is no reason to throw pods out, or to delete images
        "evictionHard": {"memory.available": "50Mi", **nothing},
        "imageGCHighThresholdPercent": 100,
        "imageGCLowThresholdPercent": 99,
    }


def network() -> dict:
    """Return how pods get their network: each on a line of its own to the node, which routes.

    On a bridge, what a service's address was replaced by would answer the asking pod past the
    node: without br_netfilter, which a kernel may lack, connections between pods would hang.
    """
    return {
        "cniVersion": "0.4.0",
        "name": "course",
        "plugins": [
            {
                "type": "ptp",
                "ipam": {
                    "type": "host-local",
                    "dataDir": f"{STATE}/addresses",
                    "ranges": [[{"subnet": PODS}]],
                    "routes": [{"dst": "0.0.0.0/0"}],
                },
            }
        ],
    }


def name_service() -> dict[str, dict]:
    """Return the service by which pods find the cluster's name server, which runs on the node."""
    about = {"name": "kube-dns", "namespace": "kube-system", "labels": {"k8s-app": "kube-dns"}}
    ports = [{"name": "dns", "port": 53, "protocol": "UDP"}, {"name": "dns-tcp", "port": 53}]
    return {
        "services": {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": about,
            "spec": {"clusterIP": DNS, "ports": ports},
        },
        "endpoints": {
            "apiVersion": "v1",
            "kind": "Endpoints",
            "metadata": about,
            "subsets": [{"addresses": [{"ip": ADDRESS}], "ports": ports}],
        },
    }

"""Names, addresses and ports of the course's cluster."""

from __future__ import annotations

__all__ = [
    "ADDRESS", "API", "CONTEXT", "DNS", "DOMAIN", "FIRST_SERVICE", "IAM", "NAME", "NODE_PORTS",
    "PAUSE", "PODS", "SERVICES", "STATE", "UPSTREAM", "USERS",
]  # fmt: skip

CONTEXT = "layer-by-layer"  # in the kubeconfig file
ADDRESS = "172.17.0.1"  # of docker0, and so of the node: it is there before any container is
UPSTREAM = "10.0.2.3"  # slirp4netns(1): its forwarder to the host's resolver
NAME = "node-1"  # of the only node
API = 6443  # port of the API server inside the engine's network
IAM = 6480  # port on 127.0.0.1 in there, of what knows users of AWS (`iam`)
PODS = "10.244.0.0/24"
SERVICES = "10.96.0.0/16"
FIRST_SERVICE, DNS = "10.96.0.1", "10.96.0.10"  # the API server's own service; the name server's
DOMAIN = "cluster.local"
PAUSE = "lbl/pause:1"
# Node ports that are reachable on 127.0.0.1 of this machine; the range is 30000 to 32767.
NODE_PORTS = (30080, 30081)
STATE = "/run/layer-by-layer"  # inside the namespaces a tmpfs: gone with them
USERS = {
    # file name: user and groups, as the roles that Kubernetes is born with expect them
    "admin": ("kubernetes-admin", ("system:masters",)),
    "controllers": ("system:kube-controller-manager", ()),
    "scheduler": ("system:kube-scheduler", ()),
    "proxy": ("system:kube-proxy", ()),
    "node": (f"system:node:{NAME}", ("system:nodes",)),
    "names": ("layer-by-layer:names", ("system:masters",)),
    "iam": ("layer-by-layer:iam", ("system:masters",)),  # it writes roles and their bindings
}

"""The course's own Kubernetes cluster: real, of one node, in the namespaces of a private engine.

etcd, API server, controllers, scheduler, kubelet and kube-proxy of Kubernetes 1.20, built from
Debian's source (`helpers.kubernetes.building`). Nothing of it is visible on the host but processes,
and ports of 127.0.0.1.
"""

from ..building import programs
from .plan import CONTEXT
from .running import Running
from .starting import find as running
from .starting import remove_all, start, stop

__all__ = ["CONTEXT", "Running", "programs", "remove_all", "running", "start", "stop"]

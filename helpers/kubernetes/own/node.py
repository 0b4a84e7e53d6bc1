"""The private engine that the course's own cluster runs in: its node.

It is an engine of its own beside the one that lessons use. The cluster's programs need a Docker
daemon for themselves: the kubelet takes every container that carries its labels for its own, sets
the forwarding of the network, and would free disk by deleting images. Here it can only meet what
the course gave it.
"""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from pathlib import Path

from ...engine import Engine, Private
from ...engine.packages import NEWEST, Programs
from .plan import ADDRESS

__all__ = ["Node", "of"]

BRIDGE = f"{ADDRESS}/16"
RUNTIME = "lbl"
# The kubelet gives pause containers and guaranteed pods a negative OOM score (pkg/kubelet/qos). To
# lower one needs CAP_SYS_RESOURCE (proc(5)), which root lacks in many containers and sandboxes:
# runc would refuse to start any pod.
RUNC = """\
#!/bin/sh
before=
for word do
    case $before in
    --bundle | -b) sed -i 's/"oomScoreAdj":-[0-9]*/"oomScoreAdj":0/' "$word/config.json" ;;
    esac
    before=$word
done
exec {runc} "$@"
"""


@dataclass(frozen=True)
class Node(Private):
    """A private engine whose containers the kubelet may start."""

    @property
    def place(self) -> Path:
        """The folder of the cluster's certificates, kubeconfig files and logs."""
        return self.folder / "kubernetes"

    @property
    def iam(self) -> Path:
        """The file that says which AWS knows users of this cluster; absent: none does."""
        return self.place / "iam.json"

    _alone = True  # a kubelet ends what it does not know in its control group

    def _config(self, found: Programs) -> dict:
        config = super()._config(found)
        path = self.folder / "run" / "daemon.json"
        daemon = json.loads(path.read_text())
        daemon |= {
            "bip": BRIDGE,
            # pods are routed, and kube-proxy decides what is: dockerd would drop all it knows not
            "ip-forward-no-drop": True,
            "runtimes": {RUNTIME: {"path": str(self._runtime(found))}},
            "default-runtime": RUNTIME,
        }
        path.write_text(json.dumps(daemon))
        return config

    def _runtime(self, found: Programs) -> Path:
        """Write the program that starts containers, and return where it lies."""
        path = self.folder / "run" / "runc"
        path.write_text(RUNC.format(runc=shlex.quote(str(found.find("runc")))))
        path.chmod(0o755)
        return path


def of(engine: Engine | None = None) -> Node:
    """Return the node of the cluster that belongs to an engine, running or not.

    Two engines under test at the same time must not share their cluster.
    """
    first = engine.private if engine else None
    own = first is None or first.name in ("course", "k8s")
    return Node("k8s" if own else f"k8s-{first.name}", NEWEST, "overlay2")

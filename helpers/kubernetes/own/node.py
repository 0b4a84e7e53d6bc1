"""The private engine that the course's own cluster runs in: its node.

It is an engine of its own beside the one that lessons use. The cluster's programs need a Docker
daemon for themselves: the kubelet takes every container that carries its labels for its own, sets
the forwarding of the network, and would free disk by deleting images. Here it can only meet what
the course gave it.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from ...engine import Engine, Private
from ...engine.packages import NEWEST

__all__ = ["ADDRESS", "Node", "of"]

ADDRESS = "172.17.0.1"  # of docker0, and so of the node: it is there before any container is
BRIDGE = f"{ADDRESS}/16"
RUNTIME = "lbl"


@dataclass(frozen=True)
class Node(Private):
    """A private engine whose containers the kubelet may start."""

    @property
    def place(self) -> Path:
        """The folder of the cluster's certificates, kubeconfig files and logs."""
        return self.folder / "kubernetes"

    @property
    def group(self) -> str:
        """The control group that everything of the node is in."""
        return self._cgroup

    def _config(self, found: object) -> dict:
        config = super()._config(found)  # type: ignore[arg-type]
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

    def _runtime(self, found: object) -> Path:
        """Write runc with another OOM score, and return where it lies.

        The kubelet gives pause containers and guaranteed pods a negative one (pkg/kubelet/qos),
        which needs CAP_SYS_RESOURCE: in a container or a sandbox, root often lacks it.
        """
        path = self.folder / "run" / "runc"
        program = Path(__file__).with_name("runtime.py")
        real = found.find("runc")  # type: ignore[attr-defined]
        path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S "{program}" "{real}" "$@"\n')
        path.chmod(0o755)
        return path


def of(engine: Engine | None = None) -> Node:
    """Return the node of the cluster that belongs to an engine, running or not.

    Two engines under test at the same time must not share their cluster.
    """
    first = engine.private if engine else None
    own = first is None or first.name in ("course", "k8s")
    return Node("k8s" if own else f"k8s-{first.name}", NEWEST, "overlay2")

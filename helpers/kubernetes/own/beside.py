"""What the process that starts the cluster's programs in their namespaces is told."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from ...paths import home
from .flags import Layout
from .node import Node
from .plan import ADDRESS, API, DOMAIN, IAM, NODE_PORTS, PODS, STATE, UPSTREAM
from .tools import Tools

__all__ = ["config", "environment"]


def config(node: Node, layout: Layout) -> dict:
    """Return what `inside` is told: the programs and what they need around them."""
    keys = node.place / "certificates"
    identity = {
        "authority": str(keys / "ca.crt"),
        "identity": [str(keys / "names.crt"), str(keys / "names.key")],
    }
    names = {
        **identity, "domain": DOMAIN, "address": ADDRESS, "upstream": UPSTREAM,
        "url": f"https://127.0.0.1:{API}",
    }  # fmt: skip
    iam = {
        "authority": str(keys / "ca.crt"),
        "identity": [str(keys / "iam.crt"), str(keys / "iam.key")],
        "port": IAM,
        "url": f"https://127.0.0.1:{API}",
        "net_host": str(node.folder / "run" / "net-host"),
        "told": str(node.iam),
    }
    out = ["-t", "nat", "-A", "POSTROUTING", "-s", PODS, "!", "-d", PODS]
    return {
        **identity,
        "state": STATE,
        "home": str(home()),
        "group": node.cgroup,
        "address": ADDRESS,
        # what pods send to the outside goes out as the node's; replies find the way back
        "rules": [[*out, "-o", "tap0", "-j", "MASQUERADE"]],
        "forwards": [[port, 0] for port in (API, *NODE_PORTS)],
        "net_host": str(node.folder / "run" / "net-host"),
        "net_own": str(node.folder / "run" / "net-own"),
        "logs": str(node.place / "logs"),
        "told": str(node.place / "ports.json"),
        "ready": f"https://127.0.0.1:{API}/readyz",
        "store": layout.store,
        "rest": {**layout.rest, "names": _python("names", names), "iam": _python("iam", iam)},
    }


def _python(name: str, told: dict) -> list[str]:
    """Return the command of a program that lies beside this one."""
    return [sys.executable, "-S", str(Path(__file__).with_name(f"{name}.py")), json.dumps(told)]


def environment(node: Node, outer: dict[str, str], found: Tools) -> dict[str, str]:
    """Return the programs' environment: with wrappers of what needs libraries."""
    for name, program in found.with_libraries.items():
        wrapper = node.place / "bin" / name
        wrapper.write_text(
            f'#!/bin/sh\nLD_LIBRARY_PATH="{found.libraries}" exec "{program}" "$@"\n'
        )
        wrapper.chmod(0o755)
    kept = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    # the kubelet would ask a cloud's metadata service for credentials of a registry
    kept["AWS_EC2_METADATA_DISABLED"] = "true"
    return {**kept, **outer, "PATH": f"{node.place / 'bin'}:{outer['PATH']}"}

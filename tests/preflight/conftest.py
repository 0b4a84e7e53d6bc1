"""Facts of a machine where all is well, to be spoilt one at a time."""

from __future__ import annotations

import copy

import pytest

from helpers.preflight.model import Needs

GOOD = {
    "browser": "firefox",
    "clock": 0.0,
    "disk": {"course": ["/home/ada/.cache/layer-by-layer", 50e9], "home": ["/home/ada", 50e9]},
    "engine": {
        "sockets": [{"path": "/var/run/docker.sock",
                     "answer": {"Version": "28.5.2", "ApiVersion": "1.51", "Arch": "amd64"}}],
        "tools": {"unshare": True, "nsenter": True, "dockerd": True, "docker": True},
        "DOCKER_HOST": False, "cgroup": 2, "overlay": True, "ipvs": True, "tun": True, "kvm": True,
    },
    "kit": False,
    "machine": {"system": "Linux", "processor": "x86_64", "kernel": "6.1.0", "cpus": 4,
                "name": "Debian GNU/Linux 12 (bookworm)", "libc": ["glibc", "2.36"],
                "root": False},
    "memory": {"total": 16e9, "available": 12e9},
    "network": {"pypi": "ok", "debian": "ok"},
    "ports": {"any": True, "8888": True},
    "proxy": [],
    "python": {"version": [3, 11, 2], "venv": True, "newer": ["python3.11"], "uv": False},
}  # fmt: skip


@pytest.fixture
def good() -> dict:
    return copy.deepcopy(GOOD)


@pytest.fixture
def need() -> Needs:
    sets = frozenset({"engine", "busybox", "debian", "node", "machines", "kubernetes"})
    return Needs(("08",), sets, memory=2_000_000_000, disk=5_000_000_000)

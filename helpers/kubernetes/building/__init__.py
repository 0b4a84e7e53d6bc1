"""Kubernetes built from Debian's own source package into the course's cache."""

from __future__ import annotations

from pathlib import Path

from ...paths import home

__all__ = ["programs"]

NAMES = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy")


def programs() -> Path | None:
    """Return the folder of the finished programs; None while they are not built."""
    folder = home() / "kubernetes" / "programs"
    return folder if all((folder / name).exists() for name in NAMES) else None

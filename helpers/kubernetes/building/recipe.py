"""What is built, from what, and with which changes: its hash names the folder of the result."""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass
from pathlib import Path

from ...paths import home

__all__ = ["NAMES", "PATCHES", "SUITE", "TOOLCHAIN", "VERSION", "Patch", "flags", "folder"]

SUITE = "bookworm"  # the last Debian whose source package holds the whole of Kubernetes
VERSION = "1.20.2"  # what that package holds; its own number is higher by a mistake of upload
TOOLCHAIN = ("golang-1.19-go", "golang-1.19-src")
NAMES = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy")
LAYOUT = 1  # count up when the steps in `compiling` change what comes out


@dataclass(frozen=True)
class Patch:
    """One line of the source that the course changes.

    Debian's own patches change nothing but how kubectl prints, and kubectl is taken from Debian's
    binary package: they are not needed here.
    """

    file: str
    before: str
    after: str


# A pod that is deleted is listed until the kubelet has removed its ended containers, and has said
# so. It looks once a minute, and tells what waits every ten seconds: for a lesson, too seldom.
# (Today's Kubernetes does not wait for the containers' removal any more.)
PATCHES = (
    Patch(
        "pkg/kubelet/kubelet.go",
        "ContainerGCPeriod = time.Minute",
        "ContainerGCPeriod = 2 * time.Second",
    ),
    Patch(
        "pkg/kubelet/status/status_manager.go",
        "const syncPeriod = 10 * time.Second",
        "const syncPeriod = 1 * time.Second",
    ),
)


def flags() -> list[str]:
    """Return the words that `go build` is given.

    providerless: without the drivers of clouds, a third of all code. The two others leave out what
    a debugger needs, which takes a fifth of the time.
    """
    parts = VERSION.split(".")
    values = {
        "gitVersion": f"v{VERSION}", "gitMajor": parts[0], "gitMinor": parts[1],
        "gitTreeState": "archive", "buildDate": "2021-01-13T00:00:00Z",
    }  # fmt: skip
    vendor = "k8s.io/kubernetes/vendor/k8s.io"
    said = [
        f"-X {vendor}/{package}/version.{name}={value}"
        for package in ("component-base", "client-go/pkg")
        for name, value in values.items()
    ]
    return [
        "-tags", "providerless", "-gcflags", "k8s.io/...=-dwarf=false",
        "-ldflags", " ".join(["-s", "-w", *said]),
    ]  # fmt: skip


def folder() -> Path:
    """Return where the finished programs of this recipe lie, or will lie."""
    parts = (LAYOUT, SUITE, VERSION, TOOLCHAIN, NAMES, flags(), [astuple(p) for p in PATCHES])
    mark = hashlib.sha256(repr(parts).encode()).hexdigest()[:8]
    return home() / "kubernetes" / f"{VERSION}-{mark}"

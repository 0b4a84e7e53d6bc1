"""The programs of a cluster that Debian has ready-made, unpacked into the course's cache."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from ... import debian
from ...engine.packages import architecture
from ...paths import home, writable

__all__ = ["Tools", "tools"]

SUITE = "bookworm"
# etcd: the API server's store. The plug-ins give pods their network. conntrack: kube-proxy forgets
# old UDP connections with it. openssl makes the certificates; a host's may be too old.
# kubernetes-client: the kubectl that Debian built from the very source the course builds from.
# catatonit: what the pause container runs. socat: `kubectl port-forward` goes through it.
PACKAGES = (
    "etcd-server", "containernetworking-plugins", "kubernetes-client", "openssl", "libssl3",
    "conntrack", "libnetfilter-conntrack3", "libnfnetlink0", "libmnl0", "catatonit", "socat",
    "libwrap0", "libnsl2", "libtirpc3", "libgssapi-krb5-2", "libkrb5-3", "libk5crypto3",
    "libkrb5support0", "libcom-err2", "libkeyutils1",
)  # fmt: skip


@dataclass(frozen=True)
class Tools:
    """Where the unpacked programs lie."""

    folder: Path

    @property
    def etcd(self) -> Path:
        return self.folder / "usr/bin/etcd"

    @property
    def kubectl(self) -> Path:
        return self.folder / "usr/bin/kubectl"

    @property
    def openssl(self) -> Path:
        return self.folder / "usr/bin/openssl"

    @property
    def plugins(self) -> Path:
        """The folder of the CNI plug-ins."""
        return self.folder / "usr/lib/cni"

    @property
    def pause(self) -> Path:
        """A static program that waits until it is told to end, and reaps orphans."""
        return self.folder / "usr/bin/catatonit"

    @property
    def libraries(self) -> str:
        """The folders of shared libraries, for LD_LIBRARY_PATH."""
        return os.pathsep.join(map(str, sorted(self.folder.glob("usr/lib/*-linux-gnu"))))

    @property
    def with_libraries(self) -> dict[str, Path]:
        """Programs that need shared libraries of this folder, which others must not see."""
        return {
            "conntrack": self.folder / "usr/sbin/conntrack",
            "socat": self.folder / "usr/bin/socat",
        }


def tools(progress: Callable[[str], None] = lambda line: None) -> Tools:
    """Return Debian's programs for a cluster, fetched and unpacked where they are missing.

    Raises
    ------
    DownloadFailed: a package could not be fetched.
    """
    folder = writable(home() / "programs") / "kubernetes"
    recipe = f"{SUITE}: {' '.join(PACKAGES)}"
    stamp = folder / ".recipe"
    with FileLock(folder.with_suffix(".lock")):
        if stamp.exists() and stamp.read_text() == recipe:
            return Tools(folder)
        part = folder.with_name(f"{folder.name}.{os.getpid()}.part")
        debs = debian.fetch(PACKAGES, SUITE, architecture(), progress=progress)
        debian.unpack(debs, part)
        for needless in ("usr/share", "etc", "lib/systemd"):
            shutil.rmtree(part / needless, ignore_errors=True)
        (part / ".recipe").write_text(recipe)
        shutil.rmtree(folder, ignore_errors=True)
        part.rename(folder)
    return Tools(folder)

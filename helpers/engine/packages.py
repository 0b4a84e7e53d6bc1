"""The programs of an engine: those that are installed, or Debian's, unpacked beside the system."""

from __future__ import annotations

import ctypes
import os
import platform
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from .. import debian
from ..errors import EngineFailed
from ..paths import home, writable

__all__ = ["FLAVOURS", "Programs", "architecture", "client", "programs"]


@dataclass(frozen=True)
class Flavour:
    """Which suite an engine is taken from, and the packages that make it."""

    suite: str
    daemon: tuple[str, ...]
    client: tuple[str, ...]


# The major versions that the course is tested on. The suites move on: what really runs is asked
# of the daemon, never read from here.
FLAVOURS = {
    "28": Flavour(
        "forky", ("docker.io", "containerd", "tini-static"),
        ("docker-cli", "docker-buildx", "docker-compose"),
    ),
    "26": Flavour(
        "trixie", ("docker.io", "containerd", "tini"),
        ("docker-cli", "docker-buildx", "docker-compose"),
    ),
    "20": Flavour("bookworm", ("docker.io", "containerd", "tini"), ("docker.io",)),
}  # fmt: skip
NEWEST = "28"

# From bookworm whatever the flavour: newer builds of these need a newer C library than many hosts
# have (runc of trixie: glibc 2.38).
HOST_TOOLS = {"runc": "runc", "iptables": "iptables", "slirp4netns": "slirp4netns"}
LIBRARIES = {
    "libseccomp.so.2": "libseccomp2",
    "libdevmapper.so.1.02.1": "libdevmapper1.02.1",
    "libsystemd.so.0": "libsystemd0",
    "libip4tc.so.2": "libip4tc2",
    "libip6tc.so.2": "libip6tc2",
    "libxtables.so.12": "libxtables12",
    "libnftnl.so.11": "libnftnl11",
    "libmnl.so.0": "libmnl0",
    "libnetfilter_conntrack.so.3": "libnetfilter-conntrack3",
    "libnfnetlink.so.0": "libnfnetlink0",
    "libslirp.so.0": "libslirp0",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libpcre2-8.so.0": "libpcre2-8-0",
}
LEAST_GLIBC = (2, 34)


@dataclass(frozen=True)
class Programs:
    """Where the programs of an engine lie and what they need in their environment."""

    path: tuple[Path, ...]
    libraries: tuple[Path, ...]
    plugins: tuple[Path, ...]
    iptables_modules: Path | None

    def find(self, name: str) -> str | None:
        """Return the path of a program: in these folders first, then on the user's PATH."""
        return shutil.which(name, path=self.environment()["PATH"])

    def environment(self) -> dict[str, str]:
        """Return the variables that a process needs to find these programs and libraries."""
        system = os.environ.get("PATH", os.defpath).split(os.pathsep)
        for folder in ("/usr/local/sbin", "/usr/sbin", "/sbin"):
            if folder not in system:
                system.append(folder)  # a user's PATH often lacks them; ip and iptables lie there
        found = {"PATH": os.pathsep.join([*map(str, self.path), *system])}
        if self.libraries:
            known = os.environ.get("LD_LIBRARY_PATH", "")
            places = [*map(str, self.libraries), *([known] if known else [])]
            found["LD_LIBRARY_PATH"] = os.pathsep.join(places)
        if self.iptables_modules:
            found["XTABLES_LIBDIR"] = str(self.iptables_modules)
        return found


def architecture() -> str:
    """Return Debian's name for this machine's architecture: ``amd64`` or ``arm64``."""
    machine = platform.machine().lower()
    return {"x86_64": "amd64", "aarch64": "arm64", "arm64": "arm64"}.get(machine, machine)


def client(progress: Callable[[str], None] = lambda line: None) -> Path | None:
    """Return a folder with Debian's docker client, buildx and compose; ``None`` but on Linux."""
    if platform.system() != "Linux" or not _glibc_is_new_enough():
        return None
    flavour = FLAVOURS[NEWEST]
    return _tree(f"client-{NEWEST}", {flavour.suite: flavour.client}, progress)


def programs(flavour: str, progress: Callable[[str], None] = lambda line: None) -> Programs:
    """Return the programs of an engine, unpacked into the cache where they are missing.

    Parameters
    ----------
    flavour: a key of ``FLAVOURS``, or ``"installed"`` for the ``dockerd`` on PATH.

    Raises
    ------
    EngineFailed: not Linux, or its C library is older than 2.34.
    DownloadFailed: a package could not be fetched.
    """
    if platform.system() != "Linux":
        raise EngineFailed("engine.not_linux", system=platform.system())
    if not _glibc_is_new_enough():
        raise EngineFailed("engine.old_glibc", found=" ".join(platform.libc_ver()))
    tools = {p for tool, p in HOST_TOOLS.items() if not _installed(tool)}
    tools |= {p for soname, p in LIBRARIES.items() if not _loads(soname)}
    wanted = {"bookworm": tuple(sorted(tools))}
    if flavour != "installed":
        chosen = FLAVOURS[flavour]
        packages = dict.fromkeys((*chosen.daemon, *chosen.client))
        wanted[chosen.suite] = tuple(dict.fromkeys((*wanted.get(chosen.suite, ()), *packages)))
        if "runc" not in wanted["bookworm"]:  # the host's own may be too old or too new
            wanted["bookworm"] = (*wanted["bookworm"], "runc")
    tree = _tree(f"engine-{flavour}", wanted, progress)
    modules = sorted(tree.glob("usr/lib/*/xtables"))
    libraries = (*tree.glob("usr/lib/*-linux-gnu"), *tree.glob("lib/*-linux-gnu"))
    return Programs(
        path=tuple(tree / p for p in ("usr/bin", "usr/sbin", "sbin", "bin") if (tree / p).is_dir()),
        libraries=tuple(sorted(libraries)),
        plugins=tuple(sorted(tree.glob("usr/libexec/docker/cli-plugins"))),
        iptables_modules=modules[0] if modules else None,
    )


def _tree(name: str, wanted: dict[str, tuple[str, ...]], progress: Callable[[str], None]) -> Path:
    """Unpack packages into one folder of the cache, whole or not at all."""
    folder = writable(home() / "programs") / name
    with FileLock(folder.with_suffix(".lock")):  # another process may want them at the same time
        return _unpacked(folder, wanted, progress)


def _unpacked(
    folder: Path, wanted: dict[str, tuple[str, ...]], progress: Callable[[str], None]
) -> Path:
    recipe = "\n".join(f"{suite}: {' '.join(names)}" for suite, names in sorted(wanted.items()))
    stamp = folder / ".recipe"
    if stamp.exists() and stamp.read_text() == recipe:
        return folder
    part = folder.with_name(f"{folder.name}.{os.getpid()}.part")
    for suite, names in wanted.items():
        debian.unpack(debian.fetch(names, suite, architecture(), progress=progress), part)
    _name_iptables(part)
    init = part / "usr/bin/docker-init"
    if not init.exists():
        for candidate in ("tini-static", "tini"):
            if (part / "usr/bin" / candidate).exists():
                init.unlink(missing_ok=True)
                init.symlink_to(candidate)
                break
    (part / ".recipe").write_text(recipe)
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)
    return folder


def _name_iptables(tree: Path) -> None:
    # Debian names them by its alternatives system when the package is configured.
    for multi in tree.glob("usr/sbin/xtables-nft-multi"):
        for name in ("iptables", "ip6tables", "iptables-save", "iptables-restore"):
            link = multi.with_name(name)
            if not link.exists():
                link.symlink_to(multi.name)


def _installed(tool: str) -> bool:
    return shutil.which(tool, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") is not None


def _loads(soname: str) -> bool:
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def _glibc_is_new_enough() -> bool:
    name, version = platform.libc_ver()
    if name != "glibc":
        return False
    return tuple(int(part) for part in version.split(".")[:2]) >= LEAST_GLIBC

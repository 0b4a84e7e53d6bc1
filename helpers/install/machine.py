"""What this machine is: its system, kernel, architecture, and what of Docker is on it already."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Machine", "os_release", "read"]

# As Debian calls them; uname(1) and Python have other names.
ARCHITECTURES = {
    "x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64",
    "armv7l": "armhf", "armv8l": "armhf", "ppc64le": "ppc64el", "i686": "i386", "i386": "i386",
}  # fmt: skip
# Docker under any name, and what stands in its way.
LOOKED_FOR = (
    "docker-ce", "docker-ce-cli", "containerd.io", "docker.io", "docker", "docker-engine",
    "docker-compose", "docker-compose-v2", "docker-doc", "podman-docker", "containerd", "runc",
    "moby-engine",
)  # fmt: skip
ANSWER = 20  # seconds for rpm


@dataclass(frozen=True)
class Machine:
    """A machine as Docker's requirements see it.

    Fields
    ------
    system: ``"Linux"``, ``"Darwin"`` or ``"Windows"``.
    id, like, version, codename, pretty: of /etc/os-release(5); of the system itself elsewhere.
    kernel: as ``uname -r`` says.
    architecture: Debian's name of it.
    cgroup: 1 or 2; 0 where there is none.
    installed: packages of Docker, or that stand in its way; ``snap:docker`` is one of snap.
    wsl: whether Linux runs inside Windows.
    systemd: whether systemd starts services here.
    """

    system: str
    id: str
    version: str
    kernel: str
    architecture: str
    like: tuple[str, ...] = ()
    codename: str = ""
    pretty: str = ""
    cgroup: int = 0
    installed: tuple[str, ...] = ()
    wsl: bool = False
    systemd: bool = True

    @property
    def kernel_version(self) -> tuple[int, int]:
        """The kernel's two first numbers: ``(3, 10)``; zeros if it does not begin with any."""
        found = re.match(r"(\d+)\.(\d+)", self.kernel)
        return (int(found[1]), int(found[2])) if found else (0, 0)


def os_release(content: str) -> dict[str, str]:
    """Return the variables of an os-release(5) file; lines that are none are left out."""
    found = {}
    for line in content.splitlines():
        match = re.fullmatch(r"\s*([A-Z][A-Z0-9_]*)=(?:\"(.*)\"|'(.*)'|(\S*))\s*", line)
        if match:
            value = next((v for v in match.groups()[1:] if v is not None), "")
            found[match[1]] = re.sub(r"\\(.)", r"\1", value)
    return found


def read(
    root: Path = Path("/"),
    *,
    system: str | None = None,
    kernel: str | None = None,
    architecture: str | None = None,
) -> Machine:
    """Look at a machine, and change nothing.

    Parameters
    ----------
    root: the folder that its file system is mounted on.
    system, kernel, architecture: as `platform` and uname(1) give them; default: this machine's.
    """
    system = system or platform.system()
    kernel = kernel or platform.release()
    hardware = (architecture or platform.machine()).lower()
    known = ARCHITECTURES.get(hardware, hardware)
    if system == "Darwin":
        version = platform.mac_ver()[0] if root == Path("/") else ""
        app = ("Docker Desktop",) if (root / "Applications/Docker.app").exists() else ()
        return Machine(system, "macos", version, kernel, known, pretty="macOS", installed=app)
    if system == "Windows":
        version = "11" if _build(platform.version()) >= 22000 else "10"
        return Machine(system, "windows", version, kernel, known, pretty=f"Windows {version}")
    told = os_release(_text(root, "etc/os-release") or _text(root, "usr/lib/os-release"))
    return Machine(
        system=system,
        id=told.get("ID", "linux").lower(),
        version=told.get("VERSION_ID", ""),
        kernel=kernel,
        architecture=known,
        like=tuple(told.get("ID_LIKE", "").lower().split()),
        codename=told.get("UBUNTU_CODENAME") or told.get("VERSION_CODENAME", ""),
        pretty=told.get("PRETTY_NAME", told.get("NAME", "Linux")),
        cgroup=_cgroup(root),
        installed=tuple(sorted({*_dpkg(root), *_rpm(root), *_pacman(root), *_snap(root)})),
        wsl="microsoft" in kernel.lower(),
        systemd=(root / "run/systemd/system").is_dir(),
    )


def _build(version: str) -> int:
    """Return the build number of Windows: ``10.0.22631`` gives 22631."""
    last = version.rpartition(".")[2]
    return int(last) if last.isdigit() else 0


def _text(root: Path, name: str) -> str:
    try:
        return (root / name).read_text("utf-8", errors="replace")
    except OSError:
        return ""


def _cgroup(root: Path) -> int:
    """Return the version of the control groups: a v2 hierarchy names its controllers at the top."""
    folder = root / "sys/fs/cgroup"
    if _text(root, "sys/fs/cgroup/cgroup.controllers").strip():
        return 2
    return 1 if folder.is_dir() and any(folder.iterdir()) else 0


def _dpkg(root: Path) -> Iterable[str]:
    for stanza in _text(root, "var/lib/dpkg/status").split("\n\n"):
        name = re.search(r"^Package: (\S+)$", stanza, re.MULTILINE)
        status = re.search(r"^Status: (.+)$", stanza, re.MULTILINE)
        if name and name[1] in LOOKED_FOR and status and status[1].endswith(" installed"):
            yield name[1]


def _rpm(root: Path) -> Iterable[str]:
    """Ask rpm; its database can be read by nothing else."""
    if not any((root / place).is_dir() for place in ("var/lib/rpm", "usr/lib/sysimage/rpm")):
        return ()
    if not shutil.which("rpm"):
        return ()
    command = ["rpm", "--root", str(root), "-q", "--qf", "%{NAME}\n", *LOOKED_FOR]
    try:
        said = subprocess.run(
            command, capture_output=True, text=True, timeout=ANSWER, check=False
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return ()
    return [line for line in said.splitlines() if line in LOOKED_FOR]


def _pacman(root: Path) -> Iterable[str]:
    folder = root / "var/lib/pacman/local"
    names = [path.name.rsplit("-", 2)[0] for path in folder.iterdir()] if folder.is_dir() else []
    return [name for name in names if name in LOOKED_FOR]


def _snap(root: Path) -> Iterable[str]:
    return ["snap:docker"] if (root / "snap/docker").is_dir() else []

"""QEMU and a kernel out of Debian's packages, unpacked beside the system; or the QEMU found here.

QEMU is unpacked together with its libraries and its C library, and started through that library's
own loader (ld.so(8)): it so runs on any Linux of the same processor, whatever is installed there.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from filelock import FileLock

from .. import debian
from ..engine.packages import architecture
from ..errors import DownloadFailed, MachineFailed
from ..paths import home, writable

__all__ = ["OFF", "VARIABLE", "Qemu", "kernel", "qemu"]

SUITE = "bookworm"
VARIABLE = "LAYER_BY_LAYER_QEMU"  # a program to use in place of the course's own, or:
OFF = "none"  # no machine on this computer, please
SYSTEMS = {"amd64": "qemu-system-x86_64", "arm64": "qemu-system-aarch64"}
PACKAGES = {"amd64": "qemu-system-x86", "arm64": "qemu-system-arm"}
KERNELS = {"amd64": "linux-image-cloud-amd64", "arm64": "linux-image-cloud-arm64"}
LIBRARIES = {"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu"}
# Windows, sound, smart cards: parts of QEMU that are loaded only when they are used.
WITHOUT = (
    "adduser", "debconf", "passwd", "iso-codes", "ipxe-qemu", "libspice-server1", "libcacard0",
    "libbrlapi0.8", "libusbredirparser1", "libasound2", "libsndio7.0", "libdw1", "libnss3",
    "libusb-1.0-0", "libsystemd0", "qemu-efi-aarch64",
)  # fmt: skip
UNUSED = ("usr/share/doc", "usr/share/locale", "usr/share/man", "usr/share/info", "etc", "var")
ASK = 20  # seconds for QEMU to answer a question about itself


@dataclass(frozen=True)
class Qemu:
    """A QEMU that can be started.

    Attributes
    ----------
    name: of the program, for a learner to read: ``qemu-system-x86_64``.
    command: the words that start it.
    environment: what it needs beside the variables of this process.
    firmware: folders with what its boards load first.
    """

    name: str
    command: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)
    firmware: tuple[Path, ...] = ()

    @cached_property
    def version(self) -> str:
        """QEMU's version: ``7.2.22``."""
        words = self._ask("--version").split()
        return words[words.index("version") + 1].rstrip("()") if "version" in words else "?"

    @cached_property
    def boards(self) -> frozenset[str]:
        """The names of the machines that it can be: ``microvm``, ``pc``, ``virt``, …"""
        return frozenset(line.split()[0] for line in self._ask("-M", "help").splitlines()[1:])

    def _ask(self, *words: str) -> str:
        try:
            done = subprocess.run(
                [*self.command, *words], env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=ASK, check=True,
            )  # fmt: skip
        except (OSError, subprocess.SubprocessError) as error:
            raise MachineFailed("machines.broken", program=self.name, reason=error) from None
        return done.stdout


def qemu(guest: str, progress: Callable[[str], None] = lambda line: None) -> Qemu:
    """Return a QEMU for machines of the architecture ``guest``, Debian's name of it.

    The one that the variable ``LAYER_BY_LAYER_QEMU`` names; on Linux Debian's, fetched and unpacked
    into the cache where it is missing; else the one on PATH.

    Raises
    ------
    MachineFailed: there is none; the message says how to get one.
    """
    name = SYSTEMS.get(guest)
    if name is None:
        raise MachineFailed("machines.architecture", architecture=guest, known=", ".join(SYSTEMS))
    chosen = os.environ.get(VARIABLE)
    if chosen == OFF:
        raise MachineFailed("machines.off", variable=VARIABLE)
    if chosen:
        return Qemu(Path(chosen).name, (chosen,))
    reason = ""
    if platform.system() == "Linux" and architecture() in SYSTEMS:
        try:
            return _unpacked(name, guest, progress)
        except DownloadFailed as error:
            reason = error.what
    if found := shutil.which(name):
        return Qemu(name, (found,))
    key = {"Darwin": "machines.missing_macos", "Windows": "machines.missing_windows"}
    raise MachineFailed(key.get(platform.system(), "machines.missing"), name=name, reason=reason)


def kernel(guest: str, progress: Callable[[str], None] = lambda line: None) -> Path:
    """Return the kernel of Debian 12 for virtual machines, fetched where it is missing.

    Raises
    ------
    MachineFailed: it could not be fetched.
    """
    folder = writable(home() / "machines" / "kernels")
    with FileLock(folder / ".lock"):
        if found := sorted(folder.glob(f"vmlinuz-*-{guest}")):
            return found[-1]
        try:
            packages = debian.load(SUITE, guest)
            name = packages.package(KERNELS[guest]).depends[0][0]
            (deb,) = debian.fetch([name], SUITE, guest, progress=progress)
        except DownloadFailed as error:
            raise MachineFailed("machines.no_kernel", reason=error.what) from None
        with debian.members(deb) as archive:
            for member in archive:
                if member.name.startswith("./boot/vmlinuz-"):
                    path = folder / Path(member.name).name
                    part = path.with_name(f".{path.name}.part")
                    file = archive.extractfile(member)
                    part.write_bytes(file.read() if file else b"")
                    part.replace(path)
                    return path
    raise MachineFailed("machines.no_kernel", reason=f"no boot/vmlinuz in {name}")


def _unpacked(name: str, guest: str, progress: Callable[[str], None]) -> Qemu:
    here = architecture()
    folder = writable(home() / "machines" / "qemu") / f"{guest}-on-{here}"
    with FileLock(folder.with_suffix(".lock")):
        if not folder.exists():
            debs = debian.fetch(
                [PACKAGES[guest]], SUITE, here, closure=True, without=WITHOUT, progress=progress
            )
            part = folder.with_name(f"{folder.name}.{os.getpid()}.part")
            debian.unpack(debs, part)
            for unused in UNUSED:
                shutil.rmtree(part / unused, ignore_errors=True)
            for program in (part / "usr/bin").iterdir():
                if program.name != name:
                    program.unlink()
            part.rename(folder)
    return _by_loader(folder, name, here)


def _by_loader(folder: Path, name: str, here: str) -> Qemu:
    triple = LIBRARIES[here]
    loader = next((folder / "lib" / triple).glob("ld-linux-*.so.*"))
    places = f"{folder}/lib/{triple}:{folder}/usr/lib/{triple}"
    return Qemu(
        name,
        (str(loader), "--library-path", places, str(folder / "usr/bin" / name)),
        # TCG, the emulator, is one of its modules; it looks for them where Debian installs them
        {"QEMU_MODULE_DIR": f"{folder}/usr/lib/{triple}/qemu"},
        (folder / "usr/share/qemu", folder / "usr/share/seabios"),
    )

"""The wheels of ``requirements.lock`` for other Pythons and platforms than this one's."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from packaging import tags
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

from ..errors import LabFailed
from ..lab import bootstrap
from ..lab.steps import step
from ..messages import text
from ..paths import writable
from .manifest import Target, here

__all__ = ["Python", "collect", "parse", "this"]

# The oldest C library of Linux that current wheels are made for, and older than what the course's
# engine needs: what fits it fits every machine of the class.
GLIBC = (2, 28)
SYSTEMS = {"manylinux": "linux", "macosx": "darwin", "win": "windows"}
# pip tells the patch releases of a Python apart in a marker or two of the lock.
PATCHES = (0, 99)


@dataclass(frozen=True)
class Python:
    """A Python for which wheels are wanted: its version, and the platform tag that it can use.

    ``platform`` is written as in the names of wheels (PEP 425): ``manylinux_2_28_x86_64``,
    ``macosx_14_0_arm64``, ``win_amd64``.
    """

    version: str
    platform: str

    @property
    def target(self) -> Target:
        """What such a machine says of itself (`helpers.kit.manifest.here`)."""
        system, _, machine = _split(self.platform)
        machine = {"amd64": "x86_64"}.get(machine, machine)
        return Target(self.version, system, machine)

    @property
    def platforms(self) -> list[str]:
        """All platform tags that fit, the best first."""
        system, version, machine = _split(self.platform)
        if system == "darwin":
            return list(tags.mac_platforms(version, machine))
        if system == "windows":
            return [self.platform]
        named = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
        found = []
        for minor in range(version[1], 4, -1):
            found.append(f"manylinux_2_{minor}_{machine}")
            found += [f"{named[minor]}_{machine}"] if minor in named else []
        return [*found, f"linux_{machine}"]

    def fits(self) -> set[tags.Tag]:
        """Return every tag of a wheel that runs there."""
        version = tuple(int(part) for part in self.version.split("."))
        name = f"cp{self.version.replace('.', '')}"
        return {
            *tags.cpython_tags(version, platforms=self.platforms),
            *tags.compatible_tags(version, name, self.platforms),
        }

    def environments(self) -> list[dict[str, str]]:
        """Return what markers see there, at the first and the last patch release."""
        system = self.target.system
        fixed = {
            "implementation_name": "cpython",
            "platform_python_implementation": "CPython",
            "os_name": "nt" if system == "windows" else "posix",
            "sys_platform": {"windows": "win32"}.get(system, system),
            "platform_system": system.capitalize(),
            "platform_machine": _split(self.platform)[2],
            "python_version": self.version,
            "extra": "",
        }
        return [{**fixed, "python_full_version": f"{self.version}.{n}"} for n in PATCHES]


def _split(name: str) -> tuple[str, tuple[int, int], str]:
    """Return system, version and machine of a platform tag.

    Raises
    ------
    LabFailed: it is none that the course knows.
    """
    old = {"manylinux2014": "manylinux_2_17", "manylinux2010": "manylinux_2_12"}
    for short, long in old.items():
        name = name.replace(f"{short}_", f"{long}_")
    found = re.fullmatch(r"(manylinux|macosx)_(\d+)_(\d+)_(x86_64|aarch64|arm64)", name)
    if found:
        return SYSTEMS[found[1]], (int(found[2]), int(found[3])), found[4]
    if found := re.fullmatch(r"win_(amd64|arm64)", name):
        return "windows", (0, 0), found[1]
    raise LabFailed("kit.no_platform", name=name)


def parse(versions: Iterable[str] = (), platforms: Iterable[str] = ()) -> list[Python]:
    """Return every pair of the versions and the platforms given; this machine's where none is.

    Raises
    ------
    LabFailed: a platform or a version is none that the course knows.
    """
    versions, platforms = list(versions), list(platforms)
    for version in versions:
        if not re.fullmatch(r"3\.\d\d?", version) or int(version[2:]) < 11:
            raise LabFailed("kit.no_version", version=version)
    if not platforms:
        platforms = [this().platform]
    found = [Python(v, p) for p in platforms for v in versions or [this().version]]
    for python in found:
        python.target  # noqa: B018 - raises where it is unknown
    return found


def this() -> Python:
    """Return this machine's Python, on Linux with the C library `GLIBC` for older machines."""
    mine = here()
    if mine.system == "linux" and platform.libc_ver()[0] == "glibc":
        return Python(mine.python, f"manylinux_{GLIBC[0]}_{GLIBC[1]}_{mine.machine}")
    return Python(mine.python, re.sub(r"[-.]", "_", sysconfig.get_platform()))


def pins(lock: str, environment: dict[str, str]) -> list[str]:
    """Return the lock's requirements that hold in an environment, hashes and all, no markers."""
    found = []
    for entry in re.split(r"\n(?=[A-Za-z0-9])", lock):
        if not re.match(r"[A-Za-z0-9]", entry):
            continue
        first, _, hashes = entry.partition("\\\n")
        wanted = Requirement(first.strip())
        if wanted.marker is None or wanted.marker.evaluate(environment):
            found.append(f"{wanted.name}{wanted.specifier} \\\n{hashes.rstrip()}\n")
    return found


def collect(pythons: Iterable[Python], folder: Path, say: Callable[[str], None]) -> list[Path]:
    """Fetch the wheels of the lock for some Pythons into a folder; return those that they need.

    What is there already is not fetched again; each file is held against the lock's hashes.

    Raises
    ------
    LabFailed: one could not be fetched, or there is no wheel of it for such a Python.
    NotWritable, NoSpace: as their names say.
    """
    writable(folder)
    lock = bootstrap.LOCK.read_text("utf-8")
    needed: dict[str, Path] = {}
    for python in pythons:
        for environment in python.environments():
            requirements = pins(lock, environment)
            if lacking := _missing(requirements, python, folder):
                say(text("kit.wheels", target=python.target))
                _download(lacking, python, environment["python_full_version"], folder)
            if lacking := _missing(requirements, python, folder):
                name = lacking[0].partition(" ")[0]
                raise LabFailed("kit.no_wheel", name=name, target=python.target)
            needed |= {p.name: p for p in _matching(requirements, python, folder).values()}
    return sorted(needed.values())


def _missing(requirements: Iterable[str], python: Python, folder: Path) -> list[str]:
    found = _matching(requirements, python, folder)
    return [one for one in requirements if canonicalize_name(one.partition("==")[0]) not in found]


def _matching(requirements: Iterable[str], python: Python, folder: Path) -> dict[str, Path]:
    """Return the wheels in a folder that satisfy requirements, by their packages' names."""
    pairs = (one.split(" ", 1)[0].partition("==") for one in requirements)
    wanted = {canonicalize_name(name): version for name, _, version in pairs}
    promised = set(re.findall(r"sha256:([0-9a-f]{64})", "".join(requirements)))
    fits = python.fits()
    found: dict[str, Path] = {}
    for path in sorted(folder.glob("*.whl")):
        name, version, _, marks = parse_wheel_filename(path.name)
        if wanted.get(name) == str(version) and marks & fits and _sum(path) in promised:
            found[name] = path
    return found


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _download(requirements: Iterable[str], python: Python, full: str, folder: Path) -> None:
    home = bootstrap.home()
    variables = bootstrap.variables(home)
    pip = [sys.executable, "-m", "pip"]
    if subprocess.run([*pip, "--version"], capture_output=True, check=False).returncode:
        # uv makes environments without pip; Python has one in store
        step([sys.executable, "-m", "ensurepip"], variables, home, "kit.no_pip")
    listed = home / f"wheels.{os.getpid()}.txt"
    try:
        listed.write_text("".join(requirements))
        step(
            [*pip, "download", "--disable-pip-version-check", "--no-deps", "--require-hashes",
             "--only-binary", ":all:", "--implementation", "cp", "--python-version", full,
             *(word for name in python.platforms for word in ("--platform", name)),
             "--dest", str(folder), "--requirement", str(listed)],
            variables, home, "kit.wheels_failed",
        )  # fmt: skip
    finally:
        listed.unlink(missing_ok=True)

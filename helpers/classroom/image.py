"""The image of a class, made without a pull."""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from .. import bases
from ..bases import debian_root
from ..bases.archive import PATH, Recipe, present
from ..bases.busybox_root import known_architecture, mark
from ..bases.extend import extend
from ..engine import Engine
from ..engine.packages import NEWEST, programs
from ..kit import wheels
from ..messages import text
from ..paths import LESSONS, ROOT, home, writable
from .names import IMAGE, SYSTEM
from .settings import ClassroomError

__all__ = ["make"]

# Of Debian 12: its Python, and its C library in a wheel's tag (PEP 600).
PYTHON = "3.11"
PLATFORMS = {"amd64": "manylinux_2_36_x86_64", "arm64": "manylinux_2_36_aarch64"}
VERSION = 1  # of the recipe of the system below
# From Debian 12: JupyterHub's proxy, what an engine needs beside it, and what one misses in a
# terminal otherwise.
PACKAGES = (
    "curl", "git", "iproute2", "iptables", "less", "make", "mount", "nano",
    "node-configurable-http-proxy", "procps", "python3-venv", "runc", "tini",
    "util-linux", "xz-utils",
)  # fmt: skip


def make(engine: Engine, lessons: Iterable[str] = ()) -> str:
    """Make the image of a class on its engine, with what the lessons need, and return its name.

    Some minutes the first time, most of it packages; some seconds where nothing changed.

    Parameters
    ----------
    lessons: whose base images are made beforehand, so that no learner has to fetch packages.

    Raises
    ------
    ClassroomError: the build failed.
    LabFailed: the Python packages could not be fetched.
    DownloadFailed, EngineFailed, NoSpace, …: as for every base image.
    """
    architecture = known_architecture(engine)
    recipe = Recipe(
        name=SYSTEM,
        architecture=architecture,
        author=mark(engine, "classroom", VERSION, debian_root.VERSION, PACKAGES, architecture),
        created_by="JupyterHub's proxy and an engine's tools, from Debian 12",
        cmd=("bash",),
        env=(PATH,),
    )
    if not present(engine, recipe):
        extend(engine, recipe, PACKAGES)
    for name in _bases(lessons):
        getattr(bases, name)(engine)
    say = lambda line: print(line, flush=True)  # noqa: E731
    found = writable(home() / "wheels")
    wheels.collect([wheels.Python(PYTHON, PLATFORMS[architecture])], found, say)
    print(text("classroom.building"), flush=True)
    contexts = {
        "course": ROOT,
        "wheels": found,
        "engine": _engine(),
        "packages": home() / "debian",
        "bases": writable(home() / "bases"),
    }
    with tempfile.TemporaryDirectory() as empty:
        command = ["docker", "buildx", "build", "--tag", IMAGE, "--progress", "plain",
                   "--file", str(Path(__file__).with_name("Dockerfile")),
                   "--build-arg", f"IDENTITY={_identity()}"]  # fmt: skip
        for name, place in contexts.items():
            command += ["--build-context", f"{name}={place}"]
        made = subprocess.run(
            [*command, empty], env=engine.environment(), capture_output=True, text=True,
            errors="replace", check=False,
        )  # fmt: skip
    if made.returncode:
        raise ClassroomError("classroom.build", tail="\n".join(made.stderr.splitlines()[-12:]))
    return IMAGE


def _bases(lessons: Iterable[str]) -> list[str]:
    """Return the base images that lessons need, each once, in the order of the lessons."""
    import tomllib

    found: dict[str, None] = {}
    for lesson in lessons:
        for plan in LESSONS.glob(f"{lesson}-*/lesson.toml"):
            found |= dict.fromkeys(tomllib.loads(plan.read_text("utf-8"))["requires"]["bases"])
    return list(found)


def _engine() -> Path:
    """Return the folder in which Debian's engine is unpacked."""
    return next(p for p in programs(NEWEST).path[0].parents if p.name == f"engine-{NEWEST}")


def _identity() -> str:
    """Return what tells this state of the course from another one."""
    found = hashlib.sha256()
    for top in ("helpers", "lessons", "notebooks", "requirements.lock"):
        path = ROOT / top
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                found.update(file.relative_to(ROOT).as_posix().encode() + b"\0")
                found.update(hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()[:16]

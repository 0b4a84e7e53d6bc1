"""The image of a class, made without a pull."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from ..bases import debian_root
from ..bases.archive import PATH, Recipe, present
from ..bases.busybox_root import known_architecture, mark
from ..bases.extend import extend
from ..engine import Engine
from ..engine.packages import NEWEST, programs
from ..kit import contents, making, wanted, wheels
from ..kit.contents import Content, Say
from ..messages import text
from ..paths import ROOT, home, writable
from .names import IMAGE, SYSTEM
from .settings import ClassroomError

__all__ = ["make"]

# Of Debian 12: its Python, and its C library in a wheel's tag (PEP 600).
PYTHON = "3.11"
PLATFORMS = {"amd64": "manylinux_2_36_x86_64", "arm64": "manylinux_2_36_aarch64"}
# What the instructor shows instead: a kubelet wants the host's own root.
ELSEWHERE = {"kubernetes"}
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
    lessons: numbers; what they need is in the image, so that no learner has to fetch packages.

    Raises
    ------
    NotFound: there is no such lesson.
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
    say = lambda line: print(line, flush=True)  # noqa: E731
    found = writable(home() / "wheels")
    wheels.collect([wheels.Python(PYTHON, PLATFORMS[architecture])], found, say)
    needed = _needed(engine, architecture, lessons, say)
    print(text("classroom.building"), flush=True)
    with tempfile.TemporaryDirectory(dir=home()) as folder:
        kept = _kept(Path(folder) / "kept", needed)
        contexts = {"course": ROOT, "wheels": found, "engine": _engine(), "kept": kept}
        command = ["docker", "buildx", "build", "--tag", IMAGE, "--progress", "plain",
                   "--file", str(Path(__file__).with_name("Dockerfile"))]  # fmt: skip
        for name, place in contexts.items():
            command += ["--build-context", f"{name}={place}"]
        made = subprocess.run(
            [*command, writable(Path(folder) / "empty")], env=engine.environment(),
            capture_output=True, text=True, errors="replace", check=False,
        )  # fmt: skip
    if made.returncode:
        raise ClassroomError("classroom.build", tail="\n".join(made.stderr.splitlines()[-12:]))
    return IMAGE


def _needed(
    engine: Engine, architecture: str, lessons: Iterable[str], say: Say
) -> dict[str, Content]:
    """Fetch and make what lessons need; return it by its place in a learner's course folder."""
    chosen = tuple(lessons)
    folders = wanted.lessons(chosen) if chosen else ()
    names = {name for folder in folders for name in wanted.needs(folder)} - ELSEWHERE
    names |= set(wanted.ALWAYS)
    found = list(contents.packages(names, [architecture], say))
    making.keep_layers(engine, names, say)
    found += contents.layers(names, [architecture])[0]
    return {content.path: content for content in found}


def _kept(folder: Path, needed: dict[str, Content]) -> Path:
    """Lay out files as a learner's course folder has them; linked, not copied, where that goes."""
    writable(folder / "home")
    for path, content in needed.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(content.source, target)
        except OSError:
            shutil.copyfile(content.source, target)
    return folder


def _engine() -> Path:
    """Return the folder in which Debian's engine is unpacked."""
    return next(p for p in programs(NEWEST).path[0].parents if p.name == f"engine-{NEWEST}")

"""A small kit of real files: enough of the course to unpack itself, and a package or two."""

from __future__ import annotations

import hashlib
import lzma
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from helpers.kit import manifest
from helpers.kit.contents import Content
from helpers.kit.making import write
from helpers.paths import ROOT

COURSE = (
    "helpers/__init__.py", "helpers/__main__.py", "helpers/errors.py", "helpers/text.py",
    "helpers/kit", "helpers/lab", "helpers/messages/__init__.py", "helpers/messages/errors.toml",
    "helpers/messages/kit.toml", "helpers/messages/lab.toml", "requirements.lock", "Makefile",
)  # fmt: skip
LOCK = hashlib.sha256((ROOT / "requirements.lock").read_bytes()).hexdigest()


def contents(folder: Path) -> Iterator[Content]:
    """Files of the clone, and of a course's folder that is made here."""
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard",
         *COURSE], capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in listed.stdout.splitlines():
        yield Content(ROOT / name, f"course/{name}", "course")
    made = {
        "debian/test-amd64.Packages.xz": (lzma.compress(b"Package: app\n"), "index", False),
        "debian/test-amd64.Packages.InRelease": (b"signed", "index", False),
        "debian/pool/app_1.0-1_amd64.deb": (os.urandom(70_000), "packages", False),
        f"wheels/{LOCK[:16]}/app-1.0-py3-none-any.whl": (os.urandom(9_000), "environment", False),
        "kubernetes/1.20.2-0123abcd/kubelet": (b"\x7fELF" * 5_000, "kubernetes", True),
    }
    for name, (data, purpose, executable) in made.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        yield Content(path, f"home/{name}", purpose, executable)


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole kit for this very Python."""
    folder = tmp_path_factory.mktemp("kit")
    return make(folder)


def make(folder: Path, **said: object) -> Path:
    """Make a small kit; ``said`` replaces what its manifest says."""
    usual = {
        "made": "2026-11-29T12:00:00Z", "commit": "0123456789ab", "lock": LOCK, "lessons": ("00",),
        "architectures": ("amd64",), "targets": (manifest.here(),),
    }  # fmt: skip
    path = folder / "small.kit.pyz"
    write(path, contents(folder / "made"), {**usual, **said})
    return path


class Learner:
    """Another machine: an empty home, an empty folder, and a Python without any package."""

    def __init__(self, folder: Path) -> None:
        self.home, self.folder = folder / "their-home", folder / "desk"
        self.folder.mkdir()
        self.course = self.folder / "layer-by-layer"

    def run(self, kit: Path, *words: str, python: str = sys.executable, **more: str):
        """Run ``python3 KIT …``; -I and -S keep this environment's packages away."""
        variables = {"PATH": "/usr/bin:/bin", "LAYER_BY_LAYER_HOME": str(self.home),
                     "LANG": "C.UTF-8", **more}  # fmt: skip
        return subprocess.run(
            [python, "-I", "-S", str(kit), *words], cwd=self.folder, env=variables,
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip

    def files(self) -> set[str]:
        """All that lies in the home, and the course's folder, by path."""
        found = set()
        for top in (self.home, self.course):
            found |= {str(p.relative_to(top.parent)) for p in top.rglob("*") if p.is_file()}
        return found


@pytest.fixture
def learner(tmp_path: Path) -> Learner:
    return Learner(tmp_path)


Make = Callable[..., Path]

"""A headless Chromium for tests: the one on PATH, or Debian's, unpacked beside the system."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from helpers import debian
from helpers.engine.packages import architecture
from helpers.errors import CourseError
from helpers.paths import ROOT, home

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SUITE = "bookworm"  # the oldest that is maintained: it asks for the oldest C library
PACKAGES = ("chromium-headless-shell", "fonts-dejavu-core")
# The C library is the system's (two of them in one process do not work); the others are programs
# for a desktop, which a browser without a window does not start.
WITHOUT = ("libc6", "libgcc-s1", "xdg-utils", "x11-utils", "debconf", "libpam-modules")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--hide-scrollbars", "--font-render-hinting=none",
)  # fmt: skip


@dataclass(frozen=True)
class Chromium:
    """Where the browser is, and the variables that it needs."""

    executable: Path
    environment: dict[str, str] = field(default_factory=dict)


def find(progress: Callable[[str], None] = lambda line: None) -> Chromium | None:
    """Return a Chromium that starts; ``None`` if there is none and none can be unpacked here.

    Debian's packages are unpacked into the course's folder on any Linux with glibc 2.36 or newer;
    nothing is installed.
    """
    for name in NAMES:
        if found := shutil.which(name):
            browser = Chromium(Path(found), _fonts(home() / "chromium"))
            if starts(browser):
                return browser
    if platform.system() != "Linux" or architecture() not in ("amd64", "arm64"):
        return None
    browser = unpacked(progress)
    return browser if starts(browser) else None


def starts(browser: Chromium) -> bool:
    """Whether the program runs on this system at all: it prints a page."""
    command = [str(browser.executable), "--headless", *FLAGS, "--dump-dom", "data:text/html,<p>up"]
    try:
        answer = subprocess.run(
            command, env={**os.environ, **browser.environment}, capture_output=True, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return b"<p>up" in answer.stdout


def unpacked(progress: Callable[[str], None] = lambda line: None) -> Chromium:
    """Return Debian's headless Chromium, unpacked into the course's folder.

    Raises
    ------
    DownloadFailed: a package could not be fetched.
    """
    folder = home() / "chromium"
    tree = folder / "tree"
    if not tree.exists():
        debs = debian.fetch(
            PACKAGES, SUITE, architecture(), closure=True, without=WITHOUT, progress=progress
        )
        part = folder / f"tree.{os.getpid()}.part"
        debian.unpack(debs, part)
        try:
            part.rename(tree)
        except OSError:  # somebody else was faster
            shutil.rmtree(part)
    libraries = [*tree.glob("usr/lib/*-linux-gnu"), *tree.glob("lib/*-linux-gnu")]
    libraries += tree.glob("usr/lib/*-linux-gnu/pulseaudio")
    variables = {
        **_fonts(folder, tree / "usr/share/fonts"),
        "LD_LIBRARY_PATH": os.pathsep.join(map(str, libraries)),
    }
    return Chromium(tree / "usr/lib/chromium/chromium-headless-shell", variables)


def _fonts(folder: Path, *more: Path) -> dict[str, str]:
    """Write a fontconfig file with the course's own font, so that Chinese has its characters."""
    folder.mkdir(parents=True, exist_ok=True)
    places = [*more, ROOT / "helpers/figures/fonts", Path("/usr/share/fonts")]
    lines = "\n".join(f"  <dir>{place}</dir>" for place in places)
    path = folder / "fonts.conf"
    path.write_text(
        '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n<fontconfig>\n'
        f"{lines}\n  <cachedir>{folder / 'fontconfig'}</cachedir>\n"
        f"{_alias('sans-serif', 'DejaVu Sans')}{_alias('system-ui', 'DejaVu Sans')}"
        f"{_alias('monospace', 'DejaVu Sans Mono')}</fontconfig>\n"
    )
    return {"FONTCONFIG_FILE": str(path)}


def _alias(family: str, real: str) -> str:
    return f"  <alias><family>{family}</family><prefer><family>{real}</family></prefer></alias>\n"


def required() -> bool:
    """Whether a missing browser is a failure (in CI) and not a reason to skip."""
    return os.environ.get("CI", "").lower() in ("1", "true")


def why(error: CourseError | None) -> str:
    """Return the sentence for a skipped test."""
    return f"no Chromium runs here: {error.what if error else 'none found on PATH'}"

"""uv, fetched once with pip: it fills the environment from where pip would, in less time.

pip reads, on one processor, the list of all releases of each of some 180 packages, and compiles
them one after the other. A learner's own uv on PATH is used as it is; this one is told what the
learner told pip (a mirror, a proxy, a company's certificates). Where that holds something for which
uv knows no word, or the mirror has no uv, pip does all of it.
"""

from __future__ import annotations

import ast
import contextlib
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

from ..errors import LabFailed
from .steps import step

__all__ = ["arguments", "fetch"]

WANTED = Path(__file__).with_name("uv.txt")  # one version, and the hashes of its wheels
# Settings of pip that have no part in where packages come from, or that a lock leaves no room for.
WITHOUT_PART = {
    "break-system-packages", "cache-dir", "config-file", "constraint", "disable-pip-version-check",
    "no-color", "no-input", "no-warn-script-location", "progress-bar", "quiet",
    "require-virtualenv", "retries", "root-user-action", "upgrade-strategy", "use-pep517", "user",
    "verbose",
}  # fmt: skip
# Settings of pip (its User Guide, "Configuration"), and the options of uv that say the same.
OPTIONS = {
    "index-url": "--default-index",
    "extra-index-url": "--index",
    "find-links": "--find-links",
    "trusted-host": "--allow-insecure-host",
}
VARIABLES = {
    "cert": ("SSL_CERT_FILE",),
    "client-cert": ("SSL_CLIENT_CERT",),
    "proxy": ("HTTPS_PROXY", "HTTP_PROXY"),
    "default-timeout": ("UV_HTTP_TIMEOUT",),
    "timeout": ("UV_HTTP_TIMEOUT",),
}

Fetched = tuple[list[str], dict[str, str]]  # a command, and its environment


def fetch(python: Path, folder: Path, variables: dict[str, str]) -> Fetched | None:
    """Return the command of a fetched uv, and its environment; None if pip has to do it.

    Parameters
    ----------
    python: of the environment, with pip in it.
    folder: the course's folder, where uv is kept.
    variables: the environment of installers.

    Raises
    ------
    LabFailed: the disk is full. (Without a network pip says so next, of all packages.)
    """
    settings = _settings(python, variables)
    told = None if settings is None else arguments(settings)
    if told is None:
        return None
    version = WANTED.read_text("utf-8").partition("==")[2].split()[0]
    found = folder / "uv-program" / version
    if not (program := _program(found)):
        command = [str(python), "-m", "pip", "install", "--disable-pip-version-check"]
        command += ["--target", str(found), "--require-hashes", "--only-binary", ":all:"]
        command += ["--retries", "1"]
        try:
            step([*command, "-r", str(WANTED)], variables, folder)
        except LabFailed as error:
            if error.key == "lab.environment.full":
                raise
            return None  # a mirror without it, or none for this machine
        program = _program(found)
    options, more = told
    if not program:
        return None
    base = [str(program), "pip", "install"]
    if not variables.get("PYTHONDONTWRITEBYTECODE"):
        base.append("--compile-bytecode")
    # Of two indexes that know a package pip takes either; the hashes say which file it must be.
    return [*base, "--index-strategy", "unsafe-best-match", *options], {**variables, **more}


def arguments(settings: Iterable[tuple[str, str]]) -> tuple[list[str], dict[str, str]] | None:
    """Return pip's settings as options and variables of uv; None if one of them has no such word.

    Parameters
    ----------
    settings: names without their section, and values, as ``pip config list`` gives them; of two
        with one name the later counts.
    """
    options: list[str] = []
    variables: dict[str, str] = {}
    for name, value in dict(settings).items():
        if name in OPTIONS:
            for part in value.split():
                options += [OPTIONS[name], part]
        elif name in VARIABLES:
            variables.update(dict.fromkeys(VARIABLES[name], value))
        elif name not in WITHOUT_PART:
            return None
    return options, variables


def _settings(python: Path, variables: dict[str, str]) -> list[tuple[str, str]] | None:
    """Return what pip is told, in its own order: for all commands, for ``install``, as PIP_…"""
    answer = subprocess.run(
        [str(python), "-m", "pip", "config", "list"], env=variables, capture_output=True,
        text=True, errors="replace", check=False,
    )  # fmt: skip
    if answer.returncode:
        return None  # pip will say what is wrong with its files
    rows: dict[str, list[tuple[str, str]]] = {"global": [], "install": [], ":env:": []}
    for line in answer.stdout.splitlines():
        key, equals, value = line.partition("=")
        section, _, name = key.rpartition(".")
        if equals and section in rows:
            with contextlib.suppress(ValueError, SyntaxError):
                rows[section].append((name, str(ast.literal_eval(value))))
    return [row for section in rows.values() for row in section]


def _program(folder: Path) -> Path | None:
    name = "uv.exe" if os.name == "nt" else "uv"
    return next((path for path in folder.glob(f"*/{name}") if path.is_file()), None)

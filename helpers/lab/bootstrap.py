"""The first step of every command: the course's environment, made from a bare Python.

Only the standard library is imported here. The environment is ``.venv`` in the clone, with exactly
what ``requirements.lock`` names, each file held against its hash. Caches of uv and pip lie in the
course's folder, so that nothing outside the clone and that folder changes.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.parse
from importlib import metadata
from pathlib import Path

from ..errors import CourseError, LabFailed, NoSpace, NotWritable
from ..messages import text
from .steps import step
from .uv import fetch as fetch_uv

__all__ = ["LOCK", "WHOLE", "ensure", "home", "kit_wheels", "main", "variables"]

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / ".layer-by-layer"
MARK = ".layer-by-layer"  # in the course's folder: it was made by the course
INSTALLER = "LAYER_BY_LAYER_INSTALLER"  # "pip": nothing else is asked, whatever is on PATH
WHOLE = ".whole"  # in a folder of wheels: an offline kit was unpacked there to its end


def main(arguments: list[str]) -> int:
    """Make the environment if it is missing or outdated, then run the command inside it."""
    try:
        return _main(arguments)
    except BrokenPipeError:  # `make doctor | head`: nobody reads on
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        print(NoSpace("errors.no_space", folder=error.filename or ROOT), file=sys.stderr)
        return 1


def _main(arguments: list[str]) -> int:
    for stream in (sys.stdout, sys.stderr):
        # A Windows console may not know a character; that is no reason to fail.
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        if own() or inside():
            if not own():
                ensure()
            from .commands import run

            return run(arguments)
        ensure()
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    command = [str(python()), "-m", "helpers", *arguments]
    if os.name == "posix" and arguments[:1] != ["clean"]:
        sys.stdout.flush()
        os.execv(command[0], command)
    try:
        status = subprocess.call(command, cwd=Path.cwd())
    except KeyboardInterrupt:
        return 130
    if arguments[:1] == ["clean"] and status == 0:
        shutil.rmtree(VENV, ignore_errors=True)
    return status


def python() -> Path:
    """Return the environment's Python."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def inside() -> bool:
    """Whether this process runs in the clone's ``.venv``."""
    return Path(sys.prefix).resolve() == VENV.resolve()


def own() -> bool:
    """Whether this is an environment that the learner made for this clone (conda, ``pip -e``)."""
    if inside():
        return False
    for found in metadata.distributions(name="layer-by-layer"):
        with contextlib.suppress(ValueError, KeyError, TypeError):
            address = json.loads(found.read_text("direct_url.json") or "null")["url"]
            path = urllib.parse.unquote(urllib.parse.urlparse(address).path)
            if os.name == "nt":
                path = path.lstrip("/")
            if Path(path).resolve() == ROOT:
                return True
    return False


def home() -> Path:
    """Return the course's folder, as `helpers.paths.home` does, without a third-party package.

    Raises
    ------
    NotWritable, NoSpace: it cannot be made or written.
    """
    chosen = os.environ.get("LAYER_BY_LAYER_HOME")
    if chosen:
        folder = Path(chosen)
    elif os.name == "nt":
        local = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local"
        folder = Path(local, "layer-by-layer", "layer-by-layer", "Cache")
    elif sys.platform == "darwin":
        folder = Path.home() / "Library/Caches/layer-by-layer"
    else:
        base = os.environ.get("XDG_CACHE_HOME", "").strip()
        folder = Path(base or Path.home() / ".cache") / "layer-by-layer"
    try:
        new = not folder.exists() or not any(folder.iterdir())
        folder.mkdir(parents=True, exist_ok=True)
        if new:
            (folder / MARK).touch()
        if not os.access(folder, os.W_OK):
            raise PermissionError(13, os.strerror(13))
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NoSpace("errors.no_space", folder=folder) from None
        raise NotWritable("errors.not_writable", folder=folder, reason=error.strerror) from None
    return folder


def wanted() -> str:
    """Return what the environment must be made from, as one hash."""
    found = hashlib.sha256()
    for path in (LOCK, ROOT / "pyproject.toml"):
        found.update(path.read_bytes())
    return found.hexdigest()


def ensure() -> None:
    """Bring ``.venv`` to what the lock names; nothing is done if it is there already.

    Raises
    ------
    LabFailed: no environment could be made: no venv module, no network, a full disk.
    NotWritable: the clone or the course's folder cannot be written.
    """
    hash_ = wanted()
    with contextlib.suppress(OSError):
        if STAMP.read_text() == hash_ and python().exists():
            return
    folder = home()
    if not os.access(ROOT, os.W_OK):
        raise NotWritable("lab.clone", folder=ROOT)
    settings = variables(folder)
    uv = _uv(settings)
    print(text("lab.environment.making", folder=VENV), flush=True)
    began = time.monotonic()
    if not _starts(python()):
        shutil.rmtree(VENV, ignore_errors=True)
        make = [uv, "venv", "--python", sys.executable, str(VENV)] if uv else None
        if not uv and not _has_venv():
            raise LabFailed("lab.no_venv", version=f"{sys.version_info[0]}.{sys.version_info[1]}")
        step(make or [sys.executable, "-m", "venv", str(VENV)], settings, folder)
    elif not uv and not _starts(python(), "pip"):  # uv made it, and has gone since
        step([str(python()), "-m", "ensurepip", "--upgrade"], settings, folder)
    here = ["--python", str(python())]
    pip = [str(python()), "-m", "pip", "install", "--disable-pip-version-check"]
    ways = [([uv, "pip", "install", *here] if uv else pip, settings)]
    failed = "lab.environment.failed"
    if found := kit_wheels(folder):
        print(text("lab.environment.kit", folder=found), flush=True)
        ways[0][0].extend(["--no-index", "--find-links", str(found)])
        failed = "lab.environment.kit_failed"
    elif (
        not uv
        and os.environ.get(INSTALLER) != "pip"
        and (fetched := fetch_uv(python(), folder, settings))
    ):
        ways.insert(0, ([*fetched[0], *here], fetched[1]))
    _fill(ways, folder, failed)
    STAMP.write_text(hash_)
    seconds = round(time.monotonic() - began)
    print(text("lab.environment.made", seconds=seconds), flush=True)


def _fill(ways: list[tuple[list[str], dict[str, str]]], folder: Path, failed: str) -> None:
    """Install what the lock names and the course itself; in the next way if one fails."""
    for number, (install, variables) in enumerate(ways, 1):
        try:
            step([*install, "--require-hashes", "-r", str(LOCK)], variables, folder, failed)
            # The build tool is in the lock too, so nothing is fetched beside it.
            course = ["--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
            step([*install, *course], variables, folder)
            return
        except LabFailed as error:
            if number == len(ways) or error.key == "lab.environment.full":
                raise
            print(text("lab.environment.instead"), flush=True)


def kit_wheels(folder: Path) -> Path | None:
    """Return the wheels of an offline kit (`helpers.kit`) that was made for this very lock."""
    found = folder / "wheels" / hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]
    return found if (found / WHOLE).exists() else None


def variables(folder: Path) -> dict[str, str]:
    """The environment of an installer: the user's own settings, caches in the course's folder."""
    found = dict(os.environ)
    # The system's certificates, so that a company's own authority is trusted as pip trusts it; the
    # setting has one name up to uv 0.10 and another one after it.
    for name in ("UV_NATIVE_TLS", "UV_SYSTEM_CERTS"):
        found.setdefault(name, "true")
    found.setdefault("UV_CACHE_DIR", str(folder / "uv"))
    found.setdefault("UV_PYTHON_INSTALL_DIR", str(folder / "python"))
    found.setdefault("PIP_CACHE_DIR", str(folder / "pip"))
    found["PIP_USER"] = "0"  # a user's default of installing below ~ would miss the environment
    if folder.stat().st_dev != ROOT.stat().st_dev:
        found.setdefault("UV_LINK_MODE", "copy")  # else uv warns that it cannot link
    return found


def _uv(variables: dict[str, str]) -> str | None:
    path = shutil.which("uv")
    if not path or os.environ.get(INSTALLER) == "pip":
        return None
    # a shim of a version manager may stand there without a program behind it
    answer = subprocess.run([path, "--version"], env=variables, capture_output=True, check=False)
    return path if answer.returncode == 0 else None


def _starts(program: Path, module: str = "sys") -> bool:
    check = [str(program), "-c", f"import sys, {module}; sys.exit(sys.version_info < (3, 11))"]
    try:
        return subprocess.run(check, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _has_venv() -> bool:
    check = [sys.executable, "-c", "import venv, ensurepip"]
    return subprocess.run(check, capture_output=True, check=False).returncode == 0

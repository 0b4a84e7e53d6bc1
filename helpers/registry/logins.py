"""Logins at the registry, made by the docker client in a DOCKER_CONFIG of the course's own.

The client keeps a login in a file, and sends it along with each push and pull. Here it is that of
`helpers.engine.Engine.environment`, never the learner's, and never a keychain of the system. A
login is journalled when it is made, and goes with clean-up.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import os
import subprocess
from pathlib import Path

from filelock import FileLock

from ..engine import Engine, journal
from ..errors import EngineFailed, EngineLost, RegistryDenied, TimedOut
from ..text import plain
from . import refusals

__all__ = ["clean", "forget", "login", "stored"]

KIND = "login"
ANSWER = 60  # seconds for the client


def login(engine: Engine, url: str, user: str, password: str, lesson: str | None = None) -> None:
    """Log in with ``docker login``; the password goes through its standard input.

    Raises
    ------
    RegistryDenied: the registry does not know this user with this password.
    EngineFailed: there is no docker client.
    EngineLost: the registry or the daemon does not answer.
    """
    environment = engine.environment()
    path = _path(environment)
    # A client whose file holds no login looks for the keychain of the system. An entry, be it
    # empty, keeps the login in the file.
    _change(path, lambda logins: logins.setdefault(url, {}))
    journal.record(KIND, url, engine, lesson)
    command = ["docker", "login", "--username", user, "--password-stdin", url]
    try:
        done = subprocess.run(
            command, input=password, env=environment, timeout=ANSWER, capture_output=True, text=True
        )
    except FileNotFoundError:
        raise EngineFailed("registry.no_client") from None
    except subprocess.TimeoutExpired:
        raise TimedOut("registry.waiting_login", seconds=ANSWER, url=url) from None
    if done.returncode == 0:
        return
    said = plain(done.stderr).strip().replace(password, "…") if password else plain(done.stderr)
    if refusals.unauthorized(said):
        raise RegistryDenied("registry.bad_login", user=user, url=url)
    raise EngineLost("registry.lost", url=url, reason=refusals.last(said))


def stored(engine: Engine, url: str) -> tuple[str, str] | None:
    """Return user and password of the login at a registry, ``None`` if there is none."""
    entry = _read(_path(engine.environment())).get("auths", {}).get(url, {})
    with contextlib.suppress(binascii.Error, ValueError):
        user, colon, password = base64.b64decode(entry.get("auth", "")).decode().partition(":")
        if colon:
            return user, password
    return None


def forget(engine: Engine, url: str) -> bool:
    """Remove the login at a registry, as ``docker logout`` does; return whether there was one."""
    there = stored(engine, url) is not None
    _change(_path(engine.environment()), lambda logins: logins.pop(url, None))
    journal.forget(e for e in journal.entries(engine, KIND) if e.id == url)
    return there


def clean(engine: Engine, lesson: str | None = None) -> int:
    """Remove the journalled logins, those of a lesson or all; return how many there were."""
    wanted = [e for e in journal.entries(engine, KIND) if lesson in (None, e.lesson)]
    return sum(forget(engine, url) for url in {entry.id for entry in wanted})


def _path(environment: dict[str, str]) -> Path:
    return Path(environment["DOCKER_CONFIG"]) / "config.json"


def _read(path: Path) -> dict:
    try:
        return json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return {}


def _change(path: Path, change) -> None:
    with FileLock(path.with_suffix(".lock")):
        config = _read(path)
        logins = config.setdefault("auths", {})
        before = json.dumps(logins)
        change(logins)
        if json.dumps(logins) == before:
            return
        if not logins:
            del config["auths"]
        part = path.with_suffix(f".{os.getpid()}.part")
        part.touch(0o600)
        part.chmod(0o600)  # it holds passwords
        part.write_text(json.dumps(config, indent=1))
        part.replace(path)

"""Machines named by the instructor, and one question to each, over the user's own ``ssh``.

What they are called is handed to ssh as it stands, so it may be a name of ``~/.ssh/config``. What
they answer is untrusted: it is bounded in time and size, and nothing of it is run.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from pathlib import Path

from ..debian.net import mirror
from ..errors import LabFailed
from ..text import plain
from .model import HERE, Answer

__all__ = ["ask", "listed"]

PROBE = Path(__file__).with_name("probe.py")
CONNECT = 10  # seconds for ssh to reach a machine
LIMIT = 90  # seconds for the whole question; name look-ups without a network take their time
LARGEST = 1 << 20  # bytes of an answer that are read; an honest one has two thousand
NAME = re.compile(r"[\w.@:%\[\]][\w.@:%+\[\]-]{0,252}")  # no option of ssh begins like that
# What ssh says, and what it means. The words are OpenSSH's, which it does not translate.
REASONS = (
    ("could not resolve", "name"), ("name or service not known", "name"),
    ("host key verification failed", "key"), ("remote host identification has changed", "key"),
    ("permission denied", "denied"), ("too many authentication failures", "denied"),
    ("connection refused", "refused"), ("timed out", "time"), ("no route to host", "time"),
    ("network is unreachable", "time"),
)  # fmt: skip
# What a shell says about a command that it does not have, also in Windows.
LACKS = ("not found", "no such file", "not recognized", "python was not found")


def listed(names: Iterable[str], file: Path | None = None) -> list[str]:
    """Return the machines to look at, each once; this one if none is named.

    Parameters
    ----------
    file: holds one machine a line; what follows a ``#`` is not read.

    Raises
    ------
    LabFailed: the file cannot be read, or a name is none.
    """
    found = list(names)
    if file:
        try:
            lines = file.read_text("utf-8").splitlines()
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or error
            raise LabFailed("preflight.file", file=file, reason=reason) from None
        found += [name for line in lines if (name := line.partition("#")[0].strip())]
    for name in found:
        if not NAME.fullmatch(name):
            raise LabFailed("preflight.name", name=name)
    return list(dict.fromkeys(found)) or [HERE]


def ask(host: str, limit: float = LIMIT) -> Answer:
    """Look at one machine; `HERE` is this one, without ssh."""
    mark = secrets.token_hex(8)
    addresses = {"pypi": "https://pypi.org/simple/pip/", "debian": f"{mirror()}/dists/README"}
    asked = json.dumps({"mark": mark, "addresses": addresses})
    script = f"{PROBE.read_text('utf-8')}\nimport json\nmain(json.loads({asked!r}))\n".encode()
    if host == HERE:
        command = [sys.executable, "-"]
    elif not shutil.which("ssh"):
        return Answer(failure="no_ssh")
    else:
        command = ["ssh", "-T", "-o", "BatchMode=yes", "-o", f"ConnectTimeout={CONNECT}", "--",
                   host, "python3 -"]  # fmt: skip
    began = time.time()
    status, said, complaints = _run(command, script, limit)
    ended = time.time()
    if status is None:
        return Answer(failure="time", said=_last(complaints))
    found = re.search(f"{mark}(.*?){mark}", said, re.DOTALL)
    facts = None
    if found:
        with contextlib.suppress(ValueError, RecursionError):
            facts = json.loads(found[1])
    if not isinstance(facts, dict):
        return Answer(failure=_failure(status, complaints), said=_last(complaints or said))
    clock = facts.get("clock")
    middle = (began + ended) / 2
    skew = clock - middle if isinstance(clock, int | float) else 0.0
    return Answer(facts, skew=skew, doubt=(ended - began) / 2)


def _run(command: list[str], script: bytes, limit: float) -> tuple[int | None, str, str]:
    """Run a command; return its status, None if it was ended at the limit, and what it said."""
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints,
            start_new_session=os.name == "posix",
        )  # fmt: skip
        late = threading.Event()

        def end() -> None:
            late.set()
            _kill(process)

        timer = threading.Timer(limit, end)
        timer.start()
        try:
            assert process.stdin is not None and process.stdout is not None
            with contextlib.suppress(OSError), process.stdin as pipe:
                pipe.write(script)
            said = process.stdout.read(LARGEST)
            if len(said) == LARGEST:  # it has more to say than it was asked
                _kill(process)
            status = process.wait()
        finally:
            timer.cancel()
            process.stdout.close()
        complaints.seek(0)
        told = complaints.read(LARGEST).decode("utf-8", "replace")
    return None if late.is_set() else status, said.decode("utf-8", "replace"), told


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)  # what a ProxyCommand started goes too
        else:
            process.kill()


def _failure(status: int, complaints: str) -> str:
    """Return why there are no facts (ssh(1): 255 is ssh's own status, else the command's)."""
    lowered = complaints.lower()
    if status == 255:
        return next((key for sign, key in REASONS if sign in lowered), "ssh")
    if status in (127, 9009) or any(sign in lowered for sign in LACKS):
        return "no_python"
    return "garbage"


def _last(said: str) -> str:
    lines = [line.strip() for line in plain(said).splitlines() if line.strip()]
    return lines[-1][:200] if lines else ""

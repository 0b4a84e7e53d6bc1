"""The command in a real terminal: drawn anew in place, as high as the window, ended by Ctrl-C."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from helpers.classview import classes, contract, sending
from helpers.paths import ROOT

from .conftest import PATIENCE

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are POSIX")
ROWS = 12


def test_the_view_in_a_terminal(home: Path) -> None:
    import fcntl
    import pty
    import struct
    import termios

    room = classes.open_("pty")
    screen, inner = pty.openpty()
    fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, 100, 0, 0))
    # readline, which pytest loads, writes the size of its own terminal there
    variables = {k: v for k, v in os.environ.items() if k not in ("LINES", "COLUMNS")}
    command = [sys.executable, "-m", "helpers", "class", "view", "--name", "pty"]
    process = subprocess.Popen(
        [*command, "--language", "en"], cwd=ROOT, env=variables, stdin=inner, stdout=inner
    )
    os.close(inner)
    try:
        first = _until(screen, "0 joined")
        assert first.startswith("\x1b[H\x1b[2J")
        assert f'exercises.join("your name", "{room.code()}")' in first
        event = contract.Event("0" * 16, "01.2", False, "lesson01.ex2.missing", 0)
        for number in range(9):
            report = contract.Report("Ada", f"{number:032x}", (event,)).write()
            assert sending.post(room.code(), "/report", report).status == 200
        frame = _until(screen, "9 joined.*with --once").rpartition("\x1b[H\x1b[2J")[2]
        assert frame.count("\n") < ROWS
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        process.wait(PATIENCE)
        os.close(screen)


def _until(screen: int, words: str) -> str:
    """Read until the words (a pattern) were shown."""
    shown, deadline = b"", time.monotonic() + PATIENCE
    while not re.search(words.encode(), shown, re.DOTALL):
        left = deadline - time.monotonic()
        assert left > 0, f"waited for {words!r} in {shown!r}"
        if select.select([screen], [], [], left)[0]:
            shown += os.read(screen, 65_536)
    return shown.decode(errors="replace")

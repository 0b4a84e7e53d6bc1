"""A virtual machine that runs, and the commands that are sent over its serial line."""

from __future__ import annotations

import atexit
import os
import re
import shutil
import subprocess
import threading
import time
from dataclasses import dataclass
from weakref import WeakSet

import psutil

from ..errors import MachineFailed, TimedOut
from ..paths import home, writable
from ..text import plain
from . import leftovers
from .command import Files, words
from .initramfs import DONE, READY
from .model import Board
from .programs import Qemu

__all__ = ["Machine", "Reply", "stop"]

USERLAND = 60.0  # seconds that a start may take; an emulated one on a busy computer takes 10
ANSWER = 30.0  # seconds for a command
TAIL = 600  # characters of the console that an error shows
_live: WeakSet[Machine] = WeakSet()


@dataclass(frozen=True)
class Reply:
    """What a command in a machine wrote, and its exit code."""

    output: str
    exit_code: int


class Machine:
    """A machine that was started here; it ends with this process at the latest.

    Parameters
    ----------
    limit: seconds until a program of it must have written its first line.

    Attributes
    ----------
    seconds: from the command to that line.

    Raises
    ------
    MachineFailed: QEMU ended; the message holds what it wrote.
    TimedOut: nothing came in time. The machine was ended.
    """

    def __init__(self, qemu: Qemu, board: Board, files: Files, limit: float = USERLAND) -> None:
        self.board, self.files = board, files
        self._text = ""
        self._news = threading.Condition()
        command = words(qemu, board, files)
        if setpriv := shutil.which("setpriv"):  # Linux: end it if this process is killed
            command = [setpriv, "--pdeathsig", "KILL", *command]
        began = time.monotonic()
        self._process = subprocess.Popen(
            command, env={**os.environ, **qemu.environment}, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
            cwd=writable(home() / "machines"),
        )  # fmt: skip
        _live.add(self)
        leftovers.note(self._process.pid)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            ready = re.compile(rf"^{READY}\r?\n", re.MULTILINE)
            self._await(ready, limit, "machines.waiting_start")
        except BaseException:
            self.stop()
            raise
        self.seconds = time.monotonic() - began

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """The process number of QEMU on this computer."""
        return self._process.pid

    @property
    def memory(self) -> int:
        """Bytes of memory that QEMU holds: the guest's, and its own."""
        return psutil.Process(self.pid).memory_info().rss

    def run(self, command: str, limit: float = ANSWER) -> Reply:
        """Run one line in the machine's shell and return what it wrote.

        Raises
        ------
        MachineFailed: the machine ended.
        TimedOut: it had not ended in time; the machine was ended.
        """
        if "\n" in command:
            raise ValueError("a command is one line")
        with self._news:
            self._text = ""
        try:
            assert self._process.stdin is not None
            self._process.stdin.write(command.encode() + b"\n")
            self._process.stdin.flush()
            end = re.compile(rf"^{DONE} (\d+)\r?\n", re.MULTILINE)
            found = self._await(end, limit, "machines.waiting_command", command=command)
        except BrokenPipeError:
            raise self._ended() from None
        except TimedOut:
            self.stop()
            raise
        return Reply(plain(found.string[: found.start()]).replace("\r", ""), int(found[1]))

    def crash(self, limit: float = ANSWER) -> str:
        """Bring the machine's own kernel down, wait until it is gone, return its last words."""
        with self._news:
            self._text = ""
        assert self._process.stdin is not None
        self._process.stdin.write(b"echo c > /proc/sysrq-trigger\n")
        self._process.stdin.flush()
        try:
            self._process.wait(limit)
        except subprocess.TimeoutExpired:
            raise TimedOut("machines.waiting_end", seconds=limit) from None
        finally:
            self.stop()
        return plain(self._text)

    def stop(self) -> None:
        """End the machine as one pulls a plug. One that has ended is no error."""
        if self.running:
            self._process.kill()
        self._process.wait(10)
        self._reader.join(5)
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                stream.close()
        leftovers.forget(self._process.pid)
        _live.discard(self)

    def _read(self) -> None:
        assert self._process.stdout is not None
        while block := os.read(self._process.stdout.fileno(), 4096):
            with self._news:
                self._text += block.decode(errors="replace").replace("\r\n", "\n")
                self._news.notify_all()
        with self._news:
            self._news.notify_all()

    def _await(self, wanted: re.Pattern[str], limit: float, key: str, **names: str) -> re.Match:
        deadline = time.monotonic() + limit
        with self._news:
            while not (found := wanted.search(self._text)):
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimedOut(key, seconds=limit, **names)
                if not self._reader.is_alive():
                    raise self._ended()
                self._news.wait(min(left, 0.5))
        return found

    def _ended(self) -> MachineFailed:
        tail = plain(self._text).strip()[-TAIL:] or "–"
        return MachineFailed("machines.ended", tail=tail)


@atexit.register
def stop() -> None:
    """End every machine that this process started; those of other notebooks go on."""
    for machine in list(_live):
        machine.stop()

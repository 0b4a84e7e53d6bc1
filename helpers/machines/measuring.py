"""What a container and a virtual machine cost, and what the host's list of processes shows."""

from __future__ import annotations

import contextlib
import platform
import shutil
import subprocess
import threading
import time

import psutil

from ..containers.quietly import quietly
from ..engine import Engine
from ..engine.patience import patient
from ..errors import MachineFailed, TimedOut
from ..images import read
from .initramfs import READY
from .live import Machine
from .model import Half
from .ready import Ready
from .stored import Recorded

__all__ = ["BOOT", "RELEASE", "container", "first_line", "machine", "run_line"]

RELEASE = "uname -r"
BOOT = "cat /proc/sys/kernel/random/boot_id"
CHARGED = ("/sys/fs/cgroup/memory.current", "/sys/fs/cgroup/memory/memory.usage_in_bytes")
START = 60.0  # seconds for `docker run` to come to its first line
ANSWER = 60.0  # seconds for the daemon's statistics


def run_line(engine: Engine, image: str) -> float:
    """Return how many seconds `docker run` takes to the first line of the program in it."""
    environment = engine.environment()
    docker = shutil.which("docker", path=environment["PATH"])
    if docker is None:
        raise MachineFailed("machines.no_client")
    return first_line([docker, "run", "--rm", image, "echo", READY], environment)


def first_line(command: list[str], environment: dict[str, str] | None = None) -> float:
    """Return how many seconds a command takes to its first line.

    Raises
    ------
    MachineFailed: it wrote another one. TimedOut: it wrote none in a minute.
    """
    began = time.perf_counter()
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        timer = _Timer(process)
        line = process.stdout.readline()
        took = time.perf_counter() - began
        rest = process.stdout.read()
    if timer.cancel():
        raise TimedOut("machines.waiting_line", seconds=START, command=command[0])
    if line.strip() != READY:
        raise MachineFailed("machines.no_line", tail=(line + rest).strip()[-300:] or "–")
    return took


class _Timer:
    """Kills a process that takes too long."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._late = False
        self._timer = threading.Timer(START, self._end, [process])
        self._timer.daemon = True
        self._timer.start()

    def _end(self, process: subprocess.Popen[str]) -> None:
        self._late = True
        process.kill()

    def cancel(self) -> bool:
        """Stop the clock; return whether it had run out."""
        self._timer.cancel()
        return self._late


def container(engine: Engine, name: str, image: str) -> Half:
    """Measure the running container ``name``; ``image`` is started once more, for its time."""
    identifier = engine.client.api.inspect_container(name)["Id"]
    shim = _shim(engine, identifier)
    return Half(
        seconds=run_line(engine, image),
        memory=_charged(engine, name, identifier),
        helper=shim.memory_info().rss if shim else None,
        image=read(image, engine).size,
        kernel=0,
        release=_inside(engine, name, RELEASE),
        boot=_inside(engine, name, BOOT),
        seen=_seen(engine, identifier, shim),
    )


def machine(ready: Ready, running: Machine | Recorded) -> Half:
    """Measure a machine that runs."""
    if isinstance(running, Recorded):
        return running.stored.half
    assert ready.files is not None and ready.qemu is not None
    below = psutil.Process(running.pid).children(recursive=True)
    return Half(
        seconds=running.seconds,
        memory=running.memory,
        helper=0,
        image=ready.files.root.stat().st_size,
        kernel=ready.files.kernel.stat().st_size,
        release=running.run(RELEASE).output.strip(),
        boot=running.run(BOOT).output.strip(),
        seen=(ready.qemu.name, *_names(below)),
    )


def _inside(engine: Engine, name: str, command: str) -> str:
    return quietly(engine, name, command.split(), ANSWER)[1].strip()


def _charged(engine: Engine, name: str, identifier: str) -> int | None:
    """Return what the control group holds, less the file pages that can be dropped at any time.

    So counts `docker stats`: cli/command/container/stats_helpers.go, calculateMemUsageUnixNoCache.
    """
    with patient(engine, ANSWER) as api:
        found = api.stats(identifier, stream=False).get("memory_stats") or {}
    usage, detail = found.get("usage"), found.get("stats") or {}
    if usage is None:  # some engines have no statistics on cgroup v1; the files are there
        numbers = quietly(engine, name, ["cat", *CHARGED], ANSWER)[1].split()
        return next((int(number) for number in numbers if number.isdigit()), None)
    idle = detail.get("total_inactive_file", detail.get("inactive_file", 0))
    return usage - idle if idle < usage else usage


def _shim(engine: Engine, identifier: str) -> psutil.Process | None:
    """Return the process that keeps a container, if it is on this computer and may be looked at."""
    if platform.system() != "Linux" or engine.endpoint.remote or engine.desktop:
        return None
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            words = process.cmdline()
            if words and "containerd-shim" in words[0] and identifier in words:
                return process
    return None


def _seen(engine: Engine, identifier: str, shim: psutil.Process | None) -> tuple[str, ...]:
    if shim:
        return _names(shim.children(recursive=True))
    with patient(engine, ANSWER) as api:  # the engine's host is another one: ask the engine
        rows = api.top(identifier, ps_args="-o pid,args")["Processes"]
    return tuple(row[-1] for row in rows)


def _names(processes: list[psutil.Process]) -> tuple[str, ...]:
    found = []
    for process in processes:
        with contextlib.suppress(psutil.Error):
            found.append(" ".join(process.cmdline()))
    return tuple(found)

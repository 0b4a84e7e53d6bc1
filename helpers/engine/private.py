"""A Docker Engine of the course's own: its own data, socket and network, and gone without a trace.

The engine lives in ``<home>/engines/<name>/``, in process, mount and network namespaces of its own
(`helpers.engine.inside`), so that it cannot disturb another dockerd on the host: no bridge, address
or packet-filter rule of it exists outside.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar
from zlib import crc32

import docker

from ..errors import EngineFailed
from ..paths import home, writable
from .inside import SEEN
from .packages import NEWEST, Programs, programs
from .traces import OPT, children, ended, remove_cgroups, remove_opt, send, started

__all__ = ["STORES", "Private", "reasons_against"]

STORES = ("overlay2", "containerd")
START = 60  # seconds until the daemon must answer
STOP = 20  # seconds for containers to end before everything is killed
# Linux gives free ports out of 32768 to 60999 (ip_local_port_range in ip(7)), and so does Docker.
FIRST_PORT, PORTS, PORT_RANGES = 32768, 1000, 28
LONGEST_SOCKET = 100  # bytes; the kernel's limit for a socket's path is 108 (unix(7))


def reasons_against() -> list[str]:
    """Return message keys that say why a private engine cannot run here; empty if it can."""
    if platform.system() != "Linux":
        return ["engine.private.not_linux"]
    found = []
    if os.geteuid() != 0:
        found.append("engine.private.not_root")
    if not shutil.which("unshare") or not shutil.which("nsenter"):
        found.append("engine.private.no_unshare")
    return found


@dataclass(frozen=True)
class Private:
    """A private engine, running or not.

    Parameters
    ----------
    name: a short name; engines of different names share nothing but the unpacked programs.
    flavour: ``"28"``, ``"26"``, ``"20"`` or ``"installed"`` (the dockerd on PATH).
    store: ``"overlay2"`` (the classic image store) or ``"containerd"``.
    """

    name: str = "course"
    flavour: str = NEWEST
    store: str = "overlay2"

    # The one port that may listen elsewhere than on 127.0.0.1, with its address: a class's.
    door: ClassVar[tuple[str, int]] = ("127.0.0.1", 0)

    @classmethod
    def existing(cls, name: str) -> Private:
        """Return the engine of that name as it was last started; as by default if it never was."""
        try:
            config = json.loads((home() / "engines" / name / "inside.json").read_text())
        except FileNotFoundError:
            return cls(name)
        # one that an older version of the course started does not say
        return cls(name, config.get("flavour", NEWEST), config.get("store", "overlay2"))

    @property
    def folder(self) -> Path:
        return home() / "engines" / self.name

    @property
    def socket(self) -> Path:
        return self.folder / "docker.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    @property
    def data(self) -> Path:
        """The engine's data root: images, containers, volumes, build cache."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def running(self) -> bool:
        """Whether the daemon answers on its socket."""
        if not self.socket.exists() or self._pid() is None:
            return False
        try:
            client = docker.DockerClient(base_url=self.url, timeout=5)
        except docker.errors.DockerException:
            return False
        try:
            return bool(client.ping())
        except Exception:
            return False
        finally:
            client.close()

    def start(self, progress: Callable[[str], None] = lambda line: None) -> str:
        """Start the engine unless it runs; return its address (``unix://…``).

        Raises
        ------
        EngineFailed: it cannot run here, or did not answer in time; the message holds the end of
            its log.
        """
        if self.running:
            return self.url
        if reasons := reasons_against():
            raise EngineFailed(reasons[0], system=platform.system())
        found = programs(self.flavour, progress)
        self._check_place()
        self.stop()
        for part in ("data", "x", "run"):
            writable(self.folder / part)
        # A killed dockerd leaves its process number, which another process may have now.
        for stale in ("run/docker.pid", "x/containerd/containerd.pid"):
            (self.folder / stale).unlink(missing_ok=True)
        config = self.folder / "inside.json"
        config.write_text(json.dumps(self._config(found)))
        # a process namespace whose first process ends takes everything in it along
        inside = Path(__file__).with_name("inside.py")
        unshare = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                [*unshare, sys.executable, "-S", str(inside), str(config)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                start_new_session=True, env={**os.environ, **found.environment()},
            )  # fmt: skip
        self._pid_file.write_text(f"{process.pid} {started(process.pid)}")
        deadline = time.monotonic() + START
        while time.monotonic() < deadline:
            if process.poll() is not None:
                break
            if self.running:
                return self.url
            time.sleep(0.05)
        tail = self.tail()
        self.stop()
        raise EngineFailed("engine.start_failed", log=self.log, tail=tail)

    def stop(self) -> None:
        """Stop the engine and every container in it; images and volumes stay."""
        pid = self._pid()
        if pid is not None:
            # unshare forwards nothing: end its child, the first process of the namespace
            for child in children(pid):
                send(child, signal.SIGTERM)
            if not ended(pid, STOP):
                send(pid, signal.SIGKILL)
                ended(pid, 5)
        with contextlib.suppress(FileNotFoundError):
            self._pid_file.unlink()
        self.socket.unlink(missing_ok=True)
        if self.folder.exists():
            remove_cgroups(self.cgroup)
            remove_opt(self.folder / "inside.json")

    def remove(self) -> None:
        """Stop the engine and delete all that it held."""
        self.stop()
        if self.folder.exists():
            shutil.rmtree(self.folder)

    def tail(self, lines: int = 12) -> str:
        """Return the end of the daemon's log."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def programs(self) -> Programs:
        """Return where this engine's programs lie; they are unpacked if they are missing."""
        return programs(self.flavour)

    @property
    def cgroup(self) -> str:
        """The control group that holds those of all its containers."""
        mark = f"-{crc32(os.fsencode(self.folder)):08x}" if self._alone else ""
        return f"/layer-by-layer/{self.name}{mark}"

    @property
    def _pid_file(self) -> Path:
        return self.folder / "pid"

    def _pid(self) -> int | None:
        """The process of ``unshare``, if it is still the one that was started."""
        try:
            pid, began = self._pid_file.read_text().split()
        except (FileNotFoundError, ValueError):
            return None
        return int(pid) if started(int(pid)) == began else None

    @property
    def _ports(self) -> tuple[int, int]:
        """The ports that this engine chooses from: all engines share 127.0.0.1 of the host.

        Two of them may have the same ones; then a start that meets a taken port is tried again.
        """
        first = FIRST_PORT + PORTS * (crc32(self.name.encode()) % PORT_RANGES)
        return first, first + PORTS - 1

    def _check_place(self) -> None:
        longest = self.folder / "x/containerd/containerd.sock.ttrpc"
        if len(os.fsencode(longest)) > LONGEST_SOCKET or str(self.folder).startswith("/run/"):
            raise EngineFailed("engine.place", folder=self.folder, limit=LONGEST_SOCKET)

    def _config(self, found: Programs) -> dict:
        run = self.folder / "run"
        proxy = run / "docker-proxy"
        forward = Path(__file__).with_name("forward.py")
        real = found.find("docker-proxy")
        words = [
            sys.executable,
            "-S",
            str(forward),
            str(real),
            str(run / "net-host"),
            str(run / "net-own"),
            "{}:{}".format(*self.door),
        ]
        proxy.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
        proxy.chmod(0o755)
        (run / "daemon.json").write_text(json.dumps(self._settings(proxy)))
        arguments = [str(found.find("dockerd")), "--config-file", str(run / "daemon.json")]
        return {
            "run": str(run),
            "log": str(self.log),
            "dockerd": arguments,
            "uplink": Path("/dev/net/tun").exists(),
            "slirp4netns": found.find("slirp4netns"),
            "nsenter": found.find("nsenter"),
            "opt": OPT.exists(),
            # a key file of the old engine, and whose numbers a user namespace may use
            "writes_etc": self.flavour == "20" or self._ids is not None,
            "ids": self._ids,
            "flavour": self.flavour,
            "store": self.store,
            "ports": self._ports,
        }

    # Whether no engine of that name in another course's folder may have its control group.
    _alone: ClassVar[bool] = False

    # User and group numbers for the containers' root and those below it; None: the host's own.
    _ids: ClassVar[tuple[int, int] | None] = None

    def _settings(self, proxy: Path) -> dict:
        """Return what the daemon reads as ``daemon.json``."""
        seen = SEEN if self._ids else self.folder
        daemon: dict = {
            "data-root": str(seen / "data"),
            "exec-root": str(seen / "x"),
            "pidfile": str(self.folder / "run/docker.pid"),
            "hosts": [self.url],
            "group": "root",
            "cgroup-parent": self.cgroup,
            "exec-opts": ["native.cgroupdriver=cgroupfs"],
            "userland-proxy-path": str(proxy),
        }
        if self.flavour != "20":
            daemon["features"] = {"containerd-snapshotter": self.store == "containerd"}
        if self.store == "overlay2":
            daemon["storage-driver"] = "overlay2"
        return daemon

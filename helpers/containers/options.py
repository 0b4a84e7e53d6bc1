"""What a container is started with: the flags of `docker run`, and the same for the API."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..engine import Engine
from ..errors import ContainerFailed
from .limits_given import cpus_of, memory_of, pids_of, policy_of
from .publishing import Port, ports_of

__all__ = ["Options", "Probe", "words_of"]

NANO = 1_000_000_000  # nanoseconds in a second, and billionths of a CPU


@dataclass(frozen=True)
class Probe:
    """A health check, as the ``--health-…`` flags describe it.

    Fields
    ------
    command: one string, which a shell in the container runs; exit code 0 means healthy.
    interval, timeout, start_period: seconds.
    retries: how many failures in a row make a container unhealthy.
    """

    command: str
    interval: float = 1.0
    timeout: float = 1.0
    retries: int = 2
    start_period: float = 0.0

    @property
    def flags(self) -> list[str]:
        return [
            "--health-cmd", self.command,
            "--health-interval", f"{self.interval:g}s",
            "--health-timeout", f"{self.timeout:g}s",
            "--health-retries", str(self.retries),
            *(["--health-start-period", f"{self.start_period:g}s"] if self.start_period else []),
        ]  # fmt: skip

    def config(self) -> dict:
        return {
            "Test": ["CMD-SHELL", self.command],
            "Interval": int(self.interval * NANO),
            "Timeout": int(self.timeout * NANO),
            "Retries": self.retries,
            "StartPeriod": int(self.start_period * NANO),
        }


@dataclass(frozen=True)
class Options:
    """The flags of one `docker run`; the fields are those of `helpers.containers.run`."""

    env: Mapping[str, str] | None = None
    volumes: Sequence[str] = ()
    tmpfs: Sequence[str] = ()
    network: str | None = None
    publish: Sequence[str] = ()
    memory: str | None = None
    cpus: float | None = None
    pids_limit: int | None = None
    restart: str | None = None
    read_only: bool = False
    user: str | None = None
    hostname: str | None = None
    workdir: str | None = None
    entrypoint: str | Sequence[str] | None = None
    init: bool = False
    stop_signal: str | None = None
    health: Probe | None = None

    @property
    def variables(self) -> list[str]:
        return [f"{key}={value}" for key, value in (self.env or {}).items()]

    @property
    def ports(self) -> list[Port]:
        return ports_of(self.publish)

    @property
    def flags(self) -> list[str]:
        """All flags but ``-e``, which stand in front of the name."""
        valued = [
            *(("-v", getattr(volume, "shown", volume)) for volume in self.volumes),
            *(("--tmpfs", place) for place in self.tmpfs),
            ("--network", self.network),
            *(("-p", port) for port in self.publish),
            ("-m", self.memory),
            ("--cpus", None if self.cpus is None else f"{self.cpus:g}"),
            ("--pids-limit", self.pids_limit),
            ("--restart", self.restart),
            ("--user", self.user),
            ("--hostname", self.hostname),
            ("--workdir", self.workdir),
            ("--entrypoint", self._entry[0] if self._entry else None),
            ("--stop-signal", self.stop_signal),
        ]
        found = [word for flag, value in valued if value is not None for word in (flag, str(value))]
        found += [*(["--read-only"] if self.read_only else []), *(["--init"] if self.init else [])]
        return [*found, *(self.health.flags if self.health else [])]

    @property
    def before_command(self) -> list[str]:
        """What of an entry point has no place in its flag: it stands before the command."""
        return self._entry[1:]

    @property
    def _entry(self) -> list[str]:
        # an empty one is not none: it takes away the image's
        return [] if self.entrypoint is None else words_of(self.entrypoint) or [""]

    def check(self, engine: Engine, name: str | None, detach: bool) -> None:
        """Refuse what no engine could do, before anything is printed or replaced.

        Raises
        ------
        ContainerFailed: a value is wrong, or more CPUs are wanted than the engine's host has.
        """
        self.config("", [], {})
        if self.restart not in (None, "no") and name is None:
            raise ContainerFailed("containers.restart_nameless", policy=self.restart)
        if self.restart in ("always", "unless-stopped") and not detach:
            raise ContainerFailed("containers.restart_foreground", policy=self.restart)
        most = engine.info.get("NCPU") if self.cpus is not None else None
        if most and self.cpus > most:
            raise ContainerFailed("containers.many_cpus", given=f"{self.cpus:g}", most=most)

    def unkept(self, engine: Engine) -> list[str]:
        """Return the limits that this engine's kernel cannot keep, which Docker then drops."""
        told = engine.info
        wanted = {
            "memory": (self.memory, "MemoryLimit"),
            "cpus": (self.cpus, "CpuCfsQuota"),
            "pids_limit": (self.pids_limit, "PidsLimit"),
        }
        return [
            n for n, (value, key) in wanted.items() if value is not None and told.get(key) is False
        ]

    def config(self, image: str, words: Sequence[str], marks: Mapping[str, str]) -> dict:
        """Return the body of the API's request to make the container.

        Parameters
        ----------
        words: the command, without `before_command`.
        marks: its labels; anonymous volumes carry them too, since nothing else would name them.

        Raises
        ------
        ContainerFailed: a value that no engine could use.
        """
        ports = self.ports
        command = [*self.before_command, *words]
        body = {
            "Image": image,
            "Cmd": command or None,
            "Env": self.variables or None,
            "Labels": dict(marks),
            "Hostname": self.hostname,
            "User": self.user,
            "WorkingDir": self.workdir,
            "Entrypoint": self._entry[:1] or None,
            "StopSignal": self.stop_signal,
            "Healthcheck": self.health and self.health.config(),
            "ExposedPorts": {port.inside: {} for port in ports} or None,
            "HostConfig": self._host_config(ports, marks),
        }
        return {key: value for key, value in body.items() if value is not None}

    def _host_config(self, ports: list[Port], marks: Mapping[str, str]) -> dict:
        named = [_absolute(volume) for volume in self.volumes if ":" in volume]
        anonymous = [volume for volume in self.volumes if ":" not in volume]
        bindings: dict[str, list] = {}
        for port in ports:
            bindings.setdefault(port.inside, []).append(port.binding)
        host = {
            "Binds": named or None,
            "Mounts": [
                {"Type": "volume", "Target": place, "VolumeOptions": {"Labels": dict(marks)}}
                for place in anonymous
            ]
            or None,
            "Tmpfs": dict(_pair(place) for place in self.tmpfs) or None,
            "NetworkMode": self.network,
            "PortBindings": bindings or None,
            "Memory": memory_of(self.memory),
            "NanoCpus": cpus_of(self.cpus),
            "PidsLimit": pids_of(self.pids_limit),
            "RestartPolicy": policy_of(self.restart),
            "ReadonlyRootfs": self.read_only or None,
            "Init": self.init or None,
        }
        return {key: value for key, value in host.items() if value is not None}


def words_of(command: str | Sequence[str]) -> list[str]:
    """Return a command as words; one string is split as a shell would."""
    return shlex.split(command) if isinstance(command, str) else [str(word) for word in command]


def _absolute(volume: str) -> str:
    """Return a bind mount with its folder in full, as the `docker` program sends it."""
    source, colon, rest = volume.partition(":")
    return f"{Path(source).resolve()}{colon}{rest}" if source.startswith(".") else volume


def _pair(place: str) -> tuple[str, str]:
    path, _, options = place.partition(":")
    return path, options

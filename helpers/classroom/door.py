"""The door of a class, its proxy and its hub: three containers that share one network."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import docker

from ..engine import Engine, labels
from ..engine.patience import patient
from .names import CLASS, DOOR, HUB, HUB_PORT, IMAGE, PROXY, learner
from .settings import Settings

__all__ = ["close_door", "open_door"]

FOREVER = {"Name": "unless-stopped"}


class Holder(Protocol):
    """The engine that holds door, proxy and hub."""

    @property
    def socket(self) -> Path: ...


def open_door(
    engine: Engine, holder: Holder, settings: Settings, users: Iterable[str],
    address: str = "", config: str = "config.py",
) -> None:  # fmt: skip
    """Start door, proxy and hub; the door holds the network that the other two are in.

    Parameters
    ----------
    address: where the engine publishes the door's port; empty if that is the engine's own affair.
    config: the hub's configuration, a file of `helpers.classroom.hub`.
    """
    token = _token(settings)
    bound = (address, settings.port) if address else settings.port
    port = f"{settings.port}/tcp"
    with patient(engine, 60) as api:
        if not _running(api, DOOR):
            _again(api, DOOR, ["sleep", "infinity"], ports=[settings.port],
                   host=api.create_host_config(port_bindings={port: bound},
                                               restart_policy=FOREVER, read_only=True,
                                               init=True))  # fmt: skip
        joined = set(api.inspect_container(DOOR)["NetworkSettings"]["Networks"])
        for user in users:
            if learner(user) not in joined:
                api.connect_container_to_network(DOOR, learner(user))
        shared = {"init": True, "network_mode": f"container:{DOOR}", "restart_policy": FOREVER,
                  "userns_mode": "host", "cap_drop": ["ALL"]}  # fmt: skip
        if not _running(api, PROXY):
            binds = [
                f"{settings.folder / name}:/class/{name}:ro" for name in ("door.crt", "door.key")
            ]
            _again(
                api, PROXY,
                ["configurable-http-proxy", "--ip", "0.0.0.0", "--port", str(settings.port),
                 "--ssl-cert", "/class/door.crt", "--ssl-key", "/class/door.key",
                 "--api-ip", "127.0.0.1", "--api-port", "8001",
                 "--error-target", f"http://127.0.0.1:{HUB_PORT}/hub/error"],
                {"CONFIGPROXY_AUTH_TOKEN": token},
                host=api.create_host_config(binds=binds, read_only=True,
                                            cap_add=["DAC_OVERRIDE"], **shared),
            )  # fmt: skip
        # The hub reads its settings when it starts: it is always started anew. Servers go on.
        binds = [f"{settings.folder}:{CLASS}", f"{holder.socket}:/var/run/docker.sock"]
        _again(
            api, HUB,
            ["jupyterhub", "-f", f"/course/helpers/classroom/hub/{config}"],
            {"CONFIGPROXY_AUTH_TOKEN": token},
            host=api.create_host_config(binds=binds, cap_add=["DAC_OVERRIDE"], **shared),
        )  # fmt: skip


def close_door(engine: Engine) -> None:
    """Remove hub, proxy and door."""
    with patient(engine, 60) as api:
        for name in (HUB, PROXY, DOOR):
            with contextlib.suppress(docker.errors.NotFound):
                api.remove_container(name, force=True)


def _token(settings: Settings) -> str:
    """Return the secret between hub and proxy; it outlives both."""
    file = settings.folder / "proxy.token"
    if not file.exists():
        file.touch(0o600)
        file.write_text(secrets.token_hex(32))
    return file.read_text()


def _running(api: docker.APIClient, name: str) -> bool:
    try:
        return bool(api.inspect_container(name)["State"]["Running"])
    except docker.errors.NotFound:
        return False


def _again(
    api: docker.APIClient,
    name: str,
    command: list[str],
    variables: dict[str, str] | None = None,
    ports: list[int] | None = None,
    host: dict | None = None,
) -> None:
    """Start a container of the class in the place of one that is there."""
    with contextlib.suppress(docker.errors.NotFound):
        api.remove_container(name, force=True)
    made = api.create_container(
        IMAGE, command, name=name, environment=variables, ports=ports, host_config=host,
        labels=labels.make(role="class"),
    )  # fmt: skip
    api.start(made["Id"])

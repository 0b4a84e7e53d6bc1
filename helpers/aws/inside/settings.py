"""What the container was told, and what it finds out about itself."""

from __future__ import annotations

import os
from functools import cache

import docker

__all__ = ["DOOR", "LABELS", "LINK", "NETWORK", "PORT", "door", "engine", "myself"]

PORT = int(os.environ.get("GATEWAY_PORT", "4566"))
NETWORK = os.environ.get("COURSE_NETWORK", "")
# The network in which this server is at 169.254.170.2, where tasks find their credentials, and at
# 169.254.169.254, where machines do; empty where it could not be made.
LINK = os.environ.get("COURSE_LINK", "")
# Each container that the local AWS starts carries these: ``key=value`` lines.
LABELS = dict(line.split("=", 1) for line in os.environ.get("COURSE_LABELS", "").splitlines())
DOOR = "127.0.0.1"  # what is published is published here, and nowhere else


@cache
def engine() -> docker.DockerClient:
    """Return the daemon that this container runs on."""
    return docker.from_env(timeout=60)


@cache
def myself() -> dict:
    """Return what the daemon tells of this container."""
    return engine().api.inspect_container(os.environ["HOSTNAME"])


@cache
def door() -> str:
    """Return where the learner reaches this server: ``127.0.0.1:PORT``."""
    bound = myself()["NetworkSettings"]["Ports"][f"{PORT}/tcp"][0]
    return f"{DOOR}:{bound['HostPort']}"

"""What a daemon holds of a Compose application, found by the labels that Compose gives."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..engine import Engine
from ..engine.patience import patient
from ..text import plain

__all__ = ["Member", "members", "volumes"]

PROJECT = "com.docker.compose.project"
SERVICE = "com.docker.compose.service"
NUMBER = "com.docker.compose.container-number"
ANSWER = 30  # seconds for the daemon


@dataclass(frozen=True)
class Member:
    """One container of an application.

    Fields
    ------
    service, number: of which service it is, and the how-manieth of it.
    name: of the container.
    state: ``"running"``, ``"exited"``, …
    health: ``"healthy"``, ``"unhealthy"``, ``"starting"``; empty without a health check.
    ports: where it is published, ``{8000: "127.0.0.1:32768"}``.
    """

    service: str
    number: int
    name: str
    state: str
    health: str
    ports: dict[int, str]


def members(engine: Engine, project: str) -> tuple[Member, ...]:
    """Return the containers of an application, by service and number."""
    with patient(engine, ANSWER) as api:
        found = api.containers(all=True, filters={"label": f"{PROJECT}={project}"})
    return tuple(sorted((_member(one) for one in found), key=lambda m: (m.service, m.number)))


def volumes(engine: Engine, project: str) -> tuple[str, ...]:
    """Return the names of an application's volumes."""
    with patient(engine, ANSWER) as api:
        found = api.volumes(filters={"label": f"{PROJECT}={project}"}).get("Volumes") or []
    return tuple(sorted(plain(one["Name"]) for one in found))


def _member(one: dict) -> Member:
    marks = one.get("Labels") or {}
    number = marks.get(NUMBER, "1")
    # "Up 3 seconds (healthy)", "Up 1 second (health: starting)"
    found = re.search(r"\((?:health: )?(healthy|unhealthy|starting)\)", one["Status"])
    return Member(
        service=plain(marks.get(SERVICE, "")),
        number=int(number) if number.isdigit() else 1,
        name=plain(one["Names"][0].lstrip("/")),
        state=plain(one["State"]),
        health=found[1] if found else "",
        ports={
            port["PrivatePort"]: f"{port['IP']}:{port['PublicPort']}"
            for port in one.get("Ports") or []
            if port.get("PublicPort")
        },
    )

"""Containers of the course by name: found in a command, cleared away, never somebody else's."""

from __future__ import annotations

import docker

from ..containers.own import look
from ..engine import Engine
from ..engine.patience import patient, until

__all__ = ["make_room", "replace"]

ANSWER = 60  # seconds for the daemon to remove a container


def make_room(engine: Engine, words: list[str]) -> None:
    """Remove the container whose name a ``docker run`` or ``docker create`` is about to give.

    Raises
    ------
    NotOurs: the course did not make it.
    """
    if words[:1] not in (["run"], ["create"]) and words[:2] != ["container", "run"]:
        return
    if name := _option(words, "--name"):
        replace(engine, name)


def replace(engine: Engine, name: str) -> None:
    """Remove the container of this name, if there is one.

    Raises
    ------
    NotOurs: the course did not make it.
    """
    if not (found := look(engine, name)):
        return
    identifier = found["Id"]
    with patient(engine, ANSWER) as api:
        try:
            api.remove_container(identifier, v=True, force=True)
        except docker.errors.NotFound:
            return
        gone = lambda: look(engine, name) is None  # noqa: E731
        until(gone, ANSWER, "containers.waiting_removal", name=name)


def _option(words: list[str], name: str) -> str:
    for place, word in enumerate(words):
        if word == name and place + 1 < len(words):
            return words[place + 1]
        if word.startswith(f"{name}="):
            return word.partition("=")[2]
    return ""

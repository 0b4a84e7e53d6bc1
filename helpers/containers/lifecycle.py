"""The steps in a container's life, each a call to the daemon with a deadline."""

from __future__ import annotations

import difflib
import re

import docker

from ..engine import Engine, labels
from ..engine.patience import patient, until
from ..errors import ContainerFailed, NotFound
from .output import short, whole
from .own import refused

__all__ = ["ANSWER", "await_end", "create", "delete", "kill", "launch", "logs"]

ANSWER = 60  # seconds for the daemon to make, start, kill or remove a container
ENDED = ("exited", "dead")


def create(
    engine: Engine, image: str, words: list[str], name: str | None, env: list[str] | None = None
) -> str:
    lesson = re.match(r"lbl-(\d\d)-", name or "")
    with patient(engine, ANSWER) as api:
        try:
            made = api.create_container(
                image, words or None, name=name, environment=env or None,
                labels=labels.make(lesson[1] if lesson else None),
            )  # fmt: skip
        except docker.errors.ImageNotFound:
            known = sorted({t for i in api.images() for t in i.get("RepoTags") or []})
            raise _no_image(image, known) from None
        except docker.errors.APIError as error:
            raise ContainerFailed("containers.create", image=image, reason=refused(error)) from None
    return made["Id"]


def _no_image(image: str, known: list[str]) -> NotFound:
    ours_first = [tag for tag in known if tag.startswith("lbl/")]
    near = difflib.get_close_matches(image, known, n=3, cutoff=0.4) or ours_first[:3]
    return NotFound("containers.no_image", image=image, near=", ".join(near) or "–")


def launch(engine: Engine, identifier: str, image: str) -> None:
    with patient(engine, ANSWER) as api:
        try:
            api.start(identifier)
        except docker.errors.APIError as error:
            reason = short(refused(error))
            raise ContainerFailed("containers.start", image=image, reason=reason) from None


def await_end(engine: Engine, identifier: str, name: str, limit: float) -> None:
    with patient(engine, ANSWER) as api:
        until(
            lambda: api.inspect_container(identifier)["State"]["Status"] in ENDED,
            limit, "containers.waiting", name=name,
        )  # fmt: skip


def logs(engine: Engine, identifier: str) -> str:
    with patient(engine, ANSWER) as api:
        return whole(api.logs(identifier, stdout=True, stderr=True, stream=True, follow=False))


def kill(engine: Engine, identifier: str) -> None:
    with patient(engine, ANSWER) as api:
        try:
            api.kill(identifier)
        except docker.errors.APIError as error:
            if error.status_code not in (404, 409):  # it has ended by itself
                raise


def delete(engine: Engine, identifier: str) -> None:
    """Remove a container and wait until its name is free."""
    with patient(engine, ANSWER) as api:
        try:
            api.remove_container(identifier, v=True, force=True)
        except docker.errors.NotFound:
            return
        except docker.errors.APIError as error:
            if error.status_code != 409:  # 409: it is being removed already
                raise
        until(
            lambda: _is_gone(api, identifier),
            ANSWER,
            "containers.waiting_removal",
            name=identifier[:12],
        )


def _is_gone(api: docker.APIClient, identifier: str) -> bool:
    try:
        api.inspect_container(identifier)
    except docker.errors.NotFound:
        return True
    return False

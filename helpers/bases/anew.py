"""Any base image of the course with one more layer that no builder has seen: a cold start."""

from __future__ import annotations

import contextlib
import secrets

import docker

from ..engine import Engine, connect, labels
from ..engine.patience import patient
from ..errors import NotOurs
from .archive import LayerWriter, remove_if_unused
from .busybox_root import NAME as BUSYBOX
from .busybox_root import fresh
from .salt import SALT_FILE

__all__ = ["anew"]

ANSWER = 120  # seconds for the daemon to make or commit the container


def anew(base: str, tag: str, lesson: str | None = None, engine: Engine | None = None) -> str:
    """Make ``<repository of base>:<tag>`` anew, with a salt of its own, and return its name.

    ``lbl/busybox`` is one layer and is made whole. The others are large, so a container of them
    that is never started gets the salt, and is committed: the engine writes one layer of one file.
    (A build would leave a record in the builder.) An older image of that name goes unless something
    stands on it.

    Parameters
    ----------
    base: an image of the course that the engine holds: ``lbl/python:3``.

    Raises
    ------
    NotOurs: an image of that name exists that the course did not make.
    EngineFailed, DownloadFailed, EngineLost, NoSpace: as for `helpers.bases.busybox`.
    """
    engine = engine or connect()
    if base == BUSYBOX:
        return fresh(tag, lesson, engine)
    repository = base.partition(":")[0]
    name = f"{repository}:{tag}"
    with patient(engine, ANSWER) as api:
        before = _identifier(api, name)
        made = api.create_container(base, labels=labels.make(lesson))["Id"]
        try:
            api.put_archive(made, "/", _salted())
            api.commit(made, repository, tag)
            after = _identifier(api, name)
        finally:
            with contextlib.suppress(docker.errors.NotFound):
                api.remove_container(made, force=True, v=True)
    if before and before != after:
        remove_if_unused(engine, before)
    return name


def _salted() -> bytes:
    with LayerWriter() as tar:
        tar.add(SALT_FILE, f"{secrets.token_hex(16)}\n".encode())
    return tar.file.read()


def _identifier(api: docker.APIClient, name: str) -> str | None:
    try:
        found = api.inspect_image(name)
    except docker.errors.ImageNotFound:
        return None
    if not labels.ours((found.get("Config") or {}).get("Labels")):
        raise NotOurs("bases.not_ours", name=name)
    return found["Id"]

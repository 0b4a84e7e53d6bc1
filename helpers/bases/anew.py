"""Any base image of the course with one more layer that no builder has seen: a cold start."""

from __future__ import annotations

import contextlib
import secrets

import docker

from ..engine import Engine, connect, labels
from ..engine.own import own_image
from ..engine.patience import patient
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
        before = own_image(engine, name, "bases.not_ours")
        made = api.create_container(base, labels=labels.make(lesson))["Id"]
        try:
            api.put_archive(made, "/", _salted())
            api.commit(made, repository, tag)
            after = own_image(engine, name, "bases.not_ours")
        finally:
            with contextlib.suppress(docker.errors.NotFound):
                api.remove_container(made, force=True, v=True)
    if before and after and before["Id"] != after["Id"]:
        remove_if_unused(engine, before["Id"])
    return name


def _salted() -> bytes:
    with LayerWriter() as tar:
        tar.add(SALT_FILE, f"{secrets.token_hex(16)}\n".encode())
    return tar.file.read()

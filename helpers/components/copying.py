"""One image from daemon to daemon, through the client: ``docker save | docker load``."""

from __future__ import annotations

import subprocess

from ..engine import Engine
from ..engine.own import own_image
from ..errors import EngineFailed, NotFound, TimedOut
from ..text import plain
from .client import environment_of, program

__all__ = ["copy"]

LIMIT = 120.0  # seconds for both commands


def copy(engine: Engine, image: str, context: str) -> str:
    """Hand an image of ``engine`` to the daemon of a context; return what the client said.

    Raises
    ------
    NotFound: ``engine`` has no such image.
    NotOurs: it is not the course's.
    EngineFailed: one of the two commands failed.
    TimedOut: they had not ended after 120 seconds.
    """
    if own_image(engine, image) is None:
        raise NotFound("components.no_image", image=image)
    environment = environment_of(engine)
    docker = program(environment)
    with (
        subprocess.Popen(
            [docker, "save", image], env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        ) as save,
        subprocess.Popen(
            [docker, "--context", context, "load"], env=environment, stdin=save.stdout,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        ) as load,
    ):  # fmt: skip
        assert save.stdout is not None
        save.stdout.close()  # else `save` would not notice that `load` has given up
        try:
            told, _ = load.communicate(timeout=LIMIT)
            failed = save.wait(LIMIT) or load.returncode
        except subprocess.TimeoutExpired:
            for process in (save, load):
                process.kill()
            raise TimedOut("components.waiting", command="docker load", seconds=LIMIT) from None
    said = plain(told.decode(errors="replace")).strip()
    if failed:
        raise EngineFailed("components.client_failed", reason=said)
    return said.splitlines()[-1] if said else ""

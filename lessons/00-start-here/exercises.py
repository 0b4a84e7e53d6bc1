"""What the exercises of lesson 00 look for in the daemon."""

from __future__ import annotations

import docker

from helpers.engine import Engine
from helpers.exercises import Right, Wrong, exercise

NAME, IMAGE, PROGRAM = "lbl-00-hello", "lbl/busybox:1", ["sleep", "600"]


@exercise("00.1")
def first_container(engine: Engine) -> Right | Wrong:
    """A container of that name, from that image, running that program."""
    try:
        container = engine.client.containers.get(NAME)
    except docker.errors.NotFound:
        return Wrong("lesson00.ex1.missing", name=NAME)
    config = container.attrs["Config"]
    if config["Image"] != IMAGE:
        return Wrong("lesson00.ex1.image", found=config["Image"], wanted=IMAGE)
    if [container.attrs["Path"], *container.attrs["Args"]] != PROGRAM:
        found = " ".join([container.attrs["Path"], *container.attrs["Args"]])
        return Wrong("lesson00.ex1.program", found=found)
    if container.status != "running":
        return Wrong("lesson00.ex1.ended", name=NAME)
    return Right("lesson00.ex1.right", name=NAME)

"""What the exercises of lesson 02 look for in the daemon."""

from __future__ import annotations

import docker

from helpers import images
from helpers.engine import Engine
from helpers.exercises import Right, Wrong, exercise, state
from helpers.text import size

SMALL, SMALL_NAME, LIMIT = "lbl/02-small:1", "lbl-02-small", 20_000_000  # bytes
PRIMES = "2 3 5 7 11 13 17 19 23 29 31 37 41 43 47"
QUOTES, QUOTES_NAME = "lbl/02-quotes:1", "lbl-02-quotes"
VISITS = "/var/lib/quotes/visits"
ROOT = ("", "0", "root")
CLEAN = "lbl/02-clean:1"
WANTED = {"app/report.sh", "app/docs/manual.txt"}
ALIVE, ALIVE_NAME = "lbl/02-alive:1", "lbl-02-alive"


@exercise("02.1")
def under_twenty(engine: Engine) -> Right | Wrong:
    """A small image, and a container of it that printed the primes."""
    image = state.image(engine, SMALL)
    if image is None:
        return Wrong("lesson02.ex1.missing", name=SMALL)
    if image.size >= LIMIT:
        return Wrong("lesson02.ex1.large", size=size(image.size))
    container = state.container(engine, SMALL_NAME)
    if container is None:
        return Wrong("lesson02.ex1.no_container", name=SMALL_NAME)
    if not state.made_from(engine, container, SMALL):
        return Wrong("lesson02.ex1.other_image", name=SMALL_NAME, image=SMALL)
    output = engine.client.api.logs(container["Id"], tail=20).decode(errors="replace")
    if output.split() != PRIMES.split():
        return Wrong("lesson02.ex1.output")
    return Right("lesson02.ex1.right", size=size(image.size))


@exercise("02.2")
def not_as_root(engine: Engine) -> Right | Wrong:
    """The service runs as another user, may write its counter, and may not write its program."""
    image = state.image(engine, QUOTES)
    if image is None:
        return Wrong("lesson02.ex2.missing", name=QUOTES)
    user = image.config.user.partition(":")[0]
    if user in ROOT:
        return Wrong("lesson02.ex2.root")
    container = state.container(engine, QUOTES_NAME)
    if container is None:
        return Wrong("lesson02.ex2.no_container", name=QUOTES_NAME)
    if not state.made_from(engine, container, QUOTES):
        return Wrong("lesson02.ex2.other_image", name=QUOTES_NAME, image=QUOTES)
    if container["Config"]["User"].partition(":")[0] in ROOT:
        return Wrong("lesson02.ex2.started_as_root")
    if not container["State"]["Running"]:
        return Wrong("lesson02.ex2.ended", name=QUOTES_NAME)
    if (counter := state.file(engine, container, VISITS)) is None or not counter[0].uid:
        return Wrong("lesson02.ex2.cannot_count")
    program = images.tree.merged(image).find("app/quotes.py")
    if program is None:
        return Wrong("lesson02.ex2.no_program")
    if program.entry.uid or program.entry.mode & 0o022:
        return Wrong("lesson02.ex2.own_program")
    return Right("lesson02.ex2.right", user=user)


@exercise("02.3")
def nothing_else(engine: Engine) -> Right | Wrong:
    """Two files above the base image, in whatever layer."""
    image = state.image(engine, CLEAN)
    if image is None:
        return Wrong("lesson02.ex3.missing", name=CLEAN)
    found = {e.path for layer in image.layers[1:] for e in layer.entries if e.kind != "dir"}
    for name in (".env", ".git", "venv", "notes"):
        if any(name in path.split("/") for path in found):
            return Wrong("lesson02.ex3.clutter", name=name)
    if lacking := sorted(WANTED - found):
        return Wrong("lesson02.ex3.lacking", path=f"/{lacking[0]}")
    if more := sorted(found - WANTED):
        return Wrong("lesson02.ex3.more", path=f"/{more[0]}")
    return Right("lesson02.ex3.right")


@exercise("02.4")
def alive(engine: Engine) -> Right | Wrong:
    """The image asks the service, and the container is healthy."""
    try:
        told = engine.client.api.inspect_image(ALIVE)
    except docker.errors.ImageNotFound:
        return Wrong("lesson02.ex4.missing", name=ALIVE)
    probe = " ".join((told["Config"].get("Healthcheck") or {}).get("Test") or [])
    if not probe or probe == "NONE":
        return Wrong("lesson02.ex4.no_check")
    if "/status" not in probe:
        return Wrong("lesson02.ex4.asks_nothing")
    container = state.container(engine, ALIVE_NAME)
    if container is None:
        return Wrong("lesson02.ex4.no_container", name=ALIVE_NAME)
    if not state.made_from(engine, container, ALIVE):
        return Wrong("lesson02.ex4.other_image", name=ALIVE_NAME, image=ALIVE)
    if not container["State"]["Running"]:
        return Wrong("lesson02.ex4.ended", name=ALIVE_NAME)
    if container["State"].get("Health", {}).get("Status") != "healthy":
        return Wrong("lesson02.ex4.not_healthy", name=ALIVE_NAME)
    return Right("lesson02.ex4.right")

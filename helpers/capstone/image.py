"""The image of the page: what it has to be like, and how it behaves on this machine."""

from __future__ import annotations

import contextlib

import docker

from .. import bases, images
from ..engine import Engine, connect, labels
from ..engine.own import own_image
from ..engine.patience import patient, until
from ..engine.starting import start_container
from ..errors import NotFound
from ..messages import text
from ..text import plain

__all__ = ["KEY", "MOST", "PAGE", "Tried", "faults", "try_out"]

PAGE = "lbl/17-page"
KEY = "only-for-trying-out"  # what stands in the file key.txt beside the page
MOST = 10_000_000  # content bytes of a small image
PREPARED, PROGRAM = "srv/sayings/", "serve.sh"  # what takes long to make, and what changes often
TRIED, URL = "lbl-17-tried", "http://127.0.0.1:8000"
ANSWER, WELL = 30, 60  # seconds for the daemon; until the page is well


def faults(engine: Engine | None = None) -> tuple[str, ...]:
    """Return what is wrong with the two versions of the image: keys below ``capstone.image``.

    Looked at are the images alone: their configuration, layers and history, not the Dockerfile.
    """
    engine = engine or connect()
    names = [f"{PAGE}:{version}" for version in (1, 2)]
    if any(own_image(engine, name) is None for name in names):
        return ("missing",)
    one, two = (images.read(name, engine) for name in names)
    user = one.config.user.partition(":")[0]
    config = engine.client.api.inspect_image(names[0])["Config"]
    wrong = {
        "versions": [_version(each) for each in (one, two)] != ["1", "2"],
        "root": user in ("", "0", "root"),
        "no_health": not (config.get("Healthcheck") or {}).get("Test"),
        "large": one.size > MOST,
        "key": any(images.search(name, KEY, engine) for name in names),
        **_order(one, two),
    }
    return tuple(name for name, is_so in wrong.items() if is_so)


def _version(image: images.Image) -> str:
    found = [row.partition("=")[2] for row in image.config.env if row.startswith("VERSION=")]
    return found[0] if found else ""


def _order(one: images.Image, two: images.Image) -> dict[str, bool]:
    """Whether what takes long stands below what changes often, and both versions share it."""
    prepared = _layer(one, lambda path: path.startswith(PREPARED))
    program = _layer(one, lambda path: path.rpartition("/")[2] == PROGRAM)
    if not prepared or not program:
        return {"not_prepared": True}
    shared = 0
    for first, second in zip(one.layers, two.layers, strict=False):
        if first.diff_id != second.diff_id:
            break
        shared += 1
    return {"order": program <= prepared, "anew": shared < prepared}


def _layer(image: images.Image, wanted: object) -> int:
    """Return the highest layer with a path that is wanted; 0 if none has one."""
    found = [
        layer.number
        for layer in image.layers
        if any(wanted(entry.path.lstrip("/")) for entry in layer.entries)  # type: ignore[operator]
    ]
    return max(found, default=0)


class Tried(dict):
    """How an image behaved: what was looked at → what was seen."""

    def __repr__(self) -> str:
        return "\n".join(
            text("capstone.row", name=text(f"capstone.tried.{key}"), value=value)
            for key, value in self.items()
        )

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": repr(self)}


def try_out(image: str = f"{PAGE}:1", *, engine: Engine | None = None) -> Tried:
    """Run an image of the page here, wait until it is well, ask it, stop it; print the commands.

    Raises
    ------
    NotFound: there is no such image of the course.
    TimedOut: it did not get well.
    """
    engine = engine or connect()
    if own_image(engine, image) is None:
        raise NotFound("registry.no_image", name=image)
    name = plain(image)
    bases.busybox(engine)
    print(f"$ docker run --detach --name {TRIED} --env KEY=… {name}")
    with patient(engine, ANSWER) as api:
        _remove(api)
        made = api.create_container(image, name=TRIED, environment={"KEY": "a-key"},
                                    labels=labels.make("17"))["Id"]  # fmt: skip
        start_container(api, made, "capstone.no_start")
        try:
            found = Tried(user=_in(api, "id -u"), health=_health(api))
            print(
                f"$ docker run --rm --network container:{TRIED} lbl/busybox:1 wget -q -O - {URL}/"
            )
            said = _page(api, "/")
            found["answer"] = plain(said.partition(" on ")[0].strip())[:60] or "–"
            print(f"$ docker stop {TRIED}")
            api.stop(TRIED, timeout=10)
            found["exit"] = str(api.inspect_container(TRIED)["State"]["ExitCode"])
        finally:
            _remove(api)
    return found


def _health(api: docker.APIClient) -> str:
    if not api.inspect_container(TRIED)["State"].get("Health"):
        until(lambda: _page(api, "/health"), WELL, "capstone.waiting_well")
        return "–"

    def look() -> str:
        state = api.inspect_container(TRIED)["State"]
        known = state["Health"]["Status"]
        return known if known != "starting" or not state["Running"] else ""

    return until(look, WELL, "capstone.waiting_well")


def _page(api: docker.APIClient, path: str) -> str:
    """Ask from a container in the page's network: its own image may hold nothing to ask with."""
    host = api.create_host_config(network_mode=f"container:{TRIED}")
    command = ["wget", "-q", "-O", "-", f"{URL}{path}"]
    one = api.create_container(
        bases.BUSYBOX, command, host_config=host, labels=labels.make("17")
    )["Id"]  # fmt: skip
    try:
        api.start(one)
        api.wait(one)
        return api.logs(one, stderr=False).decode(errors="replace")
    finally:
        api.remove_container(one, force=True)


def _in(api: docker.APIClient, command: str) -> str:
    one = api.exec_create(TRIED, ["sh", "-c", command], stderr=False)["Id"]
    return api.exec_start(one).decode(errors="replace").strip()


def _remove(api: docker.APIClient) -> None:
    with contextlib.suppress(docker.errors.NotFound):
        api.remove_container(TRIED, force=True)

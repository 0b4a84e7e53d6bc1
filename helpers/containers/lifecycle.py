"""The steps in a container's life, each a call to the daemon with a deadline."""

from __future__ import annotations

import difflib
import re

import docker

from ..engine import Engine, labels
from ..engine.patience import patient, until
from ..errors import NotFound
from . import given
from .options import Options
from .output import whole
from .refusals import cannot

__all__ = ["ANSWER", "await_end", "create", "delete", "kill", "launch", "logs"]

ANSWER = 60  # seconds for the daemon to make, start, kill or remove a container
ENDED = ("exited", "dead")
PORTS = 20  # ports that the engine may choose before it is given up


def create(engine: Engine, image: str, words: list[str], name: str | None, options: Options) -> str:
    """Make a container, and the volumes that it needs; return its ID."""
    lesson = re.match(r"lbl-(\d\d)-", name or "")
    marks = labels.make(lesson[1] if lesson else None)
    body = options.config(image, words, marks)
    given.network(engine, options.network)
    given.named_volumes(engine, options.volumes, marks)
    with patient(engine, ANSWER) as api:
        try:
            made = api.create_container_from_config(body, name)
        except docker.errors.ImageNotFound:
            known = sorted({t for i in api.images() for t in i.get("RepoTags") or []})
            raise _no_image(image, known) from None
        except docker.errors.APIError as error:
            raise cannot(engine, error, image, "create", name or "") from None
    return made["Id"]


def _no_image(image: str, known: list[str]) -> NotFound:
    ours_first = [tag for tag in known if tag.startswith("lbl/")]
    near = difflib.get_close_matches(image, known, n=3, cutoff=0.4) or ours_first[:3]
    return NotFound("containers.no_image", image=image, near=", ".join(near) or "–")


def launch(engine: Engine, identifier: str, image: str, name: str = "") -> None:
    """Start a container; once more if a port that the engine chose is taken.

    An engine in a network of its own (a private one, or that of a virtual machine) chooses among
    the ports that are free there; on this machine another program may have the one that it took.
    """
    with patient(engine, ANSWER) as api:
        for left in reversed(range(PORTS)):
            try:
                return api.start(identifier)
            except docker.errors.APIError as error:
                failed = cannot(engine, error, image, "start", name)
                again = failed.key == "containers.port_taken" and _free_choice(api, identifier)
                if not (left and again):
                    raise failed from None


def _free_choice(api: docker.APIClient, identifier: str) -> bool:
    bindings = api.inspect_container(identifier)["HostConfig"].get("PortBindings") or {}
    return all((one.get("HostPort") or "0") == "0" for some in bindings.values() for one in some)


def await_end(
    engine: Engine,
    identifier: str,
    name: str,
    limit: float,
    awaited: str = "containers.waiting",
) -> None:
    """Wait until a container has ended, and will not be restarted by its policy."""
    with patient(engine, ANSWER) as api:
        until(
            lambda: api.inspect_container(identifier)["State"]["Status"] in ENDED,
            limit, awaited, name=name,
        )  # fmt: skip


def logs(
    engine: Engine,
    identifier: str,
    *,
    stream: str = "both",
    tail: int | None = None,
    since: float | None = None,
) -> str:
    """Return what a container wrote, as text that is safe to print."""
    streams = {"stdout": stream != "stderr", "stderr": stream != "stdout"}
    part = {} if since is None else {"since": since}
    with patient(engine, ANSWER) as api:
        chunks = api.logs(
            identifier, stream=True, follow=False, tail="all" if tail is None else tail,
            **streams, **part,
        )  # fmt: skip
        return whole(chunks)


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

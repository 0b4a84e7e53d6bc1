"""Whether an image still does what another one does, as far as that can be seen from outside."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator

import docker

from ..engine import Engine, labels
from ..engine.patience import patient, until
from ..errors import TimedOut
from ..images.model import Config, Image
from ..images.tree import merged

__all__ = ["outcome", "same_config", "same_files", "started"]

ANSWER = 60.0  # seconds for the daemon to make, start or remove a container
WATCHED = 1.5  # seconds that a container is watched: one that still runs is taken to serve
# What two builds of the same may leave in other words: times, logs, caches, indexes.
PASSING = re.compile(
    r"(var/(log|cache|lib/(apt|dpkg|systemd))|tmp|run|root/\.(cache|npm)|proc|sys|dev)(/.*)?"
    r"|etc/ld\.so\.cache|(.*/)?__pycache__(/.*)?|.*\.pyc"
)


def same_files(
    before: Image, after: Image, may_go: Callable[[str], bool], *, strict: bool = False
) -> bool:
    """Whether every path of one image is there in the other, of the same kind and size.

    Parameters
    ----------
    may_go: whether a path may be missing.
    strict: whether the other image may hold nothing more.
    """
    one, other = _paths(before), _paths(after)
    for path, told in one.items():
        if path in other:
            if other[path] != told and not may_go(path):
                return False
        elif not may_go(path):
            return False
    return not strict or all(path in one or may_go(path) for path in other)


def _paths(image: Image) -> dict[str, tuple[object, ...]]:
    found = {}
    for node in merged(image).walk():
        entry = node.entry
        if not node.path or PASSING.fullmatch(node.path):
            continue
        size = entry.size if entry.kind == "file" else 0
        found[node.path] = (entry.kind, entry.mode, entry.uid, entry.gid, entry.target, size)
    return found


def same_config(before: Config, after: Config, *, bare: bool = False) -> bool:
    """Whether containers of both start in the same way; ``bare``: a default PATH may be missing."""

    def told(config: Config) -> tuple[object, ...]:
        env = sorted(pair for pair in config.env if not (bare and pair.startswith("PATH=")))
        return (
            config.entrypoint, config.cmd, env, config.user, config.workdir or "/",
            sorted(config.exposed), sorted(config.volumes),
        )  # fmt: skip

    return told(before) == told(after)


def started(image: Image) -> Iterator[str]:
    """Yield the paths in the image that its entry point and command name."""
    tree = merged(image)
    path = next((pair[5:] for pair in image.config.env if pair.startswith("PATH=")), "")
    folders = [image.config.workdir or "/", *path.split(":")]
    for word in (*image.config.entrypoint, *image.config.cmd):
        try:
            parts = shlex.split(word) if " " in word else [word]
        except ValueError:
            continue
        for part in parts:
            for folder in folders:
                place = part if part.startswith("/") else f"{folder}/{part}"
                node = tree.find(re.sub(r"/(\./)*", "/", place))
                if part.strip("./") and node is not None and not node.is_dir:
                    yield node.path


def outcome(engine: Engine, tag: str, lesson: str | None) -> str:
    """Start a container of an image, without a network, and return how it goes.

    Returns
    -------
    ``"runs"`` if it still runs after a moment, ``"exit 0"`` and so on if it ended, ``"refused"`` if
    it could not be started.
    """
    identifier = ""
    with patient(engine, ANSWER) as api:
        try:
            made = api.create_container(
                tag, labels=labels.make(lesson),
                host_config=api.create_host_config(network_mode="none", mem_limit="1g"),
            )  # fmt: skip
            identifier = made["Id"]
            api.start(identifier)
            return _watched(api, identifier)
        except docker.errors.APIError:
            return "refused"
        finally:
            if identifier:
                api.remove_container(identifier, force=True, v=True)


def _watched(api: docker.APIClient, identifier: str) -> str:
    def ended() -> dict | None:
        state = api.inspect_container(identifier)["State"]
        return state if state["Status"] in ("exited", "dead") else None

    try:
        return f"exit {until(ended, WATCHED, 'containers.waiting', name=identifier)['ExitCode']}"
    except TimedOut:
        return "runs"

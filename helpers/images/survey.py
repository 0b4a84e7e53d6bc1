"""What an engine says about many images at once: their names, layers and containers.

One ``GET /images/json`` names the images; their diff IDs need one inspect each (the list does not
hold them), asked over kept connections a few at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ..errors import EngineFailed
from . import keepalive, names

if TYPE_CHECKING:
    from ..engine import Engine

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Seen:
    """One image of an engine.

    names: its tags; none for a dangling image. diff_ids: its layers, bottom first.
    containers: names of the containers that were made from it, running or not.
    """

    id: str
    names: tuple[str, ...]
    diff_ids: tuple[str, ...]
    containers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Survey:
    """All images of an engine. skipped: IDs of images that the engine listed and could not open
    (their content is damaged or not on this machine)."""

    images: tuple[Seen, ...]
    skipped: tuple[str, ...] = ()


def take(engine: Engine, progress: Progress | None = None) -> Survey:
    """Return every image of ``engine`` but the hidden steps of the classic builder.

    An image that is removed meanwhile is left out.

    Raises
    ------
    EngineLost: the daemon went away. EngineFailed: it refuses to list its images.
    """
    tagged: dict[str, list[str]] = {}
    for entry in _listed(engine, "/images/json"):
        tags = tagged.setdefault(entry["Id"], [])
        tags += [t for t in entry.get("RepoTags") or () if t != "<none>:<none>" and t not in tags]
    paths = {_path(engine, f"/images/{id}/json"): id for id in tagged}
    images, skipped = [], []
    for path, (status, answer) in keepalive.ask_all(engine, paths, progress=progress).items():
        id = paths[path]
        if status == 200:
            images.append(Seen(id, tuple(tagged[id]), _layers(answer)))
        elif status != 404:
            skipped.append(id)
    order = {id: n for n, id in enumerate(tagged)}
    images.sort(key=lambda image: order[image.id])
    return Survey(tuple(with_containers(engine, images)), tuple(sorted(skipped)))


def look_up(engine: Engine, asked: Iterable[str]) -> dict[str, Seen]:
    """Return the image of each of these names or IDs; two names of one image give it twice.

    Raises
    ------
    NotFound: there is no such image; the message names the nearest ones.
    EngineLost: the daemon went away. EngineFailed: it cannot open the image.
    """
    paths = {_path(engine, f"/images/{quote(name, safe=':@')}/json"): name for name in asked}
    answers = keepalive.ask_all(engine, paths)
    found: dict[str, Seen] = {}
    for path, name in paths.items():
        status, answer = answers[path]
        if status in (301, 400, 404):  # 301 (a path), 400: it cannot be a name at all
            answer = names.inspect(engine, name)  # tells what may have been meant
        elif status != 200:
            raise _refused(status, answer)
        tags = [t for t in answer.get("RepoTags") or () if t != "<none>:<none>"]
        found[name] = Seen(answer["Id"], tuple(tags), _layers(answer))
    return dict(zip(found, with_containers(engine, found.values()), strict=True))


def with_containers(engine: Engine, images: Iterable[Seen]) -> list[Seen]:
    """Return the images with the containers that were made from each."""
    users: dict[str, list[str]] = {}
    for entry in _listed(engine, "/containers/json?all=1"):
        name = (entry.get("Names") or [entry["Id"][:12]])[0].lstrip("/")
        users.setdefault(entry["ImageID"], []).append(name)
    return [
        replace(image, containers=tuple(sorted(users[image.id]))) if image.id in users else image
        for image in images
    ]


def cached(engine: Engine) -> int | None:
    """Return the bytes of layers that the build cache and images hold together.

    None before API 1.42 (Engine 23.0), which cannot tell of the cache alone, and where the engine
    does not say.
    """
    if tuple(map(int, engine.api_version.split("."))) < (1, 42):
        return None
    connection = keepalive.connect(engine)
    try:
        status, answer = connection.ask(_path(engine, "/system/df?type=build-cache"))
    finally:
        connection.close()
    if status != 200:
        return None
    records = answer.get("BuildCache") or ()
    return sum(record["Size"] for record in records if record.get("Shared"))


def histories(
    engine: Engine, ids: Iterable[str], progress: Progress | None = None
) -> dict[str, list[dict[str, Any]]]:
    """Return the history of images as the engine tells it, oldest step first, by image ID."""
    paths = {_path(engine, f"/images/{id}/history"): id for id in ids}
    answers = keepalive.ask_all(engine, paths, progress=progress)
    # An image without history has null for one in the containerd store.
    told = {paths[p]: answer or [] for p, (status, answer) in answers.items() if status == 200}
    return {image_id: history[::-1] for image_id, history in told.items()}


def _listed(engine: Engine, path: str) -> list[dict[str, Any]]:
    # In the containerd store a list of 1,000 images takes 14 s, and longer on a busy machine.
    connection = keepalive.connect(engine, timeout=600)
    try:
        status, answer = connection.ask(_path(engine, path))
    finally:
        connection.close()
    if status != 200:
        raise _refused(status, answer)
    return answer


def _refused(status: int, answer: Any) -> EngineFailed:
    reason = answer.get("message", "") if isinstance(answer, dict) else ""
    return EngineFailed("sharing.refused", status=status, reason=reason)


def _path(engine: Engine, path: str) -> str:
    return f"/v{engine.api_version}{path}"


def _layers(inspected: dict[str, Any]) -> tuple[str, ...]:
    return tuple((inspected.get("RootFS") or {}).get("Layers") or ())

"""How many bytes the layers of a forest hold: read from their content, or as the engine says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from . import survey
from .chains import Member
from .survey import Progress

if TYPE_CHECKING:
    from ..engine import Engine

# Instructions that only change the config; a builder marks them as empty layers, but the history
# that the engine's API tells does not say which steps are (the archive's does).
CONFIG_ONLY = {"ARG", "CMD", "ENTRYPOINT", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "MAINTAINER"}
CONFIG_ONLY |= {"ONBUILD", "SHELL", "STOPSIGNAL", "USER", "VOLUME"}


def measure(
    engine: Engine,
    images: Sequence[Member],
    unit: Literal["content", "engine"],
    progress: Progress | None = None,
) -> dict[str, int]:
    """Return the bytes of every layer of ``images`` by chain ID.

    Parameters
    ----------
    unit: ``"content"``: bytes of the files in the layer, from `helpers.images.read_many`.
        ``"engine"``: the classic store's own count where this process can read it, else the sizes
        in ``GET /images/{id}/history``. An image whose history does not tell its layers (made by
        hand, or imported without history) is read instead.
    progress: called with (images done, images).
    """
    tops = _tops(images)
    if unit == "content":
        return _by_content(engine, tops)
    found = _from_store(engine, {chain for image in tops for chain in image.chain})
    unknown = [image for image in tops if not all(chain in found for chain in image.chain)]
    if unknown:
        told = survey.histories(engine, [image.id for image in unknown], progress)
        for image in unknown:
            layers = of_history(told.get(image.id, []), len(image.chain))
            found |= zip(image.chain, layers or (), strict=False)
    silent = [image for image in tops if not all(chain in found for chain in image.chain)]
    return _by_content(engine, silent) | found if silent else found


def _tops(images: Sequence[Member]) -> list[Member]:
    """Return the images that together hold every layer: the fewest that need to be asked."""
    known: set[str] = set()
    found = []
    for image in sorted(images, key=lambda image: -len(image.chain)):
        if image.chain and image.chain[-1] not in known:
            found.append(image)
            known.update(image.chain)
    return found


def _by_content(engine: Engine, images: Sequence[Member]) -> dict[str, int]:
    from . import read_many  # the readers import much; a forest without content needs none of it

    read = read_many([image.id for image in images], engine=engine)
    return {layer.chain_id: layer.size for image in read for layer in image.layers}


def _from_store(engine: Engine, chains: set[str]) -> dict[str, int]:
    """Return what the classic store's layer database says, if this process may read it.

    One small file a layer: ``image/overlay2/layerdb/sha256/<chain>/size``
    (https://github.com/moby/moby/blob/master/layer/filestore.go).
    """
    if engine.root_dir is None or engine.store != "overlay2":
        return {}
    folder = Path(engine.root_dir) / "image" / engine.store / "layerdb" / "sha256"
    found = {}
    for chain in chains:
        try:
            found[chain] = int((folder / chain.removeprefix("sha256:") / "size").read_text())
        except (OSError, ValueError):
            continue
    return found


def of_history(history: Sequence[Mapping[str, Any]], layers: int) -> list[int] | None:
    """Return the sizes of the layers that a history (oldest step first) tells of; bottom first.

    A step of 0 bytes is a layer all the same in BuildKit (WORKDIR of a folder that exists), unless
    its instruction changes the config alone; the classic builder drops empty layers. None if the
    history fits neither.
    """
    full = [step["Size"] for step in history if step["Size"] > 0]
    if len(full) == layers:
        return full
    sizes = [
        step["Size"]
        for step in history
        if step["Size"] > 0 or _instruction(step.get("CreatedBy") or "") not in CONFIG_ONLY
    ]
    return sizes if len(sizes) == layers else None


def _instruction(created_by: str) -> str:
    words = created_by.replace("#(nop)", " ").removeprefix("/bin/sh -c").split(maxsplit=1)
    return words[0] if words else ""

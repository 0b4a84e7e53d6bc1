"""The image that another one is to stand on, as the engine gives it out."""

from __future__ import annotations

import contextlib
import json
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from ..engine import Engine
from ..engine.patience import patient

__all__ = ["Below", "saved"]

SAVE = 300  # seconds for the daemon to write the first byte of an image
BLOCK = 1 << 18


@dataclass(frozen=True)
class Below:
    """The image that another one stands on: its config document, and its layers.

    ``layers`` holds a name in the archive, the size and the bytes of each, bottom first; compressed
    or not, as the engine keeps them.
    """

    config: Mapping[str, Any]
    layers: tuple[tuple[str, int, BinaryIO], ...]

    @property
    def diff_ids(self) -> list[str]:
        return self.config["rootfs"]["diff_ids"]

    @property
    def history(self) -> list[dict]:
        return self.config.get("history") or []


@contextlib.contextmanager
def saved(engine: Engine, name: str, folder: Path) -> Iterator[Below]:
    """Ask the engine for an image, keep it in a file of ``folder``, and open its layers.

    Raises
    ------
    EngineLost, NoSpace: as `helpers.engine.talking`.
    """
    with tempfile.TemporaryFile(dir=folder) as file:
        with patient(engine, SAVE) as api:
            for chunk in api.get_image(name, chunk_size=BLOCK):
                file.write(chunk)
        file.seek(0)
        with tarfile.open(fileobj=file) as archive:
            (manifest,) = json.load(_member(archive, "manifest.json"))
            yield Below(
                json.load(_member(archive, manifest["Config"])),
                tuple(
                    (path, archive.getmember(path).size, _member(archive, path))
                    for path in manifest["Layers"]
                ),
            )


def _member(archive: tarfile.TarFile, name: str) -> BinaryIO:
    file = archive.extractfile(name)
    assert file is not None  # a file that the engine's own manifest names
    return cast(BinaryIO, file)

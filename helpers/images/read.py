"""Reading an image: known layers, then the engine's own metadata, then the `docker save` stream."""

from __future__ import annotations

from .model import Image


def read(name, engine=None, *, through=None, platform=None) -> Image:
    raise NotImplementedError


def read_many(names, engine=None, *, through=None) -> tuple[Image, ...]:
    raise NotImplementedError

"""Look for a text in everything that an image hands to whoever pulls it."""

from __future__ import annotations

import json
import tarfile
from dataclasses import dataclass

from ..bases.below import Below, saved
from ..engine import Engine, connect
from ..messages import text
from ..paths import home, writable
from ..text import plain
from .names import inspect

__all__ = ["Findings", "search"]

SHOWN = 6  # files that are named


@dataclass(frozen=True)
class Findings:
    """Where a text was found.

    Fields
    ------
    name: the image.
    layers: how many layers were searched.
    files: layer number and path of each file that holds it (or is called so), lowest first, files
        that a later layer deleted or replaced included; untrusted text.
    settings: keys of the configuration that hold it: ``Env``, ``Labels``, …
    history: whether the image's history holds it.
    """

    name: str
    layers: int
    files: tuple[tuple[int, str], ...]
    settings: tuple[str, ...]
    history: bool

    def __bool__(self) -> bool:
        return bool(self.files or self.settings or self.history)

    def __str__(self) -> str:
        lines = [text("images.search.title", name=plain(self.name), layers=self.layers)]
        lines += [
            text("images.search.file", number=number, path=plain(path))
            for number, path in self.files[:SHOWN]
        ]
        if len(self.files) > SHOWN:
            lines.append(text("images.search.more", count=len(self.files) - SHOWN))
        lines += [text("images.search.setting", key=plain(key)) for key in self.settings]
        if self.history:
            lines.append(text("images.search.history"))
        if not self:
            lines.append(text("images.search.nothing"))
        return "\n".join(lines)

    __repr__ = __str__


def search(name: str, needle: str, engine: Engine | None = None) -> Findings:
    """Look for ``needle`` in every file of every layer, the configuration and the history.

    The image is taken from the engine as `docker save` gives it, so what is searched is what anyone
    who pulls the image gets. Compressed files are not unpacked.

    Raises
    ------
    NotFound: there is no such image; near names are suggested.
    EngineLost, NoSpace: as `helpers.engine.talking`.
    """
    engine = engine or connect()
    inspect(engine, name)
    with saved(engine, name, writable(home() / "images")) as image:
        told = {k: v for k, v in image.config.items() if k not in ("history", "rootfs")}
        settings = [k for k, v in (told.pop("config", None) or {}).items() if _in(v, needle)]
        settings += [key for key, value in told.items() if _in(value, needle)]
        return Findings(
            name=name,
            layers=len(image.layers),
            files=tuple(_files(image, needle)),
            settings=tuple(sorted(settings)),
            history=_in(image.history, needle),
        )


def _in(value: object, needle: str) -> bool:
    return needle in json.dumps(value, ensure_ascii=False)


def _files(image: Below, needle: str) -> list[tuple[int, str]]:
    found = []
    for number, (_, _, layer) in enumerate(image.layers, start=1):
        layer.seek(0)
        with tarfile.open(fileobj=layer) as archive:
            for member in archive:
                body = archive.extractfile(member) if member.isfile() else None
                path = "/" + member.name.removeprefix("./")
                if needle in path or (body and needle.encode() in body.read()):
                    found.append((number, path))
    return found

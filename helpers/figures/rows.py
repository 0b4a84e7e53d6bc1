"""An image as the lines of a figure: layers, steps that made none, and the config."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .. import images
from ..engine.labels import NAMESPACE
from ..images import Config, Image
from ..messages import text
from ..text import plain, size

ENV_SHOWN = 3


@dataclass(frozen=True)
class Row:
    """One step of an image's history.

    Attributes
    ----------
    number: of the layer that the step made; None if it made none.
    instruction: one line; untrusted.
    bytes: content bytes of the layer.
    added, changed, removed: how many files (all but folders) the layer adds to what lies below it,
        replaces, and deletes from view.
    folders: how many folders it adds, changes or removes; told where no file is.
    """

    number: int | None
    instruction: str
    bytes: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    folders: int = 0

    @property
    def counts(self) -> str:
        """``1 added, 0 changed, 0 removed`` in the notebook's language."""
        files = text("figures.counts", added=self.added, changed=self.changed, removed=self.removed)
        if only := self.folders_only:
            return text("figures.counts_folders", files=files, folders=only)
        return files

    @property
    def folders_only(self) -> str:
        """``1 folder`` if the layer is about folders alone, else nothing."""
        if self.folders and not (self.added or self.changed or self.removed):
            return counted("folders", self.folders)
        return ""


def rows(image: Image) -> list[Row]:
    """Return a row for each step and each layer of ``image``, oldest first."""
    return list(_rows(image))


def _rows(image: Image) -> Iterator[Row]:
    pairs = zip(image.layers, images.changes(image), strict=True)
    made = [_layer(layer, found) for layer, found in pairs]
    told = 0
    for step in image.history:
        if step.empty or step.layer is None:
            yield Row(None, one_line(step.instruction or step.comment))
            continue
        yield from made[told : step.layer]
        told = max(told, step.layer)
    yield from made[told:]


def _layer(layer: images.Layer, found: images.LayerChanges) -> Row:
    step = layer.step
    line = one_line(step.instruction or step.comment) if step else ""
    return Row(
        layer.number,
        line or text("figures.no_history"),
        layer.size,
        *found.files,
        folders=sum(e.kind == "dir" for e in (*found.added, *found.changed, *found.removed)),
    )


def one_line(value: str, limit: int = 300) -> str:
    """Return untrusted text as one line of at most ``limit`` characters."""
    line = " ".join(plain(value).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def config_items(config: Config) -> list[str]:
    """Return a config as Dockerfile lines: what starts, as whom, where, with which variables."""
    found = []
    if config.entrypoint:
        found.append("ENTRYPOINT " + _command(config.entrypoint))
    if config.cmd:
        found.append("CMD " + _command(config.cmd))
    if config.workdir:
        found.append("WORKDIR " + one_line(config.workdir, 60))
    if config.user:
        found.append("USER " + one_line(config.user, 60))
    found += ["ENV " + one_line(variable, 120) for variable in config.env[:ENV_SHOWN]]
    if len(config.env) > ENV_SHOWN:
        found.append(text("figures.more_env", count=len(config.env) - ENV_SHOWN))
    if config.exposed:
        found.append("EXPOSE " + " ".join(one_line(port, 20) for port in config.exposed[:5]))
    # The marks of the course are no setting of the image; their number depends on the builder.
    labels = [name for name in config.labels if not name.startswith(f"{NAMESPACE}.")]
    if labels:
        found.append(text("figures.labels", count=len(labels)))
    return found or [text("figures.config_empty")]


def _command(words: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{one_line(word, 80)}"' for word in words) + "]"


def human(count: int | None) -> str:
    """Return a number of bytes as ``12.3 MB``, or a dash where it is not known."""
    return "–" if count is None else size(count)


def counted(key: str, count: int) -> str:
    """Return ``1 layer`` or ``4 layers``: the message ``figures.<key>.one`` or ``.many``."""
    return text(f"figures.{key}.{'one' if count == 1 else 'many'}", count=count)

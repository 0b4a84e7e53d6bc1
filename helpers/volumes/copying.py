"""What it costs to touch a file of a lower layer: the first write copies all of it."""

from __future__ import annotations

from dataclasses import dataclass

from .. import containers
from ..containers.container import say
from ..containers.quietly import quietly
from ..engine import Engine, connect
from ..errors import ContainerFailed, NotFound

__all__ = ["CopyOnWrite", "Touch", "copy_on_write"]

WRITE = 120.0  # seconds for a file to be copied
CLOCK = "echo | ts %.s"  # BusyBox's date knows whole seconds only
LOOK = (
    f'size=$(stat -c %s "$0") || exit 9; {CLOCK}; printf x >> "$0" || exit 8; {CLOCK}; echo $size'
)


@dataclass(frozen=True)
class Touch:
    """One byte written to the end of a file.

    Fields
    ------
    file: the file's bytes before it.
    layer: content bytes of the writable layer after it.
    grew: by how many bytes the layer grew.
    seconds: that opening, writing and closing the file took.
    """

    file: int
    layer: int
    grew: int
    seconds: float


@dataclass(frozen=True)
class CopyOnWrite:
    """A file of an image that a container appended one byte to, several times.

    Fields
    ------
    image, path: untrusted text.
    size: bytes of the file in the image.
    touches: the writes, in order.
    """

    image: str
    path: str
    size: int
    touches: tuple[Touch, ...]

    def _ipython_display_(self) -> None:
        """Show nothing below a cell: `helpers.figures.copy_on_write` draws it."""


def copy_on_write(
    image: str, path: str, name: str, *, touches: int = 2, engine: Engine | None = None
) -> CopyOnWrite:
    """Append one byte to a file of an image in a new container, and again; measure each time.

    The commands are printed. The container ``name`` is left running, for a look at it.

    Parameters
    ----------
    path: a file of the image, which holds BusyBox.
    touches: how often.

    Raises
    ------
    NotFound: the image has no such file, or there is no such image.
    ContainerFailed: the file could not be written.
    NotOurs, TimedOut, NoSpace, EngineLost: as for `helpers.containers.run`.
    """
    engine = engine or connect()
    containers.run(
        image, ["sleep", "600"], name, detach=True, stop_signal="KILL", network="none",
        engine=engine,
    )  # fmt: skip
    found: list[Touch] = []
    layer = containers.changes(name, engine=engine).size
    for _ in range(touches):
        say(["docker", "exec", name, "sh", "-c", f"printf x >> {path}"])
        file, seconds = _touch(engine, name, path)
        after = containers.changes(name, engine=engine).size
        found.append(Touch(file, after, after - layer, seconds))
        layer = after
    return CopyOnWrite(image, path, found[0].file, tuple(found))


def _touch(engine: Engine, name: str, path: str) -> tuple[int, float]:
    code, output = quietly(engine, name, ["sh", "-c", LOOK, path], WRITE)
    if code == 9:
        raise NotFound("volumes.no_file", path=path, name=name)
    lines = output.split()
    if code or len(lines) != 3:
        raise ContainerFailed("volumes.not_touched", path=path, name=name, reason=output.strip())
    return int(lines[2]), max(0.0, float(lines[1]) - float(lines[0]))

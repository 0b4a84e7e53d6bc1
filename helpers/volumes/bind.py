"""A folder of this machine as a container is given it: ``-v ./folder:/place``."""

from __future__ import annotations

from pathlib import Path

from ..engine import Engine, connect
from ..errors import NotFound, VolumeFailed
from ..scenarios import Scenario

__all__ = ["Bound", "bind"]


class Bound(str):
    """What stands after ``-v``, with the folder in full; ``shown`` is as a learner would type it.

    A lesson prints ``shown``: the whole path is another one on each machine.
    """

    shown: str

    def __new__(cls, given: str, shown: str) -> Bound:
        found = super().__new__(cls, given)
        found.shown = shown
        return found


def bind(
    folder: str | Path | Scenario,
    target: str,
    *,
    inside: str = "",
    read_only: bool = False,
    engine: Engine | None = None,
) -> Bound:
    """Return a bind mount of a folder, to be handed to `helpers.containers.run` as a volume.

    Parameters
    ----------
    folder: a scenario (its build context), or a path on this machine.
    target: the place in the container, an absolute path.
    inside: a file or folder in ``folder``, to mount only that.
    read_only: the container may only read there (``:ro``).

    Raises
    ------
    NotFound: the folder does not exist. `docker run -v` would make an empty one, owned by root, and
        say nothing.
    VolumeFailed: the target is no absolute path, or a path holds a colon.
    NotFound: the engine runs on another machine, and would look for the folder there.
    """
    engine = engine or connect()
    if isinstance(folder, Scenario):
        path, shown = folder.folder.resolve(), f"./{folder.shown}"
    else:
        path, shown = Path(folder).expanduser().resolve(), str(folder)
    if inside:
        path, shown = (path / inside).resolve(), f"{shown}/{inside}"
    if not path.exists():
        raise NotFound("volumes.no_folder", folder=shown)
    if engine.endpoint.remote:
        raise NotFound("volumes.other_machine", folder=shown)
    if not target.startswith("/") or ":" in target or ":" in str(path):
        raise VolumeFailed("volumes.bad_mount", folder=shown, target=target)
    mode = ":ro" if read_only else ""
    return Bound(f"{path}:{target}{mode}", f"{shown}:{target}{mode}")

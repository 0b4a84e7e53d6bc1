"""Build a context as it is and with a change, after the same edit, and compare."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import docker

from ..contexts import Snapshot, digests, snapshot
from ..engine import Engine, talking
from ..engine.patience import patient
from ..images import Entry, Image, read
from ..paths import home, writable
from .advice import Cost
from .edits import apply, mark, marked
from .hearing import heard
from .model import Trace
from .run import run
from .suggestions import Change, Sight

__all__ = ["Bench", "Side"]

REMOVAL = 60.0  # seconds for the daemon to remove an image


@dataclass(frozen=True)
class _Copy:
    """A copy of the context, for `helpers.builds.run`: it is shown as the original is."""

    folder: Path
    shown: str
    lesson: str | None


@dataclass(frozen=True)
class Side:
    """One copy of the context, built once: its folder, the image, and how much is sent.

    ``context`` and ``files`` are bytes and number; the ignore file, which changes, is not counted.
    """

    folder: Path
    image: Image
    tag: str
    context: int
    files: int


class Bench:
    """Where copies of a context are built. Used as a context manager: at its end all is removed.

    The context itself is only read. Images are called ``lbl/advice-…`` and belong to the lesson of
    the context; what the builder keeps is journalled as for every build.
    """

    def __init__(self, sight: Sight, engine: Engine) -> None:
        self.sight, self.engine = sight, engine
        self.name = f"lbl/advice-{mark()}"
        self._tags: list[str] = []
        self._held: set[str] = set()
        self._root: Path | None = None

    def __enter__(self) -> Bench:
        with talking(self.engine):
            self._held = {one["Id"] for one in self.engine.client.api.images(all=True)}
        prefix = f"{self.sight.asked.folder.name}-"
        self._root = Path(tempfile.mkdtemp(prefix=prefix, dir=writable(home() / "advice")))
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.ExitStack() as stack:  # each of these even if another one fails
            stack.callback(shutil.rmtree, self._root, ignore_errors=True)
            stack.callback(self._remove)

    def _remove(self) -> None:
        """Remove the images, and those that the classic builder made on the way to them."""
        made: set[str] = set()
        with patient(self.engine, REMOVAL) as api:
            for tag in self._tags:
                with contextlib.suppress(docker.errors.NotFound):
                    made |= {row["Id"] for row in api.history(tag)} - {"<missing>"} - self._held
                    api.remove_image(tag, force=True)
            left = len(made) + 1
            while len(made) < left:  # one goes only after those that stand on it
                left = len(made)
                made = {one for one in made if not self._gone(api, one)}

    def _gone(self, api: docker.APIClient, identifier: str) -> bool:
        """Remove an image without a name; whether it is gone."""
        try:
            if not api.inspect_image(identifier).get("RepoTags"):
                api.remove_image(identifier)
                return True
        except docker.errors.NotFound:
            return True
        except docker.errors.APIError as error:
            if error.status_code != 409:  # another image stands on it
                raise
        return False

    def side(self, changes: Mapping[str, str], salt: tuple[str, ...] = ()) -> Side:
        """Copy the context with changed files, build it, and return what came out.

        Parameters
        ----------
        salt: files that get a mark, because the edit that follows cannot carry one.

        Raises
        ------
        BuildFailed: and the other errors of `helpers.builds.run`.
        """
        assert self._root is not None
        folder = Path(tempfile.mkdtemp(dir=self._root))
        _copy(self.sight.asked.folder, folder, self.sight.snapshot)
        for path, text in changes.items():
            (folder / path).write_bytes(text.encode(errors="surrogateescape"))
        for path in salt:
            file = folder / path
            data = marked(path, file.read_bytes(), mark())
            file.write_bytes(data if isinstance(data, bytes) else data.encode())
        sent = self._sent(folder)
        _, tag = self._build(folder, dict(self.sight.asked.args))
        return Side(folder, read(tag, self.engine), tag, sum(sent), len(sent))

    def rebuild(self, side: Side, change: Change) -> tuple[Trace, float]:
        """Edit the copy, build it again, take the edit back; return what the build did.

        Raises
        ------
        BuildFailed: and the other errors of `helpers.builds.run`.
        """
        done = apply(self.sight, side.folder, change, dict(self.sight.asked.args), mark())
        try:
            trace, _ = self._build(side.folder, done.args)
        finally:
            done.undo()
        return trace, trace.seconds

    def measure(self, side: Side, change: Change) -> Cost:
        """Rebuild after the edit and return what one side costs."""
        trace, seconds = self.rebuild(side, change)
        return Cost(_content(side.image), seconds, len(trace.ran), side.context, side.files)

    def _sent(self, folder: Path) -> list[int]:
        """Return the sizes of the files that are sent to a builder."""
        found = snapshot(folder, self.sight.asked.file)
        self._forget(folder)
        rules = found.ignore.files(found.dockerfile)
        files = found.files.items()
        return [one.size for path, one in files if one.kind == "file" and path not in rules]

    def _forget(self, folder: Path) -> None:
        """Remove what is remembered of the copy's files: nobody will look at it again."""
        if (index := digests.place(folder)) is not None:
            index.unlink(missing_ok=True)

    def _build(self, folder: Path, args: dict[str, str]) -> tuple[Trace, str]:
        asked = self.sight.asked
        tag = f"{self.name}:{len(self._tags) + 1}"
        self._tags.append(tag)
        context = _Copy(folder, asked.shown, asked.lesson)
        secrets = {name: str(asked.folder / path) for name, path in asked.secrets.items()}
        try:
            with heard():
                done = run(
                    context, tag, self.engine, args=args, target=asked.target, file=asked.file,
                    secrets=secrets,
                )  # fmt: skip
        finally:
            self._forget(folder)
        return done.trace, tag


def _content(image: Image) -> int:
    """Return the bytes of file content of all layers, as they are on every engine.

    A file that a COPY writes again as it was is not counted again: with the containerd image store
    no layer holds it, with the others the upper one does. Its time does not count: a COPY that
    comes from the cache has that of an earlier context.
    """
    there: dict[str, Entry] = {}
    total = 0
    for layer in image.layers:
        copied = layer.step is not None and layer.step.instruction.startswith(("COPY", "ADD"))
        for entry in layer.entries:
            if entry.kind in ("whiteout", "opaque"):
                inside = f"{entry.path}/"
                gone = [p for p in there if p.startswith(inside) or p == entry.path]
                for path in gone:
                    del there[path]
                continue
            old = there.get(entry.path)
            if old is not None and copied:
                old = old._replace(mtime=entry.mtime)
            if old != entry:
                there[entry.path] = entry
                total += entry.size
    return total


def _copy(source: Path, folder: Path, found: Snapshot) -> None:
    """Copy what is sent to a builder, and the files that say what that is."""
    folders = [path for path, entry in found.files.items() if entry.kind == "dir"]
    for path in sorted(folders):
        (folder / path).mkdir(parents=True, exist_ok=True)
    rules = (found.dockerfile, *found.ignore.files(found.dockerfile))
    beside = [path for path in rules if (source / path).is_file()]
    for path in dict.fromkeys([*found.files, *beside]):
        entry = found.files.get(path)
        if (entry is not None and entry.kind == "dir") or path in found.unreadable:
            continue
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if entry is not None and entry.kind == "link":
            target.symlink_to((source / path).readlink())
        elif entry is None or entry.kind == "file":
            shutil.copy2(source / path, target)
    for path in sorted(folders, reverse=True):
        (folder / path).chmod(found.files[path].mode)

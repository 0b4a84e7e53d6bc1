"""What an edit of the table is made of, and the bench on which it is done for real.

``SALT`` in any text stands for a word that is new in every run, so that what has to miss the cache
misses it however often the tests ran on the engine before.
"""

from __future__ import annotations

import contextlib
import io
import os
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from helpers import builds
from helpers.builds import Cause, Trace, ledger
from helpers.engine import Engine
from helpers.engine.build_cache import remove
from helpers.errors import BuildFailed

__all__ = [
    "BASE", "TAG", "Act", "Bench", "Edit", "added", "base", "because", "build", "chmod", "delete",
    "failing", "files", "link", "lose", "move", "removed", "sub", "swap", "tar", "touch", "write",
]  # fmt: skip

TAG = "lbl/test-explained:1"
BASE = "lbl/test-base:1"  # a base image that an edit can rebuild


@dataclass
class Bench:
    """A build context on the disk, and the builds that were made of it."""

    folder: Path
    engine: Engine
    salt: str
    options: Mapping[str, object] = field(default_factory=dict)
    last: Trace | None = None

    def text(self, value: str) -> str:
        return value.replace("SALT", self.salt)

    def write(self, name: str, content: str, mode: int = 0o644) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.text(content).encode())  # line ends stay as they are given
        path.chmod(mode)

    def build(self, **more: object) -> Trace:
        """Build with the edit's own options, and ``more``."""
        options = {**self.options, **more}
        options = {key: _salted(value, self.text) for key, value in options.items()}
        with contextlib.redirect_stdout(io.StringIO()):
            self.last = builds.run(self.folder, TAG, self.engine, limit=120, **options).trace
        return self.last


def _salted(value: object, text: Callable[[str], str]) -> object:
    if isinstance(value, Mapping):
        return {key: text(one) for key, one in value.items()}
    return text(value) if isinstance(value, str) else value


Act = Callable[[Bench], object]


@dataclass(frozen=True)
class Edit:
    """One row: a context, what is done to it after a first build, what is then to be said.

    Fields
    ------
    context: the files before the edit; one that begins with ``#!`` can be run.
    acts: the edit; an act may build in between, and the last build is then the one before.
    roles: of all steps of the build after it, in the order of the Dockerfile: ``base``, ``hit``,
        ``blame``, ``follows``, ``unreached``.
    why: the causes of the steps that ran, by step id (by number where there is one stage). A step
        that is not named must follow the step below it.
    first: what is done before the first build.
    before, after: options of the builds before and after.
    fails: the build after the edit fails.
    recent: needs here-documents or ``--link``, which Engine 20.10 does not know.
    containerd: roles and causes where that image store makes a difference.
    """

    name: str
    context: Mapping[str, str]
    acts: tuple[Act, ...]
    roles: str
    why: Mapping[str, Cause] = field(default_factory=dict)
    first: tuple[Act, ...] = ()
    before: Mapping[str, object] = field(default_factory=dict)
    after: Mapping[str, object] = field(default_factory=dict)
    fails: bool = False
    recent: bool = False
    containerd: tuple[str, Mapping[str, Cause]] | None = None

    def on(self, store: str) -> Edit:
        """Return the row as it is to be read on an image store."""
        if store != "containerd" or self.containerd is None:
            return self
        return replace(self, roles=self.containerd[0], why=self.containerd[1])

    def causes(self, bench: Bench) -> dict[str, Cause]:
        """Return ``why`` with the salt in it."""
        text = bench.text
        return {
            step: replace(
                one,
                names=tuple(map(text, one.names)),
                files=tuple((text(path), how) for path, how in one.files),
                before=text(one.before),
                after=text(one.after),
            )
            for step, one in self.why.items()
        }


# ---- what an edit does ----


def write(name: str, content: str, mode: int = 0o644) -> Act:
    return lambda bench: bench.write(name, content, mode)


def sub(old: str, new: str, name: str = "Dockerfile") -> Act:
    """Replace text in a file; it must stand there once, so that the row means what it says."""

    def act(bench: Bench) -> None:
        path = bench.folder / name
        before, mode = path.read_bytes().decode(), path.stat().st_mode
        assert before.count(bench.text(old)) == 1, f"{old!r} in {name}"
        bench.write(name, before.replace(bench.text(old), bench.text(new)), mode & 0o7777)

    return act


def chmod(name: str, mode: int) -> Act:
    return lambda bench: (bench.folder / name).chmod(mode)


def delete(name: str) -> Act:
    return lambda bench: (bench.folder / name).unlink()


def move(name: str, to: str) -> Act:
    return lambda bench: (bench.folder / name).rename(bench.folder / to)


def swap(one: str, other: str) -> Act:
    """Exchange two texts of the Dockerfile."""

    def act(bench: Bench) -> None:
        path = bench.folder / "Dockerfile"
        a, b = bench.text(one), bench.text(other)
        text = path.read_text().replace(a, "\0").replace(b, a).replace("\0", b)
        path.write_text(text)

    return act


def link(name: str, to: str) -> Act:
    def act(bench: Bench) -> None:
        path = bench.folder / name
        path.unlink(missing_ok=True)
        path.symlink_to(to)

    return act


def touch(bench: Bench) -> None:
    """Give every file and folder another time."""
    for path in bench.folder.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))


def tar(name: str, content: str) -> Act:
    """Write an archive that holds one file."""

    def act(bench: Bench) -> None:
        data = bench.text(content).encode()
        with tarfile.open(bench.folder / name, "w") as archive:
            entry = tarfile.TarInfo("inside.txt")
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))

    return act


def build(**options: object) -> Act:
    """Build in between."""
    return lambda bench: bench.build(**options)


def failing(bench: Bench) -> None:
    """Build in between, and fail."""
    try:
        bench.build()
    except BuildFailed as error:
        bench.last = error.trace
        return
    raise AssertionError("this build was to fail")


def base(steps: str) -> Act:
    """(Re)build the base image ``BASE`` with these lines below its FROM."""

    def act(bench: Bench) -> None:
        folder = bench.folder.parent / "base"
        folder.mkdir(exist_ok=True)
        (folder / "Dockerfile").write_text(bench.text(f"FROM lbl/busybox:1\n{steps}\n"))
        with contextlib.redirect_stdout(io.StringIO()):
            builds.run(folder, BASE, bench.engine, limit=120)

    return act


def lose(*steps: str) -> Act:
    """Remove the builder's records of some steps of the last build, by their exact IDs."""

    def act(bench: Bench) -> None:
        made = ledger.kept(bench.last.key, bench.engine).records
        records = [made[step] for step in steps]
        bench.engine.client.api.remove_image(TAG)  # it holds on to them
        assert remove(bench.engine, records) == set()

    return act


# ---- what is said ----


def files(**how: tuple[str, ...] | str) -> Cause:
    """Return the cause: files of the context, ``changed="a.txt"``, ``mode=("a", "b")``."""
    pairs = [(p, h) for h, ps in how.items() for p in ((ps,) if isinstance(ps, str) else ps)]
    return Cause("files", files=tuple(sorted(pairs)))


def added(*paths: str) -> Cause:
    return files(added=paths)


def removed(*paths: str) -> Cause:
    return files(removed=paths)


def because(kind: str, *names: str, before: str = "", after: str = "") -> Cause:
    return Cause(kind, names, before=before, after=after)

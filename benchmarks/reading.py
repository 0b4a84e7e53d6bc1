"""How fast images are read, held against ``docker save >/dev/null`` of the same image."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from helpers.engine import Engine

from . import material, probe
from .harness import Contestant, Result, Sample, compete, result

MEMORY = 60_000_000  # bytes
SUBJECTS = {
    "small": (material.SMALL, "5 layers, 10 MB, 410 entries"),
    "deep": (material.DEEP, "80 layers, 80 MB, 4,000 entries"),
    "big": (material.BIG, "15 layers, 1.05 GB, 40,000 entries"),
}
INFLATING = (
    "The layers of the containerd store are gzip: whoever looks into them has to decompress them. "
    "For the 1.05 GB image that takes 2.5 s of processor time, beside 10 s of the engine's own."
)
Say = Callable[[str], None]


def save(engine: Engine, say: Say) -> Iterator[Result]:
    """The portable path, dive and syft against docker save, on three images."""
    for subject, (image, words) in SUBJECTS.items():
        material.provide(engine, [image], say)
        say(f"save, {engine.store}, {subject}: {words}")
        big = subject == "big"
        with homes() as fresh:
            rows = compete(
                [
                    _save(engine, image),
                    Contestant(
                        "helpers.images, portable path",
                        lambda image=image: probe.read(engine, [image], fresh(), through="save"),
                        1.05 if big else None,
                        MEMORY if big else None,
                    ),
                    *_others(engine, image),
                ],
                say=say,
            )
        notes = [INFLATING] if engine.store == "containerd" else []
        yield result("save", f"Portable path: {words}", subject, engine, rows, *notes, *_absent())


def fast(engine: Engine, say: Say) -> Iterator[Result]:
    """The engine's own files, read as root and (classic store) through a helper container.

    The limits are those of the classic store, whose notes leave the content of files out; the
    containerd store's blobs must be decompressed.
    """
    material.provide(engine, [material.BIG], say)
    say(f"fast, {engine.store}")
    classic = engine.store == "overlay2"
    limit = 0.10 if classic else None
    ways = {"read by root": {"through": "metadata"}}
    if classic:
        ways["through a helper container"] = {"through": "container", "user": True}
    with homes() as fresh:
        contestants = [
            Contestant(
                f"helpers.images, the engine's files {what}",
                lambda options=options: probe.read(engine, [material.BIG], fresh(), **options),
                limit,
            )
            for what, options in ways.items()
        ]
        rows = compete([_save(engine, material.BIG), *contestants], say=say)
    yield result("fast", "Fast path: 15 layers, 1.05 GB, 40,000 entries", "big", engine, rows)


def known(engine: Engine, say: Say) -> Iterator[Result]:
    """An image whose layers the index knows, in a new process."""
    material.provide(engine, [material.BIG], say)
    say(f"known, {engine.store}")
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        probe.read(engine, [material.BIG], home, through="save")
        rows = compete(
            [
                _save(engine, material.BIG),
                Contestant(
                    "helpers.images, all layers known",
                    lambda: probe.read(engine, [material.BIG], home, user=True),
                    0.01,
                ),
                Contestant(
                    "the same, and all 40,000 entries looked at",
                    lambda: probe.read(engine, [material.BIG], home, user=True, every=True),
                ),
            ],
            say=say,
        )
    yield result("known", "Known layers: 15 layers, 40,000 entries", "big", engine, rows)


def deletions(engine: Engine, say: Say) -> Iterator[Result]:
    """2,000 deleted files against none: merging the trees and counting the waste.

    The layers are known, so that the time of a save does not hide what the deletions cost.
    """
    material.provide(engine, [material.DELETED], say)
    say(f"deletions, {engine.store}")
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        probe.read(engine, [material.KEPT, material.DELETED], home, through="save")

        def look(image: str) -> Sample:
            return probe.read(engine, [image], home, user=True, look=True)

        rows = compete(
            [
                Contestant("no deletion", lambda: look(material.KEPT)),
                Contestant("2,000 deletions", lambda: look(material.DELETED), 2.0),
            ],
            say=say,
        )
    title = "Deletions: merge the trees and count the waste of 10,000 files, layers known"
    yield result("deletions", title, "delete", engine, rows)


def family(engine: Engine, say: Say) -> Iterator[Result]:
    """Four images on one base of 200 MB: what they share must be paid for once."""
    material.provide(engine, material.FAMILY[-1:], say)
    say(f"family, {engine.store}")
    with homes() as fresh:
        rows = compete(
            [
                Contestant(
                    "one image",
                    lambda: probe.read(engine, material.FAMILY[:1], fresh(), through="save"),
                ),
                Contestant(
                    "four images that share a base",
                    lambda: probe.read(engine, material.FAMILY, fresh(), through="save"),
                    1.5,
                ),
                Contestant("docker save of the four", lambda: _saved(engine, *material.FAMILY)),
            ],
            say=say,
        )
    title = "Shared base: 6 layers, 200 MB; each child adds 2 layers, 4 MB"
    yield result("family", title, "family", engine, rows)


@contextmanager
def homes() -> Iterator[Callable[[], Path]]:
    """Give a function that makes a new empty home: a reader that knows no layer yet."""
    with tempfile.TemporaryDirectory() as place:
        yield lambda: Path(tempfile.mkdtemp(dir=place))


def _save(engine: Engine, image: str) -> Contestant:
    return Contestant("docker save >/dev/null", lambda: _saved(engine, image))


def _saved(engine: Engine, *images: str) -> Sample:
    return probe.command(["docker", "save", *images], engine)


OTHERS = {
    "dive": lambda image: ["dive", image, "--json", "/dev/null"],
    "syft": lambda image: ["syft", "scan", f"docker:{image}", "--scope", "all-layers", "-q"],
}


def _others(engine: Engine, image: str) -> list[Contestant]:
    """Return the other tools that are installed here."""
    return [
        Contestant(tool, lambda words=words: probe.command(words(image), engine))
        for tool, words in OTHERS.items()
        if shutil.which(tool)
    ]


def _absent() -> list[str]:
    missing = [tool for tool in OTHERS if not shutil.which(tool)]
    return [f"{tool} is not installed on this machine: not run." for tool in missing]

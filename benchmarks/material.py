"""The images that are measured, made on a private engine of the benchmarks' own.

They stay there from run to run (the engine keeps its data), so only the first run pays for them.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import docker

from helpers.engine import Engine
from helpers.paths import home

from .archives import Blob, Plan, archive, layer, spread

VERSION = 1  # of the recipes below: the tag of what they make
MIB = 1 << 20


def name(what: str) -> str:
    return f"lbl-bench/{what}:{VERSION}"


SMALL = name("small")  # 5 layers, 10 MB, 410 entries
DEEP = name("deep")  # 80 layers, 80 MB
BIG = name("big")  # 15 layers, 1.05 GB, 40,000 entries
FAMILY = [name(f"family{n}") for n in range(1, 5)]  # 4 images on one base of 200 MB
KEPT = name("kept")  # 10,000 files, and a layer that adds one
DELETED = name("deleted")  # the same, and a layer that deletes 2,000 of them
# Images with few bytes, for the forest. The containerd store takes 40 s to inspect 1,000.
CROWD = {"overlay2": 1_000, "containerd": 200}


def crowd(number: int) -> str:
    return name(f"crowd{number:04d}")


class Content:
    """File contents: slices of a pool that compresses to about half, as programs do."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(f"layer by layer {seed} {VERSION}")
        self._pool = b"".join(
            self._random.randbytes(512) + b"%08d the same words again and again " % n * 14
            for n in range(4 * MIB // 1024)
        )

    def take(self, size: int) -> bytes:
        """Return ``size`` bytes that differ from call to call."""
        head = self._random.randbytes(min(size, 16))
        start = self._random.randrange(len(self._pool))
        rest = size - len(head)
        body = self._pool[start : start + rest]
        while len(body) < rest:
            body += self._pool[: rest - len(body)]
        return head + body

    def sizes(self, count: int, total: int) -> list[int]:
        """Return ``count`` file sizes that sum to ``total``: many small ones, a few large."""
        weights = [self._random.lognormvariate(0, 2) for _ in range(count)]
        scale = total / sum(weights)
        found = [int(weight * scale) for weight in weights]
        found[0] += total - sum(found)
        return found


def tree(content: Content, top: str, count: int, total: int) -> Iterator[tuple[str, bytes | None]]:
    """Yield ``count`` entries below ``top``, one folder for every 20 files."""
    folders = max(1, count // 21)
    sizes = content.sizes(count - folders, total)
    made = iter(sizes)
    for number, share in enumerate(spread(range(len(sizes)), folders)):
        folder = f"{top}/module_{number:04d}"
        yield folder, None
        for file in share:
            yield f"{folder}/source_file_{file:05d}.py", content.take(next(made))


def stack(folder: Path, what: str, layers: int, entries: int, total: int) -> list[Blob]:
    """Write the layers of one image: the lower half of the layers holds most of the bytes."""
    content = Content(what)
    shares = [2 if n < layers // 2 else 1 for n in range(layers)]
    made = []
    for n, share in enumerate(shares):
        part = share / sum(shares)
        files = tree(content, f"opt/{what}/part{n}", round(entries * part), round(total * part))
        made.append(layer(folder / f"{what}.{n}", files))
    return made


def _small(folder: Path) -> list[Plan]:
    return [Plan(SMALL, stack(folder, "small", 5, 410, 10_000_000))]


def _deep(folder: Path) -> list[Plan]:
    return [Plan(DEEP, stack(folder, "deep", 80, 4_000, 80_000_000))]


def _big(folder: Path) -> list[Plan]:
    return [Plan(BIG, stack(folder, "big", 15, 40_000, 1_050_000_000))]


def _family(folder: Path) -> list[Plan]:
    base = stack(folder, "base", 6, 8_000, 200_000_000)
    return [
        Plan(each, [*base, *stack(folder, f"child{n}", 2, 200, 4_000_000)])
        for n, each in enumerate(FAMILY)
    ]


def _deletions(folder: Path) -> list[Plan]:
    files = list(tree(Content("deletions"), "data", 10_000, 100_000_000))
    base = layer(folder / "full", files)
    one = layer(folder / "one", [("note", b"one more file\n")])
    victims = [path for path, content in files if content is not None][:2_000]
    marks = (f"{path.rpartition('/')[0]}/.wh.{path.rpartition('/')[2]}" for path in victims)
    gone = layer(folder / "gone", [("note", b"one more file\n"), *((mark, b"") for mark in marks)])
    return [Plan(KEPT, [base, one]), Plan(DELETED, [base, gone])]


def _crowd(folder: Path, count: int) -> list[Plan]:
    """10 bases of 5 layers, 100 families of one layer more, and 2 layers of each image's own."""
    bases = [
        [layer(folder / f"b{n}.{d}", [(f"base{n}/{d}", b"x" * 999)]) for d in range(5)]
        for n in range(10)
    ]
    plans = []
    for number in range(count):
        family = number % 100
        middle = folder / f"m{family}"
        shared = layer(middle, [(f"family{family}", b"y" * 99)])
        own = [layer(folder / f"o{number}.{d}", [(f"own{number}/{d}", b"z" * 9)]) for d in range(2)]
        plans.append(Plan(crowd(number), [*bases[family % 10], shared, *own]))
    return plans


RECIPES: dict[str, Callable[[Path], list[Plan]]] = {
    SMALL: _small,
    DEEP: _deep,
    BIG: _big,
    FAMILY[-1]: _family,
    DELETED: _deletions,
}
RECIPES |= {crowd(count - 1): partial(_crowd, count=count) for count in CROWD.values()}


def provide(engine: Engine, wanted: Sequence[str], say: Callable[[str], None]) -> None:
    """Make the images that are missing on ``engine``: each is made by the recipe it belongs to."""
    for image in wanted:
        if _exists(engine, image):
            continue
        say(f"making {image} (kept for later runs)")
        with tempfile.TemporaryDirectory(dir=_scratch()) as place:
            folder = Path(place)
            plans = RECIPES[image](folder)
            # a thousand images at once are one archive too many for a time limit
            for part in spread(plans, max(1, len(plans) // 50)):
                archive(folder / "archive.tar", part)
                _load(engine, folder / "archive.tar")


def _exists(engine: Engine, image: str) -> bool:
    try:
        engine.client.images.get(image)
    except docker.errors.ImageNotFound:
        return False
    return True


def _load(engine: Engine, path: Path) -> None:
    command = ["docker", "load", "--quiet", "--input", str(path)]
    subprocess.run(
        command, env=engine.environment(), check=True, timeout=1800, stdout=subprocess.DEVNULL
    )


def _scratch() -> Path:
    folder = home() / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def remove_scratch() -> None:
    """Delete what an interrupted run left beside the engines."""
    shutil.rmtree(home() / "benchmarks", ignore_errors=True)

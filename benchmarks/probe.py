"""One reading in a process of its own: its time without start-up, and its peak memory with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from helpers.engine import Engine

from .harness import Sample

ROOT = Path(__file__).resolve().parent.parent


def read(engine: Engine, names: Sequence[str], home: Path, **options: object) -> Sample:
    """Read images in a new process.

    Parameters
    ----------
    names: images, read by one `helpers.images.read_many`.
    home: the folder in which the process keeps its index: an empty one knows no layer.
    **options: for `read_many`; and ``look=True`` also merges the trees and counts the waste,
        ``every=True`` makes every entry, ``user=True`` does as if this process could not read the
        engine's folder.
    """
    question = {"url": engine.endpoint.url, "names": list(names), "options": options}
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks.probe", json.dumps(question)],
        cwd=ROOT,
        env={**os.environ, "LAYER_BY_LAYER_HOME": str(home)},
        stdout=subprocess.PIPE,
        check=True,
        timeout=1800,
    )
    answer = json.loads(ran.stdout)
    return Sample(answer["seconds"], answer["peak"], answer["found"])


def command(words: Sequence[str], engine: Engine) -> Sample:
    """Run a program with its output thrown away; its peak memory is not measured."""
    environment = engine.environment()
    started = time.perf_counter()
    subprocess.run(
        words,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
        timeout=3600,
    )
    return Sample(time.perf_counter() - started)


def _main(question: dict) -> dict:
    from helpers import images
    from helpers.engine import Engine, connect

    engine = connect(question["url"])
    engine.store  # noqa: B018 - asked once per session, not once per reading
    options = dict(question["options"])
    look, every = options.pop("look", False), options.pop("every", False)
    if options.pop("user", False):
        Engine.root_dir = property(lambda self: None)
    started = time.perf_counter()
    found = images.read_many(question["names"], engine=engine, **options)
    told = [[layer.size, len(layer.entries)] for image in found for layer in image.layers]
    if every:
        told += [
            sum(entry.size for layer in image.layers for entry in layer.entries) for image in found
        ]
    if look:
        told += [[len(images.tree.merged(image)), images.waste(image).wasted] for image in found]
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "peak": _peak(), "found": told}


def _peak() -> int:
    """Return this process's peak resident memory in bytes.

    Not ``getrusage``: its maximum includes the parent's memory from before ``exec`` (getrusage(2)
    counts per process, not per program).
    """
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("no VmHWM in /proc/self/status")


if __name__ == "__main__":
    print(json.dumps(_main(json.loads(sys.argv[1]))))

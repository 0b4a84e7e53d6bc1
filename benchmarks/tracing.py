"""What tracing a build costs, held against ``docker buildx build -q`` of the same context."""

from __future__ import annotations

import contextlib
import io
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from helpers import bases, builds
from helpers.builds import buildkit, ledger
from helpers.builds.request import Request
from helpers.contexts import snapshot
from helpers.engine import Engine

from . import material
from .harness import Contestant, Result, Sample, compete, result, timed

FILES, FOLDERS, SIZE = 5_000, 250, 20_000_000
STEPS = 20
LIMIT = 600.0  # seconds for one build
ROUNDS = 15  # a cached build takes a quarter of a second: more rounds than elsewhere


def tracing(engine: Engine, say: Callable[[str], None]) -> Iterator[Result]:
    """A build of 20 steps that all come from the cache, out of a context of 5,000 files."""
    say(f"tracing, {engine.store}")
    bases.busybox(engine)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "context"
        _plant(folder)
        request = Request.of(folder)
        plain = ["docker", "buildx", "build", "-q", "-t", material.name("plain"), "."]

        def traced() -> int:
            done = buildkit.build(
                engine, request, material.name("traced"), {}, LIMIT,
                meanwhile=lambda: snapshot(folder),
            )  # fmt: skip
            return sum(one.cached for one in done.progress.vertices.values() if one.place)

        def whole() -> int:
            with contextlib.redirect_stdout(io.StringIO()):
                return len(builds.run(folder, material.name("run"), engine).trace.cached)

        traced(), whole()  # from here on every step comes from the cache, and no file is new
        found = (traced(), whole())
        if min(found) < STEPS:
            raise ValueError(f"not all of the {STEPS} steps came from the cache: {found}")
        try:
            rows = compete(
                [
                    Contestant("docker buildx build -q", lambda: _command(plain, folder, engine)),
                    Contestant("the tracer, snapshot included", lambda: timed(traced), 1.10),
                    Contestant("builds.run, with all it remembers", lambda: timed(whole)),
                ],
                rounds=ROUNDS,
                say=say,
            )
            alone = statistics.median(timed(lambda: _look(folder)).seconds for _ in range(ROUNDS))
        finally:
            ledger.forget(engine)
    title = f"Tracing: {STEPS} cached steps, context of {FILES:,} files"
    yield result("tracing", title, "cached", engine, rows, *_notes(alone))


def _notes(alone: float) -> tuple[str, str]:
    return (
        f"The snapshot alone takes {alone * 1000:.0f} ms. It is taken while the client starts, "
        "which takes longer.",
        "builds.run also asks the daemon for the image before and after, and for the records of "
        "its build cache, prints the outcome, and writes down what went into each step.",
    )


def _plant(folder: Path) -> None:
    content = material.Content("context")
    for path, data in material.tree(content, "src", FILES + FOLDERS, SIZE):
        if data is None:
            (folder / path).mkdir(parents=True)
        else:
            (folder / path).write_bytes(data)
    steps = ["COPY src /src", *(f"RUN echo {n} > /step{n}" for n in range(1, STEPS))]
    (folder / "Dockerfile").write_text("\n".join(["FROM lbl/busybox:1", *steps]) + "\n")


def _look(folder: Path) -> int:
    return len(snapshot(folder).files)


def _command(words: list[str], folder: Path, engine: Engine) -> Sample:
    environment = buildkit.environment(engine)
    started = time.perf_counter()
    subprocess.run(
        words, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, check=True, timeout=LIMIT,
    )  # fmt: skip
    return Sample(time.perf_counter() - started)

"""Edits that are really built: `explain` names the right step, cause and file for each.

The table stands in ``tests/builds/edits``. What happened (hit or miss) is the builder's word; what
is checked is that the builder does what the row says, and that the course says why.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable
from pathlib import Path

import docker
import pytest

from helpers import bases, builds
from helpers.builds import Cause, Explanation, Trace, buildkit
from helpers.engine import Engine
from helpers.errors import BuildFailed
from helpers.messages import speaking
from tests.conftest import missing

from .edits import BASE, EDITS, TAG, Bench, Edit
from .test_causes import KINDS

pytestmark = pytest.mark.daemon
RECENT = 23  # the first engine whose BuildKit knows here-documents and --link
# What `make test` plays, at least one of each kind of cause; `make test-all` plays the whole table.
SAMPLE = {
    "a file's content", "only the mode of a file", "a file removed",
    "files of two steps: the later one would have run anyway",
    "COPY . takes the Dockerfile too: a comment in it", "an ignore rule no longer keeps files out",
    "a link in a folder leads elsewhere", "a comment inside an instruction",
    "a line broken so that blanks come in", "a step added in the middle", "a step taken out",
    "two steps exchanged", "a here-document of a RUN",
    "an ENV above every step: COPY hits, RUN does not",
    "--build-arg", "SHELL: the exec form does not see it",
    "the base image built anew with another file", "a stage makes something else",
    "a stage runs again and makes the same", "a secret", "the file of a COPY --link", "--no-cache",
    "every result was lost", "the combination of two earlier builds",
    "a failing build again, nothing mended", "a hidden file added", "an ignored file changed",
    "nothing but the time of every file", "a file that a wildcard takes is new",
    "an excepted file in an ignored folder", "the same file out of another folder", "a comment",
    "the text of a RUN", "the destination of a COPY", "a COPY with --chmod",
    "only CMD, EXPOSE and LABEL", "the default of an ARG", "an ARG declared below the steps",
    "USER", "WORKDIR", "another base image in FROM", "a copied folder of a stage",
    "a file under a bind mount", "back to an earlier state",
}  # fmt: skip


@pytest.fixture(scope="module")
def kitted(engine: Engine) -> Engine:
    """The engine, with its base image, to be built on with BuildKit."""
    if not buildkit.available(engine):
        missing("no docker client with buildx")
    bases.busybox(engine)
    yield engine
    for tag in (TAG, BASE):
        with contextlib.suppress(docker.errors.ImageNotFound):
            engine.client.api.remove_image(tag, force=True)


@pytest.fixture
def play(kitted: Engine, tmp_path: Path) -> Callable[[Edit], tuple[Bench, Explanation]]:
    """Build, edit, build again, and explain."""

    def done(edit: Edit) -> tuple[Bench, Explanation]:
        folder = tmp_path / "context"
        folder.mkdir()
        bench = Bench(folder, kitted, f"s{secrets.token_hex(4)}", edit.before)
        for name, content in edit.context.items():
            bench.write(name, content)
        for act in edit.first:
            act(bench)
        bench.build()
        for act in edit.acts:
            act(bench)
        before = bench.last
        bench.options = edit.after
        return bench, builds.explain(before, built(bench, edit.fails), kitted)

    return done


def built(bench: Bench, fails: bool) -> Trace:
    if not fails:
        return bench.build()
    with pytest.raises(BuildFailed) as caught:
        bench.build()
    return caught.value.trace


def rows() -> list:
    sweep = pytest.mark.sweep
    return [pytest.param(e, id=e.name, marks=[] if e.name in SAMPLE else sweep) for e in EDITS]


@pytest.mark.parametrize("edit", rows())
def test_an_edit_is_explained(edit: Edit, play, engine: Engine) -> None:
    if edit.recent and int(engine.version.split(".")[0]) < RECENT:
        pytest.skip("BuildKit of this engine knows neither here-documents nor --link")
    edit = edit.on(engine.store)
    bench, found = play(edit)
    assert [reason.role for reason in found.reasons] == edit.roles.split(), found
    several = len(found.after.stages) > 1
    told = {r.step.id if several else str(r.step.number): r.cause for r in found.reasons if r.cause}
    assert told == wanted(found, edit.causes(bench), several)
    for language in ("en", "zh"):
        with speaking(language):
            said = str(found)
        assert all(path in said for c in told.values() for path, _ in c.files)


def wanted(found: Explanation, causes: dict[str, Cause], several: bool) -> dict[str, Cause]:
    """Return what is to be said: what the row names, and of all others that they follow."""
    ran = {step.id for step in found.after.ran}
    told = {}
    for step in found.after.ran:
        name = step.id if several else str(step.number)
        below = next((one for one in step.inputs if one in ran), "nothing")
        shown = below if several else below.rpartition(" ")[2]
        told[name] = causes.get(name) or Cause("ancestor", (below,), after=shown)
    assert causes.keys() <= told.keys(), "a step that the row names did not run"
    return told


def test_the_table_is_what_it_says_it_is() -> None:
    names = [edit.name for edit in EDITS]
    assert len(set(names)) == len(names) >= 45
    assert set(names) >= SAMPLE and len(SAMPLE) >= 40
    kinds = {cause.kind for edit in EDITS for cause in edit.why.values()} | {"ancestor"}
    assert kinds == KINDS - {"unknown"}

"""One build, traced: the same steps and states on every engine, image store and builder.

The expectation stands here, so engines agree with each other if each agrees with it; ``make
test-all`` runs this on Engine 28 and 26 with both stores and on 20.10. What may differ, and is left
out: times, logs' line ends, and the wording of errors.
"""

from __future__ import annotations

import contextlib
import secrets

import docker
import pytest

from helpers import bases, builds
from helpers.builds import Trace
from helpers.errors import BuildFailed

pytestmark = pytest.mark.daemon
TAG = "lbl/test-trace:1"
DOCKERFILE = """\
# {salt}
ARG BASE=lbl/busybox:1
FROM $BASE AS build
WORKDIR /src
ENV MODE=fast
COPY main.c util.c ./
RUN cat *.c \\
    > program
RUN echo {salt} > unrelated

FROM lbl/busybox:1 AS docs
COPY docs/ /docs/
RUN ls /docs > /index

FROM lbl/busybox:1
LABEL purpose=trace
COPY --from=build /src/program /bin/
COPY --from=docs /index /
RUN echo done
CMD ["cat", "/bin/program"]
"""
# id, instruction, line, inputs
STEPS = [
    ("build 1", "FROM $BASE AS build", 3, ()),
    ("build 2", "WORKDIR /src", 4, ("build 1",)),
    ("build 3", "COPY main.c util.c ./", 6, ("build 2",)),
    ("build 4", "RUN cat *.c > program", 7, ("build 3",)),
    ("build 5", "RUN echo {salt} > unrelated", 9, ("build 4",)),
    ("docs 1", "FROM lbl/busybox:1 AS docs", 11, ()),
    ("docs 2", "COPY docs/ /docs/", 12, ("docs 1",)),
    ("docs 3", "RUN ls /docs > /index", 13, ("docs 2",)),
    ("stage-2 1", "FROM lbl/busybox:1", 15, ()),
    ("stage-2 2", "COPY --from=build /src/program /bin/", 17, ("stage-2 1", "build 5")),
    ("stage-2 3", "COPY --from=docs /index /", 18, ("stage-2 2", "docs 3")),
    ("stage-2 4", "RUN echo done", 19, ("stage-2 3",)),
]
B, C, R = "base", "cached", "ran"


@pytest.fixture
def context(tmp_path, engine, builder):
    bases.busybox(engine)
    folder = tmp_path / f"trace-{builder}"
    (folder / "docs").mkdir(parents=True)
    salt = secrets.token_hex(4)  # so that a second run on the same engine begins with misses again
    (folder / "Dockerfile").write_text(DOCKERFILE.format(salt=salt))
    for name in ("main.c", "util.c", "docs/a.md"):
        (folder / name).write_text(f"{name} {salt}\n")
    folder.joinpath("salt").write_text(salt)
    yield folder
    with contextlib.suppress(docker.errors.ImageNotFound):
        engine.client.api.remove_image(TAG, force=True)


def told(trace: Trace) -> list[tuple]:
    return [(s.id, s.instruction, s.line, s.inputs) for s in trace.steps]


def states(trace: Trace) -> list[str]:
    return [step.state for step in trace.steps]


def test_the_steps_are_the_same_everywhere(context, engine, builder, capsys):
    salt = (context / "salt").read_text()
    expected = [(i, text.format(salt=salt), line, inputs) for i, text, line, inputs in STEPS]
    first = builds.run(context, TAG, engine).trace
    assert first.builder == builder
    assert told(first) == expected
    # the first step of the stage docs is new, as its file is; the WORKDIR may be known
    assert states(first)[2:] == [R, R, R, B, R, R, B, R, R, R]
    assert all(s.duration is not None and s.start is not None for s in first.ran)
    assert first.step("stage-2 4").log.strip() == "done"
    second = builds.run(context, TAG, engine).trace
    assert told(second) == expected
    assert states(second) == [B, C, C, C, C, B, C, C, B, C, C, C]


def test_an_edit_runs_the_same_steps_everywhere(context, engine, builder, capsys):
    before = builds.run(context, TAG, engine)
    salt = (context / "salt").read_text()
    (context / "docs/a.md").write_text(f"longer than it was before {salt}\n")
    same = builds.run(context, TAG, engine)
    # the listing of docs/ is the same bytes: what copies it is found again
    assert states(same.trace) == [B, C, C, C, C, B, R, R, B, C, C, C]
    (context / "util.c").write_text("int util;\n")
    after = builds.run(context, TAG, engine)
    assert states(after.trace) == [B, C, R, R, R, B, C, C, B, R, R, R]
    found = builds.explain(same, after, engine)
    assert [r.step.id for r in found.blame] == ["build 3"]
    assert found.blame[0].cause.files == (("util.c", "changed"),)
    assert found.of("stage-2 2").cause.kind == "stage"
    assert before.trace.key != after.trace.key


def test_a_failed_build_has_a_trace_too(context, engine, builder, capsys):
    path = context / "Dockerfile"
    path.write_text(path.read_text().replace("RUN ls /docs", "RUN echo lost; ls /nowhere"))
    with pytest.raises(BuildFailed) as caught:
        builds.run(context, TAG, engine)
    trace = caught.value.trace
    failed = trace.step("docs 3")
    assert failed.state == "failed" and failed.error and "lost" in failed.log
    assert trace.step("stage-2 3").state == "unreached"
    assert trace.step("docs 2").state == "ran"


def test_a_stage_that_nothing_needs(context, engine, builder, capsys):
    trace = builds.run(context, TAG, engine, target="docs").trace
    reached = {step.stage for step in trace.steps if step.state != "unreached"}
    # the classic builder makes every stage down to the wanted one
    assert reached == ({"docs"} if builder == "buildkit" else {"build", "docs"})

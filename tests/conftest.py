"""The engine that tests run against: a private one, never the learner's.

Under pytest-xdist each worker has an engine of its own, and a file's tests stay together.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.engine import Engine, Private, connect
from helpers.engine.private import reasons_against
from helpers.errors import CourseError
from helpers.kubernetes import building

CI = os.environ.get("CI", "").lower() in ("1", "true")


BUILD = pytest.StashKey[building.Handle]()
# Folders, longest tests first.
LONGEST = (
    "notebooks", "classroom", "browser", "course", "exercises", "builds", "widgets", "machines",
    "install", "healing", "cluster", "stacks", "slides", "kit", "aws",
)  # fmt: skip
COMPILE = 1500  # seconds; the compiler works at low priority beside the other tests
TOGETHER = "tests/aws/"  # on one engine: its image is large
# What lessons do on every `make test`, once more and in more detail: its turn is the sweep.
REPEATED = (
    "tests/aws/test_anywhere.py::test_a_machine_is_emptied",
    "tests/aws/test_anywhere.py::test_a_service_",
    "tests/aws/test_anywhere.py::test_what_runs_there",
    "tests/aws/test_anywhere.py::test_what_somebody",
    "tests/aws/test_scaling.py::test_a_service_",
    "tests/bases/test_debian.py::test_a_full_disk",
    "tests/bases/test_debian.py::test_apt_installs",
    "tests/bases/test_extend.py::test_cleaning_up",
    "tests/bases/test_extend.py::test_pip_installs",
    "tests/builds/test_advise.py::test_a_c",
    "tests/builds/test_advise.py::test_a_r",
    "tests/builds/test_advise.py::test_a_version",
    "tests/builds/test_advise.py::test_advice_",
    "tests/builds/test_advise.py::test_an_",
    "tests/builds/test_advise.py::test_p",
    "tests/builds/test_advise.py::test_removed",
    "tests/builds/test_advise.py::test_sources",
    "tests/builds/test_advise.py::test_what_is_shown",
    "tests/capstone/test_image.py::test_each_slip",
    "tests/cluster/test_cluster.py",
    "tests/components/test_application.py::test_a_new_",
    "tests/components/test_application.py::test_up_",
    "tests/containers/test_restarts.py::test_a_recording",
    "tests/containers/test_restarts.py::test_the_",
    "tests/install/test_fresh.py",
    "tests/kubernetes/own/test_cluster.py",
    "tests/kubernetes/test_eks.py",
    "tests/kubernetes/use/test_connecting.py::test_what_cannot_run",
    "tests/machines/test_machine.py::test_a_command_is_bounded",
    "tests/machines/test_pair.py::test_a_crash",
    "tests/machines/test_pair.py::test_everything_deleted",
    "tests/machines/test_pair.py::test_start_times",
    "tests/stacks/test_deploying.py",
)
PER_LESSON = ("test_lesson.py", "test_lessons.py")  # a lesson of these is as long as a whole file


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the longest tests begin first, so that no worker waits for the other in the end."""
    for item in items:
        if item.nodeid.startswith(REPEATED):
            item.add_marker(pytest.mark.sweep)

    def place(item: pytest.Item) -> int:
        if _needs_kubernetes(item):  # its programs are compiled meanwhile
            return len(LONGEST)
        folder = Path(item.location[0]).parent.name
        return LONGEST.index(folder) if folder in LONGEST else len(LONGEST) + 1

    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=place)


def _needs_kubernetes(item: pytest.Item) -> bool:
    return "kubernetes" in Path(item.location[0]).parts or _of_kubernetes(item)


def _of_kubernetes(item: pytest.Item) -> bool:
    """Whether a test is about a lesson that runs a Kubernetes of the course's own."""
    return any(lesson in item.name for lesson in ("10-kubernetes", "16-eks"))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Begin to build Kubernetes in the background as soon as it is known that tests need it."""
    first = os.environ.get("PYTEST_XDIST_WORKER", "gw0") == "gw0"
    asked = not session.config.option.collectonly and any(
        "programs" in item.fixturenames or _of_kubernetes(item) for item in session.items
    )
    if first and asked and not reasons_against():
        session.config.stash[BUILD] = building.begin()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A build that nobody waits for any more ends; the next one takes up what it has."""
    if handle := session.config.stash.get(BUILD, None):
        handle.stop()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Keep the tests of one file, or of one lesson, on one worker."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFileOrLesson(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file, _, test = nodeid.partition("::")
            if file.startswith(TOGETHER):
                return TOGETHER
            return f"{file} {test.partition('[')[2]}" if file.endswith(PER_LESSON) else file

    return ByFileOrLesson(config, log)


def missing(reason: str) -> None:
    """A runtime is not there: skip on a laptop, fail in CI."""
    (pytest.fail if CI else pytest.skip)(reason)


def test_engine() -> Private:
    """The engine that LAYER_BY_LAYER_TEST_ENGINE names, as ``28-overlay2`` or ``26-containerd``."""
    flavour, _, store = os.environ.get("LAYER_BY_LAYER_TEST_ENGINE", "28-overlay2").partition("-")
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw")  # short: a socket's path has a limit
    return Private(f"t{worker[2:]}-{flavour}-{store}", flavour, store)


@pytest.fixture(scope="session")
def private_engine() -> Iterator[Private]:
    """A running private engine. One that ran before the tests still runs after them."""
    if reasons := reasons_against():
        missing(f"no private engine here: {reasons[0]}")
    private = test_engine()
    ran = private.running
    private.start()
    yield private
    if not ran:
        private.stop()


@pytest.fixture(scope="session")
def engine(private_engine: Private) -> Iterator[Engine]:
    """A connection to the test engine, which is also what `connect()` finds."""
    before = os.environ.get("DOCKER_HOST")
    os.environ["DOCKER_HOST"] = private_engine.url
    found = connect()
    yield found
    found.close()
    if before is None:
        del os.environ["DOCKER_HOST"]
    else:
        os.environ["DOCKER_HOST"] = before


@pytest.fixture(scope="session")
def programs() -> Path:
    """The folder of the programs of Kubernetes, which the session's first worker builds."""
    if reasons := reasons_against():
        missing(f"no cluster of Kubernetes here: {reasons[0]}")
    try:
        return building.begin().wait(COMPILE)
    except CourseError as error:
        missing(str(error))

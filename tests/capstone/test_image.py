"""What is said of images of the page: the first Dockerfile, a good one, and single slips."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from helpers import bases, builds, capstone, paths
from helpers.engine import Engine, cleanup

pytestmark = pytest.mark.daemon
DRAFT = paths.LESSONS / "17-choosing" / "contexts" / "page"
ANSWER = Path(__file__).parent / "answers" / "page" / "Dockerfile"


@pytest.fixture
def said(engine: Engine, tmp_path: Path) -> Iterator[Callable[[str], set[str]]]:
    """Build both versions with a Dockerfile, and return what is wrong with them."""
    bases.busybox(engine)
    shutil.copytree(DRAFT, tmp_path, dirs_exist_ok=True)

    def build(dockerfile: str) -> set[str]:
        (tmp_path / "Dockerfile").write_text(dockerfile, "utf-8")
        for version in ("1", "2"):
            builds.run(tmp_path, f"lbl/17-page:{version}", args={"VERSION": version}, engine=engine)
        return set(capstone.faults(engine))

    yield build
    cleanup.clean(engine, lesson="17")


def test_each_slip_is_told_and_a_good_image_has_none(
    said: Callable[[str], set[str]], engine: Engine
) -> None:
    assert capstone.faults(engine) == ("missing",)
    good = ANSWER.read_text("utf-8")
    assert said(good) == set()
    found = capstone.try_out("lbl/17-page:1", engine=engine)
    assert dict(found) == {"user": "1000", "health": "healthy", "answer": "version 1", "exit": "0"}
    assert said(good.replace("USER 1000\n", "")) == {"root"}
    assert said(good.replace("HEALTHCHECK", "# HEALTHCHECK")) == {"no_health"}
    assert said(good.replace("COPY serve.sh", "COPY key.txt serve.sh")) == {"key"}
    assert said(good.replace("RUN sh /srv/prepare.sh\n", "")) == {"not_prepared"}
    early = "FROM lbl/busybox:1\nARG VERSION=1\nENV VERSION=$VERSION\n"
    assert said(good.replace("FROM lbl/busybox:1\n", early)) == {"anew"}
    together = good.replace("COPY serve.sh /srv/\n", "")
    together = together.replace("COPY prepare.sh", "COPY prepare.sh serve.sh")
    assert said(together) == {"order"}


def test_the_first_dockerfile_runs_and_has_its_faults(
    said: Callable[[str], set[str]], engine: Engine
) -> None:
    bases.debian(engine)
    assert said((DRAFT / "Dockerfile").read_text("utf-8")) == {
        "root", "no_health", "large", "key", "order", "anew",
    }  # fmt: skip
    found = capstone.try_out("lbl/17-page:2", engine=engine)
    assert (found["user"], found["health"]) == ("0", "–")

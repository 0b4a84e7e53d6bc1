"""The capstone on each platform: red for the draft that the lesson ships, green for an answer.

Fargate is what the lesson's own notebook plays. `make test` adds Compose; the sweep the others.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from helpers import aws, builds, capstone, paths
from helpers.engine import Engine, cleanup
from helpers.exercises import check
from helpers.scenarios.start import SourceText

pytestmark = pytest.mark.daemon
ANSWERS = Path(__file__).parent / "answers"
DRAFTS = paths.LESSONS / "17-choosing" / "contexts"
CONTEXTS = {"fargate": "ecs", "ec2": "ecs", "eks": "kubernetes"}
sweep = pytest.mark.sweep


@dataclass(frozen=True)
class Written:
    """A description, as a scenario would be one."""

    folder: Path
    shown: str

    def show(self, file: str) -> SourceText:
        return SourceText(file, (self.folder / file).read_text("utf-8"))

    def write(self, file: str, content: str) -> None:
        (self.folder / file).write_text(content, "utf-8")


@pytest.fixture(scope="module")
def built(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine with both versions of the page, as the answer's Dockerfile makes them."""
    folder = tmp_path_factory.mktemp("page")
    shutil.copytree(DRAFTS / "page", folder, dirs_exist_ok=True)
    shutil.copytree(ANSWERS / "page", folder, dirs_exist_ok=True)
    for version in ("1", "2"):
        builds.run(folder, f"lbl/17-page:{version}", args={"VERSION": version}, engine=engine)
    yield engine
    cleanup.clean(engine, lesson="17")


@pytest.mark.parametrize(
    "platform",
    [
        "compose",
        pytest.param("fargate", marks=sweep),
        pytest.param("ec2", marks=sweep),
        pytest.param("anywhere", marks=sweep),
        pytest.param("swarm", marks=sweep),
        pytest.param("kubernetes", marks=sweep),
        pytest.param("eks", marks=sweep),
    ],
)
def test_the_check_goes_from_red_to_green(platform: str, built: Engine, tmp_path: Path) -> None:
    context = CONTEXTS.get(platform, platform)
    draft, answer = (
        Written(shutil.copytree(place / context, tmp_path / place.name), f"contexts/17-{context}")
        for place in (DRAFTS, ANSWERS)
    )
    if platform in ("fargate", "ec2", "anywhere", "eks"):
        aws.target(empty=True, lesson="17", engine=built)
    place = capstone.start(platform, engine=built)
    assert not check("17.3").ok
    place.deploy(draft)
    wrong = set(place.state().faults())
    assert {"few", "key_plain"} <= wrong and "not_well" not in wrong
    assert not check("17.3").ok

    place.deploy(answer)
    assert place.state().faults() == ()
    verdict = check("17.3")
    assert not verdict.ok  # right so far, and not tried
    assert place.ask() == 2
    assert place.kill().well == 2
    load = place.update("2")
    assert place.state().versions == ("2",)
    assert (load.failed, load.answered > 20) == (0, True)
    assert place.back().failed == 0
    found = capstone.find(built)  # as a kernel would that was started since
    assert found is not None and found.state().versions == ("1",)
    verdict = check("17.3")
    assert verdict.ok, verdict
    found.clean_up()
    assert not check("17.3").ok

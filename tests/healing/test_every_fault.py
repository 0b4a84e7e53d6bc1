"""Each fault done for real to a cluster of three: told, drawn, recovered, and how long it took.

Writes ``tests/reports/faults-<shard>.md``. In `make test` the notebook of lesson 09 does the same
faults, without the times.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers import builds, cluster, figures, healing, paths, scenarios, stacks
from helpers.engine import Engine, cleanup
from helpers.healing import Load, Story
from helpers.messages import speaking

pytestmark = pytest.mark.sweep
REPORTS = Path(__file__).parent.parent / "reports"
LESSON = "09"
TASKS = (("kill", "killed"), ("freeze", "frozen"), ("sicken", "unhealthy"))
NODES = (("stop_node", "node_stopped"), ("cut", "node_cut"), ("drain", "drained"))
ROWS: list[tuple[str, Story, Load | None]] = []


@pytest.fixture(scope="module")
def swarm(engine: Engine) -> Iterator[cluster.Cluster]:
    """Three managers with the shop of lesson 09; version 3 of its page ends at once."""
    ROWS.clear()
    cleanup.clean(engine, lesson=LESSON)
    found = cluster.up(3, lesson=LESSON, engine=engine)
    shop = scenarios.start("09.shop", engine)
    for version in ("1", "2", "3"):
        if version == "3":
            page = shop.show("page.py").content
            shop.write("page.py", page.replace("serve_forever", "serve_for_ever"))
        builds.run(shop, f"lbl/09-page:{version}", engine, args={"VERSION": version})
        found.image(f"lbl/09-page:{version}")
    stacks.deploy(found, shop)
    stacks.front(found, "shop_web")
    yield found
    _report(engine)
    cleanup.clean(engine, lesson=LESSON)


def _well(story: Story, fault: str) -> None:
    """What must be true of each: all runs again, nobody is lost, the picture can be drawn."""
    assert story.fault == fault
    assert story.recovered is not None, "as many as asked for must run in the end"
    last = [bar for bar in story.bars if bar.end == story.seconds and not bar.cause]
    assert [bar.state for bar in last] == ["running"] * 3
    assert all(0 <= bar.start <= bar.end <= story.seconds for bar in story.bars)
    for language in ("en", "zh"):
        with speaking(language):
            assert str(figures.story(story))


@pytest.mark.parametrize(("fault", "cause"), TASKS)
def test_a_task(swarm: cluster.Cluster, fault: str, cause: str) -> None:
    story = healing.record(swarm, fault, "web.2")
    ROWS.append((fault, story, None))
    _well(story, fault)
    assert [one.what for one in story.moments] == ["fault", "noticed", "recovered"]
    assert {bar.cause for bar in story.bars} == {"", cause}
    assert [bar.task for bar in story.bars if bar.generation == 2] == ["web.2"] * 2
    assert story.recovered > 0


@pytest.mark.parametrize(("fault", "cause"), NODES)
def test_a_node(swarm: cluster.Cluster, fault: str, cause: str) -> None:
    story = healing.record(swarm, fault, "node-3")
    ROWS.append((fault, story, None))
    _well(story, fault)
    kinds = [one.what for one in story.moments]
    assert [kind for kind in kinds if kind != "recovered"] == ["fault", "noticed", "undone"]
    assert {bar.cause for bar in story.bars} == {"", cause}
    assert {bar.node for bar in story.bars if bar.cause} == {"node-3"}
    new = [bar for bar in story.bars if bar.generation == 2]
    assert new
    assert all(bar.node != "node-3" for bar in new)


def test_managers(swarm: cluster.Cluster) -> None:
    swarm.promote("node-2")
    swarm.promote("node-3")
    leader = swarm.look_leader()
    story = healing.record(swarm, "lose_manager")
    ROWS.append(("lose_manager", story, None))
    _well(story, "lose_manager")
    assert [one.what for one in story.moments] == ["fault", "leader", "undone", "recovered"]
    assert story.target == leader
    assert story.moments[1].node != leader
    story = healing.record(swarm, "lose_quorum")
    ROWS.append(("lose_quorum", story, None))
    _well(story, "lose_quorum")
    assert [one.what for one in story.moments][:2] == ["fault", "undone"]
    assert {node.state for node in swarm.look().nodes} == {"ready"}


def test_an_update_and_a_bad_one(swarm: cluster.Cluster) -> None:
    for version, fault in (("2", "update"), ("3", "bad_update")):
        image = f"registry:5000/lbl/09-page:{version}"
        story, load = healing.update(swarm, "web", image)
        ROWS.append((fault, story, load))
        _well(story, fault)
        assert story.recovered == 0.0, "at no time may fewer run"
        assert load.failed == 0
        assert load.sent == load.answered > 20
        answered = {name for second in load.over for name, _ in second.versions}
        assert answered == ({"1", "2"} if version == "2" else {"2"})
        kinds = [one.what for one in story.moments]
        assert kinds == (["fault"] if version == "2" else ["fault", "rollback"])
    assert {task.image.rpartition(":")[2] for task in swarm.look().tasks if task.runs
            and task.service == "shop_web"} == {"2"}  # fmt: skip


def _report(engine: Engine) -> None:
    if not ROWS:
        return
    lines = [
        f"# Each fault injected for real, {datetime.date.today().isoformat()}",
        "",
        "`make test ARGS='-m sweep tests/healing/test_every_fault.py'`, the daemon Engine"
        f" {engine.version}, {engine.store} store; a swarm of three nodes on two processors,"
        " three replicas. Seconds from the fault.",
        "",
        "| fault | noticed | another leader | as many as asked for | requests failed |",
        "|:--|--:|--:|--:|--:|",
    ]
    for fault, story, load in ROWS:
        when = {one.what: f"{one.seconds:.1f}" for one in story.moments}
        recovered = "never" if story.recovered is None else f"{story.recovered:.1f}"
        failed = f"{load.failed} of {load.sent}" if load else ""
        lines.append(
            f"| {fault} | {when.get('noticed', '')} | {when.get('leader', '')} |"
            f" {recovered if story.recovered else 'never fewer'} | {failed} |"
        )
    shard = os.environ.get("LAYER_BY_LAYER_TEST_ENGINE", "28-overlay2")
    paths.writable(REPORTS)
    (REPORTS / f"faults-{shard}.md").write_text("\n".join(lines) + "\n")

"""Stack files on a real swarm, and what the notebook does not show: how it may go wrong."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers import bases, cluster, stacks
from helpers.cluster import Cluster
from helpers.engine import Engine, labels
from helpers.errors import ComposeFailed, ContainerFailed, NotFound, NotOurs
from helpers.paths import ROOT
from helpers.stacks.front import leads, mesh
from helpers.stacks.sealing import LONG

LESSON = "97"  # a lesson that there is not
PAGE = ROOT / "lessons/08-orchestration/contexts/page"
TAG = "lbl/97-page:1"
FILE = """\
services:
  web:
    image: registry:5000/lbl/97-page:1
    hostname: "web.{{.Task.Slot}}"
    networks: [inside]
    secrets: [key]
    stop_grace_period: 3s
    deploy: {replicas: 2}
networks:
  inside: {driver: overlay}
secrets:
  key: {external: true, name: test_key}
"""


@pytest.fixture(scope="module")
def swarm(engine: Engine) -> Iterator[Cluster]:
    bases.debian(engine)
    api = engine.client.api
    list(api.build(path=str(PAGE), tag=TAG, rm=True, labels=labels.make(LESSON)))
    found = cluster.up(2, lesson=LESSON, engine=engine)
    found.image(TAG)
    found.image(bases.busybox(engine))
    yield found
    cluster.down(engine, LESSON)
    engine.client.api.remove_image(TAG, force=True)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "stack.yaml").write_text(FILE)
    return tmp_path / "stack.yaml"


def small(file: Path, *lines: str) -> Path:
    head = "services:\n  one:\n    image: registry:5000/lbl/busybox:1\n"
    file.write_text(head + "".join(f"    {line}\n" for line in lines))
    return file


def test_from_nothing_to_a_front_door_and_back(
    swarm: Cluster, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(NotFound, match=r"no secret called test_key"):
        stacks.deploy(swarm, file, "t")
    stacks.secret(swarm, "test_key")
    stacks.secret(swarm, "test_key")  # there is one: it stays
    assert stacks.compare(swarm, file, "t").rows[0].point == "service"
    with pytest.raises(NotFound, match="Nothing in the swarm is published"):
        stacks.ask(swarm)

    found = stacks.deploy(swarm, file, "t")
    assert found.reached and found.services[0][1][-1].current == 2
    key = swarm.exec("t_web.1", ["cat", "/run/secrets/key"])
    assert len(key) >= LONG and key == swarm.exec("t_web.2", ["cat", "/run/secrets/key"])
    assert not stacks.compare(swarm, file, "t")
    names = stacks.lookup(swarm, "t_web.1", "tasks.web", "nobody")
    assert len(names["tasks.web"]) == 2 and names["nobody"] == ()

    stacks.front(swarm, "t_web")
    stacks.front(swarm, "t_web")  # it is there: nothing new
    assert sum(one.service == "front" for one in swarm.look().tasks) == 1
    assert stacks.ask(swarm, times=6).by_replica == {"web.1": 3, "web.2": 3}
    stacks.watch(swarm, "service scale t_web=3")
    assert len(stacks.ask(swarm, times=6).by_replica) == 3  # the new one gets its share
    file.write_text(FILE.replace("replicas: 2", "replicas: 1") + "configs: {}\n")
    rows = [(one.point, one.file, one.cluster) for one in stacks.compare(swarm, file, "t").rows]
    assert rows == [("replicas", "1", "3")]

    stacks.remove(swarm, "t")
    assert swarm.look().services == ()
    api = swarm.api()
    assert not [one for one in api.networks() if one["Name"].startswith("t_")]
    out = capsys.readouterr().out
    assert "--compose-file stack.yaml t\nCreating network t_inside\nCreating service t_web\n" in out
    assert "$ docker stack rm t\n" in out and key not in out
    assert str(file.parent) not in out


@pytest.mark.sweep
def test_with_ipvs_the_port_is_published_in_the_mesh(swarm: Cluster, file: Path) -> None:
    stacks.deploy(swarm, small(file, "command: sleep 900", "stop_grace_period: 1s"), "m")
    spec = swarm.api().inspect_service("m_one")["Spec"]
    command = mesh(swarm, "m_one", spec, 8081, 8000)
    assert command.endswith("--publish-add published=8081,target=8000 m_one")
    assert leads(swarm, 8081) == "m_one"
    stacks.close(swarm, service="m_one")
    assert leads(swarm, 8081) is None
    stacks.remove(swarm, "m")


def test_an_image_that_no_node_can_get(swarm: Cluster, file: Path) -> None:
    file.write_text("services:\n  one:\n    image: registry:5000/lbl/gone:1\n")
    with pytest.raises(ComposeFailed) as caught:
        stacks.deploy(swarm, file, "bad")
    stacks.remove(swarm, "bad")
    assert caught.value.key == "stacks.no_pull"
    assert caught.value.values["image"] == "registry:5000/lbl/gone:1"
    assert caught.value.values["node"] in swarm.names


def test_a_program_that_ends_again_and_again(swarm: Cluster, file: Path) -> None:
    lines = ("command: sh -c 'exit 3'", "deploy: {restart_policy: {delay: 100ms}}")
    with pytest.raises(ComposeFailed) as caught:
        stacks.deploy(swarm, small(file, *lines), "bad")
    stacks.remove(swarm, "bad")
    assert caught.value.key == "stacks.keeps_failing"
    assert "non-zero exit (3)" in caught.value.why


def test_what_is_refused_before_anything_is_sent(swarm: Cluster, file: Path) -> None:
    published = small(file, 'ports: ["9000:8000"]')
    with pytest.raises(ContainerFailed, match="8080, 8081"):
        stacks.deploy(swarm, published)
    theirs = dataclasses.replace(swarm, mine=False)
    with pytest.raises(ContainerFailed, match="not the course's"):
        stacks.deploy(theirs, small(file, 'ports: ["8080:8000"]'))
    with pytest.raises(ContainerFailed, match="not the course's"):
        stacks.front(theirs, "t_web")
    with pytest.raises(NotOurs):
        stacks.deploy(dataclasses.replace(theirs, touch=False), small(file))
    with pytest.raises(ComposeFailed, match="cannot be called"):
        stacks.deploy(swarm, small(file), "No Name")
    with pytest.raises(NotFound, match="no service called"):
        stacks.front(swarm, "nobody")
    with pytest.raises(ComposeFailed, match="swarm refused"):
        stacks.watch(swarm, "service scale nobody=2")
    assert swarm.look().services == ()

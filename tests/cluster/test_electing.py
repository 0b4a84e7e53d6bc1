"""What managers answer while they elect another leader; the real thing is in `test_faults`."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from helpers.cluster import calling, electing
from helpers.components.client import Answer
from helpers.errors import ClusterFailed

NONE = (
    "Error response from daemon: rpc error: code = Unknown desc = The swarm does not have a leader."
)


class Managers(SimpleNamespace):
    """Three managers; the second one follows a leader."""

    containers = {"node-1": "a", "node-2": "b", "node-3": "c"}  # noqa: RUF012
    doubts = 0
    majority = True
    engine = SimpleNamespace(endpoint=SimpleNamespace(url="unix:///nowhere"))

    def manager(self) -> str:
        if not self.majority:
            raise ClusterFailed("cluster.no_quorum")
        return "node-2"

    def doubt(self) -> None:
        self.doubts += 1

    def api(self, node: str) -> None:
        """Nothing is asked."""

    def url(self, node: str) -> str:
        return f"http://{node}"


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[Answer]:
    """What the client will say, in this order."""
    answers: list[Answer] = []
    monkeypatch.setattr(calling, "invoke", lambda *given: answers.pop(0))
    monkeypatch.setattr(calling, "environment_of", lambda engine: {})
    monkeypatch.setattr(electing, "PAUSE", 0.0)
    return answers


def test_an_order_is_told_again_until_there_is_a_leader(said, capsys):
    said += [Answer(NONE, 1), Answer(NONE, 1), Answer("web scaled to 5", 0)]
    managers = Managers()
    assert calling.call(managers, "service scale web=5").exit_code == 0
    assert (managers.doubts >= 2, said) == (True, [])
    assert capsys.readouterr().out == "$ docker service scale web=5\nweb scaled to 5\n"


@pytest.mark.parametrize("order", ["service create x", "service rm web", "service rollback web"])
def test_what_does_more_when_told_twice_is_told_once(order, said):
    said += [Answer(NONE, 1), Answer("done", 0)]
    with pytest.raises(ClusterFailed, match="no leader"):
        calling.call(Managers(), order)
    assert len(said) == 1


def test_where_there_can_be_no_leader_none_is_waited_for(said, monkeypatch):
    said += [Answer(NONE, 1)] * 2
    managers = Managers()

    def lost(*given: object) -> Answer:
        managers.majority = False
        return said.pop(0)

    monkeypatch.setattr(calling, "invoke", lost)
    with pytest.raises(ClusterFailed, match="no leader"):
        calling.call(managers, "service scale web=5")
    assert len(said) == 1


def test_a_swarm_of_the_learner_s_own_is_asked_once(said):
    said += [Answer(NONE, 1)] * 2
    managers = Managers(containers={})
    with pytest.raises(ClusterFailed, match="no leader"):
        calling.call(managers, "service scale web=5")
    assert len(said) == 1


def test_another_error_is_raised_at_once(said):
    said += [Answer("Cannot connect to the Docker daemon at http://node-2.", 1)] * 2
    with pytest.raises(ClusterFailed) as caught:
        calling.call(Managers(), "service scale web=5")
    assert (caught.value.key, len(said)) == ("cluster.node_silent", 1)

"""A node that comes back and is not heard of is started once more."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from helpers.cluster import gossip, restoring, swarm
from helpers.cluster.faults import Faults
from helpers.errors import ClusterFailed


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is asked of a node, in order."""
    found: list[str] = []
    monkeypatch.setattr(swarm, "engine_answers", lambda link, node: None)
    monkeypatch.setattr(restoring, "led", lambda link: True)
    monkeypatch.setattr(gossip, "gossiping", lambda link, names: found.append("gossip"))
    monkeypatch.setattr(gossip, "restart", lambda link, node: found.append("restart"))
    return found


def _back(monkeypatch: pytest.MonkeyPatch, asked: list[str], failures: int) -> None:
    left = [failures]

    def known(link: object, names: list[str]) -> None:
        asked.append("known")
        if left[0]:
            left[0] -= 1
            raise ClusterFailed("cluster.never_joined", node=names[0], seconds=1)

    monkeypatch.setattr(swarm, "known", known)
    one = SimpleNamespace(
        link=SimpleNamespace(doubt=lambda: None),
        member=lambda node: SimpleNamespace(address="10.0.0.2"),
        look=lambda: SimpleNamespace(nodes=()),
    )
    Faults._back(one, "node-1")  # type: ignore[arg-type]


def test_one_that_is_known_is_left_alone(monkeypatch: pytest.MonkeyPatch, asked: list) -> None:
    _back(monkeypatch, asked, 0)
    assert asked == ["known", "gossip"]


def test_one_that_is_not_heard_of_is_started_once_more(
    monkeypatch: pytest.MonkeyPatch, asked: list
) -> None:
    _back(monkeypatch, asked, 1)
    assert asked == ["known", "restart", "known", "gossip"]


def test_one_that_is_never_heard_of_is_an_error(
    monkeypatch: pytest.MonkeyPatch, asked: list
) -> None:
    with pytest.raises(ClusterFailed):
        _back(monkeypatch, asked, 2)
    assert asked == ["known", "restart", "known"]

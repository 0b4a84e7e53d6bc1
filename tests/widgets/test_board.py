"""The board without a browser: its words, its buttons' orders, its looking on and on."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator

import pytest

from helpers import messages, widgets
from helpers.engine.patience import until
from helpers.errors import ClusterFailed
from helpers.widgets import board as made
from tests.figures import clusters

from .yard import Yard


@pytest.fixture
def yard() -> Yard:
    return Yard()


@pytest.fixture
def board(yard) -> Iterator[widgets.Board]:
    found = made(yard.look, yard, every=0.1)
    yield found
    found.stop()


def say(board: widgets.Board, **message: object) -> None:
    """Let a message of the browser arrive."""
    board._handle_custom_msg(message, [])


def soon(check: Callable[[], bool]) -> None:
    """Wait for what the board's thread does."""
    until(check, 30, "orchestration.board.ui.live")


def test_words_are_the_same_each_time_and_name_no_place_that_chance_decides(yard, board):
    assert repr(board).splitlines() == [
        "Board: 3 nodes, 3 services: 9 of 9 tasks run",
        "  node-1: manager, leader, ready",
        "  node-2: worker, ready, disk=ssd",
        "  node-3: worker, ready",
        "  shop_agent: 3 of 3 run, on every node, 1 on each",
        "  shop_redis: 1 of 1 run, on node-2 (constraint: node.labels.disk==ssd)",
        "  shop_web: 5 of 5 run, on every node, 1 to 2 on each",
    ]
    before = repr(board)
    board.scale("shop_web", 2)
    assert repr(board) == before  # what is clicked does not change a stored output
    assert "shop_web: 2 of 2 run" in str(board)


def test_print_looks_again(yard, board):
    yard.scale("shop_web", 1)
    assert "shop_web: 1 of 1 run" in str(board)


def test_the_listing_tells_every_task_at_its_node(board):
    lines = board.listing().splitlines()
    at = lines.index("  node-3: worker, ready")
    assert lines[at + 1 : at + 3] == [
        "    shop_agent.node-3: running",
        "    shop_web.3: running",
    ]


def test_what_waits_is_told_with_its_reason():
    found = made(clusters.crowded)
    assert "no node for 2 tasks of shop_web: not enough CPU or memory is free" in str(found)
    assert len(found.content["troubles"]) == 2
    assert "insufficient resources" in found.listing()


def test_the_bundle_holds_the_widget_and_a_fallback(board):
    data, _ = board._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert data["text/plain"] == repr(board)
    assert "<li>node-1: manager, leader, ready</li>" in data["text/html"]
    assert "Run this cell" in data["text/html"]


def test_the_fallback_escapes():
    html = made(clusters.hostile)._repr_mimebundle_()[0]["text/html"]
    assert set(re.findall(r"</?([\w!]+)", html)) == {"div", "p", "strong", "ul", "li"}
    assert "\x1b" not in html and "\u202e" not in html


def test_orders_reach_the_cluster_and_are_shown_as_commands(yard, board):
    say(board, kind="scale", service="shop_web", replicas=3)
    say(board, kind="drain", node="node-3")
    say(board, kind="activate", node="node-3")
    say(board, kind="kill", task="shop_web.1")
    assert board.commands == [
        "$ docker service scale --detach shop_web=3",
        "$ docker node update --availability drain node-3",
        "$ docker node update --availability active node-3",
        "$ docker kill shop_web.1",
    ]
    assert [n["active"] for n in board.content["nodes"]] == [True, True, True]
    assert board.content["nodes"][2]["tasks"] == []
    assert "shop_web.1" not in board.listing()
    assert (board.busy, board.notice, board.answered) == (False, {}, 4)


def test_nothing_is_printed_into_the_notebook(yard, board, capsys):
    say(board, kind="kill", task="shop_web.1")
    assert capsys.readouterr().out == ""


def test_replicas_have_bounds(yard, board):
    say(board, kind="scale", service="shop_web", replicas=10**9)
    assert yard.view.services[2].desired == board.most == 20
    say(board, kind="scale", service="shop_web", replicas=-1)
    assert yard.view.services[2].desired == 0


def test_what_goes_wrong_is_shown_and_the_next_order_clears_it(yard, board):
    say(board, kind="scale", service="nobody", replicas=1)
    assert "nobody" in board.notice["what"] and not board.busy
    say(board, kind="here", page="a")
    assert board.notice != {}  # a sign of life is no order
    say(board, kind="kill", task="shop_web.1")
    assert board.notice == {}
    yard.kill = lambda task: 1 // 0
    say(board, kind="kill", task="shop_web.2")
    assert board.notice["why"] == "ZeroDivisionError: integer division or modulo by zero"
    say(board, kind="nonsense")
    say(board)


def test_orders_by_code_raise(yard, board):
    with pytest.raises(ClusterFailed):
        board.scale("nobody", 1)
    assert not board.busy
    board.drain("node-2")
    assert "node-2: worker, ready, drain: must be empty" in str(board)


def test_without_actions_it_only_shows(yard):
    found = made(yard.look)
    assert found.can == []
    with pytest.raises(ClusterFailed, match="only shows"):
        found.kill("shop_web.1")
    say(found, kind="kill", task="shop_web.1")
    assert "cannot do that" in found.notice["what"]
    assert len(yard.view.tasks) == 9


def test_it_looks_while_a_page_shows_it_and_no_longer(yard, board):
    assert (yard.looks, board.live) == (1, False)  # a notebook that is run by nobody
    say(board, kind="here", page="a")
    say(board, kind="here", page="b")
    soon(lambda: yard.looks >= 3)
    yard.scale("shop_web", 7)
    soon(lambda: board.content["services"][2]["desired"] == 7)
    say(board, kind="gone", page="a")
    assert board.live
    say(board, kind="gone", page="b")
    assert not board.live
    thread = board._thread
    assert thread and not thread.is_alive()


def test_a_page_that_vanished_without_a_word_is_forgotten(yard, board, monkeypatch):
    say(board, kind="here", page="a")
    monkeypatch.setattr(sys.modules["helpers.widgets.board"], "LEAVES", -1.0)
    soon(lambda: not board._thread.is_alive())
    assert not board.live
    monkeypatch.undo()
    say(board, kind="here", page="a")  # the machine was asleep: it is there after all
    assert board.live


def test_a_failed_look_is_shown_and_looking_goes_on(yard, board):
    yard.broken = ClusterFailed("orchestration.board.cannot", action="look")
    board.start()
    soon(lambda: board.trouble != {})
    assert board.content["services"]  # what was known stays
    yard.broken = None
    soon(lambda: board.trouble == {})


def test_close_ends_it(yard, board):
    board.start()
    board.close()
    assert not board._thread.is_alive() and not board.live


def test_it_speaks_chinese_from_messages_and_from_its_thread(yard):
    with messages.speaking("zh"):
        found = made(yard.look, yard, every=0.1)
    assert found.words["drain"] == "排空"
    assert found.words["kill"].count("{") == 2  # the browser fills the fields
    say(found, kind="drain", node="node-3")
    assert "排空" in found.content["nodes"][2]["facts"]
    found.start()
    yard.scale("shop_web", 1)
    soon(lambda: "5 个任务" not in found.content["title"])
    found.stop()
    assert "个节点" in found.content["title"]


def test_names_are_data_and_keep_their_keys():
    found = made(clusters.hostile)
    keys = [node["key"] for node in found.content["nodes"]]
    assert keys[0] == clusters.EVIL  # the order needs the name as it is
    assert "\x1b" not in found.content["nodes"][0]["name"]
    assert len(found.content["nodes"][1]["name"]) <= 60

"""A class keeps its code through restarts, and one class knows nothing of another."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest

from helpers.classview import classes
from helpers.errors import ClassFailed, NotFound

from .conftest import serving


def test_a_class_is_the_same_when_it_is_opened_again(home: Path) -> None:
    made = classes.open_("monday")
    assert classes.open_("monday") == made == classes.find("monday")
    assert classes.open_("monday").code() == made.code()
    assert [one.name for one in classes.every()] == ["monday"]


def test_two_classes_have_nothing_in_common(home: Path) -> None:
    a, b = classes.open_("a"), classes.open_("b")
    assert not {a.secret, a.token, a.port} & {b.secret, b.token, b.port}
    assert a.code().fingerprint != b.code().fingerprint
    assert a.folder != b.folder


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_everything_is_the_owner_s_alone(home: Path) -> None:
    folder = classes.open_().folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_another_port_is_kept(home: Path) -> None:
    before = classes.open_()
    after = classes.open_(port=9000)
    assert (after.port, classes.find().port) == (9000, 9000)
    assert (after.secret, after.token) == (before.secret, before.token)


def test_the_view_moves_where_its_port_is_taken(home: Path) -> None:
    before = classes.open_()
    assert classes.settled(before) == before
    with socket.create_server(("127.0.0.1", before.view_port)):
        after = classes.settled(before)
    assert after.view_port != before.view_port
    assert after.code() == before.code(), "learners stay joined"
    assert classes.open_() == after


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".", "x" * 31, "a b", "-a", "a\n", "a.b"])
def test_a_name_is_a_folder_of_its_own(home: Path, name: str) -> None:
    with pytest.raises(ClassFailed, match="cannot be the name"):
        classes.open_(name)


def test_a_name_may_be_chinese(home: Path) -> None:
    assert classes.open_("周一班").folder.name == "周一班"


@pytest.mark.parametrize("file", ["class.json", "identity.pem"])
@pytest.mark.parametrize("content", ["", "{}", "null", "\x00", '{"name": "main"}'])
def test_what_is_damaged_is_set_aside_and_made_anew(home: Path, file: str, content: str) -> None:
    before = classes.open_()
    (before.folder / file).write_text(content)
    said = []
    after = classes.open_(progress=said.append)
    assert "join again" in said[0]
    assert after.code() != before.code()
    kept = [path.read_text() for path in before.folder.glob("*.damaged.*")]
    assert content in kept
    assert classes.open_() == after


def test_an_unknown_class_names_the_others(home: Path) -> None:
    classes.open_("monday")
    with pytest.raises(NotFound, match="monday"):
        classes.find("tuesday")


def test_forgetting_leaves_nothing_of_it(home: Path) -> None:
    found, other = classes.open_("monday"), classes.open_("tuesday")
    with serving(found):
        pass
    (found.folder / "class.damaged-1.sqlite3").write_text("old")
    classes.forget(found)
    assert not found.folder.exists()
    assert classes.every() == [other]
    assert classes.open_("monday").secret != found.secret


def test_a_class_that_runs_is_neither_forgotten_nor_run_twice(home: Path) -> None:
    found = classes.open_()
    with classes.alone(found):
        with pytest.raises(ClassFailed, match="running already"):
            classes.forget(found)
        with pytest.raises(ClassFailed, match="--once"), classes.alone(found):
            pass
    assert found.identity.exists()
    classes.forget(found)

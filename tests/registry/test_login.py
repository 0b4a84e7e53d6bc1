"""A registry with a password: who may come in, and that no password shows anywhere."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from helpers import registry
from helpers.engine import cleanup, journal
from helpers.errors import NotFound, RegistryDenied
from helpers.paths import home
from helpers.registry import refusals

from .conftest import ONE, sweep


@pytest.fixture
def guarded(engine):
    found = registry.start(engine, empty=True, password=True, lesson="96")
    found.edition(ONE, ["monday"])
    yield found
    found.stop()
    sweep(engine)


def _config() -> dict:
    return json.loads((home() / "docker" / "config.json").read_text())


def test_without_a_login_nobody_gets_in(guarded, capsys):
    for call in (
        lambda: guarded.push(ONE),
        lambda: guarded.pull(ONE),
        lambda: guarded.catalogue(),
        lambda: guarded.manifest(ONE),
    ):
        with pytest.raises(RegistryDenied) as caught:
            call()
        assert caught.value.key == "registry.no_login"


def test_the_daemon_refuses_too(guarded, engine):
    there = f"{guarded.url}/lbl/test-paper"
    engine.client.api.tag(ONE, there, "1")
    try:
        said = "".join(engine.client.api.push(there, "1"))
    finally:
        engine.client.api.remove_image(f"{there}:1", noprune=True)
    assert "error" in said
    assert refusals.unauthorized(said)


def test_a_wrong_password_is_refused_and_not_kept(guarded, capsys):
    with pytest.raises(RegistryDenied) as caught:
        guarded.login("correct-horse")
    assert caught.value.key == "registry.bad_login"
    assert "correct-horse" not in f"{caught.value} {capsys.readouterr()}"
    assert not _config().get("auths", {}).get(guarded.url)


def test_with_a_login_everything_works(guarded, capsys):
    guarded.login()
    assert guarded.push(ONE).sent == 2
    assert guarded.catalogue() == [ONE]
    assert guarded.pull(ONE).transfer.agrees is True
    guarded.logout()
    with pytest.raises(RegistryDenied):
        guarded.pull(ONE)


def test_the_password_shows_nowhere(guarded, engine, capsys):
    guarded.login()
    guarded.push(ONE)
    api = engine.client.api
    places = {
        "printed": str(capsys.readouterr()),
        "repr": repr(guarded),
        "container": json.dumps(api.inspect_container(guarded.container)),
        "log": api.logs(guarded.container).decode(),
        "journal": (home() / "journal.jsonl").read_text(),
        "image": json.dumps(api.inspect_image(ONE)) + json.dumps(api.history(ONE)),
        "environment": json.dumps(dict(os.environ)),
    }
    assert [place for place, said in places.items() if guarded.key in said] == []


def test_the_login_lies_in_a_file_of_the_course_alone(guarded, capsys):
    theirs = Path.home() / ".docker" / "config.json"
    before = theirs.read_bytes() if theirs.exists() else None
    guarded.login()
    assert guarded.url in _config()["auths"]
    assert (home() / "docker" / "config.json").stat().st_mode & 0o077 == 0
    assert (theirs.read_bytes() if theirs.exists() else None) == before


def test_a_new_start_is_a_new_password(guarded, engine, capsys):
    guarded.login()
    again = registry.start(engine, password=True)
    assert again.url == guarded.url
    assert again.key != guarded.key
    with pytest.raises(RegistryDenied):
        guarded.login()
    again.login()
    assert again.push(ONE).sent == 2


def test_clean_up_removes_the_login(guarded, engine, capsys):
    guarded.login()
    assert [e.id for e in journal.entries(engine, "login")] == [guarded.url]
    assert cleanup.clean(engine, lesson="95").counts["login"] == 0
    assert guarded.url in _config()["auths"]
    done = cleanup.clean(engine, lesson="96")
    assert done.counts["login"] == 1
    assert "1 login" in str(done)
    assert guarded.url not in _config().get("auths", {})
    assert journal.entries(engine, "login") == []


def test_stopping_removes_the_login(guarded, engine, capsys):
    guarded.login()
    guarded.stop()
    assert guarded.url not in _config().get("auths", {})
    assert journal.entries(engine, "login") == []


def test_a_registry_without_a_password(shelf, capsys):
    with pytest.raises(NotFound) as caught:
        shelf.login()
    assert caught.value.key == "registry.open"

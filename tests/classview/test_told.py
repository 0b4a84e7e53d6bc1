"""docs/class-view.md lists each field that is sent and stored; nothing else is."""

from __future__ import annotations

import json
import re
import sqlite3
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from helpers import engine, exercises
from helpers.classview.classes import Class
from helpers.classview.receiver import Receiver
from helpers.exercises import Exercise, Right, Wrong, check, checking
from helpers.paths import ROOT

from .conftest import Stub, answering, eventually, tries

DOCS = (ROOT / "docs/class-view.md", ROOT / "docs/class-view.zh-CN.md")
SENTINELS = ("lbl-SENTINEL-container", "SENTINEL-value", "SENTINEL-host", "SENTINEL-user")
HEADERS = {"Host", "Accept-Encoding", "Content-Length", "Content-Type", "Authorization"}


def documented(page: Path, section: str) -> list[str]:
    """Return the fields in the table after ``<!-- section -->``."""
    after = page.read_text("utf-8").split(f"<!-- {section} -->\n\n")[1]
    return re.findall(r"^\| `([\w.]+)` \|", after.split("\n\n")[0], re.MULTILINE)


def fields(found: object, place: str = "") -> set[str]:
    """Return the names of all fields of a JSON value, those inside of others with a dot."""
    if isinstance(found, list):
        return {name for one in found for name in fields(one, place)}
    if not isinstance(found, dict):
        return set()
    names = {f"{place}{key}" for key in found}
    return names | {n for key, value in found.items() for n in fields(value, f"{place}{key}.")}


@pytest.fixture
def checks(home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Return a function that checks: once red, once green, with names that may not be told."""
    monkeypatch.setenv("LAYER_BY_LAYER_PROGRESS", str(tmp_path / "progress.json"))
    monkeypatch.setenv("HOSTNAME", SENTINELS[2])
    monkeypatch.setenv("USER", SENTINELS[3])
    monkeypatch.setenv("LOGNAME", SENTINELS[3])
    monkeypatch.setattr(engine, "connect", lambda: SimpleNamespace())

    def run() -> None:
        for found in (
            Wrong("lesson01.ex2.missing", name=SENTINELS[0]),
            Wrong("lesson01.ex2.image", name=SENTINELS[1]),
            Right("lesson01.ex2.right"),
        ):
            monkeypatch.setattr(
                checking, "find", lambda _, found=found: Exercise("01.2", lambda _: found)
            )
            check("01.2")

    return run


@pytest.mark.parametrize("section", ["sent", "stored", "learner"])
def test_both_languages_list_the_same_fields(section: str) -> None:
    english, chinese = (documented(page, section) for page in DOCS)
    assert english == chinese
    assert len(english) >= 5


def test_what_is_sent_is_what_is_documented(checks, room: Class) -> None:
    stub = Stub(room.identity, answering())
    exercises.join("Ada", str(replace(room.code(), port=stub.port)))
    checks()
    eventually(lambda: "3 verdicts told, 0 waiting" in str(exercises.joined()), "three verdicts")
    stub.close()
    sent = b"".join(stub.heard).decode()
    assert "lesson01.ex2.image" in sent
    assert [word for word in SENTINELS if word in sent] == []
    found = set()
    for request in stub.heard:
        head, _, body = request.decode().partition("\r\n\r\n")
        line, *headers = head.split("\r\n")
        assert line == "POST /report HTTP/1.1"
        assert {header.partition(":")[0] for header in headers} == HEADERS
        assert f"Host: 127.0.0.1:{stub.port}" in headers
        assert f"Authorization: Bearer {room.secret}" in headers
        found |= fields(json.loads(body))
    assert sorted(found) == sorted(documented(DOCS[0], "sent"))
    for page in DOCS:
        assert [name for name in HEADERS if f"`{name}`" not in page.read_text("utf-8")] == []


def test_what_is_stored_is_what_is_documented(checks, receiver: Receiver, room: Class) -> None:
    exercises.join("Ada", str(room.code()))
    checks()
    eventually(lambda: tries(room) == 3, "three verdicts")
    kept = sqlite3.connect(room.store)
    tables = [
        name
        for (name,) in kept.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        if not name.startswith("sqlite_")
    ]
    columns = {
        f"{table}.{row[1]}"
        for table in tables
        for row in kept.execute(f"PRAGMA table_info({table})")
    }
    assert sorted(columns) == sorted(documented(DOCS[0], "stored"))
    assert {path.name for path in room.folder.iterdir()} <= {
        "class.json", "class.sqlite3", "identity.pem", "running.lock",
    }  # fmt: skip
    content = b"".join(path.read_bytes() for path in room.folder.iterdir())
    assert b"Ada" in content
    assert [word for word in SENTINELS if word.encode() in content] == []
    assert b"127.0.0.1" not in content, "no learner's address"


def test_what_a_learner_s_machine_keeps_is_documented(
    checks, receiver: Receiver, room: Class, home: Path
) -> None:
    exercises.join("Ada", str(room.code()))
    checks()
    kept = json.loads((home / "joined.json").read_text())
    assert list(kept) == documented(DOCS[0], "learner")

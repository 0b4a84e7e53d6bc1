import json
import stat
import time
from dataclasses import replace

import pytest

from helpers.classroom import certificate, settings
from helpers.classroom.roster import INSTRUCTOR, Roster
from helpers.classroom.settings import GIB, ClassroomError, Settings
from helpers.errors import NotFound


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYER_BY_LAYER_HOME", str(tmp_path / "home"))


def test_names_become_user_names_that_differ(tmp_path):
    names = [
        INSTRUCTOR,
        "Ann Lee",
        "ann  lee",
        "Jürgen Müller",
        "王小明",
        "李雷",
        "李蕾",
        "李 Lei",
        "Иван",
        "Instructor",
        "7",
    ]
    cards = Roster(tmp_path).add(names)
    assert [card.user for card in cards] == [
        "instructor", "ann-lee", "ann-lee-2", "jurgen-muller", "wangxiaoming", "lilei",
        "lilei-2", "li-lei", "learner", "instructor-2", "learner-2",
    ]  # fmt: skip
    assert Roster(tmp_path).learners() == [card.user for card in cards[1:]]


def test_a_passphrase_lets_its_owner_in_and_is_not_kept(tmp_path):
    roster = Roster(tmp_path)
    ann, bob = roster.add(["Ann", "Bob"])
    assert roster.knows("ann", ann.passphrase)
    assert roster.knows("ann", f" {ann.passphrase.upper()} ")  # as a hasty learner types it
    assert not roster.knows("ann", bob.passphrase)
    assert not roster.knows("nobody", ann.passphrase)
    assert not roster.knows("ann", "")
    assert ann.passphrase not in roster.file.read_text()
    assert stat.S_IMODE(roster.file.stat().st_mode) == 0o600
    fresh = roster.anew("ann")
    assert not roster.knows("ann", ann.passphrase)
    assert roster.knows("ann", fresh.passphrase)
    assert roster.knows("bob", bob.passphrase)


@pytest.mark.parametrize(
    "names", [["Ann", "Ann"], [" "], ["x" * 61], [f"n{i}" for i in range(201)]]
)
def test_names_that_cannot_be_change_nothing(tmp_path, names, monkeypatch):
    monkeypatch.setattr("helpers.classroom.roster._hash", lambda passphrase: "x")  # 201 of them
    roster = Roster(tmp_path)
    roster.add(["Zoe"])
    with pytest.raises(ClassroomError):
        roster.add(names)
    assert list(roster.people()) == ["zoe"]


def test_a_name_is_untrusted_text(tmp_path):
    Roster(tmp_path).add(["Eve\x1b[2J<script>"])
    assert "\x1b" not in Roster(tmp_path).people()["eve-script"]


def test_a_damaged_roster_is_said_and_kept(tmp_path):
    (tmp_path / "roster.json").write_text("{")
    with pytest.raises(ClassroomError, match=r"roster\.json"):
        Roster(tmp_path).add(["Ann"])
    assert (tmp_path / "roster.json").read_text() == "{"


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Go"}, {"name": "../x"}, {"name": "a" * 13}, {"address": "room"}, {"port": 0},
        {"memory": GIB // 2}, {"lessons": ("99",)}, {"disk": 1}, {"cpus": 0.0}, {"pids": 10},
    ],
)  # fmt: skip
def test_settings_that_cannot_be_are_refused(change):
    with pytest.raises((ClassroomError, NotFound)):
        replace(Settings("go"), **change).check()


def test_settings_are_kept_where_nobody_else_looks():
    made = Settings("go", memory=3 * GIB)
    made.write()
    assert Settings.read("go") == made
    assert settings.classes() == ["go"]
    assert stat.S_IMODE(made.folder.stat().st_mode) == 0o700
    with pytest.raises(ClassroomError):
        Settings.read("other")


def test_a_certificate_is_kept_until_the_address_changes(tmp_path):
    crt, key = certificate.ensure(tmp_path, "127.0.0.1")
    first = certificate.fingerprint(crt)
    assert len(first.split(":")) == 32
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    certificate.ensure(tmp_path, "127.0.0.1")
    assert certificate.fingerprint(crt) == first
    certificate.ensure(tmp_path, "192.168.7.7")
    assert certificate.fingerprint(crt) != first
    crt.write_text("-----BEGIN CERTIFICATE-----")
    with pytest.raises(ClassroomError, match=r"door\.crt"):
        certificate.ensure(tmp_path, "192.168.7.7")
    assert crt.read_text() == "-----BEGIN CERTIFICATE-----"


def test_guessing_gets_slower(tmp_path):
    authenticator = pytest.importorskip("helpers.classroom.hub.authenticator")
    import asyncio

    (card,) = Roster(tmp_path).add(["Ann"])
    door = authenticator.RosterAuthenticator(folder=str(tmp_path))
    ask = lambda phrase: asyncio.run(  # noqa: E731
        door.authenticate(None, {"username": " Ann ", "password": phrase})
    )
    assert ask(card.passphrase) == "ann"
    for _ in range(authenticator.PATIENCE):
        assert ask("wrong") is None
    assert ask(card.passphrase) is None  # even the right one, for a moment
    count, _ = door._wrong["ann"]
    door._wrong["ann"] = (count, time.monotonic() - 2)
    assert ask(card.passphrase) == "ann"


def test_a_list_that_cannot_be_read_is_said_and_makes_no_class(tmp_path, capsys):
    from helpers.classroom import command

    broken = tmp_path / "names.txt"
    broken.write_bytes(b"\xff\xfe\xff")
    for file in (tmp_path / "none.txt", broken):
        with pytest.raises(ClassroomError, match=file.name):
            command.main(["start", "go", "--learners", str(file)])
    assert settings.classes() == []


def test_a_damaged_class_is_said_and_can_be_removed(capsys):
    from helpers.classroom import command

    Settings("go").write()
    (Settings("go").folder / "settings.json").write_text("{")
    with pytest.raises(ClassroomError, match="classroom remove"):
        command.main(["status", "go"])
    assert command.main(["remove", "go"]) == 1
    assert "--confirm" in capsys.readouterr().out
    assert command.main(["remove", "go", "--confirm"]) == 0
    assert not Settings("go").folder.exists()
    with pytest.raises(ClassroomError):
        command.main(["remove", "go", "--confirm"])


def test_a_class_of_an_older_course_is_read():
    Settings("go", port=9443).write()
    file = Settings("go").folder / "settings.json"
    said = json.loads(file.read_text())
    del said["lessons"]
    file.write_text(json.dumps(said))
    assert Settings.read("go") == Settings("go", port=9443)


def test_cleaning_up_takes_no_class_away():
    from helpers.lab import cleaning

    made = Settings("go")
    made.write()
    with pytest.raises(ClassroomError, match="classroom remove go"):
        cleaning.clean(confirmed=True)
    assert Settings.read("go") == made

from collections import Counter

import pytest

from helpers.classroom import command as single
from helpers.classroom.settings import ClassroomError, Settings
from helpers.classroom.swarm import command, running
from helpers.classroom.swarm.running import Place, places, spread

NODES = {"room-a": "1", "room-b": "2", "office": "3"}


def test_learners_are_spread_evenly_and_stay_where_their_disk_is():
    users = [f"u{number}" for number in range(10)]
    first = spread(users, {}, ["room-a", "room-b"], NODES)
    assert Counter(place.node for place in first.values()) == {"room-a": 5, "room-b": 5}
    more = spread([*users, "v1", "v2"], first, ["room-b"], NODES)
    assert {user: more[user] for user in users} == first
    assert more["v1"] == more["v2"] == Place("room-b", "2")
    # a node that joined anew has another ID
    again = spread(users, first, ["room-a", "room-b"], NODES | {"room-a": "9"})
    assert {place.id for place in again.values()} == {"9", "2"}


def test_a_node_that_is_not_in_the_swarm_is_refused():
    with pytest.raises(ClassroomError, match="room-c"):
        spread(["u"], {}, ["room-c"], NODES)
    with pytest.raises(ClassroomError, match="office room-a room-b"):
        spread(["u"], {}, [], NODES)


def test_a_class_on_one_machine_is_none_on_a_swarm(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYER_BY_LAYER_HOME", str(tmp_path / "home"))
    Settings("one").write()
    with pytest.raises(ClassroomError, match="one"):
        places(Settings("one"))


@pytest.mark.parametrize("user", ["../x", "Ann", "a b", "-x", ""])
def test_a_disk_has_the_name_of_a_user(user):
    with pytest.raises(ClassroomError):
        command.main(["node", "go", "--", user])


def test_what_a_command_does_not_know_it_says(capsys):
    with pytest.raises(SystemExit):
        command.main(["status", "go", "--what"])
    assert "--what" in capsys.readouterr().err


def test_a_class_on_a_swarm_is_not_taken_for_one_on_this_machine(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYER_BY_LAYER_HOME", str(tmp_path / "home"))
    Settings("go").write()
    (Settings("go").folder / "swarm.json").write_text("{}")
    for line in (["start", "go"], ["status", "go"], ["remove", "go", "--confirm"]):
        with pytest.raises(ClassroomError, match="swarm status go"):
            single.main(line)
    assert Settings("go").folder.exists()


def test_a_name_server_is_an_address(capsys, monkeypatch):
    with pytest.raises(SystemExit):
        command.main(["start", "go", "--dns", "router.local"])
    assert "router.local" in capsys.readouterr().err
    monkeypatch.setattr(command, "_start", lambda options: print(options.dns, options.rest))
    command.main(["start", "go", "--port", "9443"])
    assert capsys.readouterr().out.strip() == "None ['--port', '9443']"


def test_what_the_instructor_is_told(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("LAYER_BY_LAYER_HOME", str(tmp_path / "home"))
    listed = tmp_path / "names.txt"
    listed.write_text("Ann Lee\nBob\n")

    def start(settings, nodes, dns):
        users = ["instructor", "ann-lee", "bob"]
        return spread(users, {}, nodes, NODES)

    monkeypatch.setattr(running, "check", lambda settings, nodes: None)
    monkeypatch.setattr(running, "start", start)
    line = ["start", "go", "--learners", str(listed), "--address", "192.168.7.20", "--disk", "3"]
    assert command.main([*line, "--nodes", "room-a", "room-b"]) == 0
    said = capsys.readouterr().out
    assert said.count("https://192.168.7.20:8443/") == 4  # three cards, and where it is
    assert "room-a: python3 -m helpers classroom swarm node go --disk 3 instructor bob\n" in said
    assert "room-b: python3 -m helpers classroom swarm node go --disk 3 ann-lee\n" in said
    assert "only this machine" not in said.lower()

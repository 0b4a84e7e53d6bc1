"""One thing wrong at a time: its weight, and advice that can be followed."""

from __future__ import annotations

import csv
import io
import json

import pytest

from helpers import messages
from helpers.kit.manifest import Manifest, Target
from helpers.preflight import judging, report, room
from helpers.preflight.model import HERE, Answer, Finding, Machine, Needs

KIT = Manifest("2026-11-29T12:00:00Z", "0", "0", ("00",), ("amd64",),
               (Target("3.12", "linux", "x86_64"),), ())  # fmt: skip


def spoil(facts: dict, path: str, value: object) -> dict:
    *way, last = path.split("/")
    place = facts
    for step in way:
        place = place[step]
    place[last] = value
    return facts


def findings(facts: dict, need: Needs, **answer: float) -> dict[str, list[Finding]]:
    with messages.speaking("en"):
        machine = judging.judge("pc01", Answer(facts, **answer), need)
    found: dict[str, list[Finding]] = {}
    for finding in machine.findings:
        found.setdefault(finding.topic.rpartition(".")[2], []).append(finding)
    return found


def test_where_all_is_well_nothing_is_said_against_it(good, need):
    found = findings(good, need)
    assert {one.weight for many in found.values() for one in many} == {"good"}
    assert all(one.advice == "" for many in found.values() for one in many)


@pytest.mark.parametrize(("path", "value", "topic", "weight", "word"), [
    ("python/version", [3, 10, 4], "python", "note", "make lab PYTHON=python3.11"),
    ("python/venv", False, "python", "stops", "python3.11-venv"),
    ("machine/processor", "s390x", "machine", "stops", "amd64 and arm64"),
    ("machine/system", "FreeBSD", "machine", "stops", "Linux, macOS and Windows"),
    ("machine/libc", ["glibc", "2.31"], "machine", "note", "glibc 2.34"),
    ("machine/libc", ["", ""], "machine", "note", "glibc 2.34"),
    ("machine/cpus", 1, "machine", "hurts", "twice"),
    ("memory/total", 1e9, "memory", "stops", "2 GB"),
    ("memory/available", 1e9, "memory", "hurts", "close other programs"),
    ("disk/course", ["/x", 1e9], "disk", "stops", "5 GB"),
    ("disk/course", ["/x", -1], "disk", "stops", "LAYER_BY_LAYER_HOME"),
    ("engine/cgroup", 0, "kernel", "stops", "virtual machine"),
    ("engine/overlay", False, "kernel", "stops", "modprobe overlay"),
    ("engine/ipvs", False, "kernel", "note", "modprobe ip_vs"),
    ("engine/kvm", False, "kernel", "note", "Lesson 05"),
    ("ports/any", False, "ports", "stops", "JupyterLab"),
    ("ports/8888", False, "ports", "note", "another port"),
    ("network", {"pypi": "timed out", "debian": "ok"}, "network", "stops", "make kit"),
    ("network", {}, "network", "stops", "make kit"),
    ("proxy", ["https_proxy"], "proxy", "note", "no_proxy"),
    ("browser", "", "browser", "hurts", "another machine"),
])  # fmt: skip
def test_one_thing_that_is_wrong(good, need, path, value, topic, weight, word):
    found = findings(spoil(good, path, value), need)
    (wrong,) = [one for one in found[topic] if one.weight != "good"]
    assert (wrong.weight, word in wrong.advice) == (weight, True), wrong
    others = [one for name, many in found.items() if name != topic for one in many]
    assert {one.weight for one in others} == {"good"}


def test_an_old_python_alone_stops_the_class(good, need):
    good["python"] = {"version": [3, 9, 1], "venv": True, "newer": [], "uv": False}
    assert findings(good, need)["python"][0].weight == "stops"
    good["python"]["uv"] = True
    assert findings(good, need)["python"][0].weight == "note"


@pytest.mark.parametrize(("change", "weight", "word"), [
    ({"sockets": [{"path": "x", "answer": "denied"}]}, "stops", "usermod"),
    ({"sockets": [{"path": "x", "answer": "silent"}]}, "stops", "systemctl start docker"),
    ({"sockets": []}, "stops", "sudo make lab"),
    ({"sockets": [], "DOCKER_HOST": True}, "note", "docker version"),
    ({"sockets": [{"path": "x", "answer": {"Version": "19", "ApiVersion": "1.40", "Arch": ""}}]},
     "stops", "20.10"),
])  # fmt: skip
def test_docker_that_does_not_answer(good, need, change, weight, word):
    good["engine"].update(change)
    (wrong,) = findings(good, need)["engine"]
    assert wrong.weight == weight and word in wrong.advice


def test_root_on_linux_needs_no_docker(good, need):
    good["engine"]["sockets"] = []
    good["machine"]["root"] = True
    assert findings(good, need)["engine"][0].weight == "good"
    good["engine"]["tools"]["nsenter"] = False
    assert findings(good, need)["engine"][0].weight == "stops"
    good["machine"]["system"] = "Darwin"
    assert "Docker Desktop" in findings(good, need)["engine"][0].advice


@pytest.mark.parametrize(("skew", "doubt", "weight", "word"), [
    (40.0, 1.0, "hurts", "set-ntp"), (-40.0, 15.0, "good", ""), (4000.0, 1.0, "hurts", "tokens"),
])  # fmt: skip
def test_a_clock_counts_only_beyond_doubt(good, need, skew, doubt, weight, word):
    (found,) = findings(good, need, skew=skew, doubt=doubt)["clock"]
    assert found.weight == weight and word in found.advice


def test_a_kit_takes_the_place_of_the_network_and_has_to_fit(good, need):
    good["network"] = {"pypi": "no route", "debian": "no route"}
    with_kit = Needs(need.lessons, need.sets, need.memory, need.disk, KIT)
    found = findings(good, with_kit)
    assert found["network"][0].weight == "note"
    assert found["python"][0].weight == "stops" and "Python 3.12" in found["python"][0].advice
    good["python"]["newer"] = ["python3.12"]
    found = findings(good, with_kit)
    assert found["python"][0].weight == "note" and "PYTHON=python3.12" in found["python"][0].advice
    good["kit"] = True
    assert findings(good, need)["network"][0].weight == "good"


@pytest.mark.parametrize("facts", [
    {}, {"python": 7, "machine": [], "memory": {"total": "x"}, "engine": {"sockets": 1}},
    {name: None for name in judging.LOOKS}, {name: "x" * 9 for name in judging.LOOKS},
])  # fmt: skip
def test_facts_of_any_form_are_judged_without_falling_over(facts, need):
    found = findings(facts, need)
    assert set(found) >= set(judging.LOOKS) - {"proxy"}
    assert not [one for many in found.values() for one in many if one.weight == "good"
                and one.topic.rpartition(".")[2] not in ("clock", "browser", "proxy")]  # fmt: skip


def test_what_a_machine_says_of_itself_is_untrusted(good, need):
    good["machine"]["name"] = "\x1b[2JDebian\u202e\nx"
    good["browser"] = "=cmd|'/c calc'!A1"
    with messages.speaking("en"):
        machine = judging.judge("pc01", Answer(good), need)
        shown, table = report.as_text([machine]), report.as_csv([machine])
    assert "\x1b" not in shown + table and "\u202e" not in shown + table
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [row["value"] for row in rows if row["topic"] == "Browser"] == ["'=cmd|'/c calc'!A1"]
    assert all("\n" not in row["value"] for row in rows)


def room_of_three(good, need) -> list[Machine]:
    bad = judging.judge("pc03", Answer(failure="refused", said="Connection refused"), need)
    fine = judging.judge("pc01", Answer(good), need)
    one = judging.judge("pc02", Answer(spoil(good, "browser", "")), need)
    return [fine, one, bad]


def test_a_report_says_in_words_what_stops_the_class(good, need):
    with messages.speaking("en"):
        shown = report.as_text(room_of_three(good, need))
    blocks = shown.split("\n\n")
    assert blocks[0].startswith("== pc01: ready")
    assert "! will hurt\n    Browser: none found\n      → Install one" in blocks[1]
    assert "✗ stops the class\n    Reaching it: no ssh server listens there" in blocks[2]
    assert blocks[3] == "Machines: 3. Stop the class: 1. Will hurt: 1. Ready: 1."


def test_in_chinese_too(good, need):
    with messages.speaking("zh"):
        shown = report.as_text(room_of_three(good, need))
    assert "✗ 无法上课" in shown and "! 会影响上课" in shown and "共 3 台机器" in shown


def test_programs_read_it_as_json(good, need):
    with messages.speaking("en"):
        data = json.loads(report.as_json(room_of_three(good, need)))
    assert [one["worst"] for one in data] == ["good", "hurts", "stops"]
    assert data[2]["findings"][0]["topic"] == "preflight.topic.reach"


def test_more_is_needed_for_lessons_with_clusters():
    first, cluster = room.needs(["00", "01"]), room.needs(["08"])
    whole = room.needs()
    assert first.memory < cluster.memory <= whole.memory and first.disk < cluster.disk
    assert whole.lessons[0] == "00" and len(whole.lessons) >= 18
    assert room.needs([], KIT).lessons == ("00",)


def test_this_machine_is_asked_by_the_doctor_too(engine, need):
    with messages.speaking("en"):
        (machine,) = room.look([HERE], need)
    topics = [one.topic for one in machine.findings]
    assert "doctor.topic.daemon" in topics and "preflight.topic.engine" not in topics
    clock = next(one for one in machine.findings if one.topic == "preflight.topic.clock")
    assert clock.weight == "good"

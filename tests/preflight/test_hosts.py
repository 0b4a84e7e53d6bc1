"""One question to each machine: over a stand-in for ssh that fails in each way that ssh does."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import messages
from helpers.errors import LabFailed
from helpers.paths import ROOT
from helpers.preflight import hosts, room
from helpers.preflight.model import HERE

# What is behind "--" is the machine; the words are OpenSSH's own.
SSH = """\
#!/bin/sh
while [ "$1" != -- ]; do shift; done
say() { cat >/dev/null; echo "$1" >&2; exit "${2:-255}"; }
case "$2" in
    fine) exec sh -c "$3" ;;
    chatty) echo "Welcome! {\\"python\\": 1}"; exec sh -c "$3" ;;
    nameless) say "ssh: Could not resolve hostname nameless: Name or service not known" ;;
    strange) say "Host key verification failed." ;;
    closed) say "root@closed: Permission denied (publickey,password)." ;;
    refused) say "ssh: connect to host refused port 22: Connection refused" ;;
    away) say "ssh: connect to host away port 22: Connection timed out" ;;
    odd) say "kex_exchange_identification: read: Connection reset by peer" ;;
    bare) say "bash: line 1: python3: command not found" 127 ;;
    windows) say "Python was not found; run without arguments to install" 9009 ;;
    broken) cat >/dev/null; echo "no answer"; exit 0 ;;
    endless) exec yes "and so on" ;;
    asleep) exec sleep 600 ;;
    forking) sleep 600 & exec sleep 600 ;;
esac
"""


@pytest.fixture
def ssh(tmp_path, monkeypatch) -> Path:
    path = tmp_path / "ssh"
    path.write_text(SSH)
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    # no network is asked: what is tested is the way there
    monkeypatch.setattr(hosts, "mirror", lambda: "http://127.0.0.1:9")
    return path


@pytest.mark.parametrize("host", ["fine", "chatty"])
def test_a_machine_answers_with_facts(ssh, host):
    answer = hosts.ask(host)
    assert answer.failure == ""
    assert answer.facts["machine"]["system"] == "Linux" or sys.platform != "linux"
    assert answer.facts["memory"]["total"] > 0
    assert abs(answer.skew) <= answer.doubt


@pytest.mark.parametrize(("host", "failure"), [
    ("nameless", "name"), ("strange", "key"), ("closed", "denied"), ("refused", "refused"),
    ("away", "time"), ("odd", "ssh"), ("bare", "no_python"), ("windows", "no_python"),
    ("broken", "garbage"), ("endless", "garbage"),
])  # fmt: skip
def test_each_way_to_fail_is_told_with_what_to_do(ssh, host, failure, need):
    answer = hosts.ask(host)
    assert answer.failure == failure
    for code in ("en", "zh"):
        with messages.speaking(code):
            (machine,) = room.look([host], need)
        (finding,) = machine.findings
        assert machine.stopped and finding.advice
        assert answer.said in finding.value


@pytest.mark.parametrize("host", ["asleep", "forking"])
def test_a_machine_that_never_answers_is_left_in_time(ssh, host):
    assert hosts.ask(host, limit=1).failure == "time"  # and not after ten minutes


def test_without_ssh_it_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert hosts.ask("pc01").failure == "no_ssh"


def test_this_machine_is_asked_without_ssh(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(hosts, "mirror", lambda: "http://127.0.0.1:9")
    answer = hosts.ask(HERE)
    assert answer.facts["python"]["version"][:2] == list(sys.version_info[:2])
    assert answer.facts["network"]["debian"] != "ok"


def test_a_list_of_machines(tmp_path):
    file = tmp_path / "hosts.txt"
    file.write_text("# room 12\npc01\n\n  ada@pc02  # by the window\npc01\n")
    assert hosts.listed(["."], file) == [".", "pc01", "ada@pc02"]
    assert hosts.listed([]) == [HERE]


@pytest.mark.parametrize("name", [
    "-oProxyCommand=touch evil", "--", "pc01;reboot", "a b", "$(id)", "", "x" * 300, "pc\n01",
])  # fmt: skip
def test_a_name_is_no_option_and_no_command(name, tmp_path):
    file = tmp_path / "hosts.txt"
    file.write_text(f"fine\n{name}\n")
    with messages.speaking("en"), pytest.raises(LabFailed, match="no name of a machine"):
        hosts.listed([name])
    if name and "\n" not in name:
        with pytest.raises(LabFailed):
            hosts.listed([], file)


def test_a_list_that_cannot_be_read_is_told(tmp_path):
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for file in (tmp_path / "none", tmp_path, tmp_path / "binary"):
        with pytest.raises(LabFailed):
            hosts.listed([], file)


def test_the_values_of_proxies_stay_where_they_are(ssh, monkeypatch):
    """They may hold a password."""
    monkeypatch.setenv("https_proxy", "http://ada:geheim@127.0.0.1:9")
    answer = hosts.ask("fine")
    assert "https_proxy" in answer.facts["proxy"]
    assert "geheim" not in json.dumps(answer.facts)


def test_the_command_prints_csv_and_fails_if_something_stops_the_class(ssh):
    done = subprocess.run(
        [sys.executable, "-m", "helpers", "preflight", "refused", "--lessons", "00", "--csv"],
        cwd=ROOT, capture_output=True, text=True, env={**os.environ, "LANG": "C.UTF-8"},
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("machine,weight,topic,value,advice\nrefused,stops,Reaching it,")
    assert shutil.which("ssh") == str(ssh)

"""JupyterLab: on 127.0.0.1 alone, behind its token, with terminals that find docker."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import websocket

from helpers import messages
from helpers.errors import LabFailed
from helpers.lab import server

WAIT = 30  # seconds until a terminal must have answered


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("jupyter")


@pytest.fixture(scope="module")
def lab(folder) -> Iterator[server.Server]:
    (folder / "files").mkdir()
    programs = folder / "programs"
    programs.mkdir()
    spies = {"docker": "echo the docker of the course", "npm": f"touch {folder}/npm"}
    for name, words in spies.items():
        (programs / name).write_text(f"#!/bin/sh\n{words}\n")
        (programs / name).chmod(0o755)
    variables = {
        **os.environ,
        "PATH": os.pathsep.join([str(programs), os.environ["PATH"]]),
        "DOCKER_HOST": "unix:///the/engine/of/the/notebooks",
        "JUPYTER_TOKEN": "from-a-surrounding-jupyter",
    }
    found, process = server.start(folder / "files", folder / "lab", variables)
    yield found
    server.stop(process)
    assert process.poll() is not None


def ask(lab: server.Server, path: str, *, token: bool, method: str = "GET") -> tuple[int, dict]:
    headers = {"Authorization": f"token {lab.token}"} if token else {}
    request = urllib.request.Request(f"{lab.base}{path}", headers=headers, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=WAIT) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, {}


def test_it_asks_for_its_own_token(lab):
    assert len(lab.token) > 30
    assert ask(lab, "api/contents", token=False)[0] == 403
    assert ask(lab, "api/contents", token=True)[0] == 200


def test_no_other_machine_can_reach_it(lab):
    listening = [
        c.laddr.ip for c in psutil.Process(lab.pid).net_connections("inet") if c.status == "LISTEN"
    ]
    assert listening
    assert set(listening) == {"127.0.0.1"}


def test_it_asks_nobody_for_news(lab):
    _, answer = ask(lab, "lab/api/settings/@jupyterlab/apputils-extension:notification", token=True)
    defaults = answer["schema"]["properties"]
    assert defaults["fetchNews"]["default"] == "false"
    assert defaults["checkForUpdates"]["default"] is False


def test_a_second_start_finds_it(lab, folder):
    found = server.running(folder / "lab")
    assert found == lab
    assert found.answers()
    assert found.root == folder / "files"
    assert found.url("en/00-x.ipynb").endswith(f"/lab/tree/en/00-x.ipynb?token={lab.token}")


def test_all_it_writes_lies_in_its_folder(lab, folder):
    environment = psutil.Process(lab.pid).environ()
    for name in server.PLACES:
        assert Path(environment[name]).is_relative_to(folder / "lab")
    assert not (folder / "npm").exists()  # it would write its logs below the user's home


def test_a_terminal_has_docker_on_the_same_engine(lab):
    _, terminal = ask(lab, "api/terminals", token=True, method="POST")
    address = f"{lab.base}terminals/websocket/{terminal['name']}?token={lab.token}"
    socket = websocket.create_connection(address.replace("http", "ws", 1), timeout=WAIT)
    socket.send(json.dumps(["stdin", 'docker; echo "<$DOCKER_HOST>"\n']))
    said = ""
    while "<unix:///the/engine/of/the/notebooks>" not in said:
        kind, *content = json.loads(socket.recv())
        said += content[0] if kind == "stdout" else ""
    socket.close()
    assert "the docker of the course\r\n" in said


def test_a_jupyterlab_that_ends_at_once_tells_why(tmp_path):
    (tmp_path / "files").mkdir()
    (tmp_path / "lab/config").mkdir(parents=True)
    broken = tmp_path / "lab/config/jupyter_server_config.py"
    broken.write_text("raise SystemExit('a broken configuration')\n")
    with (
        messages.speaking("en"),
        pytest.raises(LabFailed, match="a broken configuration") as raised,
    ):
        server.start(tmp_path / "files", tmp_path / "lab")
    assert "jupyterlab.log" in str(raised.value)


def test_nothing_runs_where_nothing_was_started(tmp_path):
    assert server.running(tmp_path) is None

"""The uv that is fetched with pip, and told what pip was told."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import messages
from helpers.errors import LabFailed
from helpers.lab import bootstrap, uv

MIRROR = "https://mirrors.example/simple"


@pytest.mark.parametrize(("said", "options", "variables"), [
    ([], [], {}),
    ([("index-url", MIRROR)], ["--default-index", MIRROR], {}),
    ([("index-url", "https://old"), ("index-url", MIRROR)], ["--default-index", MIRROR], {}),
    ([("extra-index-url", "\nhttps://a/s\nhttps://b/s")],
     ["--index", "https://a/s", "--index", "https://b/s"], {}),
    ([("find-links", "/a /b"), ("trusted-host", "mirrors.example")],
     ["--find-links", "/a", "--find-links", "/b", "--allow-insecure-host", "mirrors.example"], {}),
    ([("proxy", "http://p:3128"), ("cert", "/c.pem"), ("timeout", "60")], [],
     {"HTTPS_PROXY": "http://p:3128", "HTTP_PROXY": "http://p:3128", "SSL_CERT_FILE": "/c.pem",
      "UV_HTTP_TIMEOUT": "60"}),
    ([("progress-bar", "off"), ("user", "0"), ("cache-dir", "/x")], [], {}),
])  # fmt: skip
def test_what_pip_is_told_uv_is_told(said, options, variables):
    assert uv.arguments(said) == (options, variables)


def test_what_uv_has_no_word_for_is_left_to_pip():
    assert uv.arguments([("index-url", MIRROR), ("keyring-provider", "subprocess")]) is None


def test_pips_files_and_variables_are_read(tmp_path):
    file = tmp_path / "pip.conf"
    file.write_text(
        "[global]\nindex-url = https://old\ntimeout = 9\nextra-index-url =\n  https://a/s\n"
        f"  https://b/s\n[install]\nindex-url = {MIRROR}\n[download]\nfind-links = /nowhere\n"
    )
    bare = {k: v for k, v in os.environ.items() if not k.startswith("PIP_")}
    told = {**bare, "PIP_CONFIG_FILE": str(file), "PIP_TIMEOUT": "30", "PIP_USER": "0"}
    found = dict(uv._settings(Path(sys.executable), told) or ())
    assert found["index-url"] == MIRROR
    assert (found["timeout"], found["user"]) == ("30", "0")
    assert found["extra-index-url"].split() == ["https://a/s", "https://b/s"]
    assert "/nowhere" not in found.values()
    file.write_text("no section\n")
    assert uv._settings(Path(sys.executable), told) is None


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("course")


def test_it_is_fetched_once_and_is_the_one_that_is_named(folder, monkeypatch):
    variables = bootstrap.variables(folder)
    command, told = uv.fetch(Path(sys.executable), folder, variables)
    version = subprocess.run([command[0], "--version"], capture_output=True, text=True).stdout
    assert f"uv=={version.split()[1]} " in uv.WANTED.read_text()
    assert told.items() >= variables.items()
    monkeypatch.setattr(uv, "step", lambda *_: pytest.fail("fetched again"))
    assert uv.fetch(Path(sys.executable), folder, variables)[0] == command
    for forbidden in (True, False):
        more = {"PYTHONDONTWRITEBYTECODE": "1"} if forbidden else {"PYTHONDONTWRITEBYTECODE": ""}
        command, _ = uv.fetch(Path(sys.executable), folder, {**variables, **more})
        assert ("--compile-bytecode" in command) is not forbidden


@pytest.mark.parametrize(("key", "raised"), [
    ("full", True), ("offline", False), ("failed", False),
])  # fmt: skip
def test_only_where_pip_would_fail_too_it_is_an_error(key, raised, tmp_path, monkeypatch):
    def step(*_: object) -> None:
        raise LabFailed(f"lab.environment.{key}", tail="", log="")

    monkeypatch.setattr(uv, "step", step)
    variables = bootstrap.variables(tmp_path)
    if raised:
        with pytest.raises(LabFailed):
            uv.fetch(Path(sys.executable), tmp_path, variables)
    else:
        assert uv.fetch(Path(sys.executable), tmp_path, variables) is None


def test_a_mirror_without_uv_is_no_error(tmp_path):
    empty = tmp_path / "simple"
    empty.mkdir()
    bare = {k: v for k, v in os.environ.items() if not k.startswith("PIP_")}
    told = {**bare, "PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": empty.as_uri()}
    assert uv.fetch(Path(sys.executable), tmp_path, told) is None
    assert "No matching distribution found for uv" in (tmp_path / "environment.log").read_text()


def test_if_uv_cannot_pip_does_it(tmp_path, capsys):
    done = tmp_path / "done"
    bad = [sys.executable, "-c", "raise SystemExit('dns error')"]
    good = [sys.executable, "-c", f"open({str(done)!r}, 'a').write('x')"]
    with messages.speaking("en"):
        bootstrap._fill([(bad, dict(os.environ)), (good, dict(os.environ))], tmp_path, "")
    assert done.read_text() == "xx"  # what the lock names, and the course
    assert "pip does it now" in capsys.readouterr().out
    with pytest.raises(LabFailed):
        bootstrap._fill([(bad, dict(os.environ))], tmp_path, "lab.environment.failed")

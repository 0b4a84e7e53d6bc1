"""The first step works under a bare Python, and says what to do where it cannot."""

from __future__ import annotations

import ast
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import platformdirs
import pytest

from helpers import messages, paths
from helpers.errors import LabFailed, NotWritable
from helpers.lab import bootstrap, older, steps

ROOT = paths.ROOT


def test_it_imports_nothing_but_the_standard_library():
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import helpers.lab.bootstrap"
    answer = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True
    )
    assert (answer.returncode, answer.stderr) == (0, "")


@pytest.mark.parametrize("name", ["helpers/__init__.py", "helpers/__main__.py",
                                  "helpers/lab/__init__.py", "helpers/lab/older.py"])  # fmt: skip
def test_an_old_python_can_read_what_it_runs(name):
    ast.parse((ROOT / name).read_text("utf-8"), feature_version=(3, 6))


@pytest.mark.parametrize(("language", "word"), [("en_GB.UTF-8", "Next"), ("zh_CN.UTF-8", "下一步")])
def test_an_old_python_alone_says_where_to_get_a_newer(language, word, monkeypatch, capsys):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("LANG", language)
    monkeypatch.delenv("LAYER_BY_LAYER_LANGUAGE", raising=False)
    monkeypatch.setattr("locale.getpreferredencoding", lambda _: "UTF-8")
    assert older.move_on(["lab"]) == 1
    said = capsys.readouterr().err
    assert word in said
    assert "3.11" in said


def test_an_old_python_hands_over_to_a_newer_on_path(monkeypatch, tmp_path):
    program = tmp_path / "python3.11"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert older.newer() == [str(program)]
    program.write_text("#!/bin/sh\nexit 3\n")  # a shim without a program behind it
    assert older.newer() is None


def test_the_folder_is_the_one_that_helpers_use(monkeypatch, tmp_path):
    monkeypatch.setenv("LAYER_BY_LAYER_HOME", str(tmp_path / "named"))
    assert bootstrap.home() == paths.home() == tmp_path / "named"
    monkeypatch.delenv("LAYER_BY_LAYER_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert bootstrap.home() == paths.home()
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    assert bootstrap.home() == paths.home()


def test_on_a_mac_too(monkeypatch, tmp_path):
    from platformdirs.macos import MacOS

    monkeypatch.delenv("LAYER_BY_LAYER_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert bootstrap.home() == MacOS("layer-by-layer").user_cache_path
    assert platformdirs.__name__  # the library that `helpers.paths` asks


def test_a_folder_that_cannot_be_made_is_named(monkeypatch):
    monkeypatch.setenv("LAYER_BY_LAYER_HOME", "/proc/course")
    with pytest.raises(NotWritable, match=r"/proc/course"):
        bootstrap.home()


@pytest.fixture
def clone(monkeypatch, tmp_path) -> Path:
    """The files of a clone that the first step reads, without an environment."""
    shutil.copytree(ROOT / "helpers", tmp_path / "helpers",
                    ignore=shutil.ignore_patterns("__pycache__"))  # fmt: skip
    for name in ("pyproject.toml", "requirements.lock"):
        shutil.copyfile(ROOT / name, tmp_path / name)
    return tmp_path


def run(clone: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the clone with a Python that knows no package of the course."""
    bare = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "UV_", "PYTHON"))}
    bare |= {"LAYER_BY_LAYER_HOME": str(clone / "home"), "LANG": "C.UTF-8", **variables}
    return subprocess.run(
        [sys._base_executable, "-m", "helpers", *arguments],  # type: ignore[attr-defined]
        cwd=clone, env=bare, capture_output=True, text=True, timeout=300,
    )  # fmt: skip


@pytest.mark.parametrize("installer", ["pip", ""])
def test_without_a_network_it_says_so(clone, installer):
    nobody = "http://127.0.0.1:9/simple"
    answer = run(
        clone, "doctor", LAYER_BY_LAYER_INSTALLER=installer, PIP_CONFIG_FILE=os.devnull,
        PIP_INDEX_URL=nobody, PIP_RETRIES="0", UV_DEFAULT_INDEX=nobody,
    )  # fmt: skip
    assert answer.returncode == 1
    assert "could not be fetched" in answer.stderr
    assert "https_proxy" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert not (clone / ".venv/.layer-by-layer").exists()  # the next run goes on


def test_a_read_only_home_is_said_before_anything_is_made(clone):
    answer = run(clone, "lab", LAYER_BY_LAYER_HOME="/proc/course")
    assert answer.returncode == 1
    assert "/proc/course" in answer.stderr
    assert "export LAYER_BY_LAYER_HOME" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert not (clone / ".venv").exists()


@pytest.fixture
def elsewhere(clone, monkeypatch):
    """The bootstrap of this process, pointed at the clone."""
    for name, below in {"ROOT": "", "VENV": ".venv", "LOCK": "requirements.lock",
                        "STAMP": ".venv/.layer-by-layer"}.items():  # fmt: skip
        monkeypatch.setattr(bootstrap, name, clone / below)
    monkeypatch.setenv("LAYER_BY_LAYER_HOME", str(clone / "home"))
    monkeypatch.setenv("LAYER_BY_LAYER_INSTALLER", "pip")
    return clone


def test_a_python_without_venv_names_the_package(elsewhere, monkeypatch):
    monkeypatch.setattr(bootstrap, "_has_venv", lambda: False)
    with messages.speaking("en"), pytest.raises(LabFailed, match="sudo apt install python3"):
        bootstrap.ensure()


@pytest.mark.parametrize(("said", "word"), [
    ("ERROR: [Errno 28] No space left on device", "disk is full"),
    ("error: dns error: failed to lookup", "index cannot be reached"),
    ("error: something else", "something else"),
])  # fmt: skip
def test_what_an_installer_says_becomes_advice(elsewhere, said, word):
    command = [sys.executable, "-c", f"print({said!r}); raise SystemExit(1)"]
    with messages.speaking("en"), pytest.raises(LabFailed, match=word):
        steps.step(command, dict(os.environ), bootstrap.home())


def test_the_wheels_of_a_whole_kit_are_used_and_no_index_is_asked(elsewhere, monkeypatch, capsys):
    commands = []

    def step(command: list[str], *_: object) -> None:
        commands.append(command)
        bootstrap.VENV.mkdir(exist_ok=True)

    monkeypatch.setattr(bootstrap, "step", step)
    lock = hashlib.sha256(bootstrap.LOCK.read_bytes()).hexdigest()
    folder = elsewhere / "home" / "wheels" / lock[:16]
    folder.mkdir(parents=True)
    bootstrap.ensure()
    assert not [one for one in commands if "--no-index" in one]  # a kit half unpacked is none
    (folder / bootstrap.WHOLE).touch()
    bootstrap.STAMP.unlink()
    commands.clear()
    bootstrap.ensure()
    lock_, course = [one for one in commands if "install" in one]
    for command in (lock_, course):
        assert command[command.index("--find-links") + 1] == str(folder)
        assert "--no-index" in command
    assert "--require-hashes" in lock_
    with bootstrap.LOCK.open("a") as file:  # another version of the course wants other wheels
        file.write("# more\n")
    assert bootstrap.kit_wheels(bootstrap.home()) is None


def test_a_kit_that_does_not_fit_is_not_called_a_network(elsewhere):
    said = "ERROR: No matching distribution found for orjson==3.11"
    command = [sys.executable, "-c", f"print({said!r}); raise SystemExit(1)", "--no-index"]
    with (
        messages.speaking("en"),
        pytest.raises(LabFailed, match="must hold packages for the very Python"),
    ):
        steps.step(command, dict(os.environ), bootstrap.home(), "lab.environment.kit_failed")


def test_a_finished_environment_is_left_alone(elsewhere, monkeypatch):
    bootstrap.python().parent.mkdir(parents=True)
    bootstrap.python().symlink_to(sys.executable)
    bootstrap.STAMP.write_text(bootstrap.wanted())
    monkeypatch.setattr(bootstrap, "step", lambda *_: pytest.fail("installed again"))
    bootstrap.ensure()
    with (elsewhere / "requirements.lock").open("a") as file:
        file.write("# another lock\n")
    assert bootstrap.wanted() != bootstrap.STAMP.read_text()

"""One set of packages: pyproject.toml, the lock and environment.yml agree."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement

from helpers.lab import lock
from helpers.paths import ROOT

LOCK = (ROOT / "requirements.lock").read_text()
CONDA = (ROOT / "environment.yml").read_text()


def section() -> list[str]:
    """The pip section of environment.yml."""
    dependencies = yaml.safe_load(CONDA)["dependencies"]
    return next(d["pip"] for d in dependencies if isinstance(d, dict))


def test_environment_yml_is_made_from_the_lock():
    assert lock.environment(LOCK) == CONDA


def test_its_pip_section_is_the_lock_and_the_course():
    *pins, course = section()
    assert course == "--editable ."
    assert [Requirement(p) for p in pins] == [Requirement(p) for p in lock.pins(LOCK)]
    assert len(pins) > 100


def test_every_package_is_pinned_and_hashed():
    blocks = re.split(r"\n(?=[A-Za-z0-9])", LOCK.split("lock\n", 1)[1].strip())
    assert len(blocks) == len(lock.pins(LOCK))
    for block in blocks:
        assert re.match(r"[\w.-]+==\S+", block), block
        assert "--hash=sha256:" in block


def test_the_lock_holds_what_the_project_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = project["project"]["dependencies"] + project["build-system"]["requires"]
    asked += [r for extra in project["project"]["optional-dependencies"].values() for r in extra]
    pinned = {}
    for pin in map(Requirement, lock.pins(LOCK)):
        pinned.setdefault(pin.name, []).append(next(iter(pin.specifier)).version)
    for requirement in map(Requirement, asked):
        versions = pinned[requirement.name]
        assert all(requirement.specifier.contains(v) for v in versions), requirement


@pytest.mark.sweep
def test_the_pip_section_installs_into_a_bare_environment(tmp_path):
    clone = tmp_path / "clone"
    shutil.copytree(ROOT / "helpers", clone / "helpers")
    for name in ("pyproject.toml", "README.md", "LICENSE", "LICENSE-TEXT"):
        shutil.copyfile(ROOT / name, clone / name)
    # conda writes the section into a file beside environment.yml and gives it to pip
    (clone / "section.txt").write_text("\n".join(section()) + "\n")
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = tmp_path / "venv/bin/python"
    install = [python, "-m", "pip", "install", "-q", "-r", "section.txt"]
    subprocess.run(install, cwd=clone, check=True, timeout=1200)
    answer = subprocess.run(
        [python, "-m", "helpers", "--help"], cwd=clone, capture_output=True, text=True, check=True
    )
    assert "doctor" in answer.stdout  # and it made no second environment
    assert not (clone / ".venv").exists()

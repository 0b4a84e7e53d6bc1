"""``lab`` from engine to address: it serves the lesson, once, and ends cleanly."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from helpers.engine import Engine
from helpers.paths import ROOT

pytestmark = pytest.mark.daemon
WAIT = 180  # seconds until the address must be there, on a busy machine too
# The command itself, with the learner's copy and JupyterLab's settings in another place.
COMMAND = """
import sys
from pathlib import Path
from helpers.lab import course
from helpers.lab.workcopy import WorkCopy
course.WORK = Path(sys.argv[1]) / "work"
course.WorkCopy = lambda: WorkCopy(course.WORK)
course.folder = lambda: Path(sys.argv[1]) / "jupyter"
sys.exit(course.lab(sys.argv[2], browser=False, present=sys.argv[3] or None))
"""


class Lab:
    """A running ``lab`` command and what it said."""

    def __init__(self, folder: Path, language: str, present: str = "") -> None:
        self.log = folder / f"{language}-{time.monotonic_ns()}.log"
        with self.log.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-c", COMMAND, str(folder), language, present],
                cwd=ROOT, stdin=subprocess.DEVNULL, stdout=file, stderr=file,
                env={**os.environ, "LAYER_BY_LAYER_LANGUAGE": "en"}, start_new_session=True,
            )  # fmt: skip

    @property
    def said(self) -> str:
        return self.log.read_text("utf-8")

    def address(self) -> str:
        """Wait for the address, and return it."""
        deadline = time.monotonic() + WAIT
        while time.monotonic() < deadline:
            found = re.search(r"http://127\.0\.0\.1:\S+", self.said)
            if found:
                return found[0]
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise AssertionError(f"no address was printed:\n{self.said}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(scope="module")
def lab(folder, engine: Engine) -> Iterator[Lab]:
    found = Lab(folder, "en")
    found.address()
    yield found
    if found.process.poll() is None:
        found.process.send_signal(signal.SIGTERM)
        found.process.wait(60)


def test_the_address_opens_the_first_lesson(lab, folder):
    address = lab.address()
    assert re.search(r"/lab/tree/en/00-[\w-]+\.ipynb\?token=\w{20,}$", address)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(address, timeout=30) as answer:
        assert b"jupyter" in answer.read().lower()
    notebook = re.search(r"/tree/(\S+)\?", address)[1]
    assert (folder / "work" / notebook).read_bytes() == (ROOT / "notebooks" / notebook).read_bytes()


def test_the_base_image_is_there(lab, engine):
    assert engine.client.images.get("lbl/busybox:1")


def test_a_second_one_prints_the_address_of_the_first(lab, folder):
    second = Lab(folder, "zh-CN")
    base = lab.address().split("/lab")[0]
    assert second.address().startswith(base)
    assert second.process.wait(60) == 0
    assert "已在运行" in second.said


def test_presenting_is_a_jupyterlab_of_its_own(lab, folder):
    wall = Lab(folder, "zh-CN", "01")
    address = wall.address()
    assert re.search(r"/doc/tree/zh-CN/01-[\w-]+\.ipynb\?token=\w{20,}$", address)
    assert address.split("/doc")[0] != lab.address().split("/lab")[0]
    settings = (folder / "jupyter/present/config/labconfig").glob("*.json")
    assert any("statusbar-extension" in path.read_text("utf-8") for path in settings)
    wall.process.send_signal(signal.SIGINT)
    assert wall.process.wait(60) == 0
    assert lab.process.poll() is None


# The last of this file: it ends what the others use.
def test_ctrl_c_ends_jupyterlab_with_its_kernels(lab):
    family = psutil.Process(lab.process.pid).children(recursive=True)
    assert family
    lab.process.send_signal(signal.SIGINT)
    assert lab.process.wait(60) == 0
    _, alive = psutil.wait_procs(family, timeout=30)
    assert alive == []
    assert "Ending JupyterLab" in lab.said
    assert "Traceback" not in lab.said

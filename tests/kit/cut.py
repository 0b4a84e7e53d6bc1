"""What a learner does on a machine without a network, step by step; run inside such a namespace.

``unshare --net python3 tests/kit/cut.py KIT FOLDER LESSON…``: the kit is unpacked in FOLDER by a
bare Python, the lab is started, lessons are run, and everything is removed. One line of JSON on
standard output for each step: its name, seconds, and what was said.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

LAB = 600  # seconds until the lab has made its environment and answers
STEP = 1800  # seconds for a lesson, whose images are made first


class Failed(Exception):
    pass


class Cut:
    def __init__(self, kit: Path, folder: Path) -> None:
        self.kit, self.folder = kit, folder
        self.home, self.course = folder / "home", folder / "course"
        self.said = ""

    def variables(self) -> dict[str, str]:
        """Nothing of the instructor's machine: no caches, no mirrors, no settings of installers."""
        return {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": str(self.folder), "LANG": "C.UTF-8", "CI": "true",
            "LAYER_BY_LAYER_HOME": str(self.home),
        }  # fmt: skip

    def call(self, *words: str, where: Path | None = None) -> str:
        done = subprocess.run(
            words, cwd=where or self.course, env=self.variables(), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=STEP,
        )  # fmt: skip
        self.said = done.stdout
        if done.returncode:
            raise Failed(f"{' '.join(words)} ended with {done.returncode}")
        return done.stdout

    def network(self) -> None:
        """Loopback works, and nothing else does."""
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        for address in ("1.1.1.1", "pypi.org", "deb.debian.org"):
            try:
                socket.create_connection((address, 443), 5).close()
            except OSError as error:
                self.said += f"{address}: {error}\n"
            else:
                raise Failed(f"{address} answers: the network is not cut")

    def unpack(self) -> None:
        self.call(python(), "-I", "-S", str(self.kit), "--course", str(self.course),
                  where=self.folder)  # fmt: skip

    def preflight(self) -> None:
        self.call(python(), "-m", "helpers", "preflight")

    def lab(self) -> subprocess.Popen:
        """Start the lab and wait for its address; JupyterLab has to answer there."""
        log = self.folder / "lab.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [python(), "-m", "helpers", "lab", "--no-browser"], cwd=self.course,
                env=self.variables(), stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            )  # fmt: skip
        deadline = time.monotonic() + LAB
        while time.monotonic() < deadline:
            self.said = log.read_text("utf-8", "replace")
            if found := re.search(r"http://127\.0\.0\.1:\d+\S+", self.said):
                with urllib.request.urlopen(found[0], timeout=60) as answer:
                    if b"JupyterLab" not in answer.read():
                        raise Failed("what answers is not JupyterLab")
                return process
            if process.poll() is not None:
                raise Failed("the lab ended")
            time.sleep(0.5)
        raise Failed("no address")

    def lesson(self, number: str) -> None:
        """Run a lesson's notebook under nbval on the daemon that the lab started."""
        self.call(str(self.course / ".venv/bin/python"), "-m", "tests.kit.lesson", number)

    def stop(self, process: subprocess.Popen) -> None:
        process.send_signal(signal.SIGINT)
        process.wait(60)
        self.call(python(), "-m", "helpers", "stop")

    def clean(self) -> None:
        self.call(python(), "-m", "helpers", "clean", "--confirm")
        if self.home.exists() or (self.course / ".venv").exists():
            raise Failed("something is left")


def python() -> str:
    """A Python without the packages of this environment."""
    return os.path.realpath(sys.executable)


def main(kit: str, folder: str, *lessons: str) -> int:
    cut = Cut(Path(kit), Path(folder))
    process = None

    def step(name: str, do, *values: object) -> object:
        cut.said, began = "", time.monotonic()
        try:
            return do(*values)
        except (Failed, OSError, subprocess.SubprocessError) as error:
            cut.said += f"\n{error}"
            raise Failed(name) from error
        finally:
            seconds = round(time.monotonic() - began, 1)
            print(json.dumps({"step": name, "seconds": seconds, "said": cut.said}), flush=True)

    try:
        step("cut", cut.network)
        step("unpack", cut.unpack)
        process = step("lab", cut.lab)
        step("preflight", cut.preflight)
        for number in lessons:
            step(f"lesson {number}", cut.lesson, number)
        step("stop", cut.stop, process)
        step("clean", cut.clean)
        return 0
    except Failed:
        return 1
    finally:
        if process is not None and process.poll() is None:
            process.kill()
        if cut.home.exists():  # a step failed: end what the course started
            subprocess.run([python(), "-m", "helpers", "clean", "--confirm"], cwd=cut.course,
                           env=cut.variables(), stdout=subprocess.DEVNULL, check=False)  # fmt: skip
        shutil.rmtree(cut.folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

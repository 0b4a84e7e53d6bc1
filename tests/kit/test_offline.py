"""A kit used on a machine whose network is cut: from nothing to lessons, and back to nothing.

``make test ARGS='-n 0 -m sweep tests/kit/test_offline.py'``; LAYER_BY_LAYER_OFFLINE names the
lessons that are run, and LAYER_BY_LAYER_KIT a kit that was made before.
"""

from __future__ import annotations

import datetime
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from helpers import messages, paths
from helpers.engine import Engine
from helpers.engine.private import reasons_against
from helpers.kit import checking, making
from helpers.text import size

from ..conftest import missing

REPORT = Path(__file__).parent.parent / "reports" / "offline-kit.md"
LESSONS = os.environ.get("LAYER_BY_LAYER_OFFLINE", "01 03 05 07").split()
CUT = Path(__file__).with_name("cut.py")


@pytest.mark.sweep
def test_a_machine_without_a_network_gets_through_its_lessons(engine: Engine) -> None:
    if reasons := reasons_against():
        missing(f"no namespaces here: {reasons[0]}")
    # Short, since sockets lie in it; and nothing of it is in the clone or in this home.
    with tempfile.TemporaryDirectory(prefix="lbl-") as folder:
        _through(Path(folder))


def _through(folder: Path) -> None:
    kit = Path(os.environ.get("LAYER_BY_LAYER_KIT") or folder / "course.kit.pyz")
    said: list[str] = []
    began = time.monotonic()
    with messages.speaking("en"):
        if kit.exists():
            said.append("(a kit that was made before)")
        else:
            making.make(kit, say=said.append)
        took = time.monotonic() - began
        manifest = checking.verify(kit)
    bare = os.path.realpath(sys.executable)  # without this environment's packages
    work = folder / "w"
    work.mkdir()
    done = subprocess.run(
        ["unshare", "--net", bare, str(CUT), str(kit), str(work), *LESSONS],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    steps = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, steps[-1]["said"][-8000:] if steps else "nothing was done"
    names = [step["step"] for step in steps]
    assert names == [
        "cut", "unpack", "lab", "preflight", *(f"lesson {n}" for n in LESSONS), "stop", "clean",
    ]  # fmt: skip
    assert "offline kit" in next(s["said"] for s in steps if s["step"] == "lab")
    _report(kit, manifest, took, said, steps)


def _report(kit: Path, manifest, took: float, said: list[str], steps: list[dict]) -> None:
    date = datetime.date.today().isoformat()
    rows = []
    for step in steps:
        result = "done"
        if passed := re.findall(r"^(\d+ passed.*?) in ", step["said"], re.MULTILINE):
            result = f"nbval: {passed[-1]}"
        if step["step"] == "cut":
            result = "; ".join(step["said"].split("\n")[:-1])
        if step["step"].startswith("lesson") and "was made before" in step["said"]:
            result += f"; layers of the kit used: {step['said'].count('was made before')}"
        rows.append(f"| {step['step']} | {step['seconds']:.1f} s | {result} |")
    rest = [number for number in manifest.lessons if number not in LESSONS]
    parts = {purpose: [f for f in manifest.files if f.purpose == purpose]
             for purpose in making.PURPOSES}  # fmt: skip
    lines = [
        f"# The offline kit in a network namespace without a route, {date}",
        "",
        "```console",
        "$ python -m helpers kit make course.kit.pyz",
        f"$ unshare --net python3 tests/kit/cut.py course.kit.pyz FOLDER {' '.join(LESSONS)}",
        "```",
        "",
        f"{os.cpu_count()} processors, shared with other work. The kit: {size(kit.stat().st_size)},"
        f" for {', '.join(map(str, manifest.targets))}, all {len(manifest.lessons)} lessons"
        + (f", made in {took:.0f} s." if len(said) > 1 else "."),
        "",
        "| of that | files | size |",
        "|:--|--:|--:|",
        *(f"| {purpose} | {len(files)} | {size(sum(f.size for f in files))} |"
          for purpose, files in parts.items()),
        "",
        "In the namespace, from an empty folder, with an empty home and nothing installed but"
        " Python:",
        "",
        "| step | took | |",
        "|:--|--:|:--|",
        *rows,
        "",
        f"Not run in the namespace: lessons {', '.join(rest)}. What they need was read from their"
        " plans and imports, as for the others." if rest else "All lessons of the kit were run.",
    ]  # fmt: skip
    paths.writable(REPORT.parent)
    REPORT.write_text("\n".join(lines) + "\n")

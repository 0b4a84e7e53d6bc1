"""Readers draw nothing, so that `make clean` and its kin leave no font cache behind."""

from __future__ import annotations

import subprocess
import sys

from helpers.paths import ROOT

DRAW = ("figures", "widgets")  # and lessons, which are not imported from the package
READERS = sorted(
    place.parent.name
    for place in (ROOT / "helpers").glob("*/__init__.py")
    if place.parent.name not in DRAW
)


def test_nothing_but_figures_and_widgets_loads_matplotlib() -> None:
    assert {"lab", "machines", "components", "install"} <= set(READERS)
    code = "; ".join(f"import helpers.{name}" for name in READERS)
    code += "; import helpers.machines.leftovers, helpers.components.second_daemon, sys"
    code += "; print('matplotlib' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert (done.stdout.strip(), done.returncode) == ("False", 0), done.stderr

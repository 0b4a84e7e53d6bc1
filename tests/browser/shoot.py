"""Take a picture of a notebook as JupyterLab shows it after all cells ran.

``python -m tests.browser.shoot notebooks/en/01-images-and-layers.ipynb out.png``

A long notebook gives ``out.png`` and also its parts, ``out-1.png``, ``out-2.png`` …
"""

from __future__ import annotations

import argparse
import contextlib
import os
import tempfile
from pathlib import Path

from helpers import engine
from helpers.errors import CourseError

from . import chromium
from .jupyter import opened

PART = 1600  # pixels of height: a part is readable when it is looked at as a whole


def shoot(notebook: Path, picture: Path, *, run: bool = True, width: int = 1100) -> list[Path]:
    """Open a copy of ``notebook``, run it, and write one or more PNG files; return them."""
    browser = chromium.find(print)
    if browser is None:
        raise SystemExit(chromium.why(None))
    variables = dict(os.environ)
    with contextlib.suppress(CourseError):
        variables |= engine.connect().environment()
    with (
        tempfile.TemporaryDirectory(prefix="lbl-shoot-") as folder,
        opened(notebook, Path(folder), browser, variables=variables, width=width) as visit,
    ):
        page = visit.page
        if run:
            visit.run_all()
        height = visit.height() + 120
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function(
            "() => [...document.images].every(image => image.complete)", timeout=30_000
        )
        # Running leaves the last cell active and in view; the picture begins with the first.
        page.evaluate("window.jupyterapp.commands.execute('notebook:move-cursor-up')")
        page.evaluate(
            "document.querySelectorAll('.jp-WindowedPanel-outer').forEach(e => { e.scrollTop = 0 })"
        )
        page.mouse.move(0, 0)
        page.wait_for_timeout(500)  # JupyterLab lays the page out anew, without saying when
        found = [picture]
        page.screenshot(path=picture)
        if height > PART:
            for number, top in enumerate(range(0, height, PART), 1):
                part = picture.with_name(f"{picture.stem}-{number}{picture.suffix}")
                area = {"x": 0, "y": top, "width": width, "height": min(PART, height - top)}
                page.screenshot(path=part, clip=area)
                found.append(part)
        for line in (*visit.elsewhere(), *visit.errors):
            print("!", line)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notebook", type=Path)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--as-stored", action="store_true", help="do not run the cells")
    parser.add_argument("--width", type=int, default=1100, help="CSS pixels (default 1100)")
    chosen = parser.parse_args()
    for path in shoot(
        chosen.notebook, chosen.picture, run=not chosen.as_stored, width=chosen.width
    ):
        print(path)

"""Take a picture of each slide of a lesson: ``python -m tests.slides.shoot 01 zh-CN folder``."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from helpers.messages import LANGUAGES
from helpers.slides import build
from tests.browser import chromium
from tests.browser.driver import driver


def shoot(id: str, edition: str, folder: Path) -> list[Path]:
    """Write ``01-en-07.png`` and so on, each slide with all of its steps; return the paths."""
    browser = chromium.find(print)
    if browser is None:
        raise SystemExit(chromium.why(None))
    found = []
    with driver() as playwright:
        running = playwright.chromium.launch(
            executable_path=str(browser.executable),
            args=list(chromium.FLAGS),
            env={**os.environ, **browser.environment},
        )
        page = running.new_page(viewport={"width": 1280, "height": 720})
        page.goto(build(id, edition, folder).as_uri())
        for number in range(page.locator("section").count()):
            page.evaluate("number => show(number, true)", number)
            found.append(folder / f"{id}-{edition}-{number + 1:02}.png")
            page.screenshot(path=found[-1])
        running.close()
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lesson")
    parser.add_argument("language", choices=list(LANGUAGES))
    parser.add_argument("folder", type=Path)
    chosen = parser.parse_args()
    for path in shoot(chosen.lesson, chosen.language, chosen.folder):
        print(path)

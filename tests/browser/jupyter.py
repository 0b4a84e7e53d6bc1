"""A real JupyterLab in a real browser: open a notebook, run all of it, see what happened."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page

from helpers.lab import server

from .chromium import FLAGS, Chromium
from .driver import driver

# The promise is not waited for here: behind a dialog it would never be kept.
RUN_ALL = """() => {
    window.allCellsRan = false;
    window.jupyterapp.commands.execute('notebook:run-all-cells')
        .finally(() => { window.allCellsRan = true; });
}"""
# A notebook that names no kernel is asked about: accept what is offered.
READY = """() => {
    document.querySelector('.jp-Dialog .jp-mod-accept')?.click();
    const indicator = document.querySelector('.jp-Notebook-ExecutionIndicator');
    // On a busy machine the indicator says idle before the kernel listens: nothing would run.
    const session = window.jupyterapp?.shell.currentWidget?.sessionContext?.session;
    return session?.kernel?.connectionStatus === 'connected'
        && indicator && indicator.dataset.status === 'idle'
        && !document.querySelector('.jp-Toolbar-kernelName')?.innerText.startsWith('No Kernel')
        && document.querySelector('.jp-CodeCell, .jp-MarkdownCell');
}"""
# Run the first code cell whose text holds the argument.
RUN_ONE = """async (wanted) => {
    const panel = window.jupyterapp.shell.currentWidget.content;
    panel.activeCellIndex = panel.widgets.findIndex(
        (cell) => cell.model.type === 'code' && cell.model.sharedModel.source.includes(wanted));
    await window.jupyterapp.commands.execute('notebook:run-cell');
}"""
TIMEOUT = 300_000  # milliseconds for a whole lesson on a slow machine
# Every cell in the page, also those far below: their outputs are looked at.
NO_WINDOWING = {"@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"}}


@dataclass
class Visit:
    """A page with a notebook open, and what the page did since it was opened."""

    page: Page
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def elsewhere(self) -> list[str]:
        """Return the requests that were not for this machine."""
        local = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:", "about:")
        return [address for address in self.requests if not address.startswith(local)]

    def run_all(self) -> None:
        """Run every cell and wait until all have ended; cells after an error do not run."""
        self.page.evaluate(RUN_ALL)
        self.page.wait_for_function("() => window.allCellsRan", timeout=TIMEOUT)
        self.page.wait_for_function(READY, timeout=TIMEOUT)

    def run_cell(self, holds: str) -> None:
        """Run the code cell whose text holds ``holds`` once more, and wait until it has ended."""
        self.page.evaluate(RUN_ONE, holds)
        self.page.wait_for_function(READY, timeout=TIMEOUT)

    def height(self) -> int:
        """Return the height of the whole notebook, in CSS pixels."""
        return self.page.evaluate(
            """() => {
                const cells = document.querySelector('.jp-WindowedPanel-outer');
                return cells ? cells.scrollHeight : document.body.scrollHeight;
            }"""
        )


@contextlib.contextmanager
def opened(
    notebook: Path,
    folder: Path,
    browser: Chromium,
    *,
    variables: Mapping[str, str] | None = None,
    width: int = 1280,
    height: int = 1000,
    settings: Mapping[str, object] | None = None,
    css: str = "",
) -> Iterator[Visit]:
    """Open a copy of ``notebook`` in JupyterLab and in a browser.

    Parameters
    ----------
    folder: an empty folder for the copy and for all that JupyterLab writes.
    variables: the environment of JupyterLab, its kernels and terminals.
    width, height: of the window, in CSS pixels.
    settings: of JupyterLab, beside those that a test needs.
    css: style rules for its page.
    """
    # The folder's name is the language that the helpers speak.
    below = Path(notebook.resolve().parent.name) / notebook.name
    copy = folder / "files" / below
    copy.parent.mkdir(parents=True)
    shutil.copyfile(notebook, copy)
    lab, process = server.start(
        folder / "files",
        folder / "lab",
        variables,
        overrides={**NO_WINDOWING, **(settings or {})},
        exposed=True,
        css=css,
    )
    try:
        with driver() as playwright:
            chromium = playwright.chromium.launch(
                executable_path=browser.executable,
                args=list(FLAGS),
                env={**(variables or {}), **browser.environment},
            )
            page = chromium.new_page(viewport={"width": width, "height": height})
            visit = Visit(page)
            page.on("request", lambda request: visit.requests.append(request.url))
            page.on("websocket", lambda socket: visit.requests.append(socket.url))
            page.on("pageerror", lambda error: visit.errors.append(str(error)))
            page.goto(f"{lab.url(below.as_posix(), prefix='doc')}&reset", timeout=TIMEOUT)
            page.wait_for_function(READY, timeout=TIMEOUT)
            yield visit
            chromium.close()
    finally:
        server.stop(process)

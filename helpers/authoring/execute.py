"""Run a notebook and keep of it only what is the same on every run."""

from __future__ import annotations

from pathlib import Path

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode, v4

from .. import messages, paths
from ..text import plain
from .fields import LessonError
from .sanitizer import stable

CELL_TIMEOUT = 300  # seconds; the same limit as in the tests
# Random model ids; the text/html beside it is what a reader of the stored notebook sees.
_WIDGET = "application/vnd.jupyter.widget-view+json"


def run(notebook: NotebookNode, folder: Path, environment: dict[str, str], name: str) -> None:
    """Execute a notebook in place.

    Parameters
    ----------
    notebook: as ``notebook.assemble`` made it.
    folder: the kernel starts here; its name says the language.
    environment: of the kernel.
    name: names the notebook in an error.

    Raises
    ------
    LessonError: a cell failed, ran too long, wrote to stderr, or put a path of this machine into
        the notebook.
    """
    metadata = notebook.metadata.copy()
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        kernel_name=metadata["kernelspec"]["name"],
        resources={"metadata": {"path": str(folder)}},
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        extra_arguments=["--log-level=ERROR"],  # else each kernel warns that loopback is plain TCP
    )
    try:
        client.execute(env=environment)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        raise LessonError([f"{name}: {plain(error)}"]) from None  # without its colours
    notebook["metadata"] = metadata  # the kernel adds its own version
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", ()):
            output.get("data", {}).pop(_WIDGET, None)
            _sanitize(output)
        if "nbval-ignore-output" in cell.metadata.get("tags", ()):
            _forget(cell, metadata["layer_by_layer"]["language"])
    if problems := [f"{name}: {one}" for one in unstable(notebook)]:
        raise LessonError(problems)


def _sanitize(output: NotebookNode) -> None:
    if "text" in output:
        output["text"] = stable(output.text)
    if output.output_type == "error":
        output["evalue"] = stable(output.evalue)
        output["traceback"] = [stable(line) for line in output.traceback]
    for kind, value in output.get("data", {}).items():
        if kind.startswith("text/"):
            output.data[kind] = stable(value)


def _forget(cell: NotebookNode, language: str) -> None:
    """Put the reason in place of an output that differs from machine to machine.

    What the author's machine shows is nobody else's business, and would change with every build.
    """
    with messages.speaking(messages.LANGUAGES[language]):
        words = messages.text("authoring.varies", reason=cell.metadata["reason"])
    cell["outputs"] = [v4.new_output("display_data", {"text/plain": words})]


def unstable(notebook: NotebookNode) -> list[str]:
    """Return what in the outputs would differ on another machine or run."""
    found = []
    # /root is also in most images, so it says nothing about this machine
    places = {str(paths.ROOT), str(paths.home()), f"{Path.home()}/"} - {"/root/"}
    for number, cell in enumerate(notebook.cells, start=1):
        for output in cell.get("outputs", ()):
            if output.get("name") == "stderr":
                found.append(f"cell {number} writes to stderr: {output.text.strip()[-300:]}")
            shown = str(output)
            found += [f"cell {number} shows the path {p}" for p in sorted(places) if p in shown]
    return found

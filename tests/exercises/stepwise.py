"""Run the code of a lesson cell by cell in one kernel, with pauses in between."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from nbclient import NotebookClient
from nbformat import v4

from helpers.authoring import Lesson
from helpers.authoring.execute import CELL_TIMEOUT
from helpers.authoring.source import Cell


def run(
    lesson: Lesson, folder: Path, environment: dict[str, str], before: Callable[[int, Cell], None]
) -> None:
    """Execute the English code with its solutions in order.

    Parameters
    ----------
    before: called ahead of each code cell with its position in ``Source.cells``.
    """
    code = [(n, cell) for n, cell in enumerate(lesson.original.cells) if cell.kind == "code"]
    cells = [v4.new_code_cell(cell.text, metadata={"tags": list(cell.tags)}) for _, cell in code]
    place = folder / "en"  # a kernel takes its language from there
    place.mkdir()
    client = NotebookClient(
        v4.new_notebook(cells=cells),
        timeout=CELL_TIMEOUT,
        kernel_name="python3",
        resources={"metadata": {"path": str(place)}},
        extra_arguments=["--log-level=ERROR"],
    )
    with client.setup_kernel(env=environment):
        for index, (position, cell) in enumerate(code):
            before(position, cell)
            client.execute_cell(cells[index], index)

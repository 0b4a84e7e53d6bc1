"""A learner's notebook, a real daemon and a real exercise; the class sees it."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbclient import NotebookClient
from nbformat import v4

from helpers import messages
from helpers.classview import classes
from helpers.engine import Engine

from .conftest import eventually, overview, serving, tries

JOIN = 'from helpers import exercises\nexercises.join("李明", {code!r})'
CHECK = 'exercises.check("00.1")'
TOLD = """import time
while exercises.joined().state.waiting:
    time.sleep(0.05)
exercises.joined().state.sent"""


@pytest.mark.daemon
def test_a_notebook_s_checks_arrive(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("LAYER_BY_LAYER_HOME", str(tmp_path / "instructor"))
        room = classes.open_()
        with serving(room):
            outputs = _run(engine, tmp_path, str(room.code()))
            eventually(lambda: tries(room) == 1, "the verdict")
        (one,) = overview(room).standings
        assert [learner.name for learner in overview(room).learners] == ["李明"]
    assert (one.exercise, one.right, one.message) == ("00.1", False, "lesson00.ex1.missing")
    alone, joined, told, sent = outputs
    assert told == alone, "the verdict is the same"
    assert "你已加入班级 main，显示的名字是 李明。" in joined
    assert sent == "1"


def _run(engine: Engine, folder: Path, code: str) -> list[str]:
    """Run a notebook in a folder for Chinese ones, and return what its cells show."""
    place = folder / "zh-CN"
    place.mkdir()
    sources = (f"from helpers import exercises\n{CHECK}", JOIN.format(code=code), CHECK, TOLD)
    cells = [v4.new_code_cell(source) for source in sources]
    client = NotebookClient(
        v4.new_notebook(cells=cells),
        timeout=120,
        kernel_name="python3",
        resources={"metadata": {"path": str(place)}},
        extra_arguments=["--log-level=ERROR"],
    )
    variables = {
        **engine.environment(),
        "LAYER_BY_LAYER_HOME": str(folder / "learner"),
        "LAYER_BY_LAYER_PROGRESS": str(folder / "progress.json"),
    }
    with messages.speaking("en"):
        client.execute(env=variables)
    return [cell.outputs[0]["data"]["text/plain"] for cell in cells]

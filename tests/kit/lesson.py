"""``python -m tests.kit.lesson NN``: one lesson's notebook under nbval, on the daemon at hand."""

from __future__ import annotations

import sys

from helpers import engine, paths
from helpers.authoring import machine, model
from helpers.kit.wanted import lessons

from ..notebooks.nbval import run


def main(number: str) -> int:
    (folder,) = lessons([number])
    plan = model.read(folder / "lesson.toml")
    with machine.fresh(plan, engine.connect(start=False)) as environment:
        passed, report = run(paths.NOTEBOOKS / "en" / f"{folder.name}.ipynb", environment)
    print(report)
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

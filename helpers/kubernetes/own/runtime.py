"""runc, but a container's OOM score is never negative; runs as ``python runtime.py RUNC …``.

To lower a score needs CAP_SYS_RESOURCE (proc(5)), which root lacks in many containers: runc would
refuse to start the pause container of every pod. Only ``create`` and ``run`` read a bundle.

It uses the standard library alone, so that it starts under any Python.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path


def main(runc: str, arguments: list[str]) -> None:
    for option in ("--bundle", "-b"):
        if option in arguments[:-1]:
            _soften(Path(arguments[arguments.index(option) + 1]) / "config.json")
    os.execv(runc, [runc, *arguments])


def _soften(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        config = json.loads(path.read_text())
        process = config.get("process", {})
        if process.get("oomScoreAdj", 0) < 0:
            process["oomScoreAdj"] = 0
            path.write_text(json.dumps(config))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])

"""``requirements.lock`` and ``environment.yml``: one set of packages, written in two forms.

Beside them ``uv.txt``: the uv that fills the environment.
"""

from __future__ import annotations

import re
import subprocess

from ..paths import ROOT

__all__ = ["environment", "pins", "write"]

LOCK = ROOT / "requirements.lock"
CONDA = ROOT / "environment.yml"
PYTHON = ">=3.11,<3.15"
COMPILE = (
    "uv", "pip", "compile", "--universal", "--generate-hashes", "--quiet", "--no-annotate",
    "--python-version", "3.11", "--custom-compile-command", "python -m helpers lock",
)  # fmt: skip
WHOLE = (*COMPILE, "--extra", "test", "--output-file", "requirements.lock", "pyproject.toml", "-")
ONE = (*COMPILE, "--output-file", "helpers/lab/uv.txt", "-")


def write() -> None:
    """Resolve pyproject.toml anew into the lock, and write environment.yml from it. Needs uv.

    The build tool is locked too: the course itself is installed without fetching anything else.
    """
    for command, name in ((WHOLE, "setuptools>=77"), (ONE, "uv>=0.9")):
        subprocess.run(command, input=f"{name}\n", text=True, cwd=ROOT, check=True)
    CONDA.write_text(environment(LOCK.read_text()))


def pins(lock: str) -> list[str]:
    """Return the requirements of a lock file without hashes: ``name==version ; marker``."""
    return re.findall(r"^([A-Za-z0-9][^\\\n]*?) *\\?$", lock, re.MULTILINE)


def environment(lock: str) -> str:
    """Return environment.yml for a lock file: Python, pip, and the lock as the pip section."""
    lines = [
        "# Made by `python -m helpers lock` from requirements.lock; do not edit.",
        "# conda env create -f environment.yml && conda activate layer-by-layer && make lab",
        "name: layer-by-layer",
        "channels:",
        "  - conda-forge",
        "dependencies:",
        f"  - python{PYTHON}",
        "  - pip",
        "  - pip:",
        *(f'      - "{pin.replace(chr(34), chr(39))}"' for pin in pins(lock)),
        "      - --editable .",
    ]
    return "\n".join(lines) + "\n"

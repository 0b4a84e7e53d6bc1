"""nbval compares what a learner reads, and the sanitizer hides nothing but what it says."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest
from nbformat import v4
from nbval.plugin import get_sanitize_patterns

from helpers.authoring.sanitizer import rules, stable

from .nbval import SANITIZER, run

FIGURE = '<figure><img alt="{alt}" src="data:image/png;base64,{pixels}"></figure>'
CELL = (
    "class Drawing:\n"
    "    def _repr_mimebundle_(self, **_):\n"
    f"        html = '{FIGURE.format(alt='2 layers', pixels='iVBORw0KGgo=')}'\n"
    "        return {'text/html': html, 'text/plain': '2 layers'}\n\n"
    "Drawing()"
)


def _notebook(folder: Path, **stored: str) -> Path:
    """Write a notebook of two cells: a figure, and a number."""
    figure = {"text/plain": "2 layers", "text/html": FIGURE.format(alt="2 layers", pixels="AAAA")}
    figure |= {"text/html": FIGURE.format(**stored)} if "alt" in stored else {}
    cells = [
        v4.new_code_cell(
            CELL,
            execution_count=1,
            outputs=[v4.new_output("execute_result", figure, execution_count=1)],
        ),
        v4.new_code_cell(
            "print(2)",
            execution_count=2,
            outputs=[v4.new_output("stream", name="stdout", text=stored.get("number", "2\n"))],
        ),
    ]
    path = folder / "sample.ipynb"
    nbformat.write(v4.new_notebook(cells=cells), path)
    return path


def test_other_pixels_pass(tmp_path: Path) -> None:
    passed, report = run(_notebook(tmp_path), dict(os.environ))
    assert passed, report


@pytest.mark.parametrize(
    ("stored", "cell"),
    [
        ({"alt": "3 layers", "pixels": "AAAA"}, "Cell 0"),
        ({"number": "3\n"}, "Cell 1"),
    ],
    ids=["alt text", "number"],
)
def test_other_facts_fail_and_name_the_cell(
    tmp_path: Path, stored: dict[str, str], cell: str
) -> None:
    passed, report = run(_notebook(tmp_path, **stored), dict(os.environ))
    assert not passed
    assert cell in report


def test_every_rule_has_its_reason() -> None:
    blocks = SANITIZER.read_text("utf-8").strip().split("\n\n")
    blocks = [block for block in blocks if "\nregex: " in block]
    assert len(blocks) == len(rules()), "a rule is a reason, a [name], one regex and one replace"
    for block, rule in zip(blocks, rules(), strict=True):
        reason, _, _ = block.partition(f"[{rule.name}]")
        assert reason.startswith("# "), f"no reason: {block}"
    read_by_nbval = get_sanitize_patterns(SANITIZER.read_text("utf-8"))
    assert read_by_nbval == [(rule.pattern.pattern, rule.replacement) for rule in rules()]


@pytest.mark.parametrize(
    ("output", "stored"),
    [
        ("docker push 127.0.0.1:32776/app:1", "docker push 127.0.0.1:PORT/app:1"),
        ("127.0.0.1:60999", "127.0.0.1:PORT"),
        ("127.0.0.1:8080 and 127.0.0.1:5000", "127.0.0.1:8080 and 127.0.0.1:5000"),
        ("ran  ≈2.1 s, ≈12 s", "ran  ≈N s, ≈N s"),
        ("about 2.1 s, ≈2.1 kB", "about 2.1 s, ≈2.1 kB"),
        ("10.0.0.1:32776, 32776 files", "10.0.0.1:32776, 32776 files"),
        ("host ⟨6.1⟩, ps ⟨1 sh\n2 ps⟩ <7>", "host ⟨…⟩, ps ⟨…⟩ <7>"),
        ('<img src="data:image/png;base64,AAAA">', '<img src="data:image/png;base64,AAAA">'),
    ],
)
def test_what_varies_is_not_stored(output: str, stored: str) -> None:
    assert stable(output) == stored

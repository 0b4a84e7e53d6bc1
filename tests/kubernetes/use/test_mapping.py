"""The table says what the files say, and nothing that none of them says."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from helpers import messages, paths
from helpers.kubernetes import mapping, read
from helpers.kubernetes.mapping import RULES, rows

LESSONS = paths.ROOT / "lessons"
STACK = LESSONS / "08-orchestration/contexts/shop/stack.yaml"
CONTEXTS = LESSONS / "10-kubernetes/contexts"


def test_every_subject_has_a_row_in_the_lesson_s_table() -> None:
    table = mapping("08.shop", "10.shop", "10.load", "10.rights")
    assert [row.subject for row in table.rows] == [rule.subject for rule in RULES]


def test_values_are_those_of_the_files() -> None:
    told = yaml.safe_load(STACK.read_text("utf-8"))
    found = {row.subject: row for row in rows(told, read(CONTEXTS / "shop"))}
    replicas = told["services"]["web"]["deploy"]["replicas"]
    assert found["replicas"].swarm == f"deploy.replicas: {replicas}"
    assert found["replicas"].kubernetes == "Deployment: replicas: 3"
    assert "scaling" not in found, "no manifest with an autoscaler, no row"


def test_a_changed_file_changes_the_table(tmp_path: Path) -> None:
    path = tmp_path / "web.yaml"
    path.write_text((CONTEXTS / "shop/web.yaml").read_text().replace("replicas: 3", "replicas: 7"))
    found = {row.subject: row for row in mapping(STACK, path).rows}
    assert found["replicas"].kubernetes.endswith("replicas: 7")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_html_and_text_hold_the_same_and_are_safe(tmp_path: Path, language: str) -> None:
    path = tmp_path / "web.yaml"
    path.write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '<img src=x>'}\n")
    with messages.speaking(language):
        shown = mapping(STACK, path)._repr_mimebundle_()
    assert "ConfigMap <img src=x>" in shown["text/plain"]
    assert "<img" not in shown["text/html"]
    assert shown["text/html"].count("<tr>") == len(shown["text/plain"].splitlines()) - 1

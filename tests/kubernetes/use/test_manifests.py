"""Manifests: every mistake is named with its file, its line and its key, in both languages."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from helpers import messages, paths
from helpers.errors import ManifestFailed, NotFound
from helpers.kubernetes import quantities, read
from helpers.kubernetes.checking import SERVED, check
from helpers.kubernetes.manifests import keys_of

CONTEXTS = paths.ROOT / "lessons/10-kubernetes/contexts"
GOOD = (CONTEXTS / "shop/web.yaml").read_text("utf-8")


def written(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "web.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refused(path: Path) -> ManifestFailed:
    with pytest.raises(ManifestFailed) as caught:
        for document in read(path):
            check(document, "lbl-10")
    for language in ("en", "zh"):
        with messages.speaking(language):
            assert str(caught.value.values["file"]) in str(caught.value)
    return caught.value


@pytest.mark.parametrize("name", ["shop", "load", "rights", "door"])
def test_the_lesson_s_own_manifests_are_read_and_accepted(name: str) -> None:
    documents = read(CONTEXTS / name)
    assert documents
    for document in documents:
        check(document, "lbl-10")
        assert document.api == SERVED[document.kind], "an API version that old and new serve"
        assert "kind" in document.content.splitlines()[document.line_of("kind") - 1]


@pytest.mark.parametrize(
    ("before", "after", "key", "line"),
    [
        ("  replicas: 3", "\treplicas: 3", "tab", 6),
        ("  name: web\nspec", "  name: web\n  name: wob\nspec", "twice", 5),
        ("metadata:\n  name: web", "metadata:\n  label: web", "no_key", 3),
        ("metadata:\n  name: web", "metadata:\n  name: 10", "no_key", 4),
        ("kind: Deployment", "kind: [Deployment", "not_yaml", 2),
        ("  replicas: 3", "  replicas: 3: 4", "not_yaml", 6),
        ("cpu: 100m,", "cpu: 100mm,", "quantity", 45),
        ("memory: 128Mi", "memory: 64m", "tiny", 46),
        ("memory: 128Mi", "memory: -1Mi", "quantity", 46),
        ("apiVersion: apps/v1", "apiVersion: extensions/v1beta1", "other_api", 1),
        ("kind: Deployment", "kind: ClusterRole", "of_cluster", 2),
        ("  name: web\nspec", "  name: web\n  namespace: kube-system\nspec", "other_namespace", 5),
        ("- containerPort: 8000", "- {containerPort: 8000, hostPort: 80}", "open_service", 27),
        ("  selector: {app: web}\n", "  type: LoadBalancer\n", "open_service", 61),
        ("configMap: {name: greeting}", "hostPath: {path: /}", "privileged", 52),
        ("    spec:\n", "    spec:\n      hostNetwork: true\n", "privileged", 17),
    ],
)
def test_a_mistake_is_named_with_its_line(
    tmp_path: Path, before: str, after: str, key: str, line: int
) -> None:
    assert before in GOOD
    error = refused(written(tmp_path, GOOD.replace(before, after, 1)))
    assert error.key == f"kubernetes_use.{key}"
    assert error.values["file"] == "web.yaml"
    assert error.values["line"] == line
    content = GOOD.replace(before, after, 1).splitlines()[line - 1].strip()
    assert error.values["shown"] == content[:80]


@pytest.mark.parametrize(
    "content", ["- a\n- b\n", "just words\n", "42\n", b"\xff\xfe\x00bin", "a: \x01\n", "&a [*a]"]
)
def test_what_is_no_object_is_an_error_of_the_course(tmp_path: Path, content: str | bytes) -> None:
    refused(written(tmp_path, content))


def test_anchors_that_grow_without_end_are_refused(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    assert refused(written(tmp_path, "\n".join(lines))).key == "kubernetes_use.too_large"


def test_a_folder_without_manifests_is_said(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("none")
    with pytest.raises(NotFound, match="no manifest"), messages.speaking("en"):
        read(tmp_path)


def test_empty_documents_are_left_out_and_files_are_taken_in_order(tmp_path: Path) -> None:
    one = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\n---\n"
    (tmp_path / "b.yaml").write_text(one % "b")
    (tmp_path / "a.yml").write_text(one % "a1" + one % "a2")
    assert [document.name for document in read(tmp_path)] == ["a1", "a2", "b"]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("100m", "0.1"), ("0.5", "0.5"), (2, "2"), ("64Mi", "67108864"), ("1e3", "1000"),
        ("1E3", "1000"), ("1E", "1e18"), (".5Gi", "536870912"), ("12k", "12000"), ("-1", "-1"),
    ],
)  # fmt: skip
def test_quantities_are_those_of_kubernetes(text: object, amount: str) -> None:
    assert quantities.parse(text) == Decimal(amount)


@pytest.mark.parametrize("text", ["100mm", "64mb", "", "Mi", "1 Gi", "one", True, None, "1e999"])
def test_other_words_are_none(text: object) -> None:
    with pytest.raises(ValueError):
        quantities.parse(text)


def test_paths_have_steps() -> None:
    assert keys_of("spec.containers[0].image") == ["spec", "containers", 0, "image"]
    assert keys_of("data[config.json]") == ["data", "config.json"]
    assert keys_of("") == []

"""Manifests: YAML files that say which Kubernetes objects there should be, with their lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import yaml

from ..errors import ManifestFailed, NotFound
from ..text import plain

__all__ = ["Document", "Folder", "keys_of", "read"]

ENDINGS = (".yaml", ".yml", ".json")  # what `kubectl apply -f FOLDER` takes
MOST = 1 << 20  # bytes of a file
MOST_NODES = 20_000  # of a document: anchors could make it endless
SHOWN = 80  # characters of a line


class Folder(Protocol):
    """Where manifests lie: a `helpers.scenarios.Scenario`."""

    @property
    def folder(self) -> Path: ...
    @property
    def shown(self) -> str: ...


@dataclass(frozen=True)
class Document:
    """One object as a manifest describes it.

    Fields
    ------
    file: name of its file, without folders.
    api, kind, name: ``apps/v1``, ``Deployment``, ``web``.
    body: all of it, as JSON would have it.
    line: where it begins in the file.
    """

    file: str
    api: str
    kind: str
    name: str
    line: int
    body: Mapping = field(repr=False, hash=False)
    node: yaml.Node = field(repr=False, hash=False, compare=False)
    content: str = field(repr=False, hash=False, compare=False)

    def line_of(self, path: str) -> int:
        """Return the line of a key (``spec.template.spec.containers[0].image``).

        If the key is not there: the line of what should hold it.
        """
        node, line = self.node, self.line
        for key in keys_of(path):
            found = _step(node, key)
            if found is None:
                break
            line, node = found
        return line

    def shown(self, line: int) -> str:
        """Return the text of a line, safe to print."""
        lines = self.content.splitlines()
        return plain(lines[line - 1].strip())[:SHOWN] if 0 < line <= len(lines) else ""

    def walk(self) -> Iterator[tuple[str, object]]:
        """Yield each key's path with its value, from the outside to the inside."""
        yield from _walk("", self.body)


def keys_of(path: str) -> list[str | int]:
    """Return the steps of a path: ``a.b[0].c`` gives ``["a", "b", 0, "c"]``.

    A key that holds points stands in brackets: ``data[config.json]``.
    """
    found: list[str | int] = []
    for name, inner in re.findall(r"([^.\[\]]+)|\[([^\]]*)\]", path):
        if inner:
            found.append(int(inner) if inner.isdigit() else inner)
        elif name:
            found.append(name)
    return found


def read(place: Folder | Path | str) -> tuple[Document, ...]:
    """Read the manifests of a folder or a file, in the order in which kubectl takes them.

    Raises
    ------
    NotFound: no such file, or no manifest in the folder.
    ManifestFailed: a file is no YAML, a key stands twice, or a document is no object of
        Kubernetes; the message names file and line.
    """
    path = place if isinstance(place, Path) else Path(getattr(place, "folder", place))
    if path.is_dir():
        files = sorted(one for one in path.iterdir() if one.suffix in ENDINGS)
    else:
        files = [path] if path.is_file() else []
    found = [document for file in files for document in _documents(file)]
    if not found:
        raise NotFound("kubernetes_use.no_manifests", place=path.name)
    return tuple(found)


def _documents(path: Path) -> Iterator[Document]:
    raw = path.read_bytes()
    if len(raw) > MOST:
        raise ManifestFailed("kubernetes_use.too_large", file=path.name, most=MOST)
    content = raw.decode("utf-8", "replace")
    loader = yaml.SafeLoader("")
    try:
        loader = yaml.SafeLoader(content)
        while loader.check_node():
            node = loader.get_node()
            _check_keys(path.name, content, node)
            yield from _document(path.name, content, node, loader.construct_document(node))
    except yaml.YAMLError as error:
        raise _not_yaml(path.name, content, error) from None
    finally:
        loader.dispose()


def _document(file: str, content: str, node: yaml.Node, body: object) -> Iterator[Document]:
    if body is None:  # an empty document, as after a last ---
        return
    line = node.start_mark.line + 1
    if not isinstance(body, dict):
        raise ManifestFailed(
            "kubernetes_use.no_object", file=file, line=line, shown=_line(content, line)
        )
    metadata = body.get("metadata")
    wanted = {
        "apiVersion": body.get("apiVersion"),
        "kind": body.get("kind"),
        "metadata.name": metadata.get("name") if isinstance(metadata, dict) else None,
    }
    found = Document(
        file, str(wanted["apiVersion"]), str(wanted["kind"]), str(wanted["metadata.name"]), line,
        body, node, content,
    )  # fmt: skip
    for key, value in wanted.items():
        if not isinstance(value, str) or not value:
            at = found.line_of(key)
            raise ManifestFailed(
                "kubernetes_use.no_key", file=file, line=at, path=key, shown=found.shown(at)
            )
    yield found


def _check_keys(file: str, content: str, node: yaml.Node) -> None:
    """Refuse a key that stands twice: YAML readers take the last one without a word."""
    count = 0
    waiting = [node]
    while waiting:
        one = waiting.pop()
        count += 1
        if count > MOST_NODES:
            raise ManifestFailed("kubernetes_use.too_large", file=file, most=MOST)
        if isinstance(one, yaml.SequenceNode):
            waiting += one.value
        elif isinstance(one, yaml.MappingNode):
            seen: dict[str, int] = {}
            for key, value in one.value:
                line = key.start_mark.line + 1
                if (name := str(key.value)) in seen and isinstance(key, yaml.ScalarNode):
                    raise ManifestFailed(
                        "kubernetes_use.twice", file=file, line=line, path=name, first=seen[name],
                        shown=_line(content, line),
                    )  # fmt: skip
                seen[name] = line
                waiting.append(value)


def _not_yaml(file: str, content: str, error: yaml.YAMLError) -> ManifestFailed:
    mark = getattr(error, "problem_mark", None)
    if "flow" in str(getattr(error, "context", "")):  # a bracket that is not closed: where it opens
        mark = getattr(error, "context_mark", None) or mark
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", "") or error)
    if mark is None:  # a control character
        position = getattr(error, "position", 0)
        line = content.count("\n", 0, position) + 1
    else:
        line = mark.line + 1
    count = len(content.splitlines())
    while line > 1 and (line > count or not _line(content, line)):
        line -= 1  # a reader tells where it stopped, which may be behind the end
    key = "tab" if "\\t" in problem or "\t" in _raw(content, line) else "not_yaml"
    if key == "tab":
        return ManifestFailed(
            "kubernetes_use.tab", file=file, line=line, shown=_line(content, line)
        )
    return ManifestFailed(
        "kubernetes_use.not_yaml", file=file, line=line, shown=_line(content, line), reason=problem
    )


def _raw(content: str, line: int) -> str:
    lines = content.splitlines()
    return re.match(r"\s*", lines[line - 1])[0] if 0 < line <= len(lines) else ""


def _line(content: str, line: int) -> str:
    lines = content.splitlines()
    return plain(lines[line - 1].strip())[:SHOWN] if 0 < line <= len(lines) else ""


def _step(node: yaml.Node, key: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        return node.value[key].start_mark.line + 1, node.value[key]
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if str(name.value) == str(key):
                return name.start_mark.line + 1, value
    return None


def _walk(path: str, value: object) -> Iterator[tuple[str, object]]:
    inner: Sequence[tuple[str, object]] = ()
    if isinstance(value, dict):
        inner = [
            (f"{path}[{k}]" if re.search(r"[.\[\]/]", str(k)) else f"{path}.{k}".lstrip("."), v)
            for k, v in value.items()
        ]
    elif isinstance(value, list):
        inner = [(f"{path}[{n}]", v) for n, v in enumerate(value)]
    for one, below in inner:
        yield one, below
        yield from _walk(one, below)

"""What maps to what between Swarm, Kubernetes and ECS, read off the files that lessons use."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from ..messages import text
from ..scenarios.shipped import find
from ..text import columns, escape, padded, plain
from .correspondence import LONG, POD, RULES
from .manifests import Document, Folder, keys_of, read

__all__ = ["Row", "Table", "mapping"]

MOST = 44  # characters of a value


@dataclass(frozen=True)
class Row:
    """One subject: what the stack file, the manifests and ECS's files say of it; empty: nothing."""

    subject: str
    swarm: str
    kubernetes: str
    ecs: str = ""


@dataclass(frozen=True)
class Table:
    """The rows, as a table in HTML and in text."""

    rows: tuple[Row, ...]

    def _cells(self) -> list[list[str]]:
        columns = ["swarm", "kubernetes", "ecs"] if any(r.ecs for r in self.rows) else \
                  ["swarm", "kubernetes"]  # fmt: skip
        nothing = text("kubernetes_use.map.nothing")
        return [
            [text(f"kubernetes_use.map.{name}") for name in ("subject", *columns)],
            *(
                [text(f"kubernetes_use.map.row.{r.subject}"),
                 *(getattr(r, name) or nothing for name in columns)]
                for r in self.rows
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        cells = self._cells()
        wide = [max(columns(row[n]) for row in cells) for n in range(len(cells[0]))]
        lines = [
            "  ".join(padded(c, w) for c, w in zip(r, wide, strict=True)).rstrip() for r in cells
        ]
        return "\n".join([lines[0], "  ".join("─" * w for w in wide), *lines[1:]])

    __repr__ = __str__

    def html(self) -> str:
        head, *rows = self._cells()
        style = 'style="text-align:left;vertical-align:top"'
        top = "".join(f'<th scope="col" {style}>{escape(one)}</th>' for one in head)
        body = "".join(
            f'<tr><th scope="row" {style}>{escape(subject)}</th>'
            + "".join(f"<td {style}>{_code(one)}</td>" for one in sides)
            + "</tr>"
            for subject, *sides in rows
        )
        return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": str(self), "text/html": self.html()}


def _code(value: str) -> str:
    shown = escape(value)
    return shown if value == text("kubernetes_use.map.nothing") else f"<code>{shown}</code>"


def mapping(
    stack: str | Path, *places: Folder | Path | str, ecs: Folder | Path | str | None = None
) -> Table:
    """Return what in a stack file corresponds to what in manifests, and in files for ECS.

    A row stands in the table only if one of the files says something about its subject.

    Parameters
    ----------
    stack: a scenario that holds a ``stack.yaml`` (``"08.shop"``), or the file.
    places: folders or files of manifests, as scenarios, names of scenarios, or paths.

    ecs: a folder with what ECS's API takes, as JSON: ``…-task.json`` for RegisterTaskDefinition,
        ``…-service.json`` for CreateService, ``…-scaling.json`` for PutScalingPolicy.

    Raises
    ------
    NotFound: no such scenario or file.
    ManifestFailed: as for `helpers.kubernetes.manifests.read`.
    """
    path = stack if isinstance(stack, Path) else find(stack).folder / "stack.yaml"
    told = yaml.safe_load(path.read_text("utf-8")) or {}
    documents = [one for place in places for one in read(_folder(place))]
    return Table(tuple(rows(told, documents, _requests(_folder(ecs)) if ecs else ())))


def _requests(folder: Path) -> list[tuple[str, object]]:
    """Return what is sent to ECS, by the end of the file's name; that of ``web`` first."""
    files = sorted(
        folder.glob("*.json"), key=lambda one: (not one.stem.startswith("web"), one.stem)
    )
    return [(one.stem.rpartition("-")[2], json.loads(one.read_text("utf-8"))) for one in files]


def _folder(place: Folder | Path | str) -> Path:
    if isinstance(place, str):
        return find(place).folder
    return place if isinstance(place, Path) else place.folder


def rows(
    stack: Mapping, documents: Sequence[Document], ecs: Sequence[tuple[str, object]] = ()
) -> list[Row]:
    """Return the rows for a stack file's content, some manifests, and some requests to ECS."""
    found = []
    for rule in RULES:
        left = next((said for path in rule.stack for said in _stack(stack, path)), "")
        right = next((said for one in rule.kinds for said in _objects(documents, *one)), "")
        third = next(_asked(ecs, *rule.ecs), "") if rule.ecs else ""
        if left or right or third:
            found.append(Row(rule.subject, left, right, third))
    return found


def _asked(requests: Sequence[tuple[str, object]], kind: str, path: str) -> Iterator[str]:
    for found, body in requests:
        if found == kind:
            for where, value in _below(body, keys_of(path), ""):
                for needless in LONG:
                    where = where.removeprefix(needless)
                yield f"{kind}: {_said(where.replace('[0]', '[]').replace('[1]', '[]'), value)}"


def _stack(value: object, path: str) -> Iterable[str]:
    """Yield what stands at a path; ``*`` is any name."""
    for where, found in _below(value, keys_of(path), ""):
        # what is said of the service web needs no name, but for itself
        yield _said(where.removeprefix("services.web.").replace("services.", "", 1)
                    if where.count(".") > 1 else where, found)  # fmt: skip


def _below(value: object, keys: list[str | int], where: str) -> Iterable[tuple[str, object]]:
    if not keys:
        yield where, value
        return
    first, *rest = keys
    if isinstance(value, Mapping):
        names = list(value) if first == "*" else [first] if first in value else []
        for name in names:
            yield from _below(value[name], rest, f"{where}.{name}".lstrip("."))
    elif isinstance(value, Sequence) and isinstance(first, int) and first < len(value):
        yield from _below(value[first], rest, f"{where}[{first}]")


def _objects(documents: Sequence[Document], kind: str, path: str) -> Iterable[str]:
    # The one that the stack calls web comes first
    mine = sorted((d for d in documents if d.kind == kind), key=lambda one: one.name != "web")
    for one in mine:
        if not path:
            yield f"{kind} {plain(one.name)}"
            continue
        for where, found in _below(one.body, keys_of(path), ""):
            short = where.replace(POD, "").replace("spec.", "", 1).replace("[0]", "[]")
            yield f"{kind}: {_said(short, found)}"


def _said(where: str, value: object) -> str:
    if isinstance(value, Mapping) and len(json.dumps(value)) > MOST:
        return plain(where)
    shown = json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value
    shown = shown.replace('"', "")
    return plain(f"{where}: {shown}" if len(shown) <= MOST else where)

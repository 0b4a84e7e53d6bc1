"""What maps to what between Swarm and Kubernetes, read off the files that lessons use."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from ..messages import text
from ..scenarios.shipped import find
from ..text import columns, escape, padded, plain
from .manifests import Document, Folder, keys_of, read

__all__ = ["Row", "Table", "mapping"]

MOST = 44  # characters of a value
POD = "spec.template.spec."
BOX = f"{POD}containers[0]."


@dataclass(frozen=True)
class _Rule:
    """A subject, and where both say it.

    ``stack``: paths in the stack file, ``*`` for any name; ``kinds``: kind and path of an object,
    the path empty for the object as such. The first that is there counts.
    """

    subject: str
    stack: tuple[str, ...]
    kinds: tuple[tuple[str, str], ...]


RULES = (
    _Rule("unit", ("services.web",), (("Deployment", ""),)),
    _Rule("image", ("services.web.image",), (("Deployment", f"{BOX}image"),)),
    _Rule("replicas", ("services.web.deploy.replicas",), (("Deployment", "spec.replicas"),)),
    _Rule("global", ("services.*.deploy.mode",), (("DaemonSet", ""),)),
    _Rule("name", ("services.web",), (("Service", ""),)),
    _Rule("environment", ("services.web.environment",), (("Deployment", f"{BOX}env"),)),
    _Rule("config", ("configs.*",), (("ConfigMap", ""),)),
    _Rule("secret", ("secrets.*",), (("Secret", ""), ("Deployment", f"{POD}volumes[1].secret"))),
    _Rule("health", ("services.web.healthcheck.test",), (("Deployment", f"{BOX}livenessProbe"),)),
    _Rule("traffic", (), (("Deployment", f"{BOX}readinessProbe"),)),
    _Rule(
        "start", ("services.web.healthcheck.start_period",), (("Deployment", f"{BOX}startupProbe"),)
    ),
    _Rule(
        "reservation", ("services.web.deploy.resources.reservations",),
        (("Deployment", f"{BOX}resources.requests"),),
    ),
    _Rule(
        "limit", ("services.web.deploy.resources.limits",),
        (("Deployment", f"{BOX}resources.limits"),),
    ),
    _Rule(
        "place", ("services.*.deploy.placement.constraints",),
        (("Deployment", f"{POD}nodeSelector"),),
    ),
    _Rule(
        "grace", ("services.web.stop_grace_period",),
        (("Deployment", f"{POD}terminationGracePeriodSeconds"),),
    ),
    _Rule(
        "update", ("services.web.deploy.update_config.order",),
        (("Deployment", "spec.strategy.rollingUpdate"),),
    ),
    _Rule("failure", ("services.web.deploy.update_config.failure_action",), ()),
    _Rule("scaling", (), (("HorizontalPodAutoscaler", ""),)),
    _Rule("rights", (), (("Role", ""),)),
    _Rule("quota", (), (("ResourceQuota", "spec.hard"),)),
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One subject: what the stack file says of it, and what the manifests say; empty: nothing."""

    subject: str
    swarm: str
    kubernetes: str


@dataclass(frozen=True)
class Table:
    """The rows, as a table in HTML and in text."""

    rows: tuple[Row, ...]

    def _cells(self) -> list[tuple[str, str, str]]:
        head = tuple(
            text(f"kubernetes_use.map.{name}") for name in ("subject", "swarm", "kubernetes")
        )
        nothing = text("kubernetes_use.map.nothing")
        return [
            head,  # type: ignore[list-item]
            *(
                (text(f"kubernetes_use.map.row.{r.subject}"), r.swarm or nothing,
                 r.kubernetes or nothing)
                for r in self.rows
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        cells = self._cells()
        wide = [max(columns(row[n]) for row in cells) for n in range(3)]
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


def mapping(stack: str | Path, *places: Folder | Path | str) -> Table:
    """Return what in a stack file corresponds to what in manifests.

    A row stands in the table only if one of the files says something about its subject.

    Parameters
    ----------
    stack: a scenario that holds a ``stack.yaml`` (``"08.shop"``), or the file.
    places: folders or files of manifests, as scenarios, names of scenarios, or paths.

    Raises
    ------
    NotFound: no such scenario or file.
    ManifestFailed: as for `helpers.kubernetes.manifests.read`.
    """
    path = stack if isinstance(stack, Path) else find(stack).folder / "stack.yaml"
    told = yaml.safe_load(path.read_text("utf-8")) or {}
    documents = [one for place in places for one in read(_folder(place))]
    return Table(tuple(rows(told, documents)))


def _folder(place: Folder | Path | str) -> Path:
    if isinstance(place, str):
        return find(place).folder
    return place if isinstance(place, Path) else place.folder


def rows(stack: Mapping, documents: Sequence[Document]) -> list[Row]:
    """Return the rows for a stack file's content and some manifests."""
    found = []
    for rule in RULES:
        left = next((said for path in rule.stack for said in _stack(stack, path)), "")
        right = next((said for one in rule.kinds for said in _objects(documents, *one)), "")
        if left or right:
            found.append(Row(rule.subject, left, right))
    return found


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

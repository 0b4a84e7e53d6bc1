"""What an API server or kubectl says of a manifest, brought back to file, line and key."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import ManifestFailed
from ..text import plain
from .manifests import Document, keys_of

__all__ = ["Complaint", "complaints", "explained"]

_WHERE = re.compile(r'(?:validating|creating|recognize|patching:?|applying|decoding) "([^"]+)"')
_KIND = re.compile(r"\bThe ([A-Z]\w+) \"?([\w.-]+)\"? is invalid")
# kubectl of 1.20: ValidationError(Deployment.spec): unknown field "replica" in io.k8s.…
_VALIDATION = re.compile(r"ValidationError\((\w+)\.?([^)]*)\): (.*?)(?:; if you choose|\n|$)", re.S)
# 1.25 and later: Deployment in version "v1" cannot be handled …: unknown field "spec.replica"
_STRICT = re.compile(r'(unknown|duplicate) field "([^"]+)"')
_HANDLED = re.compile(r"(\w+) in version \"[^\"]*\" cannot be handled")
# json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32
_JSON = re.compile(
    r"cannot unmarshal (\w+) into Go (?:struct field \w+\.([\w.\[\]-]+)|value) of type (\S+)"
)
_FIELD = re.compile(
    r"([a-z][\w.\[\]/-]*[\w\]]): ((?:Required|Invalid|Forbidden|Unsupported|Duplicate|Too|Not|Internal)\b.*)"  # noqa: E501
)
_MATCH = re.compile(r'no matches for kind "([^"]+)" in (?:version|group) "([^"]+)"')


@dataclass(frozen=True)
class Complaint:
    """One thing that a server found wrong: where, by its own words, and why."""

    file: str = ""
    kind: str = ""
    path: str = ""
    reason: str = ""
    name: str = ""


def complaints(output: str) -> list[Complaint]:
    """Return what the output of `kubectl apply` complains about, in its order."""
    file = kind = name = ""
    if found := _WHERE.search(output):
        file = found[1].rpartition("/")[2]
    if found := _KIND.search(output) or _HANDLED.search(output):
        kind = found[1]
        name = found[2] if found.re is _KIND else ""
    listed = [_of_version_20(one, file) for one in _VALIDATION.findall(output)]
    listed += [
        Complaint(file, kind, path, f'{word} field "{keys_of(path)[-1]}"')
        for word, path in _STRICT.findall(output)
        if not listed
    ]
    if found := _MATCH.search(output):
        listed.append(Complaint(file, found[1], "apiVersion" if _known(found[1]) else "kind",
                                found[0]))  # fmt: skip
    if not listed and (found := _JSON.search(output)):
        listed.append(Complaint(file, kind, found[2] or "", f"{found[3]} wanted, not {found[1]}"))
    if not listed:
        listed = [
            Complaint(file, kind, path, reason.strip().rstrip("]"), name)
            for path, reason in _FIELD.findall(output)
        ]
    return listed or [Complaint(file, kind, "", _last(output))]


def _known(kind: str) -> bool:
    from .checking import SERVED

    return kind in SERVED


def _of_version_20(found: tuple[str, str, str], file: str) -> Complaint:
    kind, path, reason = found
    reason = re.sub(r" in io\.k8s\.[\w.]+", "", " ".join(reason.split()))
    reason = re.sub(r" for io\.k8s\.[\w.]+", "", reason)
    if named := re.match(r'(?:unknown|missing required) field "([^"]+)"', reason):
        path = f"{path}.{named[1]}".lstrip(".")
    return Complaint(file, kind, path, reason.rstrip("]"))


def _last(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    told = [line for line in lines if line.lower().startswith(("error", "the "))]
    return (told or lines or [""])[0]


def explained(output: str, documents: Sequence[Document]) -> ManifestFailed:
    """Return the error for what kubectl printed about some manifests."""
    complaint = complaints(output)[0]
    document = _document(complaint, documents)
    if document is None:
        return ManifestFailed("kubernetes_use.refused", reason=plain(complaint.reason))
    line = document.line_of(complaint.path)
    key = complaint.path or document.kind
    return ManifestFailed(
        "kubernetes_use.refused_line", file=document.file, line=line, path=plain(key),
        shown=document.shown(line), reason=plain(complaint.reason),
    )  # fmt: skip


def _document(complaint: Complaint, documents: Sequence[Document]) -> Document | None:
    """Return what a complaint is about: by its file and kind, and by the keys that are there."""
    fitting = [
        one
        for one in documents
        if (not complaint.file or one.file == complaint.file)
        and (not complaint.kind or one.kind == complaint.kind)
        and (not complaint.name or one.name == complaint.name)
    ]
    if not fitting and len(documents) == 1:
        fitting = list(documents)
    return max(fitting, key=lambda one: _depth(one, complaint.path), default=None)


def _depth(document: Document, path: str) -> int:
    value: object = document.body
    for depth, key in enumerate(keys_of(path)):
        try:
            value = value[key]  # type: ignore[index]
        except (LookupError, TypeError):
            return depth
    return len(keys_of(path))

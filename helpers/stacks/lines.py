"""A YAML file as a tree that knows its lines: what a stack file is read from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from ..errors import ComposeFailed
from ..messages import text
from ..text import plain

__all__ = ["Source", "Spot", "parse"]

LARGEST = 1 << 20  # characters of a file that are read
DEEPEST = 60  # levels; Python's stack ends far below what an evil file may nest


@dataclass(frozen=True)
class Source:
    """A file's name as the learner sees it, and its lines."""

    name: str
    lines: tuple[str, ...]

    def wrong(self, line: int, key: str, reason: str, **values: object) -> ComposeFailed:
        """Return the error for a line (from 1): ``stacks.reason.<reason>`` says what is wrong."""
        return self.said(line, key, text(f"stacks.reason.{reason}", **values))

    def said(self, line: int, key: str, words: str) -> ComposeFailed:
        """Return the error for a line, with words that are ready to be shown."""
        line = min(max(line, 1), max(len(self.lines), 1))
        shown = plain(self.lines[line - 1].strip()) if self.lines else ""
        if key:
            return ComposeFailed(
                "stacks.bad_key", file=self.name, line=line, shown=shown, path=key, reason=words
            )
        return ComposeFailed(
            "stacks.bad_line", file=self.name, line=line, shown=shown, reason=words
        )


@dataclass(frozen=True)
class Spot:
    """One value of the file, and where it stands.

    Fields
    ------
    value: a string, number, boolean or None; a dict of spots by key; a list of spots.
    key: the path to it: ``services.web.deploy``; empty for the whole file.
    line: from 1: that of the key, if it has one.
    """

    value: object
    key: str
    line: int

    def get(self, name: str) -> Spot | None:
        """Return what stands under a key; None if nothing does."""
        found = self.value.get(name) if isinstance(self.value, dict) else None
        return None if found is None or found.value is None else found

    def items(self) -> Iterator[tuple[str, Spot]]:
        yield from self.value.items() if isinstance(self.value, dict) else ()

    def parts(self) -> list[Spot]:
        """Return the elements of a list; of anything else nothing."""
        return self.value if isinstance(self.value, list) else []

    def plainly(self) -> object:
        """Return the value without its lines."""
        if isinstance(self.value, dict):
            return {name: spot.plainly() for name, spot in self.value.items()}
        if isinstance(self.value, list):
            return [spot.plainly() for spot in self.value]
        return self.value


def parse(source: Source) -> Spot:
    """Read a file as YAML.

    Raises
    ------
    ComposeFailed: it is not YAML, has a tab where spaces must stand, names a key twice, or holds
        something else than a mapping.
    """
    content = "\n".join(source.lines)
    if len(content) > LARGEST:
        raise source.wrong(1, "", "too_large", size=LARGEST)
    for number, line in enumerate(source.lines, 1):
        if re.match(r" *\t", line) and line.strip():
            raise source.wrong(number, "", "tab")
    try:
        node = yaml.compose(content, Loader=yaml.SafeLoader)
        if node is None:
            raise source.wrong(1, "", "empty")
        found = _spot(source, node, "", node.start_mark.line + 1, 0)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = plain(error.problem or error.context or "")
        raise source.said(mark.line + 1 if mark else 1, "", reason) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise source.said(1, "", plain(str(error).splitlines()[0])) from None
    if not isinstance(found.value, dict):
        raise source.wrong(found.line, "", "no_mapping")
    return found


def _spot(source: Source, node: yaml.Node, key: str, line: int, depth: int) -> Spot:
    if depth > DEEPEST:
        raise source.wrong(line, key, "too_deep", count=DEEPEST)
    if isinstance(node, yaml.SequenceNode):
        parts = [
            _spot(source, one, f"{key}[{place}]", one.start_mark.line + 1, depth + 1)
            for place, one in enumerate(node.value)
        ]
        return Spot(parts, key, line)
    if not isinstance(node, yaml.MappingNode):
        return Spot(_scalar(node), key, line)
    found: dict[str, Spot] = {}
    merged: dict[str, Spot] = {}
    for name_node, value in node.value:
        name = plain(name_node.value) if isinstance(name_node, yaml.ScalarNode) else "?"
        at = name_node.start_mark.line + 1
        path = f"{key}.{name}" if key else name
        if name in found:
            raise source.wrong(at, path, "twice", name=name, first=found[name].line)
        spot = _spot(source, value, path, at, depth + 1)
        if name == "<<":  # what an anchor brings; keys of its own have precedence
            for part in [spot, *spot.parts()]:
                merged |= {n: s for n, s in part.items() if n not in merged}
            continue
        found[name] = spot
    return Spot(merged | found, key, line)


def _scalar(node: yaml.Node) -> object:
    """Return a plain value as Compose understands it: dates and the like are texts there."""
    kind = node.tag.rpartition(":")[2]
    if kind in ("bool", "int", "float", "null"):
        try:
            return yaml.SafeLoader("").construct_object(node)
        except (ValueError, yaml.YAMLError):
            return node.value
    return node.value

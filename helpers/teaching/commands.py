"""The commands that a lesson showed: printed by its helpers, or named in its text."""

from __future__ import annotations

import re

from nbformat import NotebookNode

from ..messages import catalogue, text

__all__ = ["known", "meaning", "shown"]

_AREA = "commands."
_PROGRAMS = ("docker", "kubectl", "aws")
_SPAN = re.compile(r"`((?:docker|kubectl|aws) [^`]+)`")
# What stands before the prompt says where a command ran: a node, a machine, a folder.
_PRINTED = re.compile(r"^[^\n$#]*[$#] ((?:docker|kubectl|aws) .*)$", re.MULTILINE)
_WORD = re.compile(r"[a-z][a-z0-9-]*")


def known() -> set[str]:
    """Return the commands that the catalogue explains, as ``docker service ps``."""
    return {key.removeprefix(_AREA) for key in catalogue() if key.startswith(_AREA)}


def meaning(command: str) -> str:
    """Return what a command does, in one line."""
    return text(f"{_AREA}{command}")


def shown(notebook: NotebookNode) -> list[str]:
    """Return the commands of an executed notebook, each once, in the order of their appearance."""
    found: dict[str, None] = {}
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            lines = _SPAN.findall(cell.source)
        else:
            said = [
                output.get("text") or output.get("data", {}).get("text/plain", "")
                for output in cell.get("outputs", ())
            ]
            lines = [line for one in said for line in _PRINTED.findall(one)]
        for line in lines:
            for part in re.split(r"\s[|;&]+\s", line):
                if name := _name(part):
                    found.setdefault(name)
    return list(found)


def _name(line: str) -> str:
    """Return the command in a line: the longest one known, else program and first word.

    Options between them, as in ``kubectl -n lbl-10 get pods``, do not belong to its name.
    """
    words = line.split()
    if words[0] not in _PROGRAMS:
        return ""
    names, skip = [words[0]], False
    for word in words[1:]:
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = word in ("-n", "--context", "--namespace")
        elif _WORD.fullmatch(word):
            names.append(word)
        else:
            break
    for length in range(len(names), 1, -1):
        if " ".join(names[:length]) in known():
            return " ".join(names[:length])
    return " ".join(names[:2]) if len(names) > 1 else ""

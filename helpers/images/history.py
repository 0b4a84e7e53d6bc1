"""History and configuration: which step made which layer, and what a container starts with."""

from __future__ import annotations

import re

from .model import Config, Step

# What the builders put around the words of a Dockerfile.
_SHELL = r"(?:/bin/sh -c|cmd /S /C|powershell -Command)"
_ARGUMENTS = r"(?:\|\d+ .*? )?"
_NOP = re.compile(rf"^{_ARGUMENTS}{_SHELL} #\(nop\)\s+(.*?)\s*$", re.DOTALL)
_RUN = re.compile(rf"^(?:RUN )?{_ARGUMENTS}{_SHELL} (.*?)\s*(?:# buildkit)?\s*$", re.DOTALL)
_EXEC_FORM = re.compile(r"(CMD|ENTRYPOINT|SHELL|VOLUME) \[")
_WORDS = re.compile(r'(?<!\\)" "')
_BUILDKIT = re.compile(r"\s*# buildkit\s*$")


def instruction(created_by: str) -> str:
    """Return a history record's ``created_by`` as one would write it in a Dockerfile.

    BuildKit writes ``RUN /bin/sh -c X # buildkit``, the classic builder ``/bin/sh -c X`` and, for
    what runs nothing, ``/bin/sh -c #(nop)  X``; either may put build arguments (``|1 A=b``) before.
    """
    nop = _NOP.match(created_by)
    if not nop and (run := _RUN.match(created_by)):
        return f"RUN {run[1]}"
    found = nop[1] if nop else _BUILDKIT.sub("", created_by).strip()
    # The builders note the words of an exec form without the commas that a Dockerfile needs.
    return _WORDS.sub('", "', found) if _EXEC_FORM.match(found) else found


def steps(records: object, layers: int) -> tuple[Step, ...]:
    """Return history records (oldest first, as in an image's config) as steps.

    A record makes the next layer unless it says ``empty_layer``; how large the layer is does not
    matter (https://github.com/opencontainers/image-spec/blob/main/config.md#properties). An image
    may have more layers than its history tells of, or none told at all.
    """
    made: list[Step] = []
    number = 0
    for record in records if isinstance(records, list | tuple) else ():
        if not isinstance(record, dict):
            continue
        empty = bool(record.get("empty_layer"))
        number += not empty
        made.append(
            Step(
                instruction(str(record.get("created_by") or "")),
                str(record.get("comment") or ""),
                empty,
                number if not empty and number <= layers else None,
            )
        )
    return tuple(made)


def config(document: dict) -> Config:
    """Return the configuration out of an image's config document."""
    told = _table(document.get("config")) or _table(document.get("container_config"))
    labels = _table(told.get("Labels"))
    return Config(
        entrypoint=_words(told.get("Entrypoint")),
        cmd=_words(told.get("Cmd")),
        env=_words(told.get("Env")),
        user=str(told.get("User") or ""),
        workdir=str(told.get("WorkingDir") or ""),
        labels={str(key): str(value) for key, value in sorted(labels.items())},
        architecture=str(document.get("architecture") or ""),
        os=str(document.get("os") or ""),
        exposed=tuple(sorted(map(str, _table(told.get("ExposedPorts"))))),
        volumes=tuple(sorted(map(str, _table(told.get("Volumes"))))),
    )


def document(inspected: dict, told: list[dict]) -> dict | None:
    """Return an image's config document as far as the engine's API tells it, or None.

    ``GET /images/{name}/history`` leaves out ``empty_layer``. A step without a layer always has
    size 0, so the mapping is certain when as many steps have a size as there are layers, and
    certain when all steps have a layer; otherwise (a layer of 0 bytes) it cannot be known.
    """
    diff_ids = (inspected.get("RootFS") or {}).get("Layers") or []
    sized = sum(1 for record in told if record.get("Size"))
    if len(diff_ids) not in (sized, len(told)):
        return None
    full = len(told) == len(diff_ids)
    records = [
        {
            "created_by": record.get("CreatedBy"),
            "comment": record.get("Comment"),
            "empty_layer": not (full or record.get("Size")),
        }
        for record in reversed(told)
    ]
    return {
        "config": inspected.get("Config") or {},
        "architecture": inspected.get("Architecture"),
        "os": inspected.get("Os"),
        "history": records,
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
    }


def _table(value: object) -> dict:
    return value if isinstance(value, dict) else {}


def _words(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(map(str, value)) if isinstance(value, list) else ()

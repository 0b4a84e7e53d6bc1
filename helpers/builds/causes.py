"""Two builds laid side by side: which step is which, and what about it is different."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher

from .model import Cause
from .plan import Planned

__all__ = ["difference", "pairs"]


def pairs(before: Sequence[Planned], after: Sequence[Planned]) -> dict[str, Planned]:
    """Return for each step of ``after``, by its id, the step of ``before`` that it was.

    Stages are matched by name, else by place; the steps of a stage by their text, and where some
    were replaced, one by one if they are the same kind of instruction.
    """
    found: dict[str, Planned] = {}
    old, new = _by_stage(before), _by_stage(after)
    spare = [stage for stage in old if stage not in new]
    for stage, steps in new.items():
        other = stage if stage in old else (spare.pop(0) if spare else None)
        if other:
            found |= _matched(old[other], steps)
    return found


def _by_stage(steps: Sequence[Planned]) -> dict[str, list[Planned]]:
    found: dict[str, list[Planned]] = {}
    for step in steps:
        found.setdefault(step.stage, []).append(step)
    return found


def _matched(old: list[Planned], new: list[Planned]) -> dict[str, Planned]:
    texts = [[" ".join(step.instruction.split()) for step in steps] for steps in (old, new)]
    found: dict[str, Planned] = {}
    blocks = SequenceMatcher(None, *texts, autojunk=False).get_opcodes()
    # a step that left one place and came in at another was moved, and replaces none
    gone = {t for what, a, b, _, _ in blocks if what != "equal" for t in texts[0][a:b]}
    came = {t for what, _, _, c, d in blocks if what != "equal" for t in texts[1][c:d]}
    for what, a, b, c, d in blocks:
        if what == "equal":
            found |= {new[c + n].id: old[a + n] for n in range(b - a)}
        elif what == "replace":
            left = [old[n] for n in range(a, b) if texts[0][n] not in came]
            found |= _replaced(left, [new[n] for n in range(c, d) if texts[1][n] not in gone])
    return found


def _replaced(old: list[Planned], new: list[Planned]) -> dict[str, Planned]:
    """Match steps that were rewritten: those of the same word, most alike first, in order."""
    found: dict[str, Planned] = {}
    start = 0
    for step in new:
        alike = [
            (SequenceMatcher(None, o.instruction, step.instruction).ratio(), -n)
            for n, o in enumerate(old)
            if n >= start and _word(o) == _word(step)
        ]
        if alike and max(alike)[0] > (0.4 if len(old) != len(new) else 0.0):
            at = -max(alike)[1]
            found[step.id] = old[at]
            start = at + 1
    return found


def _word(step: Planned) -> str:
    return step.instruction.split(None, 1)[0].upper() if step.instruction.strip() else ""


def difference(old: Planned, new: Planned) -> Cause | None:
    """Return what about a step itself is different; None if only what it stands on can be."""
    a, b = old.parts, new.parts
    if b.below[0] == "image" and a.below != b.below:
        names = tuple(dict.fromkeys(one.below[1] for one in (a, b) if one.below[0] == "image"))
        return Cause("base", names=names)
    arguments = _changed(a.arguments, b.arguments)
    environment = tuple(n.removeprefix("@") for n in _changed(a.environment, b.environment))
    if a.does != b.does and old.instruction != new.instruction:
        return Cause("instruction", before=old.instruction, after=new.instruction)
    if arguments and (a.does != b.does or b.runs):
        return _values("argument", arguments, dict(a.arguments), dict(b.arguments))
    if environment and (a.does != b.does or b.runs):
        values = [{k.removeprefix("@"): v for k, v in one.environment} for one in (a, b)]
        return _values("environment", environment, *values)
    if a.does != b.does:  # the lines below the instruction, or nothing but blanks
        return Cause("instruction", before=_whole(old), after=_whole(new))
    if files := _files(dict(a.files), dict(b.files)):
        return Cause("files", files=files)
    for one, other in zip(a.stages, b.stages, strict=False):
        if one[2] != other[2] and not other[3]:
            return Cause("base", names=tuple(dict.fromkeys((one[0], other[0]))))
    return None


def _whole(step: Planned) -> str:
    """Return an instruction with its here-documents, as one line."""
    word, *rest = json.loads(step.parts.does)
    inside = [one for _, one in rest[-1]] if word == "run" else rest[3] if len(rest) > 3 else []
    return " ".join(f"{step.instruction} {' '.join(inside)}".split())


def _changed(a: tuple, b: tuple) -> tuple[str, ...]:
    one, other = dict(a), dict(b)
    return tuple(sorted(n for n in one.keys() | other.keys() if one.get(n) != other.get(n)))


def _values(
    kind: str, names: tuple[str, ...], old: Mapping[str, str], new: Mapping[str, str]
) -> Cause:
    if len(names) > 1:
        return Cause(kind, names=names)
    return Cause(kind, names, before=old.get(names[0], ""), after=new.get(names[0], ""))


def _files(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return how files differ; of a folder that came or went, what is in it tells more."""
    found = []
    for path in sorted(old.keys() | new.keys()):
        if path not in old:
            how = "added"
        elif path not in new:
            how = "removed"
        elif old[path] == new[path]:
            continue
        else:
            (kind, _, was), (other, _, now) = (m[path].split(" ", 2) for m in (old, new))
            how = "mode" if (kind, was) == (other, now) else "changed"
        found.append((path, how))
    return tuple(
        (path, how)
        for path, how in found
        if not any(p.startswith(f"{path}/") and h == how for p, h in found)
    )

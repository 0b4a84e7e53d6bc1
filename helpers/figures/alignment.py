"""Which step of the earlier build stands where a step of the later one stands."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from .marks import Mark, by_stage

Pair = tuple[Mark | None, Mark | None]


def aligned(before: Sequence[Mark], after: Sequence[Mark]) -> dict[str, list[Pair]]:
    """Return for each stage the pairs (earlier step, later step), in order.

    Steps with the same instruction belong together, and so do a step and what replaced it. None
    stands where one of the builds has no such step. FROM stays with FROM.
    """
    old, new = by_stage(before), by_stage(after)
    names = [*new, *(name for name in old if name not in new)]
    return {name: _stage(old.get(name, []), new.get(name, [])) for name in names}


def _stage(old: list[Mark], new: list[Mark]) -> list[Pair]:
    if old and new and old[0].role == new[0].role == "base":
        return [(old[0], new[0]), *_steps(old[1:], new[1:])]
    return _steps(old, new)


def _steps(old: list[Mark], new: list[Mark]) -> list[Pair]:
    pairs: list[Pair] = []
    matcher = SequenceMatcher(None, _texts(old), _texts(new), autojunk=False)
    for kind, i, j, k, m in matcher.get_opcodes():
        if kind == "equal":
            pairs += zip(old[i:j], new[k:m], strict=True)
        else:
            pairs += _replaced(old[i:j], new[k:m])
    return pairs


def _texts(found: list[Mark]) -> list[str]:
    return [" ".join(mark.step.instruction.split()) for mark in found]


def _replaced(old: list[Mark], new: list[Mark]) -> list[Pair]:
    """Pair what was replaced in order; a step that the explanation calls inserted has no partner.

    A step is never the partner of one with another word: a RUN does not replace a COPY.
    """
    pairs: list[Pair] = []
    left = list(old)
    for mark in new:
        inserted = mark.cause is not None and mark.cause.kind == "inserted"
        partner = None
        if not inserted:
            words = [earlier.step.word for earlier in left]
            if mark.step.word in words:
                place = words.index(mark.step.word)
                pairs += [(earlier, None) for earlier in left[:place]]
                partner, left = left[place], left[place + 1 :]
        pairs.append((partner, mark))
    return pairs + [(earlier, None) for earlier in left]

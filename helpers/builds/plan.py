"""What a build is made of, step by step, without building: the ingredients of each cache key.

BuildKit finds a step's result again if the step does the same and everything that goes into it is
the same. `plan` lists what goes into each step as named parts, so that two builds can be compared
part by part (`helpers.builds.explain`) and the next one foretold (`helpers.builds.predict`). After
BuildKit's solver/llbsolver/ops (exec.go, file.go) and frontend/dockerfile/dockerfile2llb.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..contexts import Snapshot
from .dockerfile import Stage, stages

__all__ = ["Base", "Parts", "Plan", "Planned", "plan"]


@dataclass(frozen=True)
class Base:
    """What a build takes over from an image; ``chain`` is the chain ID of its layers.

    BuildKit's key for an image is this chain ID: another config alone makes no step run, except a
    RUN if the environment is another one.
    """

    chain: str
    env: tuple[tuple[str, str], ...] = ()
    user: str = ""
    workdir: str = "/"


@dataclass(frozen=True)
class Parts:
    """The ingredients of one step's cache key.

    Fields
    ------
    does: what the step does, variables replaced; as JSON.
    arguments, environment: names and values that a RUN gets to see, or that the text refers to.
    below: ``(kind, name, key)`` of what it stands on: ``("image", "lbl/busybox:1", chain)``,
        ``("step", "build 2", key)``, ``("scratch", "", "")``; for COPY --link ``("none", "", "")``.
    files: ``(path, mark)`` of what it takes out of the build context; the mark covers kind,
        permissions and content.
    stages: ``(stage, path, key, maker)`` of what it takes out of stages and images; ``maker`` is
        the id of the step that made it, ``""`` for an image.
    """

    does: str
    arguments: tuple[tuple[str, str], ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    below: tuple[str, str, str] = ("scratch", "", "")
    files: tuple[tuple[str, str], ...] = ()
    content: str = ""
    stages: tuple[tuple[str, str, str, str], ...] = ()

    @property
    def key(self) -> str:
        """The step's cache key: equal for two builds if the builder would match them."""
        taken = [one[2] for one in self.stages]
        inside = self.arguments, self.environment if self.runs else ()
        return digest(self.does, inside if self.runs else (), self.below[2], self.content, taken)

    @property
    def runs(self) -> bool:
        return self.does.startswith('["run"')


@dataclass(frozen=True)
class Planned:
    """One step as it stands in the Dockerfile, and what its cache key is made of.

    ``vertex`` is its number in BuildKit's progress (``[build 3/5]``), None for one that is not
    told there; ``needed`` whether the wanted stage needs it.
    """

    stage: str
    number: int
    instruction: str
    line: int
    parts: Parts
    inputs: tuple[str, ...] = ()
    vertex: int | None = None
    needed: bool = True

    @property
    def id(self) -> str:
        return f"{self.stage} {self.number}"

    @property
    def base(self) -> bool:
        """Whether it is a FROM."""
        return self.number == 1


@dataclass(frozen=True)
class Plan:
    """All steps of a build, in the order of the Dockerfile."""

    steps: tuple[Planned, ...]
    stages: tuple[str, ...] = field(default=())

    def step(self, identifier: str) -> Planned:
        """Return the step with this id; KeyError if there is none."""
        for step in self.steps:
            if step.id == identifier:
                return step
        raise KeyError(identifier)


def digest(*parts: Any) -> str:
    """Return a short hash of anything that JSON can hold."""
    data = json.dumps(parts, separators=(",", ":"), ensure_ascii=True).encode()
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def plan(
    dockerfile: str,
    snapshot: Snapshot,
    bases: Mapping[str, Base],
    *,
    args: Mapping[str, str] | None = None,
    target: str | None = None,
    classic: bool = False,
    link: bool = True,
) -> Plan:
    """Return the steps of a build and their ingredients.

    Parameters
    ----------
    dockerfile: its text.
    snapshot: of the build context.
    bases: the images that it names, as far as they are known.
    args: build arguments (``--build-arg``).
    target: the stage that is wanted; default: the last.
    classic: with the rules of the classic builder, for which each instruction counts.
    link: whether the builder honours ``COPY --link``: only with the containerd image store.
    """
    from .planning import Planning  # it makes the steps that are declared here

    found = stages(dockerfile, args)
    made_of = Planning(snapshot, bases, dict(args or {}), dockerfile, classic=classic, link=link)
    made = [step for stage in found for step in made_of.stage(stage)]
    wanted = _needed(found, made_of.uses, target, classic)
    steps = tuple(step if step.stage in wanted else _unneeded(step) for step in made)
    return Plan(steps, tuple(stage.name for stage in found))


def _unneeded(step: Planned) -> Planned:
    return replace(step, needed=False)


def _needed(
    found: list[Stage], uses: Mapping[str, set[str]], target: str | None, classic: bool
) -> set[str]:
    """Return the names of the stages that are built: those that the wanted one stands on."""
    if not found:
        return set()
    names = {stage.name: stage for stage in found} | {str(stage.index): stage for stage in found}
    last = names.get((target or "").lower(), found[-1])
    if classic:  # it builds every stage down to the wanted one
        return {stage.name for stage in found[: last.index + 1]}
    wanted, open_ = set(), [last.name]
    while open_:
        name = open_.pop()
        if name not in wanted:
            wanted.add(name)
            open_ += uses.get(name, ())
    return wanted

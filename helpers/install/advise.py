"""What to type on the very machine that a learner sits at."""

from __future__ import annotations

from dataclasses import dataclass

from ..messages import text
from ..text import escape, plain
from .catalogue import everything
from .choose import chosen_mirror
from .guide import Guide
from .machine import Machine, read
from .model import Platform

__all__ = ["Advice", "Fact", "advise"]

MARKS = {"good": "✓", "note": "·", "bad": "✗"}
DOCKER = ("docker-ce", "docker.io", "docker", "docker-engine", "moby-engine", "Docker Desktop")


@dataclass(frozen=True)
class Fact:
    """One thing about the machine: ``"good"``, ``"note"`` or ``"bad"``, and why."""

    topic: str
    state: str
    words: str


@dataclass(frozen=True, repr=False)
class Advice:
    """What was found on a machine, and the commands for it.

    Fields
    ------
    facts: what counts for Docker.
    guide: None where Docker has no packages and its source names no way.
    """

    machine: Machine
    facts: tuple[Fact, ...]
    guide: Guide | None

    @property
    def possible(self) -> bool:
        """Whether Docker can run here."""
        return self.guide is not None and all(fact.state != "bad" for fact in self.facts)

    def fact(self, topic: str) -> Fact | None:
        return next((fact for fact in self.facts if fact.topic == topic), None)

    def __str__(self) -> str:
        lines = [f"# {MARKS[fact.state]} {line}" for fact in self.facts for line in _lines(fact)]
        return "\n".join([*lines, "", str(self.guide)] if self.guide else lines)

    __repr__ = __str__

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        rows = "".join(
            f"<tr><td>{MARKS[f.state]}&nbsp;{escape(text('doctor.state.' + f.state))}</td>"
            f"<td style='text-align:left'>{escape(f.words)}</td></tr>"
            for f in self.facts
        )
        html = f"<table>{rows}</table>"
        if self.guide:
            html += self.guide._repr_mimebundle_()["text/html"]
        return {"text/plain": str(self), "text/html": html}


def advise(machine: Machine | None = None, *, mirror: str | None = None) -> Advice:
    """Return what to type to install Docker on a machine; nothing is changed.

    Parameters
    ----------
    machine: default: this one, as `helpers.install.machine.read` finds it.
    mirror: as for `helpers.install.commands`; where no mirror serves the platform, none is used.

    Raises
    ------
    NotFound: there is no such mirror.
    """
    machine = machine or read()
    platform, derived = _platform(machine)
    if platform is None:
        words = text("install.fact.unknown", name=plain(machine.pretty or machine.id))
        return Advice(machine, (Fact("system", "bad", words),), None)
    chosen = chosen_mirror(platform, mirror, strict=False)
    # what a descendant calls its releases says nothing of the base's
    called = (machine.codename,) if derived else (machine.version, machine.id.rpartition("-")[2])
    release = next(filter(None, map(platform.release, called)), None)
    name = plain(machine.pretty or machine.id) if derived else ""
    guide = Guide(platform, release, plain(machine.version), chosen, name)
    facts = (
        _system(machine, guide),
        *_kernel(machine, platform),
        _architecture(machine, platform),
        *_present(machine, platform),
        *_surroundings(machine),
    )
    return Advice(machine, facts, guide)


def _platform(machine: Machine) -> tuple[Platform | None, bool]:
    """Return the platform of a machine, and whether it is only descended from it."""
    known = everything()
    if machine.id == "centos" and machine.version.partition(".")[0] == "7":
        return known["centos7"], False
    for platform in known.values():
        if machine.id in platform.os:
            return platform, False
    # The closest ancestor comes first: Rocky Linux says "rhel centos fedora".
    for name in machine.like:
        for platform in known.values():
            if name in platform.os or (name == "suse" and platform.key == "opensuse"):
                return platform, True
    return None, False


def _system(machine: Machine, guide: Guide) -> Fact:
    if guide.release is None:
        return Fact("system", "note", guide.warnings[0])
    state = "bad" if guide.release.ended else "note" if guide.derived else "good"
    key = {"bad": "ended", "note": "derived", "good": "system"}[state]
    name = plain(machine.pretty) or guide.name
    return Fact("system", state, text(f"install.fact.{key}", name=name))


def _kernel(machine: Machine, platform: Platform) -> tuple[Fact, ...]:
    if not platform.kernel:
        return ()
    least = tuple(int(part) for part in platform.kernel.split("."))
    old = machine.kernel_version < least
    words = text(
        f"install.fact.{'kernel_old' if old else 'kernel'}",
        kernel=plain(machine.kernel), least=platform.kernel,
    )  # fmt: skip
    return (Fact("kernel", "bad" if old else "good", words),)


def _architecture(machine: Machine, platform: Platform) -> Fact:
    known = machine.architecture in platform.architectures
    words = text(
        f"install.fact.{'architecture' if known else 'architecture_unknown'}",
        architecture=plain(machine.architecture), known=", ".join(platform.architectures),
    )  # fmt: skip
    return Fact("architecture", "good" if known else "bad", words)


def _present(machine: Machine, platform: Platform) -> tuple[Fact, ...]:
    """Say what of Docker is there: an engine already, or packages to remove first."""
    found = []
    engines = [name for name in machine.installed if name in DOCKER and name not in platform.old]
    if engines:
        words = text("install.fact.installed", names=", ".join(engines))
        found.append(Fact("installed", "note", words))
    old = [name for name in machine.installed if name in platform.old]
    # Docker's own packages bring a runc and a containerd of theirs along under no such name.
    if old:
        words = text("install.fact.old", names=", ".join(old))
        found.append(Fact("old", "note", words))
    if "snap:docker" in machine.installed:
        found.append(Fact("snap", "note", text("install.fact.snap")))
    return tuple(found)


def _surroundings(machine: Machine) -> tuple[Fact, ...]:
    found = []
    if machine.wsl:
        found.append(Fact("wsl", "note", text("install.fact.wsl")))
    if machine.system == "Linux" and not machine.systemd and machine.id != "alpine":
        found.append(Fact("systemd", "note", text("install.fact.no_systemd")))
    if machine.cgroup:
        words = text("install.fact.cgroup", version=machine.cgroup)
        found.append(Fact("cgroup", "good", words))
    return tuple(found)


def _lines(fact: Fact) -> list[str]:
    return fact.words.splitlines()

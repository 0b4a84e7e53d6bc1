"""Platforms, their releases and the seven steps; plain data, read from TOML."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

__all__ = ["STEPS", "Mirror", "Platform", "Release", "Step"]

# The seven steps in their order; their names stand under `install.step` of the messages.
STEPS = ("platform", "version", "remove", "repository", "install", "start", "verify")
DOCKER = "https://download.docker.com"  # what a mirror stands in for


@dataclass(frozen=True)
class Mirror:
    """A mirror of Docker's package repository: its name, address, and its operator's page."""

    key: str
    name: str
    address: str
    source: str


@dataclass(frozen=True)
class Release:
    """One release of a platform.

    Fields
    ------
    id: as ``VERSION_ID`` of /etc/os-release(5) has it, or the part before its first dot.
    codename: as Debian and Ubuntu have one; ``""`` elsewhere.
    ended: the month (``2024-06``) since when its maker cares for it no more; ``""`` if it does.
    reference: the page that says so.
    rolling: whether it has no numbers at all.
    """

    id: str
    codename: str = ""
    ended: str = ""
    reference: str = ""
    rolling: bool = False


@dataclass(frozen=True)
class Step:
    """What is typed for one of the seven steps, and which notes belong to it.

    ``commands`` may span several lines each and are those of the platform's source. ``notes`` are
    keys below ``install.note`` of the messages.
    """

    key: str
    commands: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\n".join(self.commands)

    def through(self, mirror: Mirror) -> Step:
        """Return the step with Docker's address replaced by a mirror's."""
        commands = tuple(c.replace(DOCKER, mirror.address) for c in self.commands)
        return self if commands == self.commands else replace(self, commands=commands)


@dataclass(frozen=True)
class Platform:
    """A platform that Docker runs on, with the page that its commands were read from.

    Fields
    ------
    key: what `helpers.install.commands` takes: ``"ubuntu"``.
    source: the page; ``also`` holds further ones.
    checked: the day on which it was read; ``""`` if it could not be.
    os: values of ``ID`` in /etc/os-release(5) that mean this platform.
    manager: what installs packages there.
    kernel: the oldest Linux kernel, ``""`` where Docker brings its own.
    architectures: Debian's names of them.
    mirrored: whether the mirrors of Docker's repository serve it.
    old: packages that stand in the way and are removed.
    shell: what reads the commands.
    """

    key: str
    name: str
    source: str
    releases: tuple[Release, ...]
    steps: tuple[Step, ...]
    manager: str
    os: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    checked: str = ""
    kernel: str = ""
    architectures: tuple[str, ...] = ()
    mirrored: bool = False
    old: tuple[str, ...] = field(default=(), repr=False)
    shell: str = "sh"

    @property
    def newest(self) -> Release:
        return self.releases[0]

    def release(self, wanted: str) -> Release | None:
        """Return the release that is called ``wanted``, or that ``wanted`` (``9.4``) is one of."""
        for part in (wanted, wanted.partition(".")[0]):
            for release in self.releases:
                if part and part.lower() in (release.id, release.codename):
                    return release
        return self.releases[0] if self.releases[0].rolling and len(self.releases) == 1 else None

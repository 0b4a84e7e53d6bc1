"""The seven steps for one platform, as text that is a shell script, and as HTML."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ..messages import text
from ..text import escape, plain
from .model import Mirror, Platform, Release, Step

__all__ = ["Guide"]

LOOK = "white-space:pre-wrap;background:rgba(127,127,127,.12);padding:.4em .6em;margin:.3em 0 .6em"


@dataclass(frozen=True, repr=False)
class Guide:
    """What to type to install Docker on one platform.

    ``str(guide)`` can be copied whole: what is no command stands behind a ``#``.

    Fields
    ------
    release: one of the platform's, or None if Docker's page does not name the machine's.
    found: what the machine calls its release.
    mirror: in place of Docker's own package repository.
    derived: name of the distribution that this one is not, but descends from.
    """

    platform: Platform
    release: Release | None
    found: str = ""
    mirror: Mirror | None = None
    derived: str = ""

    @cached_property
    def title(self) -> str:
        key = "title_desktop" if self.platform.manager == "Docker Desktop" else "title"
        return text(f"install.guide.{key}", name=plain(self.name))

    @property
    def name(self) -> str:
        """The platform with its release, as in ``Debian 12 (bookworm)``."""
        if self.derived:
            return self.derived
        if self.release is None:
            return f"{self.platform.name} {self.found}".strip()
        name = self.platform.name
        if not self.release.rolling and not name.endswith(f" {self.release.id}"):
            # 9.4 is one of 9, trixie is 13
            detailed = self.found.startswith(f"{self.release.id}.")
            name = f"{name.removesuffix(' 11')} {self.found if detailed else self.release.id}"
        return f"{name} ({self.release.codename})" if self.release.codename else name

    @property
    def steps(self) -> tuple[Step, ...]:
        if self.mirror is None:
            return self.platform.steps
        return tuple(_mirrored(step, self.mirror, self.platform) for step in self.platform.steps)

    def step(self, key: str) -> Step:
        """Return one of the seven steps: ``"remove"``."""
        return next(step for step in self.steps if step.key == key)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to know before the first step."""
        found = []
        if self.release is None:
            known = ", ".join(r.id for r in self.platform.releases if not r.ended)
            found.append(
                text("install.guide.not_listed", name=plain(self.name), known=known)
                if not self.derived
                else text("install.guide.derived_release", base=self.platform.name)
            )
        elif self.release.ended:
            found.append(
                text(
                    "install.guide.ended",
                    name=plain(self.name),
                    month=self.release.ended,
                    reference=self.release.reference,
                )
            )
        if self.derived:
            found.append(
                text("install.guide.derived", name=plain(self.derived), base=self.platform.name)
            )
        return tuple(found)

    @property
    def sources(self) -> tuple[str, ...]:
        mirror = (self.mirror.source,) if self.mirror else ()
        return (self.platform.source, *self.platform.also, *mirror)

    def __str__(self) -> str:
        lines = [f"# {self.title}"]
        lines += [f"# {_sourced(self, ' '.join(self.sources))}"]
        lines += [f"# ! {warning}" for warning in self.warnings]
        for number, step in enumerate(self.steps, start=1):
            lines += ["", f"# {number}. {text(f'install.step.{step.key}')}"]
            lines += [f"#    {note(key, self)}" for key in step.notes]
            lines += step.commands
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        parts = [f"<h4>{escape(self.title)}</h4>", f"<p>{_linked(self)}</p>"]
        parts += [f"<p><strong>{escape(warning)}</strong></p>" for warning in self.warnings]
        for step in self.steps:
            notes = "".join(f"<br>{escape(note(key, self))}" for key in step.notes)
            parts.append(f"<li><b>{escape(text(f'install.step.{step.key}'))}</b>{notes}")
            if step.commands:
                commands = escape("\n".join(step.commands))
                parts.append(f'<pre style="{LOOK}">{commands}</pre>')
            parts.append("</li>")
        head, body = "".join(parts[:2]), "".join(parts[2:])
        html = f"<div>{head}{body}</div>".replace("<li>", "<ol><li>", 1)
        return {"text/plain": str(self), "text/html": f"{html.removesuffix('</div>')}</ol></div>"}


def note(key: str, guide: Guide) -> str:
    """Return the words of a note; they may name the platform's package manager and kernel."""
    platform = guide.platform
    return text(f"install.note.{key}", manager=platform.manager, kernel=platform.kernel)


def _mirrored(step: Step, mirror: Mirror, platform: Platform) -> Step:
    """Return a step that uses a mirror; the repository file of RPM systems names Docker inside."""
    found = step.through(mirror)
    if step.key != "repository" or found is step:
        return found
    if platform.manager == "apt":
        check = "gpg --show-keys --with-fingerprint /etc/apt/keyrings/docker.asc"
        return Step(step.key, (*found.commands, check), (*found.notes, "mirror_key", "mirror_hub"))
    inside = "sudo sed -i 's+https://download.docker.com+{}+' /etc/yum.repos.d/docker-ce.repo"
    return Step(
        step.key,
        (*found.commands, inside.format(mirror.address)),
        (*found.notes, "mirror_file", "mirror_hub"),
    )


def _sourced(guide: Guide, sources: str) -> str:
    key = "source" if guide.platform.checked else "source_unread"
    return text(f"install.guide.{key}", source=sources, date=guide.platform.checked)


def _linked(guide: Guide) -> str:
    links = " ".join(f'<a href="{escape(a)}">{escape(a)}</a>' for a in guide.sources)
    return escape(_sourced(guide, "@links@")).replace("@links@", links)

"""The chooser: which platforms there are, and the commands for one of them."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from ..errors import NotFound
from ..messages import text
from ..text import padded
from .catalogue import everything, mirrors
from .guide import Guide
from .model import Mirror, Platform, Release

__all__ = ["Listing", "commands", "platforms"]

# What people type for a platform, besides its key and its name.
ALIASES = {
    "mac": "macos", "osx": "macos", "darwin": "macos", "wsl": "windows", "win": "windows",
    "redhat": "rhel", "suse": "sles", "archlinux": "arch", "amzn": "amazon", "opensuse-leap":
    "opensuse", "opensuse-tumbleweed": "opensuse", "centosstream": "centos",
}  # fmt: skip


@dataclass(frozen=True, repr=False)
class Listing:
    """The platforms that `commands` knows."""

    platforms: tuple[Platform, ...]

    def __str__(self) -> str:
        rows = [(p.key, p.name, p.manager, _supported(p)) for p in self.platforms]
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        return "\n".join(
            "  ".join([*(padded(c, w) for c, w in zip(row, widths, strict=False)), row[3]])
            for row in rows
        )

    __repr__ = __str__


def platforms() -> Listing:
    """Return the platforms, each with its releases that its source names today."""
    return Listing(tuple(everything().values()))


def commands(platform: str, release: str | None = None, *, mirror: str | None = None) -> Guide:
    """Return the seven steps for a platform.

    Parameters
    ----------
    platform: a key or a name out of `platforms`: ``"ubuntu"``.
    release: its number or code name: ``"24.04"`` or ``"noble"``; default: the newest.
    mirror: ``"tuna"`` or ``"aliyun"``, to install from a mirror in mainland China in place of
        download.docker.com.

    Raises
    ------
    NotFound: no such platform, release or mirror; those that are near are named.
    """
    found, wanted = _platform(platform, release)
    chosen = _release(found, wanted)
    return Guide(found, chosen, wanted or chosen.id, chosen_mirror(found, mirror))


def _platform(name: str, release: str | None) -> tuple[Platform, str]:
    key = "".join(name.lower().split())
    known = everything()
    names = {p.name.lower().replace(" ", ""): p.key for p in known.values()}
    key = ALIASES.get(key, names.get(key, key))
    wanted = (release or "").strip()
    if key not in known:
        near = difflib.get_close_matches(key, [*known, *names, *ALIASES], n=3, cutoff=0.5)
        keys = dict.fromkeys(ALIASES.get(n, names.get(n, n)) for n in near)
        raise NotFound("install.no_platform", name=name, near=", ".join(keys) or ", ".join(known))
    if key == "centos" and wanted.partition(".")[0] == "7":
        key = "centos7"
    return known[key], wanted


def _release(platform: Platform, wanted: str) -> Release:
    if not wanted:
        return platform.newest
    found = platform.release(wanted)
    if found is None:
        names = [n for r in platform.releases for n in (r.id, r.codename) if n]
        near = difflib.get_close_matches(wanted.lower(), names, n=2, cutoff=0.5)
        near += [r.id for r in platform.releases if not r.ended and r.id not in near]
        raise NotFound(
            "install.no_release", name=platform.name, release=wanted, near=", ".join(near),
            source=platform.source,
        )  # fmt: skip
    return found


def chosen_mirror(platform: Platform, key: str | None, strict: bool = True) -> Mirror | None:
    """Return the mirror called ``key``; without ``strict`` None where it serves nothing."""
    if key is None:
        return None
    known = mirrors()
    if key.lower() not in known:
        raise NotFound("install.no_mirror", name=key, near=", ".join(known))
    if not platform.mirrored and not strict:
        return None
    if not platform.mirrored:
        raise NotFound("install.not_mirrored", name=platform.name, mirror=known[key.lower()].name)
    return known[key.lower()]


def _supported(platform: Platform) -> str:
    current = [r.id for r in platform.releases if not r.ended and not r.rolling]
    if not current:
        key = "any" if platform.newest.id == "any" else "rolling"
        current = [text(f"install.listing.{key}")] if platform.newest.rolling else []
    past = [r.id for r in platform.releases if r.ended]
    ended = text("install.listing.ended", ids=", ".join(past))
    if not current:
        return ended
    return f"{', '.join(current)} ({ended})" if past else ", ".join(current)

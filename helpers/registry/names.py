"""Names of images, checked before they are asked for."""

from __future__ import annotations

import re

from ..errors import EngineFailed

__all__ = ["check", "platform"]

# https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
REPOSITORY = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*"
TAG = r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}"
DIGEST = r"sha256:[0-9a-f]{64}"
TAGGED = re.compile(rf"{REPOSITORY}(?::{TAG})?")
NAMED = re.compile(rf"{REPOSITORY}(?::{TAG}|@{DIGEST})?")
PLATFORM = re.compile(r"linux/(?:amd64|arm64|s390x|ppc64le|riscv64|386|arm)")
LONGEST = 255  # characters of a repository's name


def check(name: str, *, digest: bool = False) -> str:
    """Return ``name`` if an image in the registry can be called so.

    Parameters
    ----------
    digest: whether ``@sha256:…`` may stand in the place of a tag.

    Raises
    ------
    EngineFailed: no image can.
    """
    pattern = NAMED if digest else TAGGED
    if not isinstance(name, str) or len(name) > LONGEST or not pattern.fullmatch(name):
        raise EngineFailed("registry.bad_name", name=repr(name)[:300])
    return name


def platform(value: str | None) -> str | None:
    """Return ``value`` if it is a platform of Linux, as ``"linux/arm64"``, or ``None``.

    Raises
    ------
    EngineFailed: it is not.
    """
    if value is not None and not PLATFORM.fullmatch(value):
        raise EngineFailed("registry.bad_platform", platform=repr(value)[:100])
    return value

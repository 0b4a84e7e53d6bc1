"""The engine of a class: a private one whose containers are in a user namespace."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from ..engine.inside import CONTAINERS
from ..engine.private import Private
from .names import RUNTIME

__all__ = ["IDS", "ClassEngine"]

# Far above what people and services of a host have, and what its own subuid(5) file hands out first
# (100000 and up, 65536 each, in the order in which users are made): some 20,000 users would have to
# come before.
IDS = (1_342_177_280, 65536)
NETWORKS = {"base": "10.213.0.0/16", "size": 24}  # one for each learner


@dataclass(frozen=True)
class ClassEngine(Private):
    """The engine of a class; ``door`` is the one port that may listen on another address.

    Parameters
    ----------
    door: address and port of this machine where the class comes in; a port that a container
        publishes under this number is forwarded there, all others to 127.0.0.1 as ever.
    """

    door: tuple[str, int] = ("127.0.0.1", 0)  # type: ignore[misc]

    _alone = True  # the end of one class takes its empty groups along
    _ids: ClassVar[tuple[int, int]] = IDS

    def _settings(self, proxy: Path) -> dict:
        runc = self.programs().find("runc")
        words = [sys.executable, "-S", str(Path(__file__).with_name("runtime.py")), str(runc)]
        wrapper = proxy.with_name(RUNTIME)
        wrapper.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
        wrapper.chmod(0o755)
        return super()._settings(proxy) | {
            "runtimes": {RUNTIME: {"path": str(wrapper)}},
            "userns-remap": CONTAINERS,
            "default-address-pools": [NETWORKS],
            # What a learner prints must not fill the instructor's disk.
            "log-driver": "local",
            "log-opts": {"max-size": "2m", "max-file": "2"},
        }

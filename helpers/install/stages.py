"""What is typed for each of the seven steps on the fresh server, and what shows that it worked."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from .server import ARCHIVE

__all__ = ["OLD", "STAGES", "Stage"]

OLD = ("docker.io", "docker-compose", "docker-doc", "podman-docker", "containerd", "runc")
LEAST = (3, 10)  # the oldest kernel that Docker runs on
INSTALLED = ("docker.io", "containerd", "runc")
DISC = f"""\
tee /etc/apt/sources.list.d/disc.sources <<EOF
Types: deb
URIs: file:/{ARCHIVE}
Suites: bookworm
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
EOF"""

Look = Callable[[str], str]  # runs a command on the server and returns its output


@dataclass(frozen=True)
class Stage:
    """One of the seven steps on the fresh server.

    Fields
    ------
    typed: the commands, in order.
    shown: the last command prints one line that is the same on every machine, and is shown.
    outcome: returns the fields of the message ``install.outcome.<key>`` once the step worked, and
        None if it did not; not asked if a line is shown.
    """

    key: str
    typed: tuple[str, ...]
    shown: bool = False
    outcome: Callable[[Look], dict[str, str] | None] = lambda look: {}


def _new_enough(look: Look) -> dict[str, str] | None:
    found = re.match(r"(\d+)\.(\d+)", look("uname -r"))
    return {} if found and (int(found[1]), int(found[2])) >= LEAST else None


def _removed(look: Look) -> dict[str, str] | None:
    return None if _installed(look, OLD) else {}


def _offered(look: Look) -> dict[str, str] | None:
    found = re.search(r"Candidate: (\d+\.\d+)", look("apt-cache policy docker.io"))
    return {"version": found[1]} if found else None


def _in_place(look: Look) -> dict[str, str] | None:
    found = _installed(look, INSTALLED)
    return {"names": ", ".join(found)} if found == list(INSTALLED) else None


def _installed(look: Look, names: tuple[str, ...]) -> list[str]:
    """Return which packages dpkg calls installed."""
    said = look(f"dpkg-query -W -f '${{Package}} ${{db:Status-Status}}\\n' {' '.join(names)}")
    states = dict(line.split() for line in said.splitlines() if line.endswith(" installed"))
    return [name for name in names if name in states]


STAGES = {
    stage.key: stage
    for stage in (
        Stage(
            "platform",
            ('. /etc/os-release && echo "$ID $VERSION_ID $VERSION_CODENAME"',),
            shown=True,
        ),
        Stage("version", ("uname -r",), outcome=_new_enough),
        Stage(
            "remove",
            (f"apt-get -y remove $(dpkg --get-selections {' '.join(OLD)} | cut -f1)",),
            outcome=_removed,
        ),
        Stage("repository", (DISC, "apt-get update"), outcome=_offered),
        Stage("install", ("apt-get -y install docker.io",), outcome=_in_place),
        Stage("start", ("systemctl enable --now docker", "systemctl is-active docker"), shown=True),
        Stage(
            "verify",
            (
                "docker import /root/busybox.tar busybox:local",
                "docker run --rm busybox:local echo hello from a container",
            ),
            shown=True,
        ),
    )
}

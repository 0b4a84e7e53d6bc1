"""A server on which somebody has broken the engine: material for an exercise."""

from __future__ import annotations

from ..engine.patience import until
from ..messages import text
from ..text import plain
from .servers import Server

__all__ = ["CONFIGURATION", "mishap"]

PLACE = "/etc/docker/daemon.json"
GIVES_UP = 60  # seconds until systemd tries no more
# What the operators want: logs in the format that rotates. The comma at the end is the mistake.
CONFIGURATION = """\
{
  "log-driver": "local",
  "log-opts": {"max-size": "10m"},
}"""


def mishap(server: Server) -> None:
    """Give the engine on a server a configuration that it does not accept, and restart it.

    Where the server is not real, only the words are shown.

    Raises
    ------
    ContainerFailed: Docker could not be installed on it before.
    TimedOut: the engine still ran.
    """
    if not server.real:
        print(text("install.mishap", name=plain(server.name)))
        return
    server.prepare("verify")
    server.quietly(f"mkdir -p /etc/docker && cat >{PLACE} <<'EOF'\n{CONFIGURATION}\nEOF")
    server.quietly("systemctl restart docker")
    # systemd tries three times. Then its count begins anew, or it would refuse the next start.
    state = lambda: server.quietly("systemctl is-active docker")[1].strip()  # noqa: E731
    until(lambda: state() == "failed", GIVES_UP, "install.giving_up", name=server.name)
    server.quietly("systemctl reset-failed docker")
    print(text("install.mishap", name=plain(server.name)))

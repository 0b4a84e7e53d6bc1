"""What was heard between client, daemon and registry, as data. Nothing here asks anybody."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["CLIENT", "DAEMON", "REGISTRY", "Conversation", "Exchange"]

CLIENT, DAEMON, REGISTRY = "client", "daemon", "registry"


@dataclass(frozen=True)
class Exchange:
    """One request and its answer.

    Fields
    ------
    sender, receiver: ``"client"``, ``"daemon"`` or ``"registry"``.
    method, path: as sent, but the path without the API's version, and with names for IDs:
        ``/containers/{container}/start``; untrusted text.
    query: what stood behind the ``?``.
    status: of the answer; 0 if there was none.
    kind: ``"answer"``; ``"stream"`` for one that comes piece by piece; ``"both ways"`` for a
        connection that stopped being HTTP.
    meaning: what the call does, a key below ``components.call`` of the messages.
    sent, received: bytes of content.
    began, seconds: when, counted from the first request, and how long until its answer ended.
    body: the request's JSON, secrets taken out; None if it had none.
    """

    sender: str
    receiver: str
    method: str
    path: str
    query: dict[str, str]
    status: int
    kind: str
    meaning: str
    sent: int
    received: int
    began: float
    seconds: float
    body: dict | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Conversation:
    """All that one command of the docker client made client, daemon and registry say.

    Fields
    ------
    command: what was typed.
    exchanges: in the order in which they began.
    output, exit_code: of the client.
    stored: whether this is the course's stored recording, since none could be made here.
    """

    command: str
    exchanges: tuple[Exchange, ...] = field(repr=False)
    output: str = field(repr=False)
    exit_code: int
    stored: bool = False

    def asked(self, meaning: str) -> dict:
        """Return the body of the first request of a meaning, for example ``"create"``.

        Settings that the client left empty are left out.
        """
        for exchange in self.exchanges:
            if exchange.meaning == meaning and exchange.body:
                return _filled(exchange.body)
        return {}

    def _ipython_display_(self) -> None:
        """Show nothing below a cell: `helpers.components.record` has printed it."""


def _filled(body: dict) -> dict:
    found = {}
    for name, value in body.items():
        kept = _filled(value) if isinstance(value, dict) else value
        # -1 and "default" are what the client writes where the user said nothing
        if kept not in (None, "", [], {}, False, 0, -1, "default", "no", [0, 0]):
            found[name] = kept
    return found

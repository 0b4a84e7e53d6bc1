"""The words of a conversation: the same on each engine and image store.

The client's requests are told one by one. What the daemon asks of a registry differs between the
image stores (the classic one asks ``/v2/`` first, containerd's asks for a manifest by HEAD alone if
it holds it, and each knows other layers again), so that part is told as what was done.
"""

from __future__ import annotations

from ..components.model import DAEMON, REGISTRY, Conversation, Exchange
from ..messages import text
from ..text import padded
from .rows import one_line

__all__ = ["conversation_words", "meaning_of", "said", "several", "title_of"]

# What is told of a registry, in this order.
TOLD = (
    "registry_manifest",
    "registry_has",
    "registry_blob",
    "registry_upload",
    "registry_store",
    "registry_delete",
)


def title_of(heard: Conversation) -> str:
    """Return the main fact: how many requests one command made."""
    asked = sum(exchange.receiver == DAEMON for exchange in heard.exchanges)
    key = "asks" if any(e.receiver == REGISTRY for e in heard.exchanges) else "alone"
    return text(
        f"components.figure.title_{key}",
        command=one_line(heard.command, 120),
        requests=several("requests", asked),
    )


def meaning_of(exchange: Exchange) -> str:
    """Return what a call does, in the notebook's language."""
    return text(f"components.call.{exchange.meaning}")


def conversation_words(heard: Conversation) -> str:
    """Return all that `helpers.figures.conversation` shows but what differs between engines."""
    lines = [title_of(heard)]
    if heard.stored:
        lines.append("  " + said("stored"))
    asked = [exchange for exchange in heard.exchanges if exchange.receiver == DAEMON]
    calls = [f"{one_line(e.method, 10)} {one_line(e.path, 120)}" for e in asked]
    wide = max((len(call) for call in calls), default=0)
    if any("127.0.0.1:" in call for call in calls):
        wide = 0  # a port of another length would move the rest of the line
    for number, (exchange, call) in enumerate(zip(asked, calls, strict=True), start=1):
        lines.append(
            "  "
            + said(
                "call",
                number=number,
                call=padded(call, wide),
                status=exchange.status or "–",
                meaning=meaning_of(exchange),
            )
            + _open(exchange)
        )
    lines += [f"  {line}" for line in _registry(heard)]
    if not asked:
        lines.append("  " + said("silent"))
    return "\n".join(lines)


def _open(exchange: Exchange) -> str:
    if exchange.kind == "answer":
        return ""
    key = "stream" if exchange.kind == "stream" else "both_ways"
    return said("open", how=said(f"{key}"))


def _registry(heard: Conversation) -> list[str]:
    asked = [exchange for exchange in heard.exchanges if exchange.receiver == REGISTRY]
    if not asked:
        return []
    done = {exchange.meaning for exchange in asked}
    if done & {"registry_store", "registry_has"}:
        done -= {"registry_manifest"}  # one store looks before it pushes, the other does not
    told = [text(f"components.call.{name}") for name in TOLD if name in done]
    return [said("registry"), *(f"  {line}" for line in told)]


def said(key: str, **values: object) -> str:
    """Return the message ``components.figure.<key>``."""
    return text(f"components.figure.{key}", **values)


def several(key: str, count: int) -> str:
    """Return the message for one, or for many."""
    return said(f"{key}.{'one' if count == 1 else 'many'}", count=count)

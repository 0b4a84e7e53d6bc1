"""What the probe printed, as far as it is of the form that is expected."""

from __future__ import annotations

from typing import Any

__all__ = ["Facts"]


class Facts:
    """What the probe printed; a question that it could not answer raises `KeyError`."""

    def __init__(self, facts: Any) -> None:
        self._facts = facts

    def __getitem__(self, name: str) -> Any:
        found = self._facts[name]
        if found is None:
            raise KeyError(name)
        return found

    @property
    def linux(self) -> bool:
        return self["machine"]["system"] == "Linux"

    @property
    def answers(self) -> dict[str, str] | None:
        """What a daemon said of itself, if one answered."""
        told = [one["answer"] for one in self["engine"]["sockets"]]
        return next((answer for answer in told if isinstance(answer, dict)), None)

    @property
    def private(self) -> bool:
        """Whether the course can start an engine of its own."""
        tools = self["engine"]["tools"]
        root = self["machine"]["root"]
        return bool(self.linux and root and tools["unshare"] and tools["nsenter"])

"""A list of pods that is the same in each run: short names instead of random ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..messages import text
from ..text import columns, escape, padded
from .pods import Pod, alive, numbered

__all__ = ["Listing"]


@dataclass(frozen=True)
class Listing:
    """Pods with their short names, in order."""

    rows: tuple[tuple[str, Pod], ...]

    @classmethod
    def of(cls, pods: Iterable[Pod], app: str | None = None, over: bool = False) -> Listing:
        """Name pods: those that live first, then those that end, if ``over`` asks for them."""
        pods = list(pods)
        names = numbered(alive(pods))
        kept = [one for one in pods if one.uid in names or over]
        mine = [one for one in kept if app in (None, one.app)]
        rows = [(names.get(one.uid, one.name), one) for one in mine]
        return cls(tuple(sorted(rows, key=lambda row: (row[1].uid not in names, _key(row[0])))))

    def __iter__(self) -> Iterator[tuple[str, Pod]]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def _cells(self) -> list[tuple[str, ...]]:
        head = tuple(text(f"kubernetes_use.pods.{n}") for n in ("pod", "node", "state", "restarts"))
        cells = [head]
        for name, pod in self.rows:
            state = text(f"kubernetes_use.state.{pod.state}")
            cells.append((name, pod.node or "–", state, str(pod.restarts)))
        return cells

    def __str__(self) -> str:
        if not self.rows:
            return text("kubernetes_use.pods.none")
        cells = self._cells()
        wide = [max(columns(row[n]) for row in cells) for n in range(len(cells[0]))]
        lines = ["  ".join(padded(c, w) for c, w in zip(r, wide, strict=True)) for r in cells]
        reasons = [f"{name}: {pod.reason}" for name, pod in self.rows if pod.reason]
        return "\n".join([line.rstrip() for line in [*lines, *reasons]])

    __repr__ = __str__

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": str(self), "text/html": f"<pre>{escape(str(self))}</pre>"}


def _key(name: str) -> tuple[str, int]:
    app, _, number = name.rpartition(" ")
    return app, int(number) if number.isdigit() else 0

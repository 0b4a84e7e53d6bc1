"""How often one address may ask: a bucket that fills slowly, for each of the latest addresses."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

__all__ = ["Buckets"]


class Buckets:
    """Requests that addresses have left.

    Parameters
    ----------
    burst: that an address has at first, and at most. A class behind one router, or in containers
        of one machine, asks as one address: all of it may join at once.
    each_second: that it gets back.
    most: addresses that are remembered; the one that asked longest ago is forgotten first.
    clock: seconds; tests have their own.
    """

    def __init__(
        self,
        burst: float = 200,
        each_second: float = 20,
        most: int = 2000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._burst, self._rate, self._most, self._clock = burst, each_second, most, clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str) -> bool:
        """Take one; return whether there was one."""
        now = self._clock()
        left, then = self._left.pop(address, (self._burst, now))
        left = min(self._burst, left + (now - then) * self._rate)
        taken = left >= 1
        self._left[address] = (left - taken, now)
        if len(self._left) > self._most:
            self._left.popitem(last=False)
        return taken

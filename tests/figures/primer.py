"""The pictures of the AWS primer: as the lesson draws them, and with what nobody expected."""

from __future__ import annotations

from collections.abc import Callable

from helpers import figures
from helpers.aws import responsibility
from helpers.figures import Drawing

YEAR = (4, 4, 5, 4, 4, 6, 5, 4, 4, 5, 12, 9)
PLACES = {"zone a": ["web server", "database"], "zone b": ["web server"]}
ODD = {
    "<b>z</b>" * 20: ["$x$" * 40, "w\u0000\u001b[31mred"],
    "b": [],
    "c": [f"<i>{number}</i>" for number in range(12)],
}

SHEETS: dict[str, Callable[[], Drawing]] = {
    "capacity": lambda: figures.capacity(YEAR, bought=8),
    "capacity-all": lambda: figures.capacity([3, 3], bought=3),
    "capacity-none": lambda: figures.capacity([0], bought=0),
    "capacity-long": lambda: figures.capacity([7, 1200] * 30, bought=600),
    "responsibility": lambda: figures.responsibility(responsibility.MODEL),
    "zones": lambda: figures.zones(PLACES),
    "zones-dead": lambda: figures.zones(PLACES, lost="zone a"),
    "zones-alive": lambda: figures.zones(PLACES, lost="zone b"),
    "zones-odd": lambda: figures.zones(ODD, lost="c"),
}

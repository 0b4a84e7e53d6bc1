"""Looks at clusters that reach beyond AWS, hand-made: whole, cut off, forgotten, large, hostile."""

from __future__ import annotations

from collections.abc import Callable

from helpers import figures
from helpers.aws.places import Machine, Places, Service
from helpers.figures import Drawing

EVIL = '<script>alert("x")</script> \x1b[31m$x^2$ 🐳 \u202eevil'

BOTH = Places(
    (Service("counter", "EXTERNAL", 2, 2), Service("report", "FARGATE", 1, 1)),
    ("report",),
    (Machine("ACTIVE", True, ("counter",) * 2, ("counter",) * 2),),
)
CUT = Places(
    (Service("counter", "EXTERNAL", 1, 2),),
    (),
    (Machine("ACTIVE", False, ("counter",) * 2, ("counter",) * 2),),
)
FORGOTTEN = Places(
    (Service("counter", "EXTERNAL", 1, 0),),
    (),
    (Machine("NONE", False, (), ("lbl-15-counter",) * 2, ("lbl-15-counter",) * 2),),
)
NOBODY = Places((), ("job",), ())
LARGE = Places(
    tuple(Service(f"service-{n}", "EXTERNAL", 9, n) for n in range(8)),
    ("report",) * 40,
    (
        Machine("DRAINING", True, ("service-1",) * 30, None),
        Machine("ACTIVE", True, ("service-2",) * 2, ("service-2",)),
        Machine("REGISTRATION_FAILED", False, (), None),
    ),
)
ODD = Places(
    (Service(EVIL, "EXTERNAL", 1, 0), Service("n" * 200, "", 10**6, 10**6)),
    (EVIL,),
    (Machine(EVIL, True, (EVIL,), ("n" * 200, EVIL), (EVIL,)),),
)

SHEETS: dict[str, Callable[[], Drawing]] = {
    "places": lambda: figures.places(BOTH),
    "places-cut": lambda: figures.places(CUT),
    "places-forgotten": lambda: figures.places(FORGOTTEN),
    "places-nobody": lambda: figures.places(NOBODY),
    "places-large": lambda: figures.places(LARGE),
    "places-odd": lambda: figures.places(ODD),
}

"""What the exercises of lesson 06 look for in the daemon."""

from __future__ import annotations

from helpers import registry
from helpers.components.projects import members, volumes
from helpers.engine import Engine
from helpers.errors import EngineLost, NotFound, RegistryDenied
from helpers.exercises import Right, Wrong, exercise, state

BUSYBOX = "lbl/busybox:1"
BY_HAND = "lbl-06-byhand"
GUESTS = "lbl-06-guests"
DATA = "/data"  # where Redis writes
NEWS = "lbl/06-news"


@exercise("06.1")
def by_hand(engine: Engine) -> Right | Wrong:
    """A container of busybox that sleeps and is paused."""
    found = state.container(engine, BY_HAND)
    if found is None:
        return Wrong("lesson06.ex1.missing", name=BY_HAND)
    if not state.made_from(engine, found, BUSYBOX):
        return Wrong("lesson06.ex1.other_image", name=BY_HAND, image=BUSYBOX)
    if "sleep" not in [found["Path"], *found["Args"]]:
        return Wrong("lesson06.ex1.other_program", name=BY_HAND)
    status = found["State"]["Status"]
    if status == "running":
        return Wrong("lesson06.ex1.runs", name=BY_HAND)
    if status != "paused":
        return Wrong("lesson06.ex1.state", name=BY_HAND, state=status)
    return Right("lesson06.ex1.right")


@exercise("06.2")
def guest_book(engine: Engine) -> Right | Wrong:
    """Two pages that find their database, whose data lie in a volume of the application."""
    found = members(engine, GUESTS)
    pages = [one for one in found if one.service == "web" and one.state == "running"]
    if not pages:
        return Wrong("lesson06.ex2.no_page", project=GUESTS)
    services = {one.service for one in found if one.state == "running"}
    for page in pages:
        variables = (state.container(engine, page.name) or {"Config": {"Env": []}})["Config"]["Env"]
        wanted = dict(v.split("=", 1) for v in variables if "=" in v).get("DATABASE", "")
        if wanted not in services - {"web"}:
            return Wrong("lesson06.ex2.no_database", page=page.name, database=wanted or "–")
    databases = [one for one in found if one.service != "web" and one.state == "running"]
    mounts = (state.container(engine, databases[0].name) or {}).get("Mounts") or []
    kept = [one for one in mounts if one.get("Destination") == DATA]
    if not kept:
        return Wrong("lesson06.ex2.no_volume", folder=DATA)
    if kept[0].get("Name") not in volumes(engine, GUESTS):
        return Wrong("lesson06.ex2.other_volume", folder=DATA)
    if len(pages) < 2:
        return Wrong("lesson06.ex2.one_page")
    return Right("lesson06.ex2.right", count=len(pages))


def _manifest(shelf: registry.Registry, tag: str) -> registry.Manifest | None:
    try:
        return shelf.manifest(f"{NEWS}:{tag}")
    except NotFound:
        return None


@exercise("06.3")
def back_to_yesterday(engine: Engine) -> Right | Wrong:
    """In the registry, latest is the edition 1 again, and 2 is still there."""
    shelf = registry.find(engine)
    if shelf is None:
        return Wrong("lesson06.ex3.no_registry")
    try:
        first, second, latest = (_manifest(shelf, tag) for tag in ("1", "2", "latest"))
    except (EngineLost, RegistryDenied):
        return Wrong("lesson06.ex3.other_registry")
    if first is None:
        return Wrong("lesson06.ex3.gone", name=f"{NEWS}:1")
    if second is None:
        return Wrong("lesson06.ex3.gone", name=f"{NEWS}:2")
    if latest is None:
        return Wrong("lesson06.ex3.no_latest", name=f"{NEWS}:latest")
    if first.layers == second.layers:
        return Wrong("lesson06.ex3.same")
    if latest.digest == second.digest:
        return Wrong("lesson06.ex3.still")
    if latest.digest != first.digest:
        return Wrong("lesson06.ex3.third")
    return Right("lesson06.ex3.right")


@exercise("06.4")
def make_room(engine: Engine) -> Right | Wrong:
    """The registry stores what the edition 1 needs and nothing else."""
    shelf = registry.find(engine)
    if shelf is None:
        return Wrong("lesson06.ex4.no_registry")
    try:
        first, second = _manifest(shelf, "1"), _manifest(shelf, "2")
        others = [name for name in shelf.catalogue() if not name.startswith(f"{NEWS}:")]
    except (EngineLost, RegistryDenied):
        return Wrong("lesson06.ex4.no_registry")
    if first is None:
        return Wrong("lesson06.ex4.gone", name=f"{NEWS}:1")
    if second is not None:
        return Wrong("lesson06.ex4.second", name=f"{NEWS}:2")
    if others:
        return Wrong("lesson06.ex4.others", name=others[0])
    needed = {first.own.digest, first.config.digest, *(layer.digest for layer in first.layers)}
    more = {blob.digest for blob in shelf.stored().blobs} - needed
    if more:
        return Wrong("lesson06.ex4.more", count=len(more))
    return Right("lesson06.ex4.right")

"""What the exercises of lesson 04 look for in the daemon."""

from __future__ import annotations

from datetime import datetime

from helpers.engine import Engine
from helpers.exercises import Right, Wrong, exercise, state

SHOP, EATER = "lbl/04-shop:1", "lbl/04-eater:1"
NIGHT, LEDGER, ORDERS = "lbl-04-night", "lbl-04-ledger", "/data/orders.txt"
FED, MOST = "lbl-04-eater", 64 << 20  # bytes: what `-m 64m` means
COURT, PORTER, BAKERY, ALIAS = "lbl-04-court", "lbl-04-porter", "lbl-04-bakery", "bread"
PORT = "80/tcp"
VAULT = "lbl-04-vault"
STUBBORN, TRIES = "lbl-04-stubborn", 3


def _seconds(moment: str) -> float:
    """Return a time of the engine, such as ``2026-11-25T03:05:34.123456789Z``, since 1970."""
    whole, _, rest = moment.rstrip("Z").partition(".")
    return datetime.fromisoformat(f"{whole}+00:00").timestamp() + float(f"0.{rest or 0}")


@exercise("04.1")
def books_that_stay(engine: Engine) -> Right | Wrong:
    """A running shop with the ledger, whose orders are older than the container."""
    container = state.container(engine, NIGHT)
    if container is None:
        return Wrong("lesson04.ex1.missing", name=NIGHT)
    if not state.made_from(engine, container, SHOP):
        return Wrong("lesson04.ex1.other_image", name=NIGHT, image=SHOP)
    if not container["State"]["Running"]:
        return Wrong("lesson04.ex1.ended", name=NIGHT)
    mount = state.mount(container, "/data")
    if mount is None or mount["Type"] != "volume" or mount.get("Name") != LEDGER:
        return Wrong("lesson04.ex1.no_volume", name=NIGHT, volume=LEDGER)
    found = state.file(engine, container, ORDERS)
    orders = len(found[1].split(b"\n")) - 1 if found else 0
    if found is None or orders < 2:
        return Wrong("lesson04.ex1.few", count=orders)
    if found[0].mtime > _seconds(container["State"]["StartedAt"]):
        return Wrong("lesson04.ex1.same", name=NIGHT)
    return Right("lesson04.ex1.right", count=orders)


@exercise("04.2")
def a_limit_that_fits(engine: Engine) -> Right | Wrong:
    """The eater ended well, under a limit that is not too large."""
    container = state.container(engine, FED)
    if container is None:
        return Wrong("lesson04.ex2.missing", name=FED)
    if not state.made_from(engine, container, EATER):
        return Wrong("lesson04.ex2.other_image", name=FED, image=EATER)
    limit = container["HostConfig"].get("Memory") or 0
    if not limit:
        return Wrong("lesson04.ex2.no_limit", name=FED)
    if limit > MOST:
        return Wrong("lesson04.ex2.large")
    if container["State"]["Running"]:
        return Wrong("lesson04.ex2.running", name=FED)
    code = container["State"]["ExitCode"]
    if code == 137:
        return Wrong("lesson04.ex2.killed")
    if code:
        return Wrong("lesson04.ex2.failed", code=code)
    return Right("lesson04.ex2.right", limit=f"{limit >> 20}")


@exercise("04.3")
def neighbours(engine: Engine) -> Right | Wrong:
    """Two containers in one network, an alias, and one port on loopback."""
    found = {name: state.container(engine, name) for name in (PORTER, BAKERY)}
    for name, container in found.items():
        if container is None:
            return Wrong("lesson04.ex3.missing", name=name)
        if not container["State"]["Running"]:
            return Wrong("lesson04.ex3.ended", name=name)
        if not state.made_from(engine, container, SHOP):
            return Wrong("lesson04.ex3.other_image", name=name, image=SHOP)
        if COURT not in container["NetworkSettings"]["Networks"]:
            return Wrong("lesson04.ex3.elsewhere", name=name, network=COURT)
    bakery, porter = found[BAKERY], found[PORTER]
    aliases = bakery["NetworkSettings"]["Networks"][COURT].get("Aliases") or []
    if ALIAS not in aliases:
        return Wrong("lesson04.ex3.no_alias", name=BAKERY, alias=ALIAS)
    bindings = (bakery["NetworkSettings"]["Ports"] or {}).get(PORT) or []
    if not bindings:
        return Wrong("lesson04.ex3.not_published", name=BAKERY)
    if any(not one["HostIp"].startswith("127.") and one["HostIp"] != "::1" for one in bindings):
        return Wrong("lesson04.ex3.to_all", name=BAKERY)
    if any((porter["NetworkSettings"]["Ports"] or {}).values()):
        return Wrong("lesson04.ex3.porter_published", name=PORTER)
    return Right("lesson04.ex3.right")


@exercise("04.4")
def nothing_to_hold_on_to(engine: Engine) -> Right | Wrong:
    """A read-only root, a named volume, a tmpfs, and an order."""
    container = state.container(engine, VAULT)
    if container is None:
        return Wrong("lesson04.ex4.missing", name=VAULT)
    if not state.made_from(engine, container, SHOP):
        return Wrong("lesson04.ex4.other_image", name=VAULT, image=SHOP)
    if not container["State"]["Running"]:
        return Wrong("lesson04.ex4.ended", name=VAULT)
    if not container["HostConfig"].get("ReadonlyRootfs"):
        return Wrong("lesson04.ex4.writable")
    memory = set(container["HostConfig"].get("Tmpfs") or {})
    memory |= {m["Destination"] for m in container.get("Mounts") or [] if m["Type"] == "tmpfs"}
    if "/tmp" not in memory:
        return Wrong("lesson04.ex4.no_tmpfs")
    mount = state.mount(container, "/data")
    if mount is None or mount["Type"] != "volume":
        return Wrong("lesson04.ex4.no_volume")
    if len(mount["Name"]) == 64:
        return Wrong("lesson04.ex4.anonymous")
    if mount["Name"] != VAULT:
        return Wrong("lesson04.ex4.other_volume", volume=VAULT)
    places = {m["Destination"] for m in container.get("Mounts") or [] if m.get("RW")} | memory
    if more := sorted(places - {"/data", "/tmp"}):
        return Wrong("lesson04.ex4.more", place=more[0])
    if state.file(engine, container, ORDERS) is None:
        return Wrong("lesson04.ex4.no_order")
    return Right("lesson04.ex4.right")


@exercise("04.5")
def not_for_ever(engine: Engine) -> Right | Wrong:
    """Three restarts, and an end."""
    container = state.container(engine, STUBBORN)
    if container is None:
        return Wrong("lesson04.ex5.missing", name=STUBBORN)
    policy = container["HostConfig"].get("RestartPolicy") or {}
    if policy.get("Name") in ("", "no", None):
        return Wrong("lesson04.ex5.no_policy")
    if policy["Name"] != "on-failure" or policy.get("MaximumRetryCount") != TRIES:
        return Wrong("lesson04.ex5.other_policy")
    if container["State"]["ExitCode"] == 0 and not container["State"]["Running"]:
        return Wrong("lesson04.ex5.no_error")
    if container["State"]["Running"] or container["State"].get("Restarting"):
        return Wrong("lesson04.ex5.not_yet")
    if container["RestartCount"] != TRIES:
        return Wrong("lesson04.ex5.count", count=container["RestartCount"])
    return Right("lesson04.ex5.right")

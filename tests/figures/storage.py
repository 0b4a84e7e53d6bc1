"""Data for the figures of volumes and networks, without a daemon: usual, empty, large, hostile."""

from __future__ import annotations

from collections.abc import Callable

from helpers import figures
from helpers.figures import Drawing
from helpers.networks import Network, Node, Published, Reach, Survey
from helpers.volumes import CopyOnWrite, Keeping, Kept, Touch

EVIL = '<script>alert("x")</script> \x1b[31m$x^2$ 🐳 \u202eevil'

KEPT = Keeping(
    (
        Kept("layer", "/layer", True, False, False, False),
        Kept("anonymous", "/anonymous", True, False, False, True),
        Kept("volume", "/named", True, True, True, True),
        Kept("bind", "/bind", True, True, True, True),
        Kept("tmpfs", "/memory", False, False, False, False),
    )
)
LOST = Keeping((Kept("layer", "/layer", False, False, False, False),))


def copied(path: str = "/srv/big", size: int = 60_000_000, seconds=(0.156, 0.002)) -> CopyOnWrite:
    """One byte appended as often as there are times."""
    touches = tuple(
        Touch(size + n, size + n + 1, 1 if n else size + 1, time) for n, time in enumerate(seconds)
    )
    return CopyOnWrite("lbl/04-big:1", path, size, touches)


def survey() -> Survey:
    """A web service with a published port, a friend, one in two networks, and outsiders."""
    nodes = (
        Node("lbl-04-web", ("lbl-04-net",), True),
        Node("lbl-04-friend", ("lbl-04-net",), True),
        Node("lbl-04-both", ("bridge", "lbl-04-net"), True),
        Node("lbl-04-stranger", ("bridge",), True),
        Node("lbl-04-lonely", ("none",), True),
        Node("lbl-04-guest", ("host",), True),
        Node("lbl-04-asleep", ("lbl-04-net",), False),
    )
    networks = (
        Network("bridge", "bridge"), Network("host", "host"), Network("none", "null"),
        Network("lbl-04-net", "bridge", names=True),
    )  # fmt: skip
    reached = {("lbl-04-web", "lbl-04-friend"), ("lbl-04-friend", "lbl-04-web")}
    by_address = {("lbl-04-guest", "lbl-04-web"), ("lbl-04-stranger", "lbl-04-both")}
    awake = [node.name for node in nodes if node.running]
    tries = []
    for source in awake:
        for target in awake:
            pair = (source, target)
            if source == target:
                continue
            by = "address" if pair in by_address else "name"
            why = "answered" if pair in reached | by_address else "unknown"
            tries.append(Reach(source, target, 80, by, why))
    tries.append(Reach("host", "lbl-04-web", 80, "published", "answered"))
    tries.append(Reach("host", "lbl-04-friend", 80, "published", "not_published"))
    port = Published("lbl-04-web", "127.0.0.1:32768", 80)
    return Survey(nodes, networks, (port,), tuple(tries))


def crowd(count: int = 12) -> Survey:
    """More containers and networks than there is room for, under long names."""
    names = [f"lbl-04-a-rather-long-container-name-{n}" for n in range(count)]
    nets = [f"lbl-04-a-rather-long-network-name-{n}" for n in range(5)]
    kinds = [Network(n, "bridge", names=True, internal=i % 2 == 0) for i, n in enumerate(nets)]
    nodes = tuple(Node(n, tuple(nets[: 1 + i % 5]), True) for i, n in enumerate(names))
    tries = tuple(Reach(a, b, 80, "name", "answered") for a in names for b in names if a != b)
    ports = tuple(Published(n, f"127.0.0.1:{40000 + i}", p) for i, n in enumerate(names)
                  for p in (80, 443))  # fmt: skip
    return Survey(nodes, (*kinds, Network("x", "overlay")), ports, tries)


def hostile() -> Survey:
    """Names that attack HTML, terminals and the layout."""
    nodes = (Node(EVIL, (EVIL, "网络" * 30), True), Node("容器" * 30, (EVIL,), True))
    networks = (Network(EVIL, "macvlan"), Network("网络" * 30, "bridge", names=True))
    ports = (Published(EVIL, f"{EVIL}:1", 80),)
    tries = (
        Reach(EVIL, "容器" * 30, 80, "name", "silent"),
        Reach("容器" * 30, EVIL, 80, "address", "refused"),
    )
    return Survey(nodes, networks, ports, tries)


SHEETS: dict[str, Callable[[], Drawing]] = {
    "keeping": lambda: figures.keeping(KEPT),
    "keeping-lost": lambda: figures.keeping(LOST),
    "copying": lambda: figures.copy_on_write(copied()),
    "copying-odd": lambda: figures.copy_on_write(copied(EVIL * 9, 10**13, (0.0, 86_400.0, 1e-9))),
    "copying-none": lambda: figures.copy_on_write(copied(size=0, seconds=())),
    "map": lambda: figures.network_map(survey()),
    "map-crowd": lambda: figures.network_map(crowd()),
    "map-odd": lambda: figures.network_map(hostile()),
    "map-empty": lambda: figures.network_map(Survey((), (), (), ())),
}

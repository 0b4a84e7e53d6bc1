"""Looks at clusters, hand-made: small, large, in trouble, hostile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from helpers import figures
from helpers.cluster.model import Node, Service, Task, View
from helpers.figures import Drawing
from helpers.stacks.model import Amount, Progress

EVIL = '<script>alert("x")</script> \x1b[31m$x^2$ 🐳 \u202eevil'
FULL = "no suitable node (insufficient resources on 3 nodes)"
UNMET = (
    "no suitable node (scheduling constraints not satisfied on 2 nodes; 1 node not available for"
    " new tasks)"
)
GIB = 1 << 30


def node(number: int, managers: int = 1, **other: object) -> Node:
    role = "manager" if number <= managers else "worker"
    facts = {"leader": number == 1, "reachability": "reachable" if role == "manager" else ""}
    facts |= {"cpus": 2.0, "memory": 4 * GIB, **other}
    return Node(f"n{number}", f"node-{number}", role, *_state(facts), **facts)


def _state(facts: dict) -> tuple[str, str]:
    return facts.pop("state", "ready"), facts.pop("availability", "active")


def task(service: str, slot: int, on: str, state: str = "running", **other: object) -> Task:
    name = f"{service}.{on if other.pop('everywhere', False) else slot}"
    number = other.pop("made", 0.0)
    wanted = other.pop("desired", "running")
    return Task(
        f"{name}@{on}#{number}", name, service, slot, on, state, wanted, made=number, **other
    )


def service(name: str, desired: int | None, running: int, **other: object) -> Service:
    mode = other.pop("mode", "replicated")
    return Service(name, name, f"registry:5000/lbl/{name}:1", mode, desired, running, **other)


def shop(nodes: int = 3, web: int = 5, **reserved: float) -> View:
    """A web service spread over all nodes, a store on one of them, an agent on each."""
    members = tuple(node(n) for n in range(1, nodes + 1))
    members = (
        *members[:1],
        *(replace(m, labels={"disk": "ssd"}) for m in members[1:2]),
        *members[2:],
    )
    web_on = [f"node-{n % nodes + 1}" for n in range(web)]
    tasks = [task("shop_agent", n, f"node-{n}", everywhere=True) for n in range(1, nodes + 1)]
    tasks += [task("shop_redis", 1, f"node-{min(2, nodes)}")]
    tasks += [task("shop_web", n, on) for n, on in enumerate(web_on, 1)]
    services = (
        service("shop_agent", nodes, nodes, mode="global"),
        service("shop_redis", 1, 1, constraints=("node.labels.disk==ssd",) if nodes > 1 else ()),
        service("shop_web", web, web, **reserved),
    )
    return View(members, services, tuple(tasks), 1.0)


def crowded() -> View:
    """Two tasks too many, and one service that no node may take."""
    found = shop(web=4)
    late = [task("shop_web", n, "", "pending", reason=FULL) for n in (5, 6)]
    lonely = task("shop_gpu", 1, "", "pending", reason=UNMET)
    gpu = service("shop_gpu", 1, 0, constraints=("node.labels.gpu==yes",))
    services = (found.services[0], gpu, found.services[1], replace(found.services[2], desired=6))
    return replace(found, services=services, tasks=(*found.tasks, lonely, *late))


def troubled() -> View:
    """A node down, one drained, tasks coming and going."""
    members = (
        node(1, 3), replace(node(2, 3), availability="drain", leader=False),
        node(3, 3, state="down", reachability="unreachable"), node(4, 3, availability="pause"),
    )  # fmt: skip
    tasks = (
        task("web", 1, "node-1"), task("web", 2, "node-1", "preparing"),
        task("web", 3, "node-2", desired="shutdown"), task("web", 4, "node-3", desired="shutdown"),
        task("web", 5, "node-3", "failed", desired="shutdown", reason="task: non-zero exit (137)"),
        task("web", 5, "node-4", made=2.0),
        task("api", 1, "node-1", "ready", desired="ready", made=3.0),
        task("api", 1, "node-1", "rejected", desired="shutdown", made=1.0,
             reason='No such image: registry:5000/lbl/api:7'),
    )  # fmt: skip
    return View(members, (service("api", 1, 0), service("web", 5, 2)), tasks, 1.0)


def hostile() -> View:
    """Names that attack HTML, terminals and the layout."""
    members = (
        Node("a", EVIL, EVIL, EVIL, EVIL, labels={EVIL: EVIL, "z": "中文" * 40}),
        Node("b", "节点" * 40, "worker", "ready", "active", labels={"k": ""}),
    )
    tasks = (
        task(EVIL, 1, EVIL), task(EVIL, 2, "节点" * 40), task("名" * 90, 1, "节点" * 40),
        task(EVIL, 3, "", "pending", reason=EVIL * 9), task("x", 1, "gone"),
    )  # fmt: skip
    services = (service(EVIL, 3, 2, constraints=(EVIL,)), service("名" * 90, None, 1))
    return View(members, services, tasks, 0.0)


def steps(*rows: tuple[float, int, int, int]) -> tuple[Amount, ...]:
    return tuple(Amount(*row) for row in rows)


DEPLOYED = Progress(
    "docker stack deploy -c stack.yaml shop",
    (
        ("shop_agent", steps((0, 0, 0, 0), (0.4, 3, 0, 0), (1.9, 3, 1, 1), (2.2, 3, 3, 3))),
        ("shop_redis", steps((0, 0, 0, 0), (0.6, 1, 0, 0), (2.4, 1, 1, 1))),
        ("shop_web", steps((0, 0, 0, 0), (1, 5, 0, 0), (3, 5, 2, 2), (4, 5, 4, 4), (4.3, 5, 5, 5))),
    ),
    True,
    (),
    4.6,
)  # fmt: skip
ROLLED = Progress(
    "docker service update --image registry:5000/lbl/web:2 shop_web",
    (("shop_web", steps((0, 4, 4, 4), (0.2, 4, 4, 0), (2, 4, 5, 1), (3, 4, 4, 1), (5, 4, 3, 1),
                        (6, 4, 4, 2), (8, 4, 4, 3), (11, 4, 4, 4))),),
    True,
    (),
    12.0,
)  # fmt: skip
STUCK = Progress(
    "docker service scale shop_web=6",
    (("shop_web", steps((0, 2, 2, 2), (0.1, 6, 2, 2), (1.2, 6, 3, 3), (1.5, 6, 4, 4))),),
    False,
    (("shop_web.5", FULL), ("shop_web.6", FULL)),
    10.0,
)
ODD = Progress(
    EVIL * 4,
    ((EVIL * 3, steps((0, 0, 0, 0), (1, 40, 17, 3))), ("名" * 80, steps((0, 1, 0, 0))),
     ("none", ()),
     *((f"s{n}", steps((0, 3, 3, 3), (1, 0, 2, 2), (2, 0, 0, 0))) for n in range(9))),
    False,
    tuple((f"{EVIL}{n}", EVIL * 8) for n in range(9)),
    2.0,
)  # fmt: skip


def packed(each: float = 0.75, asked: int = 8) -> View:
    """As many as fit run; CPU is left on every node, too little for one more."""
    found = shop(3, 0)
    fit = int(2 // each)
    held = {"reserved_cpus": each, "reserved_memory": 256 << 20}
    placed = [f"node-{1 + n % 3}" for n in range(min(asked, fit * 3))]
    tasks = [task("shop_web", n, on) for n, on in enumerate(placed, 1)]
    tasks += [task("shop_web", n, "", "pending", reason=FULL)
              for n in range(len(placed) + 1, asked + 1)]  # fmt: skip
    store = replace(found.services[1], reserved_memory=GIB)
    web = service("shop_web", asked, len(placed), **held)
    return replace(found, services=(found.services[0], store, web), tasks=(*found.tasks, *tasks))


def unfit() -> View:
    """Memory is short, a node is drained, another is down, a service may go nowhere."""
    found = packed(0.5, 6)
    away = replace(found.nodes[1], availability="drain")
    big = service("big", 2, 0, reserved_memory=9 * GIB)
    gpu = service("gpu", 1, 0, reserved_cpus=0.1, constraints=("node.labels.gpu==yes",))
    late = [task("big", n, "", "pending", reason=FULL) for n in (1, 2)]
    late += [task("gpu", 1, "", "pending", reason=UNMET)]
    return replace(found, nodes=(found.nodes[0], away, replace(found.nodes[2], state="down")),
                   services=(big, gpu, *found.services), tasks=(*found.tasks, *late))  # fmt: skip


SHEETS: dict[str, Callable[[], Drawing]] = {
    "nodes": lambda: figures.nodes(shop()),
    "nodes-one": lambda: figures.nodes(shop(1, 1), ["shop_web"]),
    "nodes-40": lambda: figures.nodes(shop(3, 40)),
    "nodes-7": lambda: figures.nodes(shop(7, 12)),
    "nodes-waiting": lambda: figures.nodes(crowded()),
    "nodes-troubled": lambda: figures.nodes(troubled()),
    "nodes-odd": lambda: figures.nodes(hostile()),
    "nodes-empty": lambda: figures.nodes(View((), (), ())),
    "nodes-many": lambda: figures.nodes(shop(14, 60)),
    "packing": lambda: figures.packing(packed()),
    "packing-some": lambda: figures.packing(packed(), ["shop_web"]),
    "packing-unfit": lambda: figures.packing(unfit()),
    "packing-40": lambda: figures.packing(packed(0.125, 40)),
    "packing-odd": lambda: figures.packing(hostile()),
    "packing-empty": lambda: figures.packing(View((), (), ())),
    "desired": lambda: figures.desired(DEPLOYED),
    "desired-rolled": lambda: figures.desired(ROLLED),
    "desired-stuck": lambda: figures.desired(STUCK),
    "desired-odd": lambda: figures.desired(ODD),
    "desired-empty": lambda: figures.desired(Progress("", (), False)),
}

"""Stories of faults and load, hand-made: usual, long, odd."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from helpers import figures
from helpers.figures import Drawing
from helpers.healing.model import Bar, Load, Moment, Second, Story

from .clusters import EVIL

NODES = ("node-1", "node-2", "node-3")


def run(task: str, node: str, start: float, end: float, cause: str = "", **other) -> list[Bar]:
    """Return a container that starts (but for 0), runs, and stops if it was told to."""
    told = cause in ("drained", "updated", "rolled_back", "scaled_down")
    bars = []
    begin = start
    if start:
        begin = start + other.pop("slow", 0.8)
        bars.append(Bar(task, node, "starting", start, begin, "", **other))
    bars.append(Bar(task, node, "running", begin, end, "" if told else cause, **other))
    if told:
        bars.append(Bar(task, node, "stopping", end, end + 0.7, cause, **other))
    return bars


def flat(*parts: Iterable[Bar]) -> tuple[Bar, ...]:
    return tuple(sorted((b for part in parts for b in part), key=lambda b: (b.start, b.task)))


def killed() -> Story:
    bars = flat(
        run("web.1", "node-1", 0, 6), run("web.2", "node-2", 0, 0.2, "killed"),
        run("web.2", "node-2", 1.4, 6, generation=2), run("web.3", "node-3", 0, 6),
    )  # fmt: skip
    moments = (
        Moment(0, "fault", task="web.2", detail="kill"),
        Moment(0.2, "noticed", task="web.2"),
        Moment(2.2, "recovered"),
    )
    return Story("kill", "web.2", NODES, bars, moments, 6, 2.2, "docker kill web.2.x7")


def stopped(nodes: int = 3, tasks: int = 6, seconds: float = 20.0) -> Story:
    names = tuple(f"node-{n}" for n in range(1, nodes + 1))
    lost, parts, other = names[-1], [], names[:-1]
    for n in range(tasks):
        node = names[n % nodes]
        if node != lost:
            parts.append(run(f"web.{n + 1}", node, 0, seconds))
            continue
        mine = {"task": f"web.{n + 1}", "node": lost}
        parts.append([Bar(**mine, state="lost", start=0, end=12.1, cause="node_stopped")])
        place = other[n // nodes % len(other)]
        parts.append(run(f"web.{n + 1}", place, 3.6, seconds, generation=2))
    moments = (
        Moment(0, "fault", lost, detail="stop_node"), Moment(3.5, "noticed", lost),
        Moment(4.4, "recovered"), Moment(9.0, "undone", lost, detail="stop_node"),
    )  # fmt: skip
    return Story(
        "stop_node", lost, names, flat(*parts), moments, seconds, 4.4, f"docker kill {lost}"
    )


def drained() -> Story:
    bars = flat(
        run("web.1", "node-1", 0, 14), run("web.2", "node-2", 0, 14),
        run("web.3", "node-3", 0, 0.3, "drained"), run("web.3", "node-1", 0.4, 14, generation=2),
    )  # fmt: skip
    moments = (
        Moment(0, "fault", "node-3", detail="drain"), Moment(0.1, "noticed", "node-3"),
        Moment(1.2, "recovered"), Moment(6, "undone", "node-3", detail="drain"),
    )  # fmt: skip
    order = "docker node update --availability drain node-3"
    return Story("drain", "node-3", NODES, bars, moments, 14, 1.2, order)


def updated(bad: bool = False) -> Story:
    """One after the other is replaced; the bad version is taken back after its first task."""
    parts = []
    if bad:
        parts += [run("web.1", "node-1", 0, 1.0, "updated", version="1")]
        parts += [run("web.1", "node-1", 1.9, 4.0, "failed", generation=2, version="2")]
        parts += [run("web.1", "node-2", 5.6, 12.0, generation=3, version="1")]
        parts += [run(f"web.{n}", f"node-{n}", 0, 12.0, version="1") for n in (2, 3)]
        more = (Moment(4.1, "rollback", task="web"), Moment(6.5, "recovered"))
    else:
        for n in (1, 2, 3):
            at = 3.0 * n
            parts += [run(f"web.{n}", f"node-{n}", 0, at, "updated", version="1")]
            parts += [run(f"web.{n}", f"node-{n}", at - 1.2, 12, generation=2, version="2")]
        more = ()
    moments = (Moment(0, "fault", task="web", detail="update"), *more)
    fault = "bad_update" if bad else "update"
    order = "docker service update --image registry:5000/lbl/page:2 web"
    return Story(fault, "web", NODES, flat(*parts), moments, 12, 6.5 if bad else 0.0, order)


def frozen() -> Story:
    bars = flat(
        run("web.1", "node-1", 0, 14),
        [Bar("web.2", "node-2", "unhealthy", 0, 5.1)],
        [Bar("web.2", "node-2", "stopping", 5.1, 6.2, "frozen")],
        run("web.2", "node-2", 6.3, 14, generation=2),
        [Bar("web.3", "", "waiting", 7, 14)],
    )  # fmt: skip
    moments = (Moment(0, "fault", task="web.2", detail="freeze"), Moment(5.1, "noticed"))
    return Story("freeze", "web.2", NODES, bars, moments, 14, None, "docker pause web.2.x7")


def managers() -> Story:
    bars = flat(*(run(f"web.{n}", f"node-{n}", 0, 30) for n in (2, 3)),
                [Bar("web.1", "node-1", "lost", 0, 30)])  # fmt: skip
    moments = (
        Moment(0, "fault", "node-1", detail="lose_manager"),
        Moment(22, "leader", "node-2"),
        Moment(24, "undone", "node-1"),
    )
    return Story("lose_manager", "node-1", NODES, bars, moments, 30, 0.0)


def minute() -> Story:
    """60 seconds, 12 tasks that come and go over 3 nodes."""
    causes = ("killed", "failed", "frozen", "unhealthy", "drained", "scaled_down")
    parts = []
    for n in range(12):
        at, generation = 0.0, 1
        while at < 60:
            end = min(at + 7 + (n * 5 + generation * 3) % 17, 60.0)
            cause = "" if end >= 60 else causes[(n + generation) % len(causes)]
            node = NODES[(n + generation) % 3]
            parts.append(run(f"shop_web.{n + 1}", node, at, end, cause, generation=generation))
            at, generation = end + 1.1, generation + 1
    moments = tuple(Moment(n * 4.3, kind, detail="kill") for n, kind in enumerate(
        ("fault", "noticed", "recovered", "undone", "leader", "rollback") * 3))  # fmt: skip
    return Story("kill", "shop_web", NODES, flat(*parts), moments, 60, 31.4, "docker kill …")


def odd() -> Story:
    bars = flat(
        run(EVIL, EVIL, 0, 3, EVIL, version=EVIL), run("名" * 70, "节点" * 40, 2.99, 3),
        run(EVIL, "gone", 1, 1.0, "killed", generation=9), [Bar("x", "", EVIL, 0, 0)],
    )  # fmt: skip
    moments = (
        Moment(0, EVIL, EVIL, EVIL, EVIL), Moment(2.9, "leader", EVIL, EVIL, EVIL),
        *(Moment(3, "noticed") for _ in range(9)),
    )  # fmt: skip
    return Story(EVIL, EVIL, (EVIL, "节点" * 40), bars, moments, 3, 2.0, EVIL * 4)


def summed(over: list[Second], **other: object) -> Load:
    answered, failed = sum(s.answered for s in over), sum(s.failed for s in over)
    return Load(answered + failed, answered, failed, tuple(over), **other)


def rolling(failed: int = 0) -> Load:
    """Ten requests a second while three tasks go from version 1 to 2."""
    over = []
    for n in range(30):
        new = min(5, max(0, (n - 6) // 4))
        versions = tuple((v, c) for v, c in (("1", 5 - new), ("2", new)) if c)
        lost = failed if n in (12, 13) else 0
        over.append(Second(n / 2, 5, lost, versions, 2 if n in (9, 10) else 3, 3))
    return summed(over)


def scaled() -> Load:
    """Load comes and goes; replicas follow."""
    rates = [2] * 8 + [18] * 24 + [3] * 20
    asked = [1] * 12 + [2] * 4 + [4] * 24 + [2] * 6 + [1] * 6
    ran = [1] * 14 + [2] * 5 + [3] * 2 + [4] * 19 + [3] * 3 + [2] * 5 + [1] * 4
    over = [
        Second(n / 2, rate, 0, (), r, d, min(0.95, rate / 20 / r) if n % 2 else None)
        for n, (rate, d, r) in enumerate(zip(rates, asked, ran, strict=True))
    ]
    return summed(over, unit="cpu", target=0.5)


def fine(count: int = 600) -> Load:
    """Slices of a tenth of a second, more than there is room for."""
    over = [Second(n / 10, n % 3, n % 50 == 0, (("v" * 40, n % 3),)) for n in range(count)]
    return summed(over, slice=0.1)


def evil_load() -> Load:
    over = [Second(0, 10**6, 10**6, ((EVIL, 3), ("名" * 60, 4), ("a", 1), ("b", 1)), None, 7, 1e9)]
    return summed(over, slice=0.0, unit=EVIL, target=1e-9)


SHEETS: dict[str, Callable[[], Drawing]] = {
    "story-killed": lambda: figures.story(killed()),
    "story-two": lambda: figures.story(stopped(), drained()),
    "story-updated": lambda: figures.story(updated()),
    "story-bad": lambda: figures.story(updated(True)),
    "story-frozen": lambda: figures.story(frozen()),
    "story-minute": lambda: figures.story(minute()),
    "story-7": lambda: figures.story(stopped(7, 21)),
    "story-one": lambda: figures.story(
        Story("kill", "web.1", ("node-1",), flat(run("web.1", "node-1", 0, 2)), (), 2, 0.0)
    ),
    "story-odd": lambda: figures.story(odd()),
    "story-none": lambda: figures.story(),
    "load-failed": lambda: figures.load(rolling(2)),
    "load-scaled": lambda: figures.load(scaled()),
    "load-fine": lambda: figures.load(fine()),
    "load-odd": lambda: figures.load(evil_load()),
    "load-empty": lambda: figures.load(Load(0, 0, 0, ())),
    "story-empty": lambda: figures.story(Story("kill", "", (), (), (), 0.0)),
}

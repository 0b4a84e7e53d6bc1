"""Containers for the figures: lives, views from two sides, and what they used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from helpers import figures
from helpers.containers import (
    Beside,
    Event,
    Inside,
    Life,
    Limits,
    Outside,
    Process,
    Span,
    Timeline,
    Usage,
)  # fmt: skip
from helpers.containers.sampling import Sample
from helpers.figures import Drawing

EVIL = "\x1b[31m<b>" + "long-name-" * 12 + "\u202e名"


def _events(*told: str, name: str = "lbl-04-life", every: float = 0.4) -> tuple[Event, ...]:
    rows = (one.partition(" ") for one in told)
    return tuple(
        Event(name, "a", kind, at * every, detail) for at, (kind, _, detail) in enumerate(rows)
    )


def life(name: str = "lbl-04-life") -> Life:
    events = _events(
        "create", "start", "pause", "unpause", "exec_start echo hi", "exec_die 0",
        "health_status healthy", "kill 15", "kill 9", "die 137", "stop", "destroy", name=name,
    )  # fmt: skip
    spans = (
        Span("created", 0.0, 0.4), Span("running", 0.4, 0.8), Span("paused", 0.8, 1.2),
        Span("running", 1.2, 3.6), Span("exited", 3.6, 4.4, 137),
    )  # fmt: skip
    return Life(name, spans, events, 4.4, 1, 0)


def restarted(name: str = "lbl-04-fails", count: int = 3) -> Life:
    told = ["create", "start", *["die 3", "start"] * count, "die 3"]
    spans, at = [Span("created", 0.0, 0.2)], 0.2
    for turn in range(count):
        wait = 0.1 * 2**turn if count < 9 else 0.1
        spans += [Span("running", at, at + 0.1), Span("restarting", at + 0.1, at + 0.1 + wait, 3)]
        at += 0.1 + wait
    spans += [Span("running", at, at + 0.1), Span("exited", at + 0.1, 5.0, 3)]
    return Life(name, tuple(spans), _events(*told, name=name, every=0.01), None, count + 1, count)


def close() -> Life:
    """Everything at the same moment, at the end of the axis."""
    events = tuple(replace(event, seconds=4.999) for event in life("lbl-04-burst").events)
    return Life("lbl-04-burst", (Span("running", 0, 4.999),), events, 4.999, 1, 0)


def sides() -> Beside:
    limits = Limits("lbl-04-box", 32 << 20, 0.5, 20, 2)
    own = {"pid": 1, "mnt": 2, "net": 3, "uts": 4, "ipc": 5, "user": 100, "cgroup": 101}
    host = {"pid": 11, "mnt": 12, "net": 13, "uts": 14, "ipc": 15, "user": 100, "cgroup": 111}
    inner = Inside(
        "lbl-04-box", "box", False, (Process(1, "sleep 600"), Process(7, "sleep 601", 1)),
        "overlay", 29, ("eth0", "lo"), 0, "root", "6.1.0", own, limits,
    )  # fmt: skip
    outer = Outside(
        "peek", "here", "host", (Process(4121, "sleep 600"), Process(4140, "sleep 601")),
        {1: 4121, 7: 4140}, 211, "ext4", 31, ("docker0", "eth0", "lo", "veth515c6d6"), 0,
        "6.1.0", host, f"/docker/{'b63b9a0afbc4' * 5}",
    )  # fmt: skip
    return Beside(inner, outer)


def by_top() -> Beside:
    found = sides()
    told = Outside("top", "desktop", "vm", found.outside.processes, {1: 4121}, kernel="6.1.0")
    return Beside(found.inside, told)


def odd_sides() -> Beside:
    found = sides()
    many = tuple(Process(n, EVIL) for n in range(1, 30))
    names = tuple(f"{EVIL}{n}" for n in range(9))
    inner = replace(
        found.inside, name=EVIL, host_name=EVIL, processes=many, interfaces=names, user=EVIL,
        kernel=EVIL, root=EVIL, limits=Limits("x", None, None, None, 1),
    )  # fmt: skip
    outer = replace(
        found.outside, where="remote", host_name=EVIL, processes=many, interfaces=names, uid=100000,
        kernel="5.10", cgroup=f"/{EVIL}/{EVIL}", namespaces={"net": 3, "user": 9},
    )  # fmt: skip
    return Beside(inner, outer)


def used(name: str = "lbl-04-slow", share: float = 0.25, **limits: float) -> Usage:
    samples = tuple(
        Sample(n * 0.25, n * 0.25 * share, (1 << 20) * (n + 1), 2, n * 3, n * 2) for n in range(20)
    )
    return Usage(name, samples, **limits)


SHEETS: dict[str, Callable[[], Drawing]] = {
    "timeline": lambda: figures.timeline(Timeline((life(),), 4.6)),
    "timeline-two": lambda: figures.timeline(Timeline((restarted(), life()), 5.0)),
    "timeline-gap": lambda: figures.timeline(Timeline((restarted(count=1),), 5.0, ((2.0, 3.5),))),
    "timeline-burst": lambda: figures.timeline(Timeline((close(),), 5.0)),
    "timeline-many": lambda: figures.timeline(
        Timeline(tuple(restarted(f"lbl-04-{n}", 30) for n in range(12)), 5.0)
    ),
    "timeline-odd": lambda: figures.timeline(
        Timeline((life(EVIL), replace(life(), events=_events(*[f"exec_start {EVIL}"] * 9))), 4.6)
    ),
    "timeline-empty": lambda: figures.timeline(Timeline((), 0.0)),
    "sides": lambda: figures.side_by_side(sides()),
    "sides-top": lambda: figures.side_by_side(by_top()),
    "sides-odd": lambda: figures.side_by_side(odd_sides()),
    "usage": lambda: figures.usage(used(cpus=0.25, memory=32 << 20)),
    "usage-two": lambda: figures.usage(used(cpus=0.25, memory=16 << 20), used("lbl-04-free", 0.97)),
    "usage-odd": lambda: figures.usage(used(EVIL, 63.0), used(EVIL, 0.0), used(EVIL, memory=1)),
    "usage-empty": lambda: figures.usage(Usage("x", ())),
    "usage-one": lambda: figures.usage(Usage("x", used().samples[:1], cpus=0.5)),
}

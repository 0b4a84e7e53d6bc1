"""Every figure of the course, for tests that hold for all of them; and what a reader would see."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from helpers import choosing, figures
from helpers.aws import costs
from helpers.figures import Drawing

from . import clusters, lives, machines, places, primer, samples, storage, stories, traces, zones


@dataclass
class Changes:
    """What a container wrote, as `helpers.containers.changes` tells it."""

    name: str = "my-notes"
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    size: int = 0


WROTE = Changes("my-notes", ("/notes/mine.txt", "/tmp/x"), ("/notes/notes.txt",), (), 34)
MUCH = Changes("b" * 90, tuple(f"/tmp/<b>{'n' * 90}{i}" for i in range(9)), (), ("/bin/ls",), 10**9)

BILLED = {"13": {"ecr-gb-month": 10.4},
          "14": {"fargate-vcpu-hour": 365, "fargate-gb-hour": 730, "alb-hour": 730}}  # fmt: skip
PRICED = [name for name, one in costs.prices().items() if one.usd is not None]
MUCH_BILLED = {f"<b>{'n' * 40}{i}": dict.fromkeys(PRICED, 10**i) for i in range(10)}
FOUR_ANSWERS = {"machines": "few", "loss": "machine", "people": "nobody", "load": "spiky"}
LONGEST_ANSWERS = {key: max(found, key=len) for key, found in choosing.questions().items()}

SHEETS: dict[str, Callable[[], Drawing]] = {
    "stack": lambda: figures.stack(samples.notes()),
    "stack-writable": lambda: figures.stack(samples.notes(), WROTE),
    "stack-much": lambda: figures.stack(samples.notes(), MUCH),
    "stack-big": lambda: figures.stack(samples.big()),
    "stack-127": lambda: figures.stack(samples.big(127, 1)),
    "stack-odd": lambda: figures.stack(samples.odd()),
    "stack-empty": lambda: figures.stack(samples.empty()),
    "weight": lambda: figures.weight(samples.notes()),
    "weight-beside": lambda: figures.weight(samples.empty(), beside=samples.notes()),
    "weight-beside-odd": lambda: figures.weight(samples.notes(), beside=samples.odd()),
    "weight-big": lambda: figures.weight(samples.big()),
    "weight-odd": lambda: figures.weight(samples.odd()),
    "weight-empty": lambda: figures.weight(samples.empty()),
    "weight-many": lambda: figures.weight(samples.rewritten()),
    "sharing": lambda: figures.sharing(samples.forest(*samples.family())),
    "sharing-many": lambda: figures.sharing(samples.forest(*samples.family(30))),
    "sharing-odd": lambda: figures.sharing(
        samples.forest(
            samples.big(), samples.big(40, tag="2"), samples.odd(), samples.notes(), samples.empty()
        )
    ),
    "sharing-one": lambda: figures.sharing(samples.forest(samples.notes())),
    "sharing-none": lambda: figures.sharing(samples.forest()),
    "sharing-sizeless": lambda: figures.sharing(samples.forest(*samples.family(), sizes=False)),
    "pair": lambda: figures.two_containers(samples.notes(), WROTE, Changes("quiet")),
    "pair-odd": lambda: figures.two_containers(samples.odd(), MUCH, MUCH),
    "pair-big": lambda: figures.two_containers(samples.big(127, 1), WROTE, MUCH),
    "bill": lambda: figures.bill(costs.month(BILLED)),
    "bill-much": lambda: figures.bill(costs.month(MUCH_BILLED)),
    "bill-nothing": lambda: figures.bill(costs.month({})),
    "bill-free": lambda: figures.bill(costs.month({"12": {"budget": 2}})),
    "strip": lambda: figures.strip(traces.edited()),
    "strip-first": lambda: figures.strip(traces.first()),
    "strip-hit": lambda: figures.strip(traces.all_hit()),
    "strip-failed": lambda: figures.strip(traces.failed()),
    "strip-stages": lambda: figures.strip(traces.staged()),
    "strip-40": lambda: figures.strip(traces.long_explained()),
    "strip-big": lambda: figures.strip(traces.huge_explained()),
    "strip-odd": lambda: figures.strip(traces.odd_explained()),
    "strip-one": lambda: figures.strip(traces.one_step()),
    "strip-empty": lambda: figures.strip(traces.empty()),
    "strips": lambda: figures.strips(traces.edited()),
    "strips-first": lambda: figures.strips(traces.from_nothing()),
    "strips-hit": lambda: figures.strips(traces.all_hit()),
    "strips-failed": lambda: figures.strips(traces.failed()),
    "strips-rebuilt": lambda: figures.strips(traces.rebuilt()),
    "strips-all": lambda: figures.strips(traces.many_blamed()),
    "strips-stages": lambda: figures.strips(traces.staged()),
    "strips-40": lambda: figures.strips(traces.long_explained()),
    "strips-big": lambda: figures.strips(traces.huge_explained()),
    "strips-odd": lambda: figures.strips(traces.odd_explained()),
    "strips-empty": lambda: figures.strips(traces.explained(traces.empty(), None)),
    "waterfall": lambda: figures.waterfall(traces.second()),
    "waterfall-first": lambda: figures.waterfall(traces.first()),
    "waterfall-hit": lambda: figures.waterfall(traces.all_hit().after),
    "waterfall-failed": lambda: figures.waterfall(traces.failed().after),
    "waterfall-stages": lambda: figures.waterfall(traces.stages("brrbrrbrrrr")),
    "waterfall-half": lambda: figures.waterfall(traces.stages()),
    "waterfall-40": lambda: figures.waterfall(traces.long()),
    "waterfall-big": lambda: figures.waterfall(traces.huge()),
    "waterfall-odd": lambda: figures.waterfall(traces.odd()),
    "waterfall-one": lambda: figures.waterfall(traces.one_step()),
    "waterfall-empty": lambda: figures.waterfall(traces.empty()),
    "graph": lambda: figures.build_graph(traces.staged()),
    "graph-trace": lambda: figures.build_graph(traces.stages()),
    "graph-one-stage": lambda: figures.build_graph(traces.edited()),
    "graph-failed": lambda: figures.build_graph(traces.failed()),
    "graph-40": lambda: figures.build_graph(traces.long()),
    "graph-big": lambda: figures.build_graph(traces.huge_explained()),
    "graph-odd": lambda: figures.build_graph(traces.odd_explained()),
    "graph-one": lambda: figures.build_graph(traces.one_step()),
    "graph-empty": lambda: figures.build_graph(traces.empty()),
    "tradeoff": lambda: figures.tradeoff(traces.SLOW, traces.FAST),
    "tradeoff-worse": lambda: figures.tradeoff(traces.FAST, traces.SLOW),
    "tradeoff-untimed": lambda: figures.tradeoff(traces.SLOW, replace(traces.FAST, seconds=None)),
    "tradeoff-same": lambda: figures.tradeoff(traces.NOTHING, traces.NOTHING),
    "tradeoff-odd": lambda: figures.tradeoff(traces.EVIL_POINT, traces.FAST),
    **storage.SHEETS,
    **lives.SHEETS,
    **clusters.SHEETS,
    **stories.SHEETS,
    "quorum": lambda: figures.quorum(zones.STEPS),
    "quorum-odd": lambda: figures.quorum(zones.ODD),
    **places.SHEETS,
    **primer.SHEETS,
    "beside": lambda: figures.beside(machines.NOW),
    "beside-kvm": lambda: figures.beside(machines.KVM),
    "beside-recorded": lambda: figures.beside(machines.RECORDED),
    "beside-blind": lambda: figures.beside(machines.BLIND),
    "beside-odd": lambda: figures.beside(machines.ODD),
    "choosing": lambda: figures.choosing(choosing.choose(**FOUR_ANSWERS)),
    "choosing-all": lambda: figures.choosing(choosing.choose(**LONGEST_ANSWERS)),
    "choosing-open": lambda: figures.choosing(choosing.choose()),
    "distribution": lambda: figures.distribution(machines.STARTS),
    "distribution-kvm": lambda: figures.distribution(machines.STARTS_KVM),
    "distribution-stored": lambda: figures.distribution(machines.STARTS_STORED),
    "distribution-few": lambda: figures.distribution(machines.STARTS_FEW),
}


@dataclass(frozen=True)
class Written:
    """A text in a picture and where it stands, in inches."""

    text: str
    size: float
    left: float = field(compare=False)
    right: float = field(compare=False)
    bottom: float = field(compare=False)
    top: float = field(compare=False)


def written(drawing: Drawing) -> list[Written]:
    """Return every text of a picture."""
    figure = drawing.figure
    renderer = FigureCanvasAgg(figure).get_renderer()
    found = []
    for artist in figure.findobj(Text):
        if not artist.get_text():
            continue
        box = artist.get_window_extent(renderer)
        found.append(
            Written(
                artist.get_text(),
                artist.get_fontsize(),
                box.x0 / figure.dpi,
                box.x1 / figure.dpi,
                box.y0 / figure.dpi,
                box.y1 / figure.dpi,
            )
        )
    return found


def overlaps(texts: list[Written], allowed: float = 0.02) -> list[tuple[str, str]]:
    """Return the pairs of texts that lie on each other by more than ``allowed`` inches."""
    return [
        (a.text, b.text)
        for a, b in itertools.combinations(texts, 2)
        if min(a.right, b.right) - max(a.left, b.left) > allowed
        and min(a.top, b.top) - max(a.bottom, b.bottom) > allowed
    ]

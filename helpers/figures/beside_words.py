"""The words of `helpers.figures.beside`: relations that hold everywhere, and marked numbers."""

from __future__ import annotations

from ..machines.model import Beside, Half
from ..messages import text
from .rows import human, one_line
from .waterfall_words import seconds

__all__ = ["beside_words", "how", "memory", "seconds_of"]


def seconds_of(half: Half) -> str:
    """Return the time to the first line, as every figure writes durations."""
    return seconds(half.seconds) if half.seconds >= 0.1 else text("machines.beside.instant")


def memory(half: Half) -> str:
    """Return the memory of one of the two, or that nobody can see it from here."""
    return text("machines.beside.unknown") if half.memory is None else human(half.memory)


def how(data: Beside) -> list[str]:
    """Return how the machine ran and whose measurement it is: a line for each."""
    board = data.board
    kind = "emulated" if board.emulated else "hardware"
    lines = [
        text(
            f"machines.beside.how_{kind}",
            board=board.name, accelerator=board.accelerator, version=board.qemu,
        )
    ]  # fmt: skip
    if data.recorded:
        lines.append(text("machines.beside.how_recorded", date=data.recorded, where=data.where))
    else:
        lines.append(text("machines.beside.how_now"))
    return lines


def beside_words(title: str, data: Beside) -> str:
    """Return everything that the picture shows.

    What differs from computer to computer stands in ⟨…⟩ or as ≈N s; see ``sanitize.cfg``.
    """
    box, guest = data.container, data.machine
    seen = one_line(", ".join(box.seen), 80)
    weight = _weight(data)
    lines = [
        title,
        text("machines.beside.words.box", image=one_line(data.image, 60)),
        text("machines.beside.words.guest", image=one_line(data.image, 60)),
        text("machines.beside.words.time", box=seconds(box.seconds), guest=seconds(guest.seconds)),
        text("machines.beside.words.memory", box=memory(box), guest=memory(guest), weight=weight),
        text(
            "machines.beside.words.disk",
            box=human(box.image), kernel=human(guest.kernel), files=human(guest.image),
        ),
        text(
            f"machines.beside.words.kernel_{'same' if data.shares_kernel else 'apart'}",
            host=one_line(data.host[0], 60),
            box=one_line(box.release, 60),
            guest=one_line(guest.release, 60),
        ),
        text("machines.beside.words.seen", box=seen, guest=one_line(", ".join(guest.seen), 80)),
        text("machines.beside.words.how", how=" ".join(how(data))),
    ]  # fmt: skip
    return "\n".join(lines)


def _weight(data: Beside) -> str:
    box, guest = data.container, data.machine
    if box.memory is None or guest.memory is None:
        return text("machines.beside.words.weight_unknown")
    more = guest.memory > box.memory + (box.helper or 0)
    return text(f"machines.beside.words.weight_{'more' if more else 'less'}")

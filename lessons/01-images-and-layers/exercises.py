"""What the exercises of lesson 01 look for in the daemon."""

from __future__ import annotations

from helpers import images
from helpers.engine import Engine
from helpers.exercises import Right, Wrong, exercise, state
from helpers.text import size

REPORT, HEAVY = "lbl/01-report:1", 1_000_000  # bytes: far below the 20 MB, far above the report
KEEPER = "lbl-01-keeper"
NOTES = "lbl/notes:1"
SIDES = ("lbl/01-left:1", "lbl/01-right:1")


@exercise("01.1")
def report_without_waste(engine: Engine) -> Right | Wrong:
    """The report is in the image, and what was downloaded is in none of its layers."""
    image = state.image(engine, REPORT)
    if image is None:
        return Wrong("lesson01.ex1.missing", name=REPORT)
    wasted = images.waste(image).wasted
    if wasted:
        return Wrong("lesson01.ex1.wasted", size=size(wasted))
    report = images.tree.merged(image).find("report.txt")
    if report is None:
        return Wrong("lesson01.ex1.no_report")
    above = sum(layer.size for layer in image.layers[1:])
    if above > HEAVY:
        return Wrong("lesson01.ex1.visible", size=size(above))
    if report.size != len("20000000\n"):
        return Wrong("lesson01.ex1.other_report")
    return Right("lesson01.ex1.right", size=size(above))


@exercise("01.2")
def keeper(engine: Engine) -> Right | Wrong:
    """One file added and one deleted in the writable layer of that container."""
    container = state.container(engine, KEEPER)
    if container is None:
        return Wrong("lesson01.ex2.missing", name=KEEPER)
    if not state.exists(engine, NOTES):
        return Wrong("lesson01.ex2.no_image", name=NOTES)
    if not state.made_from(engine, container, NOTES):
        return Wrong("lesson01.ex2.image", name=NOTES)
    # 0 changed, 1 added, 2 deleted (Docker Engine API, GET /containers/{id}/changes: Kind)
    changes = {
        change["Path"]: change["Kind"] for change in engine.client.api.diff(container["Id"]) or []
    }
    if changes.get("/notes/mine.txt") != 1:
        return Wrong("lesson01.ex2.not_added")
    if changes.get("/notes/build.txt") != 2:
        return Wrong("lesson01.ex2.not_deleted")
    return Right("lesson01.ex2.right")


@exercise("01.3")
def two_sides(engine: Engine) -> Right | Wrong:
    """Two images that are equal but for their topmost layer."""
    for name in (*SIDES, NOTES):
        if not state.exists(engine, name):
            return Wrong("lesson01.ex3.missing", name=name)
    left, right, notes = (
        [layer.diff_id for layer in images.read(name, engine).layers] for name in (*SIDES, NOTES)
    )
    for name, layers in zip(SIDES, (left, right), strict=True):
        if layers[: len(notes)] != notes:
            return Wrong("lesson01.ex3.base", name=name, base=NOTES)
        if len(layers) != len(notes) + 1:
            return Wrong("lesson01.ex3.count", name=name, count=len(layers) - len(notes))
    if left == right:
        return Wrong("lesson01.ex3.same")
    return Right("lesson01.ex3.right", shared=len(notes))

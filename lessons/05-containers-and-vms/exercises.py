"""What the exercises of lesson 05 look for in the daemon."""

from __future__ import annotations

from helpers.engine import Engine
from helpers.exercises import Right, Wrong, exercise, state

DEBIAN, BUSYBOX = "lbl/debian:12", "lbl/busybox:1"
KERNEL_NAME = "lbl-05-kernel"
SEEN_NAME, ANSWER = "lbl-05-seen", "/host-pid"
WRECK_NAME, NEW_NAME = "lbl-05-wreck", "lbl-05-new"
BARE, BARE_NAME = "lbl/05-bare:1", "lbl-05-bare"
DELETED = 2  # the kind of a change, as GET /containers/{id}/changes tells it


@exercise("05.1")
def whose_kernel(engine: Engine) -> Right | Wrong:
    """A container of Debian's files that printed the release of the host's kernel."""
    container = state.container(engine, KERNEL_NAME)
    if container is None:
        return Wrong("lesson05.ex1.missing", name=KERNEL_NAME)
    if not state.made_from(engine, container, DEBIAN):
        return Wrong("lesson05.ex1.other_image", name=KERNEL_NAME, image=DEBIAN)
    if container["State"]["Running"]:
        return Wrong("lesson05.ex1.runs", name=KERNEL_NAME)
    if state.printed(engine, container) != engine.info["KernelVersion"]:
        return Wrong("lesson05.ex1.output", name=KERNEL_NAME)
    return Right("lesson05.ex1.right")


@exercise("05.2")
def seen_from_outside(engine: Engine) -> Right | Wrong:
    """The container knows the number under which the host knows its first process."""
    container = state.container(engine, SEEN_NAME)
    if container is None:
        return Wrong("lesson05.ex2.missing", name=SEEN_NAME)
    if not state.made_from(engine, container, BUSYBOX):
        return Wrong("lesson05.ex2.other_image", name=SEEN_NAME, image=BUSYBOX)
    if not container["State"]["Running"]:
        return Wrong("lesson05.ex2.ended", name=SEEN_NAME)
    answer = state.file(engine, container, ANSWER)
    found = answer[1].decode(errors="replace").strip() if answer else ""
    if not found:
        return Wrong("lesson05.ex2.no_file", path=ANSWER)
    if found == "1":
        return Wrong("lesson05.ex2.inside")
    if found != str(container["State"]["Pid"]):
        return Wrong("lesson05.ex2.number", found=found[:40])
    return Right("lesson05.ex2.right")


@exercise("05.3")
def wreck_and_new(engine: Engine) -> Right | Wrong:
    """One container lost its /bin, another one of the same image has it."""
    wreck, new = state.container(engine, WRECK_NAME), state.container(engine, NEW_NAME)
    for container, name in ((wreck, WRECK_NAME), (new, NEW_NAME)):
        if container is None:
            return Wrong("lesson05.ex3.missing", name=name)
        if not state.made_from(engine, container, BUSYBOX):
            return Wrong("lesson05.ex3.other_image", name=name, image=BUSYBOX)
    assert wreck and new  # the loop has seen to that
    changes = engine.client.api.diff(wreck["Id"]) or []
    if not any(one["Path"] == "/bin" and one["Kind"] == DELETED for one in changes):
        return Wrong("lesson05.ex3.whole", name=WRECK_NAME)
    if not new["State"]["Running"]:
        return Wrong("lesson05.ex3.ended", name=NEW_NAME)
    return Right("lesson05.ex3.right")


@exercise("05.4")
def bare(engine: Engine) -> Right | Wrong:
    """An image of one file, and its container printed the release."""
    found = state.image(engine, BARE)
    if found is None:
        return Wrong("lesson05.ex4.missing", name=BARE)
    entries = [entry for layer in found.layers for entry in layer.entries if entry.kind != "dir"]
    if len(entries) != 1:
        return Wrong("lesson05.ex4.more", count=len(entries))
    container = state.container(engine, BARE_NAME)
    if container is None:
        return Wrong("lesson05.ex4.no_container", name=BARE_NAME)
    if not state.made_from(engine, container, BARE):
        return Wrong("lesson05.ex4.other_image", name=BARE_NAME, image=BARE)
    if state.printed(engine, container) != engine.info["KernelVersion"]:
        return Wrong("lesson05.ex4.output")
    return Right("lesson05.ex4.right")

"""A machine prepared as a node of a class: its engine's settings, its disks, its rules.

A learner's service finds its disk below ``/run/layer-by-layer/CLASS/USER``, a link to the loop
device of the disk's file. `/run` is empty after a restart of the machine, and no learner's server
starts there until `prepare` was run again: so none ever runs without its disk and the rules.
"""

from __future__ import annotations

import contextlib
import json
import shlex
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

import docker

from ...engine import Engine, connect
from ...engine.patience import patient
from ...paths import home, writable
from .. import disks
from ..names import IMAGE, place_of, volume_of
from ..programs import run
from ..settings import ClassroomError

__all__ = ["RUNTIME", "daemon", "prepare", "remove"]

DAEMON = Path("/etc/docker/daemon.json")
RUNTIME = "lbl-node"
# By this bridge, which every node of a Swarm has, containers of services reach what is outside.
BRIDGE = "docker_gwbridge"
# Ports between nodes (https://docs.docker.com/engine/swarm/swarm-tutorial/): orders, gossip, and
# the frames of all networks: whoever may send those stands in every learner's network.
BETWEEN = (("tcp", "2377"), ("tcp", "7946"), ("udp", "7946"), ("udp", "4789"))
RULES = (
    ("INPUT", ("-i", BRIDGE, "-m", "conntrack", "--ctstate", "NEW", "-j", "DROP")),
    *(
        ("DOCKER-USER", ("-i", BRIDGE, "-p", kind, "--dport", port, "-j", "DROP"))
        for kind, port in BETWEEN
    ),
)


def daemon(file: Path = DAEMON) -> None:
    """Put what a node's engine needs into its settings; what else they say stays.

    The settings as they were are kept beside them (``daemon.json.before``).

    Raises
    ------
    ClassroomError: there is no runc, or the settings cannot be understood.
    """
    runc = shutil.which("runc")
    if not runc:
        raise ClassroomError("classroom_swarm.no_runc")
    wrapper = writable(home() / "node") / "runc"
    words = [sys.executable, "-S", str(Path(__file__).with_name("runtime.py")), runc]
    wrapper.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
    wrapper.chmod(0o755)
    said: dict = {}
    if file.exists():
        try:
            said = dict(json.loads(file.read_text()))
        except (ValueError, TypeError):
            raise ClassroomError("classroom.damaged", file=file) from None
        if not (before := file.with_name(f"{file.name}.before")).exists():
            shutil.copy(file, before)
    said |= {
        "userns-remap": "default",
        "runtimes": said.get("runtimes", {}) | {RUNTIME: {"path": str(wrapper)}},
        "default-runtime": RUNTIME,
        # `helpers.classroom.cgroups` finds a container's group by this driver's names
        "exec-opts": ["native.cgroupdriver=cgroupfs"],
        # What a learner prints must not fill the node's disk.
        "log-driver": "local",
        "log-opts": {"max-size": "2m", "max-file": "2"},
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(said, indent=2) + "\n")


def prepare(name: str, users: Iterable[str], size: int) -> None:
    """Make and attach the disks of learners on this node, and close the node to them.

    Parameters
    ----------
    name: of the class; ``size``: bytes of one disk.

    Raises
    ------
    ClassroomError: the engine is not set up as `daemon` says, it has no image of the class, or a
        program is missing or failed.
    NoSpace: the disks do not fit.
    EngineNotFound, EngineDenied: as for `helpers.engine.connect`.
    """
    owner = _owner(connect(start=False))
    for chain, rule in RULES:
        if not _has(chain, rule):
            run(["iptables", "-w", "-I", chain, *rule])
    for user in users:
        disk = _folder(name) / f"{user}.img"
        disks.ensure(disk, size, owner)
        link = place_of(name, user)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(disks.attach(disk))


def remove(name: str) -> None:
    """Remove a class from this node: disks with what learners did, volumes, and the rules.

    Raises
    ------
    ClassroomError: a program is missing or failed.
    EngineNotFound, EngineDenied: as for `helpers.engine.connect`.
    """
    engine = connect(start=False)
    for disk in sorted(_folder(name).glob("*.img")):
        with patient(engine, 60) as api, contextlib.suppress(docker.errors.NotFound):
            api.remove_volume(volume_of(name, disk.stem))
        place_of(name, disk.stem).unlink(missing_ok=True)
        disks.detach(disk)
        disk.unlink()
    for folder in (_folder(name), place_of(name, "")):
        shutil.rmtree(folder, ignore_errors=True)
    for chain, rule in RULES:
        if _has(chain, rule):
            run(["iptables", "-w", "-D", chain, *rule])


def _owner(engine: Engine) -> int:
    """Return the user number that the root of this engine's containers has on the machine."""
    with patient(engine, 60) as api:
        info = api.info()
        held = api.images(IMAGE)
    right = {
        "userns-remap": any("name=userns" in option for option in info["SecurityOptions"]),
        "default-runtime": info["DefaultRuntime"] == RUNTIME,
        "native.cgroupdriver": info["CgroupDriver"] == "cgroupfs",
    }
    if wrong := [setting for setting, is_right in right.items() if not is_right]:
        raise ClassroomError("classroom_swarm.daemon", settings=", ".join(wrong))
    if not held:
        raise ClassroomError("classroom_swarm.no_image", image=IMAGE)
    # dockerd keeps its data in a folder that is named for the two numbers: …/100000.100000
    return int(Path(info["DockerRootDir"]).name.partition(".")[0])


def _has(chain: str, rule: tuple[str, ...]) -> bool:
    try:
        run(["iptables", "-w", "-C", chain, *rule])
    except ClassroomError as error:
        if error.key == "classroom.no_program":
            raise
        return False
    return True


def _folder(name: str) -> Path:
    return home() / "node" / name

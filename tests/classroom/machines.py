"""Machines of a Swarm for tests: containers that each hold an engine, prepared as a page says."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import docker

from helpers import debian
from helpers.bases.busybox_root import SUITE, known_architecture
from helpers.classroom.names import IMAGE
from helpers.cluster import dial
from helpers.engine import Engine, connect, labels
from helpers.engine.patience import patient, until

NETWORK = "lbl-test-machines"
KEPT = "/kept"  # of a machine: the course's folder
READY = 120
DISKS = ("e2fsprogs", "libext2fs2", "libcom-err2", "libss2")  # mkfs.ext4: a class's image has none
# `python -m helpers` without the environment, which a class's image has in its own way
COMMAND = (
    "/course/.venv/bin/python -c "
    "'import sys; from helpers.classroom.command import main; sys.exit(main(sys.argv[1:]))'"
)
# What a real machine has and a container has not: its loop devices. Then as the page says it.
START = f"""
i=0; while [ $i -lt 256 ]; do [ -e /dev/loop$i ] || mknod /dev/loop$i b 7 $i; i=$((i+1)); done
touch {KEPT}/.layer-by-layer
{COMMAND} swarm daemon
exec sh /course/helpers/cluster/node_start.sh dockerd
"""


@dataclass(frozen=True)
class Machine:
    """A machine; ``holder`` is the engine whose container it is."""

    holder: Engine
    name: str

    @property
    def engine(self) -> Engine:
        return connect(dial.url(self.holder, self.name))

    @property
    def address(self) -> str:
        with patient(self.holder, 60) as api:
            joined = api.inspect_container(self.name)["NetworkSettings"]["Networks"]
        return joined[NETWORK]["IPAddress"]

    def sh(self, line: str, check: bool = True) -> str:
        """Run a line of shell as the machine's root."""
        found = subprocess.run(
            ["docker", "exec", self.name, "sh", "-c", line], env=self.holder.environment(),
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert not (check and found.returncode), (line, found.stdout, found.stderr)
        return found.stdout + found.stderr

    def put(self, file: Path, place: str) -> None:
        """Write a file onto the machine."""
        with file.open("rb") as content:
            subprocess.run(["docker", "exec", "-i", self.name, "sh", "-c", f"cat >{place}"],
                           stdin=content, env=self.holder.environment(), check=True)  # fmt: skip

    def course(self, line: str, check: bool = True) -> str:
        """Run ``python -m helpers classroom …`` on the machine."""
        return self.sh(f"{COMMAND} {line}", check)

    def remove(self) -> None:
        """Remove the machine with all that it holds."""
        dial.forget(self.holder, self.name)
        with patient(self.holder, 120) as api:
            api.remove_container(self.name, v=True, force=True)


def make(holder: Engine, names: list[str], port: int, shared: Path) -> list[Machine]:
    """Make machines, the first of them a manager that has the folder ``shared`` and the door."""
    with patient(holder, 120) as api:
        api.create_network(NETWORK, "bridge", labels=labels.make())
        for name in names:
            first = name == names[0]
            host = api.create_host_config(
                privileged=True, network_mode=NETWORK, tmpfs={"/run": "mode=755", "/tmp": ""},
                binds=[f"{shared}:{shared}"] if first else [],
                port_bindings={f"{port}/tcp": ("127.0.0.1", port)} if first else {},
                mounts=[docker.types.Mount(place, None) for place in ("/var/lib/docker", KEPT)],
            )  # fmt: skip
            made = api.create_container(
                IMAGE, ["tini", "--", "sh", "-ec", START], name=name, hostname=name,
                environment={"LAYER_BY_LAYER_HOME": KEPT}, host_config=host,
                ports=[port] if first else [], labels=labels.make(),
            )  # fmt: skip
            api.start(made)
    machines = [Machine(holder, name) for name in names]
    for one in machines:
        until(lambda one=one: "<0>" in one.sh("docker version; echo \"<$?>\"", False), READY,
              "classroom.engine_waiting")  # fmt: skip
        _load(one)
    for deb in debian.fetch(DISKS, SUITE, known_architecture(holder)):
        for one in machines:
            one.put(deb, "/tmp/one.deb")
            one.sh("dpkg-deb --fsys-tarfile /tmp/one.deb | tar -x --keep-directory-symlink -C /")
    first, *others = machines
    manager = first.engine.client.api
    manager.init_swarm(advertise_addr="eth0")
    token = manager.inspect_swarm()["JoinTokens"]["Worker"]
    for one in others:
        one.engine.client.api.join_swarm([f"{first.address}:2377"], token, advertise_addr="eth0")
    until(lambda: [row["Status"]["State"] for row in manager.nodes()] == ["ready"] * len(names),
          READY, "cluster.waiting_ready")  # fmt: skip
    return machines


def _load(machine: Machine) -> None:
    """``docker save IMAGE | ssh MACHINE docker load``"""
    variables = machine.holder.environment()
    with subprocess.Popen(
        ["docker", "save", IMAGE], env=variables, stdout=subprocess.PIPE
    ) as saved:
        subprocess.run(["docker", "exec", "-i", machine.name, "docker", "load"], env=variables,
                       stdin=saved.stdout, check=True, stdout=subprocess.DEVNULL)  # fmt: skip

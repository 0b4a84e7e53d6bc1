"""The engine of a class and what a learner's container gets of it, without hub and JupyterLab.

What a whole class does, and what its learners cannot do to it, is in `test_class`, in the sweep.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers import bases
from helpers.classroom import disks
from helpers.classroom.hub.spawner import PATHS, RIGHTS, SECURITY
from helpers.classroom.names import DISK, RUNTIME
from helpers.classroom.own_engine import IDS, ClassEngine
from helpers.engine import Engine, connect
from helpers.engine.private import reasons_against
from tests.conftest import missing

pytestmark = pytest.mark.daemon
MIB = 1 << 20


@pytest.fixture(scope="module")
def private() -> Iterator[ClassEngine]:
    if reasons := reasons_against():
        missing(f"no class here: {reasons[0]}")
    found = ClassEngine(f"c-{os.environ.get('PYTEST_XDIST_WORKER', 'gw0')}")
    # as in /root, where nobody else may pass: the containers are nobody
    found.folder.mkdir(parents=True, exist_ok=True)
    found.folder.chmod(0o700)
    found.start()
    yield found
    found.remove()


@pytest.fixture(scope="module")
def engine(private: ClassEngine) -> Iterator[Engine]:
    found = connect(private.url)
    bases.busybox(found)
    yield found
    found.close()


@pytest.fixture(scope="module")
def learner(engine: Engine, private: ClassEngine, tmp_path_factory) -> Iterator[str]:
    """A container as the hub makes them, on a disk of 64 MiB; its ID."""
    api = engine.client.api
    disk = tmp_path_factory.mktemp("disks") / "ann.img"
    disks.ensure(disk, 64 * MIB, IDS[0])
    disks.volume(api, "ann", disks.attach(disk))
    host = api.create_host_config(
        binds=[f"ann:{DISK}"], cap_add=RIGHTS, security_opt=SECURITY, runtime=RUNTIME,
        mem_limit=128 * MIB, memswap_limit=128 * MIB, pids_limit=64, read_only=True,
        tmpfs={"/run": "size=8m"},
    )  # fmt: skip
    made = api.create_container("lbl/busybox:1", ["sleep", "600"], host_config={**host, **PATHS})
    api.start(made["Id"])
    yield made["Id"]
    api.remove_container(made["Id"], force=True)
    api.remove_volume("ann")
    disks.detach(disk)


def run(engine: Engine, container: str, line: str) -> str:
    """Run a line of shell in the container; return what it printed and ``<status>``."""
    job = engine.client.api.exec_create(container, ["sh", "-c", line])["Id"]
    said = engine.client.api.exec_start(job).decode(errors="replace")
    return f"{said}<{engine.client.api.exec_inspect(job)['ExitCode']}>"


def test_its_root_is_nobody_on_the_host(engine, learner):
    found = engine.client.api.inspect_container(learner)
    assert not found["HostConfig"]["Privileged"]
    # the engine numbers processes in a namespace of its own: look for the control group
    groups = [path for path in Path("/proc").glob("[0-9]*/cgroup") if learner in _read(path)]
    owners = [
        int(_read(path.with_name("status")).partition("Uid:")[2].split()[1]) for path in groups
    ]
    assert owners
    assert all(owner >= IDS[0] for owner in owners)


def _read(path: Path) -> str:
    with contextlib.suppress(OSError):
        return path.read_text()
    return ""


NEEDED = {
    "to mount": "mount -t tmpfs x /run && mount -t proc p /run",
    "a sysfs for privileged containers inside": "unshare -n mount -t sysfs s /run",
    "a bridge": "ip link add br0 type bridge",
    "control groups below its own": "d=/sys/fs/cgroup/memory; [ -d $d ] || d=/sys/fs/cgroup; "
    "mount -o remount,bind,rw $d 2>/dev/null; mkdir $d/layer-by-layer/x",
}


@pytest.mark.parametrize("what", NEEDED)
def test_an_engine_inside_finds(engine, learner, what):
    assert "<0>" in (said := run(engine, learner, NEEDED[what])), said


REFUSED = {
    "a device": "mknod /run/disk b {disk}",
    "a device on the own disk": "mknod /disk/disk b {disk}",
    "the own limit": "d=/sys/fs/cgroup; if [ -f $d/memory.max ]; then echo max >$d/memory.max; "
    "else mount -o remount,bind,rw $d/memory; echo -1 >$d/memory/memory.limit_in_bytes; fi",
    "the kernel's core pattern": "echo '|/x' >/proc/sys/kernel/core_pattern",
    "a setting of the host in sysfs": "cat /sys/kernel/mm/transparent_hugepage/enabled >/run/x; "
    "echo never >/sys/kernel/mm/transparent_hugepage/enabled",
    "a writable root": "touch /x",
    "another's process": "ls /proc | grep -qx {process}",
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_learner_does_not_get(engine, learner, what):
    place = Path("/").stat().st_dev
    line = REFUSED[what].format(disk=f"{place >> 8} {place & 255}", process=os.getpid())
    assert "<0>" not in (said := run(engine, learner, line)), said


def test_the_disk_is_as_large_as_was_said(engine, learner):
    assert "No space left" in run(engine, learner, f"cat /dev/zero >{DISK}/big")
    assert "<0>" in run(engine, learner, f"rm {DISK}/big; echo mine >{DISK}/small")


def test_memory_and_processes_are_bounded(engine, learner):
    said = run(engine, learner, "i=0; while [ $i -lt 200 ]; do sleep 9 & i=$((i+1)); done")
    assert "can't fork" in said
    run(engine, learner, "killall sleep")  # PID 1 of the container takes no signal
    assert "<0>" not in run(engine, learner, "dd if=/dev/zero of=/dev/null bs=300M count=1")


def test_nothing_of_it_is_left(private):
    name = ClassEngine("c-left")
    name.start()
    name.remove()
    assert not name.folder.exists()
    assert not list(Path("/sys/fs/cgroup").glob(f"*{name.cgroup}"))
    mounts = subprocess.run(["mount"], capture_output=True, text=True, check=True).stdout
    assert str(name.folder) not in mounts

"""A real virtual machine: it starts, answers, is bounded, crashes, and never outlives its owner."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tarfile
import time

import psutil
import pytest

from helpers import debian, machines
from helpers.bases import busybox_root
from helpers.errors import MachineFailed, TimedOut
from helpers.machines import leftovers
from helpers.machines.acceleration import choose
from helpers.machines.command import Files
from helpers.machines.initramfs import pack
from helpers.machines.programs import kernel, qemu

from ..conftest import missing

pytestmark = pytest.mark.daemon
ENDED = 10  # seconds


def test_it_runs_the_files_of_the_image_on_its_own_kernel(machine):
    assert machine.run("busybox | head -n 1").output.startswith("BusyBox v1.")
    release = machine.run("uname -r").output.strip()
    assert machine.files.kernel.name == f"vmlinuz-{release}"
    own = machine.run("cat /proc/sys/kernel/random/boot_id").output.strip()
    here = "/proc/sys/kernel/random/boot_id"
    if os.path.exists(here):  # noqa: PTH110  (Windows and macOS have none)
        with open(here) as file:  # noqa: PTH123
            assert file.read().strip() != own


def test_a_reply_is_the_output_and_the_exit_code(machine):
    reply = machine.run("echo one; echo two; false")
    assert (reply.output, reply.exit_code) == ("one\ntwo\n", 1)
    assert machine.run("true").exit_code == 0
    with pytest.raises(ValueError, match="one line"):
        machine.run("echo\necho")


def test_control_sequences_of_the_guest_reach_nobody(machine):
    assert "\x1b" not in machine.run("printf '\\033[31mred\\n'").output


def test_it_has_no_network_and_no_disk(machine):
    assert machine.run("ls /sys/class/net").output.split() in ([], ["lo"])
    assert machine.run("ls /sys/block").output.split() == []


def test_a_command_is_bounded_and_a_panic_ends_qemu(ready):
    machine = ready.start()
    pid = machine.pid
    assert "Kernel panic - not syncing: sysrq triggered crash" in machine.crash()
    assert not machine.running and not psutil.pid_exists(pid)
    with pytest.raises((MachineFailed, ValueError)):
        machine.run("true")
    machine = ready.start()
    with pytest.raises(TimedOut, match="sleep 60"):
        machine.run("sleep 60", limit=0.5)
    assert not machine.running
    assert leftovers.running() == [] or machine.pid not in [p.pid for p in leftovers.running()]


OWNER = """
import sys
from helpers import machines
machine = machines.ready().start()
print(machine.pid, flush=True)
sys.stdin.read()
"""


def test_it_does_not_outlive_a_killed_kernel(ready, engine):
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    pid = int(owner.stdout.readline())
    guest = psutil.Process(pid)
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    owner.stdin.close()
    owner.stdout.close()
    gone, _ = psutil.wait_procs([guest], ENDED)
    if not gone:  # a system without setpriv
        assert leftovers.end() == 1
    deadline = time.monotonic() + ENDED
    while psutil.pid_exists(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not psutil.pid_exists(pid) or guest.status() == psutil.STATUS_ZOMBIE


@pytest.mark.sweep
@pytest.mark.parametrize("guest", ["arm64"])
def test_a_guest_of_the_other_processor(tmp_path, guest, ready):
    """Where the engine is on arm64, so is the image: its machine is started the same way."""
    if ready.files.guest == guest:
        pytest.skip("the other tests have started this one")
    try:
        files = Files(guest, kernel(guest), tmp_path / "root.gz")
        found = qemu(guest)
        (deb,) = debian.fetch(["busybox-static"], busybox_root.SUITE, guest)
    except MachineFailed as error:
        missing(str(error))
    layer = busybox_root.layer(busybox_root.program(deb), "salt")
    layer.seek(0)
    with tarfile.open(fileobj=layer, mode="r|") as archive:
        files.root.write_bytes(pack(archive))
    machine = machines.Machine(found, choose(found, files).board, files, limit=90)
    try:
        assert machine.run("uname -m").output.strip() == "aarch64"
    finally:
        machine.stop()

"""The same files twice: what both answer, what they cost, and what a blow leaves standing."""

from __future__ import annotations

import io

import psutil
import pytest

from helpers import containers, figures, machines
from helpers.errors import MachineFailed, NotFound, NotOurs
from helpers.machines.initramfs import initramfs

pytestmark = pytest.mark.daemon
NAME = "lbl-test-pair"


@pytest.fixture(scope="module")
def pair(ready, engine):
    found = machines.pair(name=NAME, engine=engine)
    yield found
    found.stop()


def test_the_files_are_the_same_and_the_kernel_is_not(pair, capsys):
    assert pair.ask("ls /bin | wc -l").same
    assert pair.ask("md5sum /bin/busybox").same
    assert not pair.ask("cat /proc/sys/kernel/random/boot_id").same
    told = capsys.readouterr().out
    assert f"$ docker exec {NAME} sh -c 'ls /bin | wc -l'\n⟨" in told
    assert "vm# md5sum /bin/busybox\n⟨" in told


def test_the_measurement_is_of_both(pair, engine):
    found = pair.measure()
    assert found.shares_kernel and found.recorded is None
    assert found.container.release == engine.info["KernelVersion"] != ""
    assert found.machine.boot not in (found.container.boot, "")
    assert found.container.seen == ("sleep 86413",)
    assert found.machine.seen == (pair.ready.qemu.name,)
    assert found.machine.memory > 50_000_000 > found.container.memory > 0
    assert found.machine.kernel > 1_000_000 > found.container.kernel == 0
    assert found.container.image == 2_100_000
    assert 0 < found.container.seconds < 60 and 0 < found.machine.seconds < 60
    words = figures.beside(found).words
    assert "the very kernel of the host" in words and "nothing that runs in it" in words


def test_a_pair_is_kept_and_its_container_begins_anew(pair, engine):
    before = pair.machine.pid
    containers.exec(NAME, ["touch", "/mark"], engine=engine)
    assert machines.pair(name=NAME, engine=engine) is pair
    assert pair.machine.pid == before
    assert containers.changes(NAME, engine=engine).added == ()


def test_everything_deleted_leaves_image_and_host(pair, engine, capsys):
    first = pair.machine.pid
    found = machines.wipe(pair)
    assert (found.container.programs, found.machine.programs) == (0, 0)
    assert found.container.runs and found.machine.runs
    assert found.image and found.host
    assert found.container.again == found.machine.again > 200
    assert pair.machine.pid != first and not psutil.pid_exists(first)
    assert "/bin" in containers.changes(NAME, engine=engine).deleted
    assert pair.ask("ls /bin | wc -l").same  # what was destroyed is started anew


def test_a_crash_takes_one_down_and_nothing_else(pair, capsys):
    found = machines.crash(pair)
    assert not found.container.runs and not found.machine.runs
    assert found.image and found.host
    assert found.container.again == found.machine.again > 200
    assert "Kernel panic - not syncing: sysrq triggered crash⟩" in capsys.readouterr().out


def test_nothing_is_deleted_where_something_of_the_host_is_mounted(pair, engine, tmp_path):
    (tmp_path / "precious").write_text("x")
    pair.ensure_container()
    containers.remove(NAME, engine=engine)
    made = engine.client.containers.create(
        pair.image, ["sleep", "60"], name=NAME, volumes={str(tmp_path): {"bind": "/host"}}
    )
    made.start()
    try:
        with pytest.raises(MachineFailed, match="Nothing was deleted"):
            machines.wipe(pair)
        assert (tmp_path / "precious").exists()
    finally:
        made.remove(force=True)


def test_start_times_hold_every_start(ready, engine):
    found = machines.start_times(4, 3, 2, engine=engine)
    assert [len(row.seconds) for row in found.rows] == [4, 3, 2]
    process, container, machine = (sorted(row.seconds)[0] for row in found.rows)
    assert 0 < process < container and machine > 0
    assert found.rows[2].board == ready.choice.board


def test_an_image_that_is_not_there(engine):
    with pytest.raises(NotFound, match="lbl/nowhere:1"):
        initramfs(engine, "lbl/nowhere:1")


def test_a_container_of_somebody_else_is_left_alone(engine, ready):
    foreign = io.BytesIO(b'FROM scratch\nCMD ["true"]\nLABEL a=b\n')
    image = engine.client.images.build(fileobj=foreign, tag="foreign/machines:1", rm=True)[0]
    container = engine.client.containers.create(image.id, ["true"], name="lbl-test-foreign")
    try:
        with pytest.raises(NotOurs):
            machines.pair(name="lbl-test-foreign", engine=engine)
    finally:
        container.remove(force=True)
        engine.client.images.remove(image.id, force=True)

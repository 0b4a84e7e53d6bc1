"""A class over two machines of a Swarm: who is where, what holds, and what nobody reaches."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from helpers.classroom import image
from helpers.classroom import running as single
from helpers.classroom.door import open_door
from helpers.classroom.names import DOOR, HUB, IMAGE, learner, place_of
from helpers.classroom.settings import GIB, ClassroomError, Settings
from helpers.classroom.swarm import running
from helpers.engine import connect
from helpers.engine.private import Private, reasons_against
from tests.classroom import machines
from tests.classroom.machines import Machine
from tests.classroom.pupil import Pupil, Refused
from tests.classroom.test_class import ATTACKS, INSIDE, shell
from tests.conftest import missing

pytestmark = [pytest.mark.daemon, pytest.mark.sweep]

DISK = 2
REACHED = {name: line for name, line in ATTACKS.items() if "{" not in line}


@dataclass
class Several:
    """The class, its machines by name, and whoever has a card."""

    settings: Settings
    machines: dict[str, Machine]
    pupils: dict[str, Pupil]
    holder: Private

    def of(self, pupil: Pupil) -> Machine:
        return self.machines[running.places(self.settings)[pupil.user].node]

    def prepare(self) -> None:
        """Run on each machine what ``classroom swarm start`` prints."""
        placed = running.places(self.settings)
        for name, machine in self.machines.items():
            users = " ".join(user for user, place in placed.items() if place.node == name)
            machine.course(f"swarm node {self.settings.name} --disk {DISK} {users}")

    def task(self, pupil: Pupil) -> dict:
        """Return a learner's container as the engine of its machine has it."""
        api = self.of(pupil).engine.client.api
        (row,) = api.containers(filters={"name": f"{learner(pupil.user)}\\."})
        return api.inspect_container(row["Id"])


@pytest.fixture(scope="module")
def several(worker_id: str, free_port: int) -> Iterator[Several]:
    if reasons := reasons_against():
        missing(f"no class here: {reasons[0]}")
    private = Private(f"sw{worker_id[-1]}")
    private.remove()
    settings = Settings(f"s{worker_id[-1]}", port=free_port, memory=2 * GIB, disk=DISK * GIB,
                        pids=900, idle=0, lessons=("01",))  # fmt: skip
    single.remove(settings)
    patch = pytest.MonkeyPatch()
    made: list[Machine] = []
    try:
        private.start()
        holder = connect(private.url)
        image.make(holder, settings.lessons)
        cards = single.add(settings, ["Ann Lee", "王小明", "Bob"])
        made = machines.make(holder, ["room-a", "room-b"], free_port, settings.folder)
        manager = running.Manager(made[0].engine, Path("/var/run/docker.sock"))
        # The class is ordered from outside of its manager, which is a container here: its socket
        # is another one inside, its image was loaded, and it publishes the door once more.
        patch.setattr(running, "manager", lambda: manager)
        patch.setattr(image, "make", lambda *_: IMAGE)
        patch.setattr(running, "open_door", lambda *a: open_door(*a[:4], "0.0.0.0", *a[5:]))
        running.start(settings, ["room-a", "room-b"], "10.0.2.3")
        crt = settings.folder / "door.crt"
        found = Several(
            settings, {one.name: one for one in made},
            {c.user: Pupil(settings.url, crt, c.user, c.passphrase) for c in cards}, private,
        )  # fmt: skip
        found.prepare()
        yield found
    finally:
        for one in made:
            one.course(f"swarm leave {settings.name} --confirm", check=False)
            one.remove()
        patch.undo()
        private.remove()
        single.remove(settings)


@pytest.fixture(scope="module")
def three(several: Several) -> tuple[Pupil, Pupil, Pupil]:
    """The learners, each on a server of their own."""
    found = tuple(several.pupils[user] for user in ("ann-lee", "wangxiaoming", "bob"))
    for pupil in found:
        pupil.sign_in()
        pupil.ask("POST", f"hub/api/users/{pupil.user}/server", (201, 202))
    for pupil in found:
        _ready(several, pupil)
    return found


def _ready(several: Several, pupil: Pupil) -> None:
    deadline = time.monotonic() + 300
    while True:
        servers = pupil.ask("GET", f"hub/api/users/{pupil.user}").json()["servers"]
        if servers.get("", {}).get("ready"):
            return
        if time.monotonic() > deadline or "" not in servers:
            said = several.machines["room-a"].sh(f"docker logs --tail 60 {HUB}", False)
            raise AssertionError(said)
        time.sleep(0.5)


def test_learners_are_spread_over_the_machines(several, three):
    ann, wang, bob = three
    assert several.of(ann).name == several.of(bob).name != several.of(wang).name
    for pupil in three:
        assert several.task(pupil)["State"]["Running"]
        assert running.status(several.settings)[pupil.user] == "running"


def test_each_has_an_engine_of_their_own(three):
    for pupil in three:
        serve = f"mkdir /w; echo {pupil.user} >/w/index.html; httpd -f -h /w"
        run = "docker run -d --name web -p 8080:80 lbl/busybox:1"
        assert "<0>" in (said := shell(pupil, f"{run} sh -c '{serve}'")), said
    for pupil in three:
        assert pupil.user in shell(pupil, "sleep 1; curl -sf http://127.0.0.1:8080/")
        shell(pupil, "docker rm -f web")


@pytest.mark.parametrize("what", INSIDE)
def test_the_engine_inside_does(three, what):
    assert "<0>" in (said := shell(three[0], INSIDE[what])), said


def test_a_task_has_the_limits_of_the_class_and_no_more_rights(several, three):
    settings = several.settings
    for pupil in three:
        host = several.task(pupil)["HostConfig"]
        assert host["Memory"] == settings.memory
        assert host["PidsLimit"] == settings.pids
        assert host["NanoCpus"] == settings.cpus * 1e9
        assert host["ReadonlyRootfs"]
        assert not host["Privileged"]
        rights = {right.removeprefix("CAP_") for right in host["CapAdd"]}
        assert rights == {"NET_ADMIN", "SYS_ADMIN", "SYS_PTRACE"}
        assert any(option.startswith("seccomp={") for option in host["SecurityOpt"])
        assert shell(pupil, "awk '{print $2}' /proc/self/uid_map").split("<")[0].strip() != "0"


def test_who_fills_the_disk_fills_their_own(three):
    ann, _, bob = three  # on one machine
    said = shell(ann, "cat /dev/zero >/root/big")
    assert "No space left" in said
    assert "<0>" in shell(bob, "docker run --rm lbl/busybox:1 true && echo x >/root/x")
    shell(ann, "rm /root/big")
    size = int(shell(ann, "df -B1 --output=size /disk | tail -1").split("<")[0])
    assert size < DISK * GIB


def test_who_forks_without_end_ends_alone(three):
    ann, _, bob = three
    said = ann.run(
        "import subprocess\nkids = []\n"
        "try:\n    for _ in range(5000): kids.append(subprocess.Popen(['sleep', '60']))\n"
        "except OSError as error: print(type(error).__name__, len(kids))\n"
    )
    assert "BlockingIOError" in said
    assert "<0>" in shell(bob, "docker run --rm lbl/busybox:1 true")
    ann.run("for kid in kids: kid.kill()\nfor kid in kids: kid.wait()")


def test_who_takes_all_memory_loses_a_process(three):
    ann, _, bob = three
    said = shell(ann, 'python -c "x = bytearray(8 << 30)"; docker version >/dev/null')
    assert "<0>" in said
    assert "<0>" in shell(bob, "docker run --rm lbl/busybox:1 true")


@pytest.mark.parametrize("attack", REACHED)
def test_what_a_learner_does_not_reach(three, attack):
    said = shell(three[0], REACHED[attack])
    assert "<0>" not in said, said


def test_learners_do_not_reach_one_another(several, three):
    for pupil in three:
        for other in three:
            joined = several.task(other)["NetworkSettings"]["Networks"]
            places = [net["IPAddress"] for net in joined.values() if net["IPAddress"]]
            places += [_bridge(several, other), learner(other.user)]
            for place in places:
                asked = f"curl -sm 4 http://{place}:8888/user/{other.user}/api"
                answered = '"version"' in shell(pupil, asked)  # as every Jupyter server says
                assert answered is (pupil is other), (pupil.user, other.user, place)


def _bridge(several: Several, pupil: Pupil) -> str:
    """Return a learner's address on the bridge to the outside, which all of a machine share."""
    api = several.of(pupil).engine.client.api
    held = api.inspect_network("docker_gwbridge")["Containers"]
    return held[several.task(pupil)["Id"]]["IPv4Address"].partition("/")[0]


def test_nobody_reaches_what_holds_the_swarm(several, three):
    ann = three[0]
    own, other = several.of(ann), several.machines["room-a"]
    api = own.engine.client.api
    gateway = api.inspect_network("docker_gwbridge")["IPAM"]["Config"][0]["Gateway"]
    for address in (gateway, own.address, other.address):
        for port in (2377, 7946):
            said = shell(ann, f"curl -sm 3 telnet://{address}:{port} </dev/null")
            assert "<28>" in said, said  # no answer at all
    before = _dropped(own)
    ann.run(
        "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        f"s.sendto(b'frame', ({other.address!r}, 4789))"
    )
    assert _dropped(own) == before + 1


def _dropped(machine: Machine) -> int:
    """Return how many packets to the port of all networks' frames were dropped."""
    lines = machine.sh("iptables -nvxL DOCKER-USER").splitlines()
    return int(next(line for line in lines if "dpt:4789" in line).split()[0])


def test_what_a_learner_reaches(three):
    """Else the tests above would pass for somebody who reaches nothing at all."""
    for pupil in three:
        assert "<0>" in shell(pupil, f"curl -sfm 5 http://{DOOR}:8081/hub/health")


def test_other_containers_of_a_machine_are_as_ever(several, three):
    """The runtime of a node gives a learner's container more, and no other."""
    run = f"docker run --rm {IMAGE} cat /proc/mounts"
    mounts = several.machines["room-b"].sh(run)
    assert "sysfs /sys sysfs ro" in mounts
    assert "proc /proc/sys proc ro" in mounts
    assert "/proc/sys" not in shell(several.pupils["bob"], "cat /proc/mounts")


def test_a_hub_that_is_started_again_finds_everybody(several, three):
    ann, wang, _ = three
    for pupil in (ann, wang):
        pupil.run("kept = 42")
    running.start(several.settings, [], "10.0.2.3")
    for pupil in (ann, wang):
        assert "42" in pupil.run("print(kept)")
        assert pupil.ask("GET", f"hub/api/users/{pupil.user}").json()["servers"][""]["ready"]


def test_a_machine_that_was_not_prepared_starts_nobody(several, three):
    """As after its restart: no disk, no server; and the hub says so instead of waiting."""
    ann = three[0]
    shell(ann, "echo precious >/course/work/mine.txt; docker tag lbl/busybox:1 lbl/mine:1")
    ann.stop()
    machine = several.of(ann)
    machine.sh(f"rm {place_of(several.settings.name, ann.user)}")
    with pytest.raises((AssertionError, Refused)):
        ann.start()
    several.prepare()
    ann.start()
    said = shell(ann, "cat /course/work/mine.txt; docker image ls -q lbl/mine:1 | wc -l")
    assert "precious" in said
    assert "1\n" in said


def test_a_second_class_does_not_take_the_swarm(several):
    other = Settings("other", port=several.settings.port)
    with pytest.raises(ClassroomError, match=several.settings.name):
        running.check(other, ["room-a"])


def test_nothing_is_left(several):
    name = several.settings.name
    api = several.machines["room-a"].engine.client.api
    running.remove(several.settings)
    assert not several.settings.folder.exists()
    assert not api.services()
    assert not [row for row in api.networks() if row["Name"].startswith("lbl-")]
    for machine in several.machines.values():
        machine.course(f"swarm leave {name} --confirm")
        assert not machine.engine.client.api.containers(all=True)
        assert not machine.engine.client.api.volumes()["Volumes"]
        assert name not in machine.sh("ls /kept/node /run/layer-by-layer").split()
        assert "docker_gwbridge -p" not in machine.sh("iptables -S DOCKER-USER")
    assert f"/node/{name}/" not in machine.sh("losetup -a")  # of all: they share this kernel

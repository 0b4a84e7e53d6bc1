"""A class from the first card to the last container, and what its learners cannot do to it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from helpers.classroom import running
from helpers.classroom.names import HUB, learner
from helpers.classroom.own_engine import IDS
from helpers.classroom.settings import ClassroomError
from helpers.engine import connect
from helpers.paths import NOTEBOOKS
from tests.browser import chromium
from tests.browser.driver import driver
from tests.classroom.conftest import Classroom
from tests.classroom.pupil import Pupil, Refused
from tests.conftest import missing

pytestmark = [pytest.mark.daemon, pytest.mark.sweep]

SHELL = "import subprocess\ndef sh(line, t=60):\n    r = subprocess.run(['sh', '-c', line], \
capture_output=True, text=True, timeout=t)\n    return (r.stdout + r.stderr + f'<{r.returncode}>')"


def shell(pupil: Pupil, line: str) -> str:
    """Run a line of shell in a learner's container; return what it printed and ``<status>``."""
    return pupil.run(f"{SHELL}\nprint(sh({line!r}))")


@pytest.fixture(scope="module")
def two(classroom: Classroom) -> tuple[Pupil, Pupil]:
    """The two learners, signed in, each on a server of their own."""
    ann, wang = classroom.pupils["ann-lee"], classroom.pupils["wangxiaoming"]
    for pupil in (ann, wang):
        pupil.sign_in()
    for pupil in (ann, wang):
        pupil.ask("POST", f"hub/api/users/{pupil.user}/server", (201, 202))
    for pupil in (ann, wang):
        deadline = time.monotonic() + 240
        while (
            not pupil.ask("GET", f"hub/api/users/{pupil.user}")
            .json()["servers"]
            .get("", {})
            .get("ready")
        ):
            assert time.monotonic() < deadline, running.log(classroom.settings, HUB)
            time.sleep(0.5)
    return ann, wang


def test_nobody_comes_in_without_their_own_passphrase(classroom, two):
    ann, wang = two
    with pytest.raises(Refused):
        Pupil(ann.url, ann.certificate, "ann-lee", wang.passphrase).sign_in()
    with pytest.raises(Refused):
        Pupil(ann.url, ann.certificate, "eve", ann.passphrase).sign_in()
    with pytest.raises(requests.exceptions.SSLError):  # another certificate than the class's
        requests.get(ann.url, timeout=10)


def test_a_lesson_from_the_first_cell_to_the_last(two):
    ann, _ = two
    assert ann.lesson(next((NOTEBOOKS / "solutions/en").glob("01-*.ipynb"))) > 15
    assert "3 of 3" in ann.run("from helpers import exercises\nprint(exercises.progress('01'))")


def test_a_browser_comes_in_by_the_card(classroom, two):
    ann, _ = two
    found = chromium.find()
    if found is None:
        missing(chromium.why(None))
    with driver() as playwright:
        running_one = playwright.chromium.launch(
            executable_path=str(found.executable), args=list(chromium.FLAGS),
            env={**os.environ, **found.environment},
        )  # fmt: skip
        # the certificate is the class's own: a learner compares its fingerprint
        page = running_one.new_page(ignore_https_errors=True)
        page.goto(ann.url)
        assert "your card" in page.inner_text("body")
        page.fill("#username_input", ann.user)
        page.fill("#password_input", ann.passphrase)
        page.click("#login_submit")
        page.get_by_role("tab", name="01-images-and-layers.ipynb").wait_for(timeout=120_000)
        running_one.close()


def test_each_has_an_engine_of_their_own(two):
    ann, wang = two
    for pupil in two:
        # the same name and the same port at the same time
        serve = f"mkdir /w; echo {pupil.user} >/w/index.html; httpd -f -h /w"
        run = "docker run -d --name web -p 8080:80 lbl/busybox:1"
        assert "<0>" in shell(pupil, f"{run} sh -c '{serve}'")
    for pupil in two:
        assert pupil.user in shell(pupil, "sleep 1; curl -sf http://127.0.0.1:8080/")
    shell(ann, "docker rm -f web")
    assert wang.user in shell(wang, "curl -sf http://127.0.0.1:8080/; docker rm -f web")


def test_limits_of_the_engine_inside_hold(two):
    said = shell(two[0], "docker run --rm --memory 32m lbl/busybox:1 "
                         "cat /sys/fs/cgroup/memory/memory.limit_in_bytes "
                         "/sys/fs/cgroup/memory.max 2>/dev/null")  # fmt: skip
    assert str(32 << 20) in said


INSIDE = {
    "the course's own commands": "cd /course && make reset LESSON=01",
    "another user than root": "docker run --rm --user 1000 lbl/busybox:1 id -u",
    "a privileged container": "docker run --rm --privileged lbl/busybox:1 true",
    "a file out of a volume that is read-only": "docker volume create books && docker create "
    "--name shop -v books:/books:ro lbl/busybox:1 && docker cp shop:/books - >/dev/null && "
    "docker rm shop && docker volume rm books",
    "a network by name": "docker network create street && docker run -d --rm --name shop "
    "--network street lbl/busybox:1 sleep 60 && docker run --rm --network street lbl/busybox:1 "
    "ping -c 1 shop && docker rm -f shop && docker network rm street",
}


@pytest.mark.parametrize("what", INSIDE)
def test_the_engine_inside_does(two, what):
    assert "<0>" in (said := shell(two[0], INSIDE[what])), said


PRIVILEGED = "docker run --rm --privileged -v /:/up lbl/busybox:1 "
ATTACKS = {
    "a disk of the host from a privileged container": PRIVILEGED
    + "sh -c 'mknod /d b {disk} && dd if=/d of=/dev/null count=1'",
    "the host's devices in a privileged container": PRIVILEGED
    + "sh -c 'ls /dev | grep -E \"^(vd|sd|nvme|loop|mem|kvm)\"'",
    "the kernel's helper for events, an old way out": PRIVILEGED
    + "sh -c 'echo /x >/sys/kernel/uevent_helper'",
    "the kernel's core pattern from a privileged container": PRIVILEGED
    + "sh -c 'echo \"|/x\" >/proc/sys/kernel/core_pattern'",
    "a release agent from a privileged container": PRIVILEGED
    + "sh -c 'for d in /sys/fs/cgroup /sys/fs/cgroup/*; do "
    "[ -f $d/release_agent ] && echo /x >$d/release_agent && exit; done; exit 1'",
    "anything of the host's in sysfs": "find /sys -path /sys/fs/cgroup -prune -o -type f -writable "
    "-print | grep -v /net/ | grep .",
    "the limit above the own control group": PRIVILEGED
    + "sh -c 'cd /up/sys/fs/cgroup; if [ -f memory.max ]; then echo max >memory.max; "
    "else echo -1 >memory/memory.limit_in_bytes; fi'",
    "a disk of the host": "mknod /tmp/disk b {disk} && dd if=/tmp/disk of=/dev/null count=1",
    "a disk from a container": "docker run --rm --cap-add MKNOD --security-opt seccomp=unconfined "
    "lbl/busybox:1 sh -c 'mknod /d b {disk} && dd if=/d of=/dev/null count=1'",
    "a file of the host": "docker run --rm --pid host -v /:/host lbl/busybox:1 cat /host{secret}",
    "a file of the host by another root": "cat /proc/1/root{secret}",
    "the host's processes": "docker run --rm --pid host lbl/busybox:1 ps | grep -q [u]nshare",
    "the kernel's core pattern": "echo '|/tmp/x' >/proc/sys/kernel/core_pattern",
    "the magic key": "echo c >/proc/sysrq-trigger",
    "a release agent": "mkdir -p /tmp/c && mount -t cgroup -o memory x /tmp/c && "
    "echo /tmp/x >/tmp/c/release_agent",
    "the own limit": "cd /sys/fs/cgroup; [ ! -f memory.max ] || echo max >memory.max; "
    "[ ! -d memory ] || echo -1 >memory/memory.limit_in_bytes",
    "a kernel module": "python3 -c 'import ctypes; "
    'libc = ctypes.CDLL(None); exit(libc.syscall(175, b"", 0, b"") != 0)\'',
    "the clock": "date -s 2000-01-01",
    "the host's engine": "docker -H unix://{socket} ps",
    "the other's server": "curl -sfm 5 http://{other}:8888/",
    "the other's engine": "curl -sfm 5 http://{other}:2375/version",
    "the proxy's routes": "curl -sfm 5 http://lbl-class-door:8001/api/routes",
    "the host by its own address": "curl -sfm 5 http://10.0.2.2:{port}/",
    "the memory of the kernel": "dd if=/dev/mem of=/dev/null count=1 || dd if=/proc/kcore "
    "of=/dev/null count=1",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_a_learner_does_not_reach(classroom, two, attack, tmp_path):
    ann, wang = two
    secret = classroom.settings.folder / "roster.json"
    engine = connect(running.engine_of(classroom.settings).url)
    inspected = engine.client.api.inspect_container(learner(wang.user))
    networks = inspected["NetworkSettings"]["Networks"]
    place = Path("/").stat().st_dev
    said = shell(ann, ATTACKS[attack].format(
        disk=f"{place >> 8} {place & 255}", secret=secret,
        socket=running.engine_of(classroom.settings).socket,
        other=networks[learner(wang.user)]["IPAddress"], port=classroom.settings.port,
    ))  # fmt: skip
    assert "<0>" not in said, said


def test_what_a_learner_reaches(two):
    """Else the tests above would pass for somebody who reaches nothing at all."""
    assert "<0>" in shell(two[0], "curl -sfm 5 http://lbl-class-door:8081/hub/health")
    mounts = "docker run --rm --cap-add SYS_ADMIN lbl/busybox:1 mount -t tmpfs x /tmp"
    assert "<0>" in shell(two[0], mounts)


def test_the_hub_answers_nobody_about_others(two):
    ann, wang = two
    for method, path in (
        ("GET", f"hub/api/users/{wang.user}"),
        ("DELETE", f"hub/api/users/{wang.user}/server"),
        ("GET", f"user/{wang.user}/api/contents"),
        ("GET", "hub/api/users"),
    ):
        with pytest.raises(Refused):
            ann.ask(method, path, (200, 202, 204))


def test_a_container_is_not_privileged_and_its_root_nobody(classroom, two):
    engine = connect(running.engine_of(classroom.settings).url)
    for pupil in two:
        found = engine.client.api.inspect_container(learner(pupil.user))
        host = found["HostConfig"]
        assert not host["Privileged"]
        rights = {right.removeprefix("CAP_") for right in host["CapAdd"]}
        assert rights == {"NET_ADMIN", "SYS_ADMIN", "SYS_PTRACE"}
        group = f"{running.engine_of(classroom.settings).cgroup}/{found['Id']}"
        owners = _owners(group)
        assert len(owners) >= 4  # JupyterLab, a kernel, an engine
        assert all(owner >= IDS[0] for owner in owners)


def _owners(group: str) -> list[int]:
    """Return the user that each process of a control group is, as the host sees it."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cgroup"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if group in path.read_text():
                status = path.with_name("status").read_text()
                found.append(int(status.partition("Uid:")[2].split()[1]))
    return found


def test_who_fills_the_disk_fills_their_own(classroom, two):
    ann, wang = two
    before = _taken(classroom)
    for place in ("/root/big", "/tmp/big", "/var/big", "/etc/hosts"):
        said = shell(ann, f"cat /dev/zero >>{place}; stat -c %s {place}")
        assert "No space left" in said
        shell(ann, f"truncate -s 1 {place}")
    said = shell(ann, "mount -o remount,rw / ; docker run --rm lbl/busybox:1 sh -c "
                      "'cat /dev/zero >/big'")  # fmt: skip
    assert "No space left" in said
    assert _taken(classroom) - before < 200 << 20
    assert "<0>" in shell(wang, "docker run --rm lbl/busybox:1 true && echo x >/root/x")


def _taken(classroom: Classroom) -> int:
    """Return the bytes that the class's engine takes of the host's disk."""
    place = running.engine_of(classroom.settings).data
    found = subprocess.run(["du", "-sxB1", place], capture_output=True, text=True, check=False)
    return int(found.stdout.split()[0])


def test_who_forks_without_end_ends_alone(two):
    ann, wang = two
    said = ann.run(
        "import subprocess\nkids = []\n"
        "try:\n    for _ in range(5000): kids.append(subprocess.Popen(['sleep', '60']))\n"
        "except OSError as error: print(type(error).__name__, len(kids))\n"
    )
    assert "BlockingIOError" in said
    assert "<0>" in shell(wang, "docker run --rm lbl/busybox:1 true")
    ann.run("for kid in kids: kid.kill()\nfor kid in kids: kid.wait()")


def test_who_takes_all_memory_loses_a_process(two):
    ann, wang = two
    said = shell(ann, 'python -c "x = bytearray(8 << 30)"; docker version >/dev/null')
    assert "<0>" in said  # the engine is still there
    assert "<0>" in shell(wang, "docker run --rm lbl/busybox:1 true")


def test_a_hub_that_is_killed_comes_back_and_nobody_notices(classroom, two):
    ann, wang = two
    ann.run("kept = 42")
    engine = connect(running.engine_of(classroom.settings).url)
    before = engine.client.api.inspect_container(HUB)["State"]["StartedAt"]
    job = engine.client.api.exec_create(HUB, ["pkill", "-KILL", "-f", "bin/jupyterhub"])
    engine.client.api.exec_start(job["Id"])
    assert "42" in ann.run("print(kept)")  # past the proxy, without a hub
    deadline = time.monotonic() + 90
    while not running.answers(classroom.settings):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert engine.client.api.inspect_container(HUB)["State"]["StartedAt"] != before
    wang.ask("GET", f"hub/api/users/{wang.user}")
    assert "42" in ann.run("print(kept)")


def test_a_laptop_is_closed_and_opened_again(two):
    ann, _ = two
    ann.leave("import time\ntime.sleep(3)\nkept = 'went on'")  # and nobody listens
    assert "went on" in ann.run("print(kept)")


def test_an_open_class_does_not_move(classroom, two):
    with pytest.raises(ClassroomError, match=str(classroom.settings.port)):
        running.check(replace(classroom.settings, port=classroom.settings.port + 1))


def test_a_root_that_was_broken_is_made_anew(classroom, two):
    ann, _wang = two
    shell(ann, "echo precious >/course/work/mine.txt; rm -rf /course/helpers /usr/bin/python3*")
    with pytest.raises(ClassroomError):  # it runs
        running.reset(classroom.settings, ann.user)
    ann.stop()
    with pytest.raises((AssertionError, Refused)):
        ann.start()
    with pytest.raises(ClassroomError):
        running.reset(classroom.settings, "nobody")
    running.reset(classroom.settings, ann.user)
    ann.start()
    assert "precious" in shell(ann, "cat /course/work/mine.txt; docker run --rm lbl/busybox:1 true")


def test_a_machine_that_restarts_gives_everything_back(classroom, two):
    ann, _wang = two
    shell(ann, "echo precious >/course/work/mine.txt; docker tag lbl/busybox:1 lbl/mine:1")
    running.stop(classroom.settings)
    running.start(classroom.settings)
    ann.kernel = ""
    ann.start()
    said = shell(ann, "cat /course/work/mine.txt; docker image ls -q lbl/mine:1 | wc -l")
    assert "precious" in said
    assert "1\n" in said


def test_nothing_is_left(classroom, two):
    settings = classroom.settings
    private = running.engine_of(settings)
    running.remove(settings)
    assert not settings.folder.exists()
    assert not private.folder.exists()
    loops = subprocess.run(["losetup", "-a"], capture_output=True, text=True, check=True).stdout
    assert str(settings.folder) not in loops
    assert private.cgroup not in Path("/proc/self/mountinfo").read_text()
    assert not list(Path("/sys/fs/cgroup").glob(f"*{private.cgroup}"))

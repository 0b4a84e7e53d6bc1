"""The seven steps for real, on a fresh server in a private engine."""

from __future__ import annotations

import time

import pytest

from helpers import install, messages
from helpers.engine import cleanup, labels
from helpers.errors import ContainerFailed, NotFound, NotOurs
from helpers.install.model import STEPS
from helpers.install.run import stored, stored_line

pytestmark = pytest.mark.daemon
NAME = "lbl-07-tested"
LONGEST = 300  # seconds for the seven steps; 15 on a quiet machine with two processors


@pytest.fixture(scope="module")
def server(engine):
    with messages.speaking("en"):
        made = install.fresh(NAME, engine=engine)
        for key in STEPS:
            made.step(key)
        yield made
    cleanup.clean(engine, "07")


@pytest.fixture(autouse=True)
def english():
    with messages.speaking("en"):
        yield


def test_the_seven_steps_end_in_a_container_that_says_hello(server) -> None:
    done = server.installation
    assert done.real and [ran.key for ran in done.steps] == list(STEPS)
    assert done.steps[-1].outcome == "hello from a container"
    assert all(ran.seconds > 0 for ran in done.steps)
    assert done.seconds < LONGEST


def test_the_stored_run_says_what_the_real_one_says(server) -> None:
    for ran in server.installation.steps:
        kept = stored(ran.key)
        assert str(kept) == str(ran)
        assert kept.seconds > 0


def test_the_engine_in_it_is_debians_and_pulled_nothing(server, capsys) -> None:
    server.run("docker images --format '{{.Repository}}:{{.Tag}}'")
    server.run("dpkg-query -W -f '${Package}\\n' docker-doc 2>/dev/null | wc -l")
    server.run("ls /sys/class/net | grep -c eth")
    said = capsys.readouterr().out.splitlines()
    assert said[1] == "busybox:local"
    assert said[-1] == "0"  # no way out


def test_the_container_is_the_courses_and_belongs_to_the_lesson(server, engine) -> None:
    found = engine.client.containers.get(NAME)
    assert labels.ours(found.labels) and labels.lesson_of(found.labels) == "07"


@pytest.mark.sweep
def test_a_step_can_be_repeated_in_any_order_and_says_the_same(server, capsys) -> None:
    server.step("start")
    first = capsys.readouterr().out
    server.step("start")
    assert capsys.readouterr().out == first
    server.step("remove")  # begins with a server that has the old package
    assert "none of the old packages is left" in capsys.readouterr().out
    assert install.ask(NAME, "command -v dockerd") == ""
    server.step("start")
    assert capsys.readouterr().out == first


def test_lines_and_checks_see_the_same_server(server, engine, capsys) -> None:
    server.write("/etc/motd", "two\nlines")
    assert install.ask(NAME, "cat /etc/motd", engine) == "two\nlines\n"
    assert install.ask("lbl-07-nowhere", "true", engine) is None
    with pytest.raises(NotFound):
        install.existing("lbl-07-nowhere", engine)
    with pytest.raises(ContainerFailed):
        server.write("/no/such/folder/file", "x")


def test_ada_is_no_root(server) -> None:
    assert "permission denied" in install.ask(NAME, "su ada -c 'docker ps' 2>&1")


def test_a_mishap_stops_the_engine_and_stays(server, capsys) -> None:
    install.mishap(server)
    line = "journalctl --unit docker --no-pager | grep --max-count 1 --only-matching 'unable to"
    server.run(f"{line} configure.*'")
    assert capsys.readouterr().out.splitlines()[-1] == stored_line(f"{line} configure.*'")
    until = time.monotonic() + 3
    while time.monotonic() < until:
        assert install.ask(NAME, "systemctl is-active docker").strip() == "inactive"
    assert install.ask(NAME, "rm /etc/docker/daemon.json; systemctl start docker") == ""
    assert install.ask(NAME, "systemctl is-active docker").strip() == "active"


def test_a_step_that_fails_shows_the_end_of_its_output(server) -> None:
    install.ask(NAME, "mv /srv/debian /srv/away")
    try:
        with pytest.raises(ContainerFailed) as caught:
            server.step("repository")
        assert "apt-get update" in caught.value.why and "/srv/debian" in caught.value.why
    finally:
        install.ask(NAME, "mv /srv/away /srv/debian")
    server.step("repository")


def test_somebody_elses_container_is_not_replaced(engine) -> None:
    engine.client.api.import_image_from_data(_empty(), repository="somebody", tag="1")
    made = engine.client.api.create_container("somebody:1", ["x"], name="lbl-07-foreign")
    try:
        with pytest.raises(NotOurs):
            install.fresh("lbl-07-foreign", engine=engine)
    finally:
        engine.client.api.remove_container(made["Id"], force=True)
        engine.client.api.remove_image("somebody:1", force=True)


def _empty() -> bytes:
    return bytes(10240)  # a tar archive without members

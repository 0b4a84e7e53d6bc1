"""Networks on a real daemon: made, joined, tried out; other people's left alone."""

from __future__ import annotations

import contextlib
import socket
import subprocess

import docker
import pytest

from helpers import bases, containers, networks
from helpers.engine import cleanup, labels
from helpers.errors import ContainerFailed, InUse, NetworkFailed, NotFound, NotOurs

NET = "lbl-04-testnet"
WEB, FRIEND, STRANGER, LONELY = (f"lbl-04-test{n}" for n in ("web", "friend", "stranger", "lonely"))
SERVE = ["sh", "-c", "mkdir /www; echo hi > /www/index.html; exec httpd -f -h /www -p 80"]
WAIT = ["sleep", "600"]


@pytest.fixture
def image(engine):
    name = bases.busybox(engine)
    yield name
    cleanup.clean(engine, lesson="04")


def run(engine, image, name, command=WAIT, **flags):
    return containers.run(
        image, command, name, detach=True, stop_signal="KILL", engine=engine, **flags
    )


def test_a_network_is_made_with_labels_and_kept_when_made_again(engine, image, capsys):
    made = networks.create(NET, engine=engine)
    assert capsys.readouterr().out == f"$ docker network create {NET}\n"
    told = engine.client.api.inspect_network(NET)
    assert labels.ours(told["Labels"]) and labels.lesson_of(told["Labels"]) == "04"
    assert (made.kind, made.names) == ("own", True)
    run(engine, image, WEB, network=NET)
    networks.create(NET, engine=engine)
    assert engine.client.api.inspect_network(NET)["Id"] == told["Id"]
    assert [m.name for m in networks.show(NET, engine=engine).members] == [WEB]


def test_names_are_known_in_an_own_bridge_and_not_in_the_default_one(engine, image, capsys):
    networks.create(NET, engine=engine)
    run(engine, image, WEB, SERVE, network=NET)
    run(engine, image, FRIEND, network=NET)
    run(engine, image, STRANGER)
    assert networks.reach(FRIEND, WEB, engine=engine).answered
    assert networks.reach(WEB, FRIEND, engine=engine).why == "refused"
    assert networks.reach(STRANGER, WEB, engine=engine).why == "unknown"
    assert networks.reach(STRANGER, WEB, by="address", engine=engine).why == "silent"
    networks.connect(NET, STRANGER, engine=engine)
    assert networks.reach(STRANGER, WEB, engine=engine).answered
    networks.disconnect(NET, STRANGER, engine=engine)
    assert networks.reach(STRANGER, WEB, engine=engine).why == "unknown"
    printed = capsys.readouterr().out
    assert f"$ docker exec {FRIEND} nc -w 2 {WEB} 80 -e true\n" in printed
    assert f"{FRIEND} → {WEB}, port 80: answered" in printed
    assert "172." not in printed  # an address is another one on each machine


def test_what_is_printed_does_the_same_when_typed(engine, image, capsys):
    networks.create(NET, engine=engine)
    run(engine, image, WEB, SERVE, network=NET)
    run(engine, image, FRIEND, network=NET)
    capsys.readouterr()
    networks.reach(FRIEND, WEB, engine=engine)
    line = capsys.readouterr().out.splitlines()[0].removeprefix("$ ")
    done = subprocess.run(line, shell=True, env=engine.environment(), timeout=60)
    assert done.returncode == 0


def test_an_alias_is_a_further_name(engine, image, capsys):
    networks.create(NET, engine=engine)
    run(engine, image, WEB, SERVE)
    run(engine, image, FRIEND, network=NET)
    networks.connect(NET, WEB, alias="shop", engine=engine)
    networks.connect(NET, WEB, alias="shop", engine=engine)  # a cell runs twice
    assert networks.reach(FRIEND, "shop", engine=engine).answered
    shown = networks.show(NET, engine=engine)
    assert {m.name: m.aliases for m in shown.members} == {FRIEND: (), WEB: ("shop",)}
    assert f"{WEB}, also called shop" in str(shown)


def test_a_container_without_network_reaches_nobody(engine, image, capsys):
    run(engine, image, WEB, SERVE)
    run(engine, image, LONELY, network="none")
    assert networks.reach(LONELY, WEB, engine=engine).why == "unknown"
    assert networks.reach(LONELY, WEB, by="address", engine=engine).why == "no_way"
    assert networks.reach(WEB, LONELY, by="address", engine=engine).why == "no_address"


def test_a_published_port_is_reached_from_this_machine_on_loopback_only(engine, image, capsys):
    run(engine, image, WEB, SERVE, publish=["127.0.0.1::80", "127.0.0.1::81"])
    run(engine, image, FRIEND)
    assert networks.reach("host", WEB, engine=engine).answered
    assert networks.reach("host", FRIEND, engine=engine).why == "not_published"
    # the engine's proxy takes every connection; nobody listens behind this one
    assert networks.reach("host", WEB, 81, engine=engine).why == "refused"
    assert "curl http://127.0.0.1:" in capsys.readouterr().out


def test_a_port_that_is_taken_on_this_machine_is_left_alone(engine, image, capsys):
    """A private engine chooses among the ports of its own namespace; here some are taken."""
    run(engine, image, WEB, SERVE, publish=["127.0.0.1::80"])
    last = _port(engine, WEB)
    taken = []
    with contextlib.ExitStack() as held:
        for port in range(last + 1, last + 4):
            listener = held.enter_context(socket.socket())
            with contextlib.suppress(OSError):  # somebody else's already
                listener.bind(("127.0.0.1", port))
                listener.listen()
                taken.append(port)
        run(engine, image, FRIEND, SERVE, publish=["127.0.0.1::80"])
        assert taken, "nothing was taken: this test would see nothing"
        assert _port(engine, FRIEND) not in taken
        assert networks.reach("host", FRIEND, engine=engine).answered


def _port(engine, name):
    told = engine.client.api.inspect_container(name)
    return int(told["NetworkSettings"]["Ports"]["80/tcp"][0]["HostPort"])


def test_a_program_that_has_just_been_started_gets_a_moment(engine, image, capsys):
    networks.create(NET, engine=engine)
    run(engine, image, FRIEND, network=NET)
    late = ["sh", "-c", f"sleep 0.8; {SERVE[2]}"]
    run(engine, image, WEB, late, network=NET)
    assert networks.reach(FRIEND, WEB, engine=engine).answered


def test_a_container_without_nc_is_given_company(engine, image, capsys):
    networks.create(NET, engine=engine)
    run(engine, image, WEB, SERVE, network=NET)
    run(engine, image, FRIEND, network=NET)
    containers.exec(FRIEND, ["rm", "/bin/nc"], engine=engine)
    before = len(engine.client.api.containers(all=True))
    assert networks.reach(FRIEND, WEB, engine=engine).answered
    assert len(engine.client.api.containers(all=True)) == before


def test_a_survey_tries_every_way(engine, image, capsys):
    networks.create(NET, engine=engine)
    run(engine, image, WEB, SERVE, network=NET, publish=["127.0.0.1::80"])
    run(engine, image, FRIEND, network=NET)
    run(engine, image, STRANGER)
    run(engine, image, LONELY, network="none")
    containers.stop(LONELY, engine=engine)
    capsys.readouterr()
    found = networks.survey([WEB, FRIEND, STRANGER, LONELY], engine=engine)
    assert capsys.readouterr().out == ""
    came = {(r.source, r.target): (r.by, r.why) for r in found.reaches}
    assert came[FRIEND, WEB] == ("name", "answered")
    assert came[WEB, FRIEND] == ("name", "refused")
    assert came[STRANGER, WEB] == ("address", "silent")
    assert came["host", WEB] == ("published", "answered")
    assert not any(LONELY in pair for pair in came)
    assert [node.running for node in found.nodes] == [True, True, True, False]
    assert {n.name: n.kind for n in found.networks}[NET] == "own"
    assert [(p.container, p.port) for p in found.published] == [(WEB, 80)]


def test_in_use_taken_and_overlapping(engine, image, capsys):
    networks.create(NET, subnet="10.213.7.0/24", engine=engine)
    run(engine, image, WEB, network=NET)
    with pytest.raises(InUse, match=WEB):
        networks.remove(NET, engine=engine)
    with pytest.raises(InUse, match="other settings"):
        networks.create(NET, internal=True, engine=engine)
    with pytest.raises(NetworkFailed, match=f"overlaps with .*{NET}"):
        networks.create(f"{NET}-2", subnet="10.213.0.0/16", engine=engine)
    containers.remove(WEB, engine=engine)
    assert networks.create(NET, internal=True, engine=engine).kind == "internal"
    networks.remove(NET, engine=engine)
    networks.remove(NET, engine=engine)  # gone is no error


@pytest.mark.parametrize("subnet", ("10.0.0.1/8", "nonsense", "10.0.0.0/99", ""))
def test_subnets_that_are_none(engine, image, subnet, capsys):
    if not subnet:  # as good as none given
        assert networks.create(NET, subnet=subnet, engine=engine)
        return
    with pytest.raises(NetworkFailed, match="no subnet"):
        networks.create(NET, subnet=subnet, engine=engine)


def test_other_bad_input(engine, image, capsys):
    for name in ("bad name", "", "-x", "bridge"):
        with pytest.raises(NetworkFailed):
            networks.create(name, engine=engine)
    with pytest.raises(NotFound, match="lbl-04-nope"):
        networks.show("lbl-04-nope", engine=engine)
    with pytest.raises(NotFound, match="lbl-04-nope"):
        networks.reach("lbl-04-nope", WEB, engine=engine)
    run(engine, image, FRIEND, network="host")
    networks.create(NET, engine=engine)
    with pytest.raises(NetworkFailed, match=FRIEND):
        networks.connect(NET, FRIEND, engine=engine)
    containers.stop(FRIEND, engine=engine)
    with pytest.raises(ContainerFailed, match="does not run"):
        networks.reach(FRIEND, WEB, engine=engine)
    for wrong in ({"by": "magic"}, {"port": 0}, {"port": 70000}):
        with pytest.raises(NetworkFailed, match="cannot be tried"):
            networks.reach(FRIEND, WEB, engine=engine, **wrong)


def test_somebody_elses_network_is_left_alone(engine, image, capsys):
    api = engine.client.api
    identifier = api.create_network("your-net")["Id"]
    try:
        for call in (networks.create, networks.show, networks.remove):
            with pytest.raises(NotOurs, match="your-net"):
                call("your-net", engine=engine)
        assert api.inspect_network(identifier)["Name"] == "your-net"
    finally:
        with contextlib.suppress(docker.errors.NotFound):
            api.remove_network(identifier)


def test_one_made_by_hand_under_a_name_of_a_lesson_is_the_courses(engine, image, capsys):
    engine.client.api.create_network(NET)  # `docker network create` gives no label
    assert networks.show(NET, engine=engine).name == NET
    cleanup.clean(engine, lesson="04")
    assert not engine.client.api.networks(names=[NET])

"""Flags of `docker run`: what is printed, what the engine is asked, what is refused. No daemon."""

from __future__ import annotations

import pytest

from helpers.containers import Probe
from helpers.containers.limits_given import cpus_of, memory_of, pids_of, policy_of
from helpers.containers.options import Options
from helpers.containers.publishing import ports_of
from helpers.errors import ContainerFailed, CourseError

ALL = Options(
    env={"A": "x y"},
    volumes=["lbl-04-data:/data", "/folder:/x:ro", "/anonymous"],
    tmpfs=["/run", "/cache:size=1m"],
    network="lbl-04-net",
    publish=["127.0.0.1:8080:80", "127.0.0.1::53/udp"],
    memory="32m",
    cpus=0.5,
    pids_limit=20,
    restart="on-failure:3",
    read_only=True,
    user="nobody",
    hostname="box",
    workdir="/tmp",
    entrypoint=["sh", "-c"],
    init=True,
    stop_signal="SIGINT",
    health=Probe("test -e /ok", start_period=2),
)


def test_flags_are_those_of_the_command_line():
    assert " ".join(ALL.flags) == (
        "-v lbl-04-data:/data -v /folder:/x:ro -v /anonymous --tmpfs /run --tmpfs /cache:size=1m"
        " --network lbl-04-net -p 127.0.0.1:8080:80 -p 127.0.0.1::53/udp -m 32m --cpus 0.5"
        " --pids-limit 20 --restart on-failure:3 --user nobody --hostname box --workdir /tmp"
        " --entrypoint sh --stop-signal SIGINT --read-only --init --health-cmd test -e /ok"
        " --health-interval 1s --health-timeout 1s --health-retries 2 --health-start-period 2s"
    )
    assert ALL.before_command == ["-c"]


def test_no_options_give_no_flags_and_an_empty_request():
    assert Options().flags == []
    assert Options().config("i", [], {}) == {"Image": "i", "Labels": {}, "HostConfig": {}}


def test_the_request_says_the_same():
    body = ALL.config("image", ["echo", "hi"], {"mark": "1"})
    assert body["Entrypoint"] == ["sh"] and body["Cmd"] == ["-c", "echo", "hi"]
    assert body["ExposedPorts"] == {"80/tcp": {}, "53/udp": {}}
    assert body["Healthcheck"]["Interval"] == 10**9
    host = body["HostConfig"]
    assert host["Binds"] == ["lbl-04-data:/data", "/folder:/x:ro"]
    # nothing names an anonymous volume but its labels
    assert host["Mounts"][0]["VolumeOptions"]["Labels"] == {"mark": "1"}
    assert host["Tmpfs"] == {"/run": "", "/cache": "size=1m"}
    assert host["PortBindings"]["80/tcp"] == [{"HostIp": "127.0.0.1", "HostPort": "8080"}]
    assert (host["Memory"], host["NanoCpus"], host["PidsLimit"]) == (32 << 20, 5 * 10**8, 20)
    assert host["RestartPolicy"] == {"Name": "on-failure", "MaximumRetryCount": 3}
    assert host["ReadonlyRootfs"] and host["Init"]


def test_an_empty_entrypoint_takes_the_image_s_away():
    bare = Options(entrypoint="")
    assert bare.flags == ["--entrypoint", ""]
    assert bare.config("i", ["ls"], {})["Entrypoint"] == [""]


def test_a_relative_folder_is_sent_in_full(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    body = Options(volumes=["./site:/srv:ro"]).config("i", [], {})
    assert body["HostConfig"]["Binds"] == [f"{tmp_path}/site:/srv:ro"]


@pytest.mark.parametrize(
    ("given", "instead"),
    [
        ("8080:80", "127.0.0.1:8080:80"),
        ("80", "127.0.0.1::80"),
        ("0.0.0.0:8080:80", "127.0.0.1:8080:80"),
        ("192.168.1.5:8080:80", "127.0.0.1:8080:80"),
        (":80", "127.0.0.1::80"),
        ("[::]:8080:80", "127.0.0.1:8080:80"),
        ("localhost:8080:80", "127.0.0.1:8080:80"),
    ],
)
def test_a_port_that_others_could_reach_is_refused(given, instead):
    with pytest.raises(CourseError) as caught:
        ports_of([given])
    assert caught.value.key == "containers.publish"
    assert instead in caught.value.next
    assert ports_of([instead])  # what is offered is taken


@pytest.mark.parametrize("given", ["x", "127.0.0.1:99999:80", "127.0.0.1:80:0", "1:2:3:4", ""])
def test_what_is_no_port(given):
    with pytest.raises(ContainerFailed) as caught:
        ports_of([given])
    assert caught.value.key == "containers.bad_port"


def test_loopback_of_both_families():
    assert ports_of(["[::1]:8080:80"])[0].binding == {"HostIp": "::1", "HostPort": "8080"}
    assert ports_of("127.0.0.2::80")[0].binding == {"HostIp": "127.0.0.2", "HostPort": ""}


def test_limits_are_read_as_docker_reads_them():
    given = ("32m", "1.5g", "6291456", "64MB", "8MiB")
    assert [memory_of(one) for one in given] == [32 << 20, 3 << 29, 6 << 20, 64 << 20, 8 << 20]
    assert cpus_of(0.25) == 250_000_000 and pids_of(-1) == -1
    assert policy_of("unless-stopped") == {"Name": "unless-stopped", "MaximumRetryCount": 0}
    assert memory_of(None) is cpus_of(None) is pids_of(None) is policy_of(None) is None


@pytest.mark.parametrize(
    ("read", "given", "key"),
    [
        (memory_of, "lots", "bad_memory"),
        (memory_of, "-5m", "bad_memory"),
        (memory_of, "", "bad_memory"),
        (memory_of, "1m", "little_memory"),
        (cpus_of, 0, "bad_cpus"),
        (cpus_of, -1, "bad_cpus"),
        (cpus_of, "half", "bad_cpus"),
        (cpus_of, float("inf"), "bad_cpus"),
        (pids_of, 0, "bad_pids"),
        (pids_of, 2.5, "bad_pids"),
        (pids_of, True, "bad_pids"),
        (policy_of, "sometimes", "bad_restart"),
        (policy_of, "always:3", "bad_restart"),
        (policy_of, "on-failure:x", "bad_restart"),
    ],
)
def test_bad_values_are_said_in_the_course_s_words(read, given, key):
    with pytest.raises(ContainerFailed) as caught:
        read(given)
    assert caught.value.key == f"containers.{key}"
    assert str(given) in caught.value.what

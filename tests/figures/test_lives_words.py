"""The words of containers' lives, views and use: what holds in each run, and no more."""

from __future__ import annotations

import re
from dataclasses import replace

from helpers import figures, messages
from helpers.containers import Timeline, Usage

from . import lives


def test_a_life_is_told_by_states_events_and_counts():
    words = figures.timeline(Timeline((lives.life(),), 4.6)).words.splitlines()
    assert words[0] == "The life of the container lbl-04-life, as the engine told it"
    assert words[1] == (
        "  lbl-04-life: created → running → paused → running → exited (exit code 137) → removed"
    )
    assert words[2] == "    started once"
    assert words[3] == (
        "    events: create, start, pause, unpause, exec_start (echo hi), exec_die (exit code 0),"
        " health_status (healthy), kill (SIGTERM), kill (SIGKILL), die (exit code 137), stop,"
        " destroy"
    )


def test_restarts_are_counted():
    words = figures.timeline(Timeline((lives.restarted(),), 5.0)).words
    assert "started 4 times, 3 of them by the restart policy" in words
    assert words.count("waiting for its restart (exit code 3)") == 3


def test_times_are_not_in_the_words():
    one = Timeline((lives.life(),), 4.6)
    spans = tuple(replace(s, start=s.start * 3, end=s.end * 3) for s in lives.life().spans)
    slow = Timeline((replace(lives.life(), spans=spans),), 13.8)
    assert figures.timeline(one).words == figures.timeline(slow).words


def test_what_is_not_known_is_said():
    gap = figures.timeline(Timeline((lives.restarted(count=1),), 5.0, ((2.0, 3.5),)))
    assert "the engine did not answer" in gap.words
    assert "no event was recorded" in figures.timeline(Timeline((), 1.0)).words


def test_very_many_events_are_counted_and_not_listed():
    words = figures.timeline(Timeline((lives.restarted(count=60),), 5.0)).words
    assert "and 63 more" in words


def test_two_sides_are_told_as_relations_without_numbers_of_one_run():
    words = figures.side_by_side(lives.sides()).words
    assert words.splitlines()[1:] == [
        "  processes: number 1 is sleep 600; 1 more: sleep 601; on the host the same processes have"
        " other numbers",
        "  host name: box; the host has a name of its own",
        "  file systems: a root of its own; the host has another one",
        "  network interfaces: eth0, lo; the host has interfaces of its own",
        "  user: root (0); the host knows it by the same number",
        "  kernel: one and the same",
        "  limits, a control group: 32 MiB of memory, CPU time of 0.5 CPUs, 20 processes and"
        " threads",
        "  namespaces of its own: ipc, mnt, net, pid, uts; shared with the host: user",
    ]
    assert not re.search(r"4121|4140|211|b63b9a|veth|overlay|6\.1", words)


def test_the_version_of_control_groups_changes_nothing_in_the_words():
    found = lives.sides()
    host = {**found.outside.namespaces, "cgroup": 101}  # v1: the container shares the host's
    other = replace(found, outside=replace(found.outside, namespaces=host))
    assert figures.side_by_side(found).words == figures.side_by_side(other).words


def test_a_shared_network_and_a_mapped_user_are_told():
    found = lives.sides()
    host = {**found.outside.namespaces, "net": 3}
    outer = replace(found.outside, namespaces=host, uid=100000)
    words = figures.side_by_side(replace(found, outside=outer)).words
    assert "the host has the same interfaces" in words
    assert "the host knows it by another number" in words


def test_what_docker_top_cannot_tell_is_said():
    words = figures.side_by_side(lives.by_top()).words
    assert "network interfaces: eth0, lo; the host's are not known" in words
    assert "kernel: one and the same" in words
    assert words.splitlines()[-1].strip().startswith("This engine permits no look at its host")
    with messages.speaking("zh"):
        assert "docker top" in figures.side_by_side(lives.by_top()).words.splitlines()[-1]


def test_use_is_told_against_its_limits():
    both = figures.usage(lives.used(cpus=0.25, memory=16 << 20), lives.used("lbl-04-free", 0.97))
    assert both.words.splitlines() == [
        "What 2 containers used",
        "  lbl-04-slow:",
        "    CPU time: within its limit of 0.25 CPUs",
        "    memory: all of its limit of 16 MiB",
        "  lbl-04-free:",
        "    CPU time: without a limit",
        "    memory: without a limit",
    ]
    quiet = replace(lives.used(share=0.01, cpus=2.0, memory=1 << 30))
    calm = Usage("x", tuple(replace(s, throttled=0) for s in quiet.samples), 2.0, 1 << 30)
    assert "CPU time: within its limit of 2 CPUs" in figures.usage(calm).words
    assert "memory: below its limit of 1 GiB" in figures.usage(calm).words
    assert "0.25 CPUs on average" not in both.words  # measured: in the picture alone


def test_an_end_by_the_memory_limit_is_told():
    found = replace(lives.used(memory=64 << 20), ended=True, oom_killed=True)
    words = figures.usage(found).words
    assert "memory: all of its limit of 64 MiB" in words and "the kernel ended it" in words

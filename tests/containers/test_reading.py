"""What kernels and engines write, read without a daemon: limits, the log, statistics, refusals."""

from __future__ import annotations

import subprocess
from dataclasses import replace

import pytest

from helpers.containers import Usage, oom
from helpers.containers.limits import binary, limits_of
from helpers.containers.refusals import IN_USE
from helpers.containers.sampling import SCRIPT, Sample, from_groups, sample_of

V2 = "memory.max 33554432\ncpu.max 50000 100000\npids.max 20"
V2_FREE = "memory.max max\ncpu.max max 100000\npids.max max"
V1_FREE = (
    "memory/memory.limit_in_bytes 9223372036854771712\ncpu/cpu.cfs_quota_us -1\n"
    "cpu/cpu.cfs_period_us 100000\npids/pids.max max"
)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (V2, (2, 32 << 20, 0.5, 20)),
        (V2_FREE, (2, None, None, None)),
        (V1_FREE, (1, None, None, None)),
        ("", (1, None, None, None)),
    ],
)
def test_both_versions_of_control_groups_are_understood(said, expected):
    found = limits_of("x", said)
    assert (found.version, found.memory, found.cpus, found.pids) == expected


def test_sizes_in_powers_of_1024():
    assert [binary(n) for n in (0, 1023, 32 << 20, 1536, 3 << 29)] == [
        "0 B", "1023 B", "32 MiB", "1.5 KiB", "1.5 GiB",
    ]  # fmt: skip


LOG = "14394 1795576764\n[14390.500] oom-kill:constraint=CONSTRAINT_MEMCG,oom_memcg=/docker/abc,"


@pytest.mark.parametrize(
    ("said", "started", "expected"),
    [
        (LOG, 1795576764 - 60, True),
        (LOG, 1795576764 - 1, False),  # started after the kill
        (LOG.replace("abc", "xyz"), 0.0, False),
        ("14394 1795576764\n", 0.0, False),
        (LOG.replace("[14390.500] ", ""), 1795576764, True),  # a log without times
    ],
)
def test_the_kernel_s_log_is_read_for_this_life_only(said, started, expected):
    assert oom._killed(said, "abc", started) is expected


@pytest.mark.parametrize(
    "answer",
    [
        "failed to bind host port for 127.0.0.1:80:172.17.0.2:80/tcp: address already in use",
        "Error starting userland proxy: listen tcp4 127.0.0.1:80: bind: address already in use",
        "Error starting userland proxy: 127.0.0.1:80 on the host: Address already in use",
        "failed to bind host port 127.0.0.1:80/tcp: address already in use",
    ],
)
def test_the_words_of_several_engines_for_a_port_that_is_taken(answer):
    assert IN_USE.search(answer)[1] == "127.0.0.1:80"


# As the API's reference gives them (https://docs.docker.com/reference/api/engine/version/v1.51/),
# shortened: an engine on cgroup v1, one on cgroup v2.
STATS_V1 = {
    "read": "2026-01-01T00:00:10.5Z",
    "pids_stats": {"current": 3},
    "cpu_stats": {
        "cpu_usage": {"total_usage": 2_500_000_000},
        "throttling_data": {"periods": 40, "throttled_periods": 30, "throttled_time": 9},
    },
    "memory_stats": {
        "usage": 6_000_000,
        "stats": {"inactive_file": 1, "total_inactive_file": 2_000_000},
        "limit": 33_554_432,
    },
}
STATS_V2 = STATS_V1 | {"memory_stats": {"usage": 6_000_000, "stats": {"inactive_file": 1_000_000}}}


def test_statistics_of_both_versions_count_memory_as_docker_stats_does():
    one, two = sample_of(STATS_V1), sample_of(STATS_V2)
    assert one == Sample(1767225610.5, 2.5, 4_000_000, 3, 40, 30)
    assert two.memory == 5_000_000


@pytest.mark.parametrize(
    "told",
    [
        {"message": "no metrics received"},
        {"read": "0001-01-01T00:00:00Z", "cpu_stats": {"cpu_usage": {"total_usage": 0}},
         "memory_stats": {}},
        {},
    ],
)  # fmt: skip
def test_statistics_with_nothing_in_them_are_no_sample(told):
    assert sample_of(told) is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("7.25 40/30 2500000000 6000000 3 1 2000000", Sample(7.25, 2.5, 4_000_000, 3, 40, 30)),
        ("7.25 / 2500000000 6000000 3", Sample(7.25, 2.5, 6_000_000, 3, 0, 0)),
        ("7.25 40/30", None),
        ("", None),
    ],
)
def test_lines_of_the_control_groups(line, expected):
    assert from_groups(line) == expected


def _usage(*rows: tuple[float, float, int], **limits) -> Usage:
    return Usage("x", tuple(Sample(t, cpu, memory, 1) for t, cpu, memory in rows), **limits)


def test_usage_is_cpu_time_over_time():
    found = _usage((0, 1.0, 10), (1, 1.5, 30), (3, 2.0, 20), cpus=0.5, memory=100)
    assert found.share == pytest.approx(1 / 3) and found.peak == 30
    assert found.shares == ((1, 0.5), (3, 0.25))
    assert not found.cpu_is_full and not found.memory_is_full


def test_on_a_busy_machine_the_kernel_s_word_counts_and_not_the_share():
    samples = (Sample(0, 0, 1, 1, 0, 0), Sample(2, 0.2, 1, 1, 20, 4))
    found = Usage("x", samples, cpus=0.25)
    assert found.share == pytest.approx(0.1) and found.cpu_is_full
    assert "within its limit of 0.25 CPUs" in str(found)  # and so it does on an idle machine


def test_a_limit_that_is_not_kept_is_said():
    found = _usage((0, 0.0, 1), (4, 4.0, 1), cpus=0.25)
    assert found.is_above and "more than its limit of 0.25 CPUs" in str(found)


def test_usage_of_nothing():
    empty = Usage("x", ())
    assert (empty.share, empty.peak, empty.seconds, empty.held_back) == (0, 0, 0, 0)
    assert "without a limit" in str(empty)
    still = _usage((5, 1.0, 10), (5, 1.0, 10))
    assert still.share == 0 and still.shares == ()


V1_GROUPS = {
    "cpuacct/cpuacct.usage": "2500000000",
    "cpu/cpu.stat": "nr_periods 40\nnr_throttled 30\nthrottled_time 9",
    "memory/memory.usage_in_bytes": "6000000",
    "memory/memory.stat": "cache 1\ninactive_file 5\ntotal_inactive_file 2000000",
    "pids/pids.current": "3",
}
V1_TOGETHER = {
    ("cpu,cpuacct/" + f.partition("/")[2] if f.startswith("cpu") else f): value
    for f, value in V1_GROUPS.items()
}
V2_GROUPS = {
    "cpu.stat": "usage_usec 2500000\nuser_usec 1\nnr_periods 40\nnr_throttled 30\nnr_bursts 0",
    "memory.current": "6000000",
    "memory.stat": "anon 1\ninactive_anon 7\ninactive_file 2000000",
    "pids.current": "3",
}


@pytest.mark.parametrize("files", [V1_GROUPS, V1_TOGETHER, V2_GROUPS])
def test_the_script_understands_each_way_to_mount_control_groups(files, tmp_path):
    """Kernels with cgroup v2 are not at hand everywhere; their files are."""
    for name, value in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"{value}\n")
    script = SCRIPT.replace("/proc/$1/root/sys/fs/cgroup", str(tmp_path))
    done = subprocess.run(
        ["sh", "-c", script, "peek", "1", "2", "0"], capture_output=True, text=True, timeout=30
    )
    lines = done.stdout.splitlines()
    assert len(lines) == 2, done.stderr
    sample = from_groups(lines[0])
    assert sample.seconds > 0
    assert replace(sample, seconds=0) == Sample(0, 2.5, 4_000_000, 3, 40, 30)

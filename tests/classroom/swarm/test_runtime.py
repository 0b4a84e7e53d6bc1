import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.classroom.names import MARK
from helpers.classroom.swarm import runtime

MAPPED = [{"containerID": 0, "hostID": 100000, "size": 65536}]


def config(env, mappings):
    return {
        "process": {"env": env},
        "linux": {"uidMappings": mappings, "maskedPaths": ["/proc/kcore"], "readonlyPaths": ["/x"]},
        "mounts": [{"destination": "/sys", "options": ["ro"]}],
    }


@pytest.mark.parametrize(
    ("env", "mappings", "is_one"),
    [
        ([MARK], MAPPED, True),
        ([], MAPPED, False),
        ([MARK + "s"], MAPPED, False),
        ([MARK], [], False),  # the host's own root
        ([MARK], [{"containerID": 0, "hostID": 0, "size": 1}], False),
    ],
)
def test_who_is_a_learner(env, mappings, is_one):
    assert runtime.is_learner(config(env, mappings)) is is_one
    del (bare := config(env, mappings))["process"]["env"]
    assert not runtime.is_learner(bare)


def test_another_container_goes_to_runc_untouched(tmp_path):
    runc = tmp_path / "runc"
    runc.write_text('#!/bin/sh\necho "$@"\n')
    runc.chmod(runc.stat().st_mode | stat.S_IXUSR)
    file = tmp_path / "config.json"
    file.write_text(before := json.dumps(config([MARK], [])))
    words = [sys.executable, "-S", Path(runtime.__file__), runc]
    for command in (["create", "--bundle", str(tmp_path), "x"], ["kill", "x"]):
        said = subprocess.run([*words, *command], capture_output=True, text=True, check=True,
                              env={**os.environ, "PYTHONPATH": ""}).stdout  # fmt: skip
        assert said.split() == command
    assert file.read_text() == before

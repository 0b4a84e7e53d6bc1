import os

import pytest

from helpers.classroom.cgroups import delegate

GROUP = "layer-by-layer/c-go/abc"


def files(place, **contents):
    place.mkdir(parents=True)
    for name, content in contents.items():
        (place / name.replace("__", ".")).write_text(content)


@pytest.fixture
def owned(monkeypatch):
    """Who was made the owner of what: only root may really do that."""
    found = {}
    monkeypatch.setattr(os, "chown", lambda path, user, group: found.update({str(path): user}))
    return found


def test_version_1_hands_on_a_folder_and_no_limit(tmp_path, owned):
    memory, cpuset = tmp_path / "memory" / GROUP, tmp_path / "cpuset" / GROUP
    files(memory, memory__limit_in_bytes="1", cgroup__procs="7", tasks="7")
    files(cpuset, cpuset__cpus="0-1", cpuset__mems="0")
    for place in (memory, cpuset):  # the kernel makes these in each new group
        files(place / "layer-by-layer", cgroup__procs="", tasks="", memory__limit_in_bytes="",
              cpuset__cpus="")  # fmt: skip
    (tmp_path / "unused").mkdir()
    delegate(GROUP, 5000, tmp_path)
    below = memory / "layer-by-layer"
    assert owned[str(below)] == owned[str(below / "cgroup.procs")] == 5000
    assert not any(path.endswith("limit_in_bytes") for path in owned)
    assert str(memory) not in owned
    assert (cpuset / "layer-by-layer/cpuset.cpus").read_text() == "0-1"


def test_version_2_moves_processes_into_a_leaf_first(tmp_path, owned):
    place = tmp_path / GROUP
    (tmp_path / "x").mkdir()
    (tmp_path / "cgroup.controllers").write_text("cpu memory pids")
    files(place, cgroup__procs="7\n8\n", cgroup__controllers="cpu memory pids",
          cgroup__subtree_control="", memory__max="1")  # fmt: skip
    for name in ("init", "layer-by-layer"):
        files(place / name, cgroup__procs="", cgroup__threads="", cgroup__subtree_control="")
    delegate(GROUP, 5000, tmp_path)
    assert (place / "init/cgroup.procs").read_text() == "8"  # the last one that was written
    assert (place / "cgroup.subtree_control").read_text() == "+cpu +memory +pids"
    assert {path.removeprefix(f"{place}/") for path in owned} == {
        "cgroup.procs", "layer-by-layer", "layer-by-layer/cgroup.procs",
        "layer-by-layer/cgroup.threads", "layer-by-layer/cgroup.subtree_control",
    }  # fmt: skip


def test_a_group_that_is_not_there_is_an_error(tmp_path):
    (tmp_path / "memory").mkdir()
    with pytest.raises(FileNotFoundError):
        delegate(GROUP, 5000, tmp_path)

"""Wheels for other machines: markers read for them, tags that fit them, hashes held."""

from __future__ import annotations

import re

import pytest
from packaging.tags import Tag

from helpers import messages
from helpers.errors import LabFailed
from helpers.kit import wheels
from helpers.kit.manifest import Target, here
from helpers.kit.wheels import Python
from helpers.lab import bootstrap

LOCK = """\
# made by uv
alpha==1.0 \\
    --hash=sha256:{a} \\
    --hash=sha256:{b}
beta==2.0 ; python_full_version < '3.11.5' \\
    --hash=sha256:{a}
beta==3.0 ; python_full_version >= '3.11.5' \\
    --hash=sha256:{a}
gamma==4.0 ; sys_platform == 'win32' \\
    --hash=sha256:{a}
""".format(a="a" * 64, b="b" * 64)


def names(python: Python) -> list[set[str]]:
    return [
        set(re.findall(r"^(\S+==\S+)", "".join(wheels.pins(LOCK, one)), re.M))
        for one in python.environments()
    ]


def test_markers_are_those_of_the_other_machine_at_its_first_and_last_patch_release():
    linux = Python("3.11", "manylinux_2_28_x86_64")
    assert names(linux) == [{"alpha==1.0", "beta==2.0"}, {"alpha==1.0", "beta==3.0"}]
    windows = Python("3.12", "win_amd64")
    assert names(windows) == [{"alpha==1.0", "beta==3.0", "gamma==4.0"}] * 2


def test_hashes_stay_with_their_package():
    first = wheels.pins(LOCK, Python("3.12", "win_amd64").environments()[0])[0]
    assert first.count("--hash=") == 2 and ";" not in first


@pytest.mark.parametrize(("platform", "target", "fits", "not_fits"), [
    ("manylinux_2_28_x86_64", Target("3.12", "linux", "x86_64"),
     ("manylinux_2_17_x86_64", "manylinux2014_x86_64", "any"), "manylinux_2_34_x86_64"),
    ("manylinux2014_aarch64", Target("3.12", "linux", "aarch64"),
     ("manylinux_2_17_aarch64",), "manylinux_2_17_x86_64"),
    ("macosx_14_0_arm64", Target("3.12", "darwin", "arm64"),
     ("macosx_11_0_arm64", "macosx_10_9_universal2"), "macosx_15_0_arm64"),
    ("win_amd64", Target("3.12", "windows", "x86_64"), ("win_amd64",), "win_arm64"),
])  # fmt: skip
def test_tags_that_fit_a_platform(platform, target, fits, not_fits):
    (python,) = wheels.parse(["3.12"], [platform])
    assert python.target == target
    tags = {tag.platform for tag in python.fits()}
    assert set(fits) <= tags and not_fits not in tags
    assert Tag("cp312", "cp312", fits[0]) in python.fits() or fits[0] == "any"
    assert Tag("cp313", "cp313", fits[0]) not in python.fits()


def test_without_a_choice_it_is_this_very_python():
    (python,) = wheels.parse()
    assert python.target == here()


def test_each_version_goes_with_each_platform():
    both = wheels.parse(["3.11", "3.13"], ["win_amd64", "macosx_14_0_arm64"])
    assert len({str(python.target) for python in both}) == 4


@pytest.mark.parametrize(("versions", "platforms"), [
    (["3.10"], []), (["3.12.1"], []), (["4.0"], []), (["../x"], []), ([], ["beos"]),
    (["3.12"], ["manylinux_2_28_s390x"]),
])  # fmt: skip
def test_what_the_course_does_not_run_on_is_refused(versions, platforms):
    with messages.speaking("en"), pytest.raises(LabFailed, match="For example"):
        wheels.parse(versions, platforms)


def _pins(lock: str, name: str) -> list[str]:
    return [p for p in re.split(r"\n(?=[a-z])", lock) if p.startswith(f"{name}==")]


def _pin(lock: str, name: str) -> str:
    (found,) = _pins(lock, name)
    return f"{found}\n"


def test_a_compiled_package_of_the_lock_is_fetched_for_three_machines(monkeypatch, tmp_path):
    """From the real index, with the lock's own hashes; a second time nothing is fetched."""
    lock = tmp_path / "requirements.lock"
    lock.write_text(_pin(bootstrap.LOCK.read_text(), "markupsafe"))
    monkeypatch.setattr(bootstrap, "LOCK", lock)
    pythons = wheels.parse(["3.12"], ["manylinux_2_28_aarch64", "macosx_14_0_arm64", "win_amd64"])
    said: list[str] = []
    found = wheels.collect(pythons, tmp_path / "wheels", said.append)
    assert len(found) == 3 and len(said) == 3
    assert {re.search(r"aarch64|macosx|win_amd64", path.name)[0] for path in found} == {
        "aarch64", "macosx", "win_amd64",
    }  # fmt: skip
    (tmp_path / "wheels" / "other-1-py3-none-any.whl").write_bytes(b"")  # of another kit
    assert wheels.collect(pythons, tmp_path / "wheels", said.append) == found
    assert len(said) == 3
    found[0].write_bytes(b"torn")  # fetched again, since its sum is wrong
    wheels.collect(pythons, tmp_path / "wheels", said.append)
    assert len(said) == 4 and found[0].stat().st_size > 1000


def test_an_old_patch_release_and_a_new_one_get_what_each_needs(monkeypatch, tmp_path):
    """pip on this Python would refuse one or the other: `Requires-Python` tells them apart."""
    lock = tmp_path / "requirements.lock"
    lock.write_text("".join(p + "\n" for p in _pins(bootstrap.LOCK.read_text(), "soupsieve")))
    monkeypatch.setattr(bootstrap, "LOCK", lock)
    (python,) = wheels.parse(["3.11"], ["manylinux_2_28_x86_64"])
    found = wheels.collect([python], tmp_path / "wheels", lambda _: None)
    versions = re.findall(r"^soupsieve==(\S+)", lock.read_text(), re.MULTILINE)
    assert [path.name.split("-")[1] for path in found] == sorted(versions)
    assert len(versions) == 2


def test_no_wheel_for_such_a_machine_is_told(monkeypatch, tmp_path):
    lock = tmp_path / "requirements.lock"
    lock.write_text(_pin(bootstrap.LOCK.read_text(), "markupsafe").replace("sha256:", "sha256:0"))
    monkeypatch.setattr(bootstrap, "LOCK", lock)
    with messages.speaking("en"), pytest.raises(LabFailed):
        wheels.collect(wheels.parse(["3.12"], ["win_amd64"]), tmp_path / "wheels", lambda _: None)

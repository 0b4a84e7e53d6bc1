"""What a kit holds for a lesson follows from the lesson, and is what the images are made of."""

from __future__ import annotations

import pytest

from helpers import messages
from helpers.bases import debian_root
from helpers.engine.packages import FLAVOURS, NEWEST
from helpers.errors import NotFound
from helpers.kit import contents, wanted
from helpers.paths import ROOT


def needs(number: str) -> frozenset[str]:
    (folder,) = wanted.lessons([number])
    return wanted.needs(folder)


def test_what_lessons_need_follows_from_their_plan_and_their_imports():
    assert needs("01") == {"engine", "busybox", "registry"}
    assert needs("02") >= {"debian", "python", "gcc"}
    assert "editions" in needs("06") and "editions" not in needs("03")
    assert "machines" in needs("05") and "server" in needs("07")
    assert needs("08") >= {"node", "front", "redis"}
    assert needs("10") >= {"kubernetes"} and needs("11") >= {"aws", "boto3", "postgres"}
    assert needs("17") >= {"node", "front", "kubernetes", "aws"}


def test_a_lesson_that_does_not_exist_is_told():
    with messages.speaking("en"), pytest.raises(NotFound, match="There is no lesson 99"):
        wanted.lessons(["01", "99"])


@pytest.mark.parametrize("architecture", ["amd64", pytest.param("arm64", marks=pytest.mark.sweep)])
def test_everything_that_any_lesson_needs_is_known_and_exists(architecture: str):
    """Each name of a package is one that Debian's own index has today."""
    every = {name for folder in wanted.lessons() for name in wanted.needs(folder)}
    stable, newest = wanted.wanted(every, architecture, compiler=True)
    names = {package.name for package in stable.packages}
    assert names >= {
        "busybox-static", "docker-registry", "gcc", "golang-1.19-go", "haproxy", "postgresql-15",
        "python3-flask", "redis-server", "runc", "systemd", "etcd-server", "libseccomp2",
    }  # fmt: skip
    assert any(name.startswith("linux-image-6.") for name in names)
    assert {package.name for package in newest.packages} == {
        *FLAVOURS[NEWEST].daemon, *FLAVOURS[NEWEST].client,
    }  # fmt: skip
    assert stable.uses["redis-server"] == ("redis",)
    assert stable.uses["busybox-static"] == ("busybox", "editions", "node", "registry")
    without, _ = wanted.wanted(every, architecture, compiler=False)
    assert names - {p.name for p in without.packages} == {"golang-1.19-go", "golang-1.19-src"}


def test_a_first_class_needs_little():
    small, _ = wanted.wanted(needs("01"), "amd64", compiler=False)
    assert sum(package.size for package in small.packages) < 20e6


def test_the_course_of_a_kit_is_what_git_knows():
    commit, files = contents.course()
    assert len(commit.rstrip("+")) == 12
    paths = {content.path for content in files}
    assert {"course/Makefile", "course/requirements.lock", "course/helpers/kit/entry.py"} <= paths
    assert not [path for path in paths if "/.git/" in path or ".venv" in path]
    assert all(content.source == ROOT / content.path.removeprefix("course/") for content in files)


def test_an_image_for_every_platform_needs_packages_of_every_platform():
    """Lesson 06 makes images that this machine's own engine cannot run."""
    found = {c.path for c in contents.packages(set(needs("01")) | {"editions"}, ["amd64"], print)}
    assert "home/debian/bookworm-arm64.Packages.xz" in found
    assert "home/debian/bookworm-arm64.Packages.InRelease" in found
    assert any(p.startswith("home/debian/pool/busybox-static") and "arm64" in p for p in found)


def test_layers_are_taken_as_they_are_kept(monkeypatch, tmp_path):
    monkeypatch.setenv("LAYER_BY_LAYER_HOME", str(tmp_path))
    (tmp_path / "bases").mkdir()
    monkeypatch.setattr(debian_root, "packages_of", lambda _: [tmp_path / "bash_5_amd64.deb"])
    layer = debian_root.layer_of([tmp_path / "bash_5_amd64.deb"], "amd64").path
    for name in (layer.name, "redis-amd64-01.tar.zst", "redis-arm64-23.tar.zst", "redis.part"):
        (tmp_path / "bases" / name).touch()
    found, lacking = contents.layers({"debian", "redis", "gcc", "engine"}, ["amd64"])
    assert [content.path for content in found] == [
        f"home/bases/{layer.name}", "home/bases/redis-amd64-01.tar.zst",
    ]  # fmt: skip
    assert lacking == ["gcc (amd64)"]
    # Debian has renewed a package since: what stands on the older layer fits no other machine
    monkeypatch.setattr(debian_root, "packages_of", lambda _: [tmp_path / "bash_6_amd64.deb"])
    assert contents.layers({"debian", "redis"}, ["amd64"])[0] == []

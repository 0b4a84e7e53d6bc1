"""The advice for a machine, on recorded ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers import install, messages
from helpers.install.machine import os_release, read

from .samples import SYSTEMS, lay_out

HARDWARE = "x86_64"


@pytest.fixture(autouse=True)
def english():
    with messages.speaking("en"):
        yield


def _advice(root: Path, name: str, **more) -> install.Advice:
    kernel = more.pop("kernel", None) or lay_out(root, name)
    if not (root / "etc/os-release").exists():
        lay_out(root, name)
    mirror = more.pop("mirror", None)
    machine = read(root, system="Linux", kernel=kernel, **{"architecture": HARDWARE, **more})
    return install.advise(machine, mirror=mirror)


@pytest.mark.parametrize(
    ("name", "key", "title", "state"),
    [
        ("debian12", "debian", "Debian 12 (bookworm)", "good"),
        ("debian13", "debian", "Debian 13 (trixie)", "good"),
        ("debian14", "debian", "Debian", "note"),
        ("ubuntu18.04", "ubuntu", "Ubuntu 18.04 (bionic)", "bad"),
        ("ubuntu20.04", "ubuntu", "Ubuntu 20.04 (focal)", "bad"),
        ("ubuntu22.04", "ubuntu", "Ubuntu 22.04 (jammy)", "good"),
        ("ubuntu24.04", "ubuntu", "Ubuntu 24.04 (noble)", "good"),
        ("ubuntu26.04", "ubuntu", "Ubuntu 26.04 (resolute)", "good"),
        ("mint", "ubuntu", "Linux Mint 22", "note"),
        ("kali", "debian", "Kali GNU/Linux Rolling", "note"),
        ("centos7", "centos7", "CentOS 7", "bad"),
        ("stream9", "centos", "CentOS Stream 9", "good"),
        ("stream10", "centos", "CentOS Stream 10", "good"),
        ("rhel8", "rhel", "RHEL 8.10", "good"),
        ("rhel9", "rhel", "RHEL 9.4", "good"),
        ("rhel10", "rhel", "RHEL 10.0", "good"),
        ("rocky9", "rhel", "Rocky Linux 9.4 (Blue Onyx)", "note"),
        ("fedora41", "fedora", "Fedora 41", "bad"),
        ("fedora43", "fedora", "Fedora 43", "good"),
        ("fedora44", "fedora", "Fedora 44", "good"),
        ("sles15", "sles", "SLES 15.6", "good"),
        ("leap", "opensuse", "openSUSE 15.6", "good"),
        ("tumbleweed", "opensuse", "openSUSE", "good"),
        ("arch", "arch", "Arch Linux", "good"),
        ("alpine", "alpine", "Alpine Linux 3.22.2", "good"),
        ("amazon2", "amazon", "Amazon Linux 2", "bad"),
        ("amazon2023", "amazon", "Amazon Linux 2023", "good"),
    ],
)
def test_each_system_gets_the_commands_for_it(tmp_path, name, key, title, state) -> None:
    found = _advice(tmp_path, name)
    assert found.guide.platform.key == key
    assert found.guide.name == title
    assert found.fact("system").state == state
    assert found.fact("kernel").state == "good"
    assert found.possible == (state != "bad")
    assert all(str(step) in str(found) for step in found.guide.steps)


def test_an_unknown_system_is_told_so(tmp_path) -> None:
    found = _advice(tmp_path, "nixos")
    assert found.guide is None and not found.possible
    assert "NixOS 25.05" in str(found) and "binaries" in str(found)


def test_a_machine_without_os_release_is_an_unknown_system(tmp_path) -> None:
    machine = read(tmp_path, system="Linux", kernel="6.1.0", architecture=HARDWARE)
    assert install.advise(machine).guide is None


def test_a_kernel_before_3_10_is_too_old(tmp_path) -> None:
    for kernel, state in (
        ("3.9.11", "bad"), ("2.6.32-754.el6.x86_64", "bad"), ("3.10.0-1160.el7", "good"),
        ("10.0.1", "good"), ("unknown", "bad"),
    ):  # fmt: skip
        found = _advice(tmp_path, "centos7", kernel=kernel)
        assert found.fact("kernel").state == state, kernel
        assert not found.possible  # CentOS 7 is past whatever its kernel


def test_a_processor_without_packages_is_told(tmp_path) -> None:
    for hardware, state in (
        ("x86_64", "good"), ("aarch64", "good"), ("armv7l", "good"), ("i686", "bad"),
        ("riscv64", "bad"),
    ):  # fmt: skip
        found = _advice(tmp_path, "debian12", architecture=hardware)
        assert found.fact("architecture").state == state, hardware


def test_what_dpkg_has_installed_is_found_and_what_it_removed_is_not(tmp_path) -> None:
    status = tmp_path / "var/lib/dpkg/status"
    status.parent.mkdir(parents=True)
    status.write_text(
        "Package: docker.io\nStatus: install ok installed\nVersion: 20.10\n\n"
        "Package: podman-docker\nStatus: deinstall ok config-files\nVersion: 4.3\n\n"
        "Package: bash\nStatus: install ok installed\n"
    )
    found = _advice(tmp_path, "debian12")
    assert found.machine.installed == ("docker.io",)
    assert "docker.io" in found.fact("old").words
    assert found.fact("installed") is None


def test_dockers_own_packages_are_an_engine_and_not_in_the_way(tmp_path) -> None:
    status = tmp_path / "var/lib/dpkg/status"
    status.parent.mkdir(parents=True)
    names = ("docker-ce", "docker-ce-cli", "containerd.io")
    status.write_text(
        "\n\n".join(f"Package: {name}\nStatus: install ok installed" for name in names)
    )
    found = _advice(tmp_path, "ubuntu24.04")
    assert "docker-ce" in found.fact("installed").words
    assert found.fact("old") is None


def test_arch_and_snap_are_looked_at_too(tmp_path) -> None:
    (tmp_path / "var/lib/pacman/local/docker-1:28.5.1-1").mkdir(parents=True)
    (tmp_path / "snap/docker").mkdir(parents=True)
    found = _advice(tmp_path, "arch")
    assert found.machine.installed == ("docker", "snap:docker")
    assert found.fact("installed") and found.fact("snap")


def test_wsl_offers_both_ways(tmp_path) -> None:
    found = _advice(tmp_path, "ubuntu24.04", kernel="5.15.153.1-microsoft-standard-WSL2")
    assert found.machine.wsl
    assert 'install.commands("windows")' in found.fact("wsl").words
    assert found.guide.platform.key == "ubuntu" and found.possible


def test_macos_and_windows_get_docker_desktop(tmp_path) -> None:
    mac = install.advise(read(tmp_path, system="Darwin", kernel="25.1.0", architecture="arm64"))
    assert mac.guide.platform.key == "macos" and mac.possible
    assert mac.fact("kernel") is None
    assert "hdiutil" in str(mac)
    (tmp_path / "Applications/Docker.app").mkdir(parents=True)
    mac = install.advise(read(tmp_path, system="Darwin", kernel="25.1.0", architecture="arm64"))
    assert "Docker Desktop" in mac.fact("installed").words
    windows = install.Machine("Windows", "windows", "11", "10", "amd64", pretty="Windows 11")
    assert install.advise(windows).guide.platform.key == "windows"


def test_without_systemd_the_sixth_step_is_doubted(tmp_path) -> None:
    assert _advice(tmp_path, "debian12").fact("systemd")
    (tmp_path / "run/systemd/system").mkdir(parents=True)
    assert _advice(tmp_path, "debian12").fact("systemd") is None
    assert _advice(tmp_path, "alpine").fact("systemd") is None


def test_both_versions_of_control_groups_are_told_apart(tmp_path) -> None:
    folder = tmp_path / "sys/fs/cgroup"
    (folder / "memory").mkdir(parents=True)
    assert _advice(tmp_path, "debian12").machine.cgroup == 1
    (folder / "cgroup.controllers").write_text("")  # a v2 mount without controllers
    assert _advice(tmp_path, "debian12").machine.cgroup == 1
    (folder / "cgroup.controllers").write_text("cpu memory pids\n")
    assert _advice(tmp_path, "debian12").machine.cgroup == 2


def test_a_mirror_is_used_where_it_helps(tmp_path) -> None:
    assert "tuna" in str(_advice(tmp_path, "debian12", mirror="tuna"))
    assert "tuna" not in str(_advice(tmp_path, "arch", mirror="tuna"))


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ("ID=debian\n", {"ID": "debian"}),
        ('NAME="a \\"b\\" c"\n', {"NAME": 'a "b" c'}),
        ("NAME='x y'\n# note\n\nbad line\nid=no\n", {"NAME": "x y"}),
        ("", {}),
        ("ID=\n", {"ID": ""}),
    ],
)
def test_os_release_is_read_as_its_manual_says(content, wanted) -> None:
    assert os_release(content) == wanted


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_a_machine_says_is_untrusted(tmp_path, language) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/os-release").write_text(
        'ID=evil\nPRETTY_NAME="<b>\x1b[31mEvil\u202e"\nVERSION_ID="$(rm)"\nID_LIKE=debian\n'
    )
    with messages.speaking(language):
        machine = read(tmp_path, system="Linux", kernel="6.1.0\x1b[2J", architecture=HARDWARE)
        found = install.advise(machine)
        bundle = found._repr_mimebundle_()
    assert "\x1b" not in bundle["text/plain"] + bundle["text/html"]
    assert "<b>\\u202e" not in bundle["text/html"] and "<b>Evil" not in bundle["text/html"]
    heads = [line for line in bundle["text/plain"].splitlines() if "$(rm)" in line]
    assert all(line.startswith("#") for line in heads)


def test_every_recorded_system_is_advised(tmp_path) -> None:
    for name in SYSTEMS:
        assert str(_advice(tmp_path, name))

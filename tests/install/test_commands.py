"""The chooser: every platform is whole, its commands are commands, and it says what it lacks."""

from __future__ import annotations

import re
import shutil
import subprocess
from urllib.parse import urlsplit

import pytest

from helpers import install, messages
from helpers.errors import NotFound
from helpers.install.catalogue import everything, mirrors
from helpers.install.guide import note
from helpers.install.model import STEPS, Platform

PLATFORMS = list(everything().values())
HOSTS = {  # every machine that a command of the chooser asks for something
    "download.docker.com", "desktop.docker.com", "mirrors.tuna.tsinghua.edu.cn",
    "mirrors.aliyun.com",
}  # fmt: skip


def _ids(platform: Platform) -> str:
    return platform.key


def _commands(platform: Platform) -> list[str]:
    return [command for step in platform.steps for command in step.commands]


@pytest.mark.parametrize("platform", PLATFORMS, ids=_ids)
def test_every_platform_has_seven_steps_and_a_source(platform: Platform) -> None:
    assert tuple(step.key for step in platform.steps) == STEPS
    assert all(step.commands or step.notes for step in platform.steps)
    assert _commands(platform)
    for address in (platform.source, *platform.also):
        assert urlsplit(address).scheme == "https"
    if platform.mirrored or platform.manager == "Docker Desktop":
        assert urlsplit(platform.source).netloc == "docs.docker.com"
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", platform.checked)


@pytest.mark.parametrize("platform", PLATFORMS, ids=_ids)
def test_past_releases_name_the_month_and_a_reference(platform: Platform) -> None:
    assert platform.releases
    for release in platform.releases:
        assert bool(release.ended) == bool(release.reference)
        assert not release.ended or re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", release.ended)
        assert urlsplit(release.reference).scheme in ("", "https")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("shell", ["sh", "bash"])
@pytest.mark.parametrize("platform", [p for p in PLATFORMS if p.shell == "sh"], ids=_ids)
def test_the_whole_text_is_a_shell_script(platform: Platform, shell: str, language: str) -> None:
    if not shutil.which(shell):
        pytest.skip(f"no {shell} here")
    for mirror in (None, *(mirrors() if platform.mirrored else ())):
        with messages.speaking(language):
            script = str(install.commands(platform.key, mirror=mirror))
        found = subprocess.run([shell, "-n"], input=script, capture_output=True, text=True)
        assert found.returncode == 0, found.stderr


@pytest.mark.parametrize("platform", PLATFORMS, ids=_ids)
def test_nothing_fetched_is_handed_to_a_shell(platform: Platform) -> None:
    for command in _commands(platform):
        assert not re.search(r"\|\s*(sudo\s+)?(ba|z|da)?sh\b", command), command
        assert "apt-key" not in command
        for address in re.findall(r"https?://[^\s'\"]+", command):
            parts = urlsplit(address)
            assert parts.scheme == "https" and parts.netloc in HOSTS, command


@pytest.mark.parametrize("platform", PLATFORMS, ids=_ids)
def test_every_note_has_words(platform: Platform) -> None:
    guide = install.commands(platform.key)
    for language in ("en", "zh"):
        with messages.speaking(language):
            assert all(note(key, guide).strip() for step in platform.steps for key in step.notes)


def test_every_note_of_the_catalogue_is_used() -> None:
    used = {key for p in PLATFORMS for step in p.steps for key in step.notes}
    used |= {"mirror_key", "mirror_file", "mirror_hub"}
    prefix = "install.note."
    known = {k.removeprefix(prefix) for k in messages.catalogue() if k.startswith(prefix)}
    assert known == used


@pytest.mark.parametrize("key", ["debian", "ubuntu"])
def test_apt_gets_a_deb822_source_that_is_tied_to_its_key(key: str) -> None:
    step = str(install.commands(key).step("repository"))
    fields = re.search(r"docker\.sources <<EOF\n(.*?)\nEOF", step, re.DOTALL)[1]
    assert f"URIs: https://download.docker.com/linux/{key}" in fields
    assert "Signed-By: /etc/apt/keyrings/docker.asc" in fields
    assert step.index("keyrings/docker.asc") < step.index("docker.sources")


def test_the_source_names_the_release_when_a_shell_runs_it(tmp_path) -> None:
    """The here-document is not quoted: the shell puts the code name in."""
    release = tmp_path / "os-release"
    release.write_text("VERSION_CODENAME=wilma\nUBUNTU_CODENAME=noble\n")
    for key, wanted in (("debian", "wilma"), ("ubuntu", "noble")):
        step = str(install.commands(key).step("repository"))
        script = re.search(r"sudo (tee .*?\nEOF)", step, re.DOTALL)[1]
        script = script.replace("/etc/apt/sources.list.d/", f"{tmp_path}/")
        script = script.replace("/etc/os-release", str(release))
        script = f"dpkg() {{ echo amd64; }}\n{script}"
        subprocess.run(["sh", "-c", script], check=True, capture_output=True)
        assert f"Suites: {wanted}\n" in (tmp_path / "docker.sources").read_text()


def test_dnf_four_and_five_take_a_repository_differently() -> None:
    assert "addrepo --from-repofile " in str(install.commands("fedora").step("repository"))
    for key in ("rhel", "centos"):
        assert "config-manager --add-repo " in str(install.commands(key).step("repository"))
        assert "dnf-plugins-core" in str(install.commands(key).step("repository"))


@pytest.mark.parametrize("mirror", sorted(mirrors()))
@pytest.mark.parametrize("platform", [p for p in PLATFORMS if p.mirrored], ids=_ids)
def test_a_mirror_stands_in_everywhere_and_names_its_operator(
    platform: Platform, mirror: str
) -> None:
    guide = install.commands(platform.key, mirror=mirror)
    commands = "\n".join(c for step in guide.steps for c in step.commands)
    address = mirrors()[mirror].address
    assert f"{address}/linux/" in commands
    asked = [c for c in commands.splitlines() if "https://download.docker.com" in c]
    assert all(c.startswith("sudo sed -i") for c in asked)
    assert mirrors()[mirror].source in str(guide)
    assert ("show-keys" in commands) == (platform.manager == "apt")


@pytest.mark.parametrize(
    ("asked", "key", "title"),
    [
        (("ubuntu", "noble"), "ubuntu", "Ubuntu 24.04 (noble)"),
        (("Ubuntu", " 24.04 "), "ubuntu", "Ubuntu 24.04 (noble)"),
        (("Arch Linux", None), "arch", "Arch Linux"),
        (("rhel", "9.4"), "rhel", "RHEL 9.4"),
        (("centos", "7"), "centos7", "CentOS 7"),
        (("centos", "7.9"), "centos7", "CentOS 7"),
        (("centos", None), "centos", "CentOS Stream 10"),
        (("mac", "26.1"), "macos", "macOS"),
        (("windows", None), "windows", "Windows 11"),
        (("WSL", "10"), "windows", "Windows 10"),
        (("amazon", "2"), "amazon", "Amazon Linux 2"),
        (("opensuse", "tumbleweed"), "opensuse", "openSUSE"),
    ],
)
def test_what_people_type_finds_the_platform(asked, key, title) -> None:
    guide = install.commands(*asked)
    assert (guide.platform.key, guide.name) == (key, title)


@pytest.mark.parametrize(
    ("asked", "near"),
    [
        (("ubunto",), "ubuntu"),
        (("debain",), "debian"),
        (("",), "ubuntu"),
        (("ubuntu", "23.10"), "24.04"),
        (("debian", "wheezy"), "12"),
        (("fedora", "3"), "44"),
    ],
)
def test_an_unknown_platform_or_release_names_near_ones(asked, near) -> None:
    with pytest.raises(NotFound) as caught, messages.speaking("en"):
        install.commands(*asked)
    with messages.speaking("en"):
        assert near in caught.value.why


def test_a_mirror_that_is_unknown_or_serves_nothing_is_refused() -> None:
    with pytest.raises(NotFound, match="tuna"), messages.speaking("en"):
        install.commands("debian", mirror="ustc")
    with pytest.raises(NotFound), messages.speaking("en"):
        install.commands("arch", mirror="tuna")


def test_history_is_called_history() -> None:
    with messages.speaking("en"):
        for asked in (("centos", "7"), ("ubuntu", "18.04"), ("debian", "10"), ("rhel", "7")):
            (warning,) = install.commands(*asked).warnings
            assert "history" in warning and "https://" in warning
        assert install.commands("ubuntu", "24.04").warnings == ()


def test_untrusted_names_are_shown_safely() -> None:
    with pytest.raises(NotFound) as caught, messages.speaking("en"):
        install.commands("\x1b[31mred<b>")
    with messages.speaking("en"):
        assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_html_holds_every_command_escaped(language: str) -> None:
    with messages.speaking(language):
        html = install.commands("ubuntu")._repr_mimebundle_()["text/html"]
    assert html.count("<li>") == html.count("</li>") == 7
    assert "&lt;&lt;EOF" in html and "<<EOF" not in html
    assert 'href="https://docs.docker.com/engine/install/ubuntu/"' in html


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_listing_names_every_platform(language: str) -> None:
    with messages.speaking(language):
        lines = str(install.platforms()).splitlines()
    assert [line.split()[0] for line in lines] == [p.key for p in PLATFORMS]

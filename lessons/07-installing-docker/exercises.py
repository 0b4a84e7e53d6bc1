"""What the exercises of lesson 07 look for on the servers."""

from __future__ import annotations

import json

from debian.deb822 import Deb822

from helpers import install
from helpers.engine import Engine
from helpers.exercises import Right, Wrong, exercise

DESK, SERVER, USER = "lbl-07-desk", "lbl-07-server", "ada"
SOURCE = "/etc/apt/sources.list.d/docker.sources"
KEY = "/etc/apt/keyrings/docker.asc"
# Docker's own address, and the mirrors that the lesson names.
ADDRESSES = (
    "https://download.docker.com/linux/debian",
    "https://mirrors.tuna.tsinghua.edu.cn/docker-ce/linux/debian",
    "https://mirrors.aliyun.com/docker-ce/linux/debian",
)
CODENAME = "bookworm"
WANTED = {"log-driver": "local", "log-opts": {"max-size": "10m"}}


def _absent(engine: Engine, name: str) -> Wrong | None:
    """Say why nothing can be looked at: no engine for servers, or no server."""
    if install.place(engine) is None:
        return Wrong("lesson07.no_place")
    if install.ask(name, "true", engine) is None:
        return Wrong("lesson07.no_server", name=name)
    return None


def _ask(engine: Engine, name: str, line: str) -> str:
    return (install.ask(name, f"{{ {line}; }} 2>/dev/null", engine) or "").strip()


@exercise("07.1")
def source(engine: Engine) -> Right | Wrong:
    """A deb822 source for Docker's packages, tied to one key; moved aside it still counts."""
    if wrong := _absent(engine, DESK):
        return wrong
    content = _ask(engine, DESK, f"cat {SOURCE} || cat /root/docker.sources")
    if not content:
        return Wrong("lesson07.ex1.missing", path=SOURCE)
    stanzas = list(Deb822.iter_paragraphs(content))
    fields = stanzas[0] if stanzas else {}
    if fields.get("Types", "").split() != ["deb"]:
        return Wrong("lesson07.ex1.types")
    if fields.get("URIs", "").rstrip("/") not in ADDRESSES:
        return Wrong("lesson07.ex1.address")
    if fields.get("Suites", "") != CODENAME:
        return Wrong("lesson07.ex1.suite", suite=fields.get("Suites", ""))
    if fields.get("Components", "").split() != ["stable"]:
        return Wrong("lesson07.ex1.component")
    if fields.get("Signed-By", "") != KEY:
        return Wrong("lesson07.ex1.unsigned")
    return Right("lesson07.ex1.right")


@exercise("07.2")
def running(engine: Engine) -> Right | Wrong:
    """The engine runs, starts with the machine, and ran a container called hello."""
    if wrong := _absent(engine, DESK):
        return wrong
    if not _ask(engine, DESK, "command -v dockerd"):
        return Wrong("lesson07.ex2.not_installed")
    if _ask(engine, DESK, "systemctl is-active docker") != "active":
        return Wrong("lesson07.ex2.not_running")
    if _ask(engine, DESK, "systemctl is-enabled docker") != "enabled":
        return Wrong("lesson07.ex2.not_enabled")
    if not _ask(engine, DESK, "docker inspect --type container --format x hello"):
        return Wrong("lesson07.ex2.no_container")
    if _ask(engine, DESK, "docker logs hello") != "hello":
        return Wrong("lesson07.ex2.output")
    return Right("lesson07.ex2.right")


@exercise("07.3")
def repaired(engine: Engine) -> Right | Wrong:
    """The engine runs again, with the settings that were meant."""
    if wrong := _absent(engine, SERVER):
        return wrong
    try:
        settings = json.loads(_ask(engine, SERVER, "cat /etc/docker/daemon.json") or "{}")
    except ValueError:
        return Wrong("lesson07.ex3.not_json")
    if any(settings.get(key) != value for key, value in WANTED.items()):
        return Wrong("lesson07.ex3.settings")
    if _ask(engine, SERVER, "systemctl is-active docker") != "active":
        return Wrong("lesson07.ex3.not_running")
    if _ask(engine, SERVER, "docker info --format '{{.LoggingDriver}}'") != "local":
        return Wrong("lesson07.ex3.not_read")
    return Right("lesson07.ex3.right")


@exercise("07.4")
def for_ada(engine: Engine) -> Right | Wrong:
    """Ada is in the group docker, and root's socket is not open to everybody."""
    if wrong := _absent(engine, SERVER):
        return wrong
    if _ask(engine, SERVER, "stat -c %a /run/docker.sock").endswith(("6", "7")):
        return Wrong("lesson07.ex4.everybody")
    groups = _ask(engine, SERVER, f"id --name --groups {USER}").split()
    if {"root", "sudo", "wheel"} & set(groups):
        return Wrong("lesson07.ex4.root")
    if "docker" not in groups:
        return Wrong("lesson07.ex4.not_in")
    return Right("lesson07.ex4.right")

"""What a stack file says, and every way in which it may be wrong: line, key, the line's text."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers import stacks
from helpers.errors import ComposeFailed, NotFound
from helpers.messages import speaking
from helpers.paths import ROOT
from helpers.stacks.quantities import cpus_of, memory_of

SHOP = ROOT / "lessons/08-orchestration/contexts/shop"


def wrong(tmp_path: Path, content: str) -> ComposeFailed:
    (tmp_path / "stack.yaml").write_text(content, "utf-8")
    with pytest.raises(ComposeFailed) as caught:
        stacks.read(tmp_path)
    with speaking("zh"):
        assert str(caught.value)
    return caught.value


def test_the_shop_is_understood() -> None:
    shop = stacks.read(SHOP)
    web, db, agent = shop.services
    assert (web.name, web.mode, web.replicas) == ("web", "replicated", 3)
    assert (web.reserved_cpus, web.reserved_memory) == (0.05, 32 << 20)
    assert (web.most_cpus, web.most_memory) == (0, 128 << 20)
    assert web.environment == {"DATABASE": "tasks.db", "NODE": "{{.Node.Hostname}}"}
    assert db.constraints == ("node.labels.disk == ssd",)
    assert db.command[-1].endswith('--requirepass "$(cat /run/secrets/password)"')
    assert (agent.mode, agent.replicas) == ("global", None)
    assert shop.external == (("networks", "host"), ("secrets", "password"))
    assert shop.configs == {"greeting": "shop_greeting_1"}
    assert shop.images[0] == "registry:5000/lbl/08-page:1" and len(shop.images) == 3


def test_it_is_found_as_folder_file_and_text() -> None:
    assert stacks.read(SHOP) == stacks.read(SHOP / "stack.yaml") == stacks.read(str(SHOP))


def test_a_folder_without_one_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"no stack file"):
        stacks.read(tmp_path)


SERVICE = "services:\n  web:\n    image: a:1\n"


@pytest.mark.parametrize(
    ("content", "line", "shown", "reason"),
    [
        ("services:\n\tweb:\n", 2, "web:", "tab"),
        ("services: [\n", 1, "", ""),
        ("services:\n  web: {image: a\n  db: 1\n", 3, "db: 1", ""),
        (SERVICE + "    image: b:1\n", 4, "image: b:1", "line 3"),
        (SERVICE + "    replicas: 3\n", 4, "replicas: 3", "no key replicas"),
        (SERVICE + "    deploy:\n      replica: 3\n", 5, "replica: 3", "Did you mean replicas"),
        (SERVICE + "    deploy:\n      replicas: many\n", 5, "replicas: many", "whole number"),
        (SERVICE + "    deploy:\n      replicas: yes\n", 5, "replicas: yes", "whole number"),
        (SERVICE + "    deploy:\n      replicas: -1\n", 5, "replicas: -1", "less than nothing"),
        (SERVICE + "    deploy:\n      mode: local\n", 5, "mode: local", "global-job"),
        (SERVICE + "    stop_grace_period: 5\n", 4, "stop_grace_period: 5", "unit"),
        (SERVICE + "    deploy: 3\n", 4, "deploy: 3", "keys with values"),
        (SERVICE + "    ports: 80\n", 4, "ports: 80", "list"),
        (SERVICE + "    ports:\n      - 127.0.0.1:80:80\n", 5, "- 127.0.0.1:80:80", "127.0.0.1"),
        (SERVICE + "    ports:\n      - eighty\n", 5, "- eighty", "no port"),
        (SERVICE + "    ports:\n      - 99999:80\n", 5, "- 99999:80", "no port"),
        (SERVICE + "    networks: [inside]\n", 4, "networks: [inside]", "no network inside"),
        (SERVICE + "    secrets: [key]\n", 4, "secrets: [key]", "no secret key"),
        (SERVICE + "    configs:\n      - {source: a}\n", 5, "- {source: a}", "no config a"),
        (SERVICE + "    configs:\n      - {target: a}\n", 5, "- {target: a}", "source is missing"),
        ("services:\n  web:\n    command: sleep\n", 2, "web:", "has no image"),
        ("services:\n  web:\n    build: .\n", 3, "build: .", "Nodes build nothing"),
        ("services:\n  web:\n    image: Big:1\n", 3, "image: Big:1", "small letters"),
        ("services:\n", 1, "services:", "no service"),
        ("- a\n", 1, "- a", "keys with values"),
        (SERVICE + "configs:\n  a:\n    file: gone.txt\n", 6, "file: gone.txt", "no file gone.txt"),
        (SERVICE + "secrets:\n  a: {}\n", 5, "a: {}", "nothing to store"),
        (
            SERVICE + "    deploy:\n      placement:\n        constraints: [ssd]\n",
            6, "constraints: [ssd]", "no constraint",
        ),
        (SERVICE + "    deploy: {mode: global, replicas: 2}\n", 4, "replicas: 2", "each node"),
        (
            SERVICE + "    deploy:\n      resources:\n        reservations:\n          memory: 1G\n"
            "        limits:\n          memory: 64M\n",
            7, "memory: 1G", "More is reserved",
        ),
        (
            SERVICE + "    deploy:\n      resources:\n        limits:\n          memory: lots\n",
            7, "memory: lots", "no amount of memory",
        ),
    ],
)  # fmt: skip
def test_the_line_that_is_wrong_is_named(
    content: str, line: int, shown: str, reason: str, tmp_path: Path
) -> None:
    error = wrong(tmp_path, content)
    assert error.values["line"] == line, str(error)
    assert shown in error.values["shown"]
    assert reason in error.why


def test_the_key_is_named_with_its_path(tmp_path: Path) -> None:
    error = wrong(tmp_path, SERVICE + "    deploy:\n      replica: 3\n")
    assert error.values["path"] == "services.web.deploy.replica"
    assert "stack.yaml, line 5, key services.web.deploy.replica: replica: 3" in error.what


def test_an_empty_file_and_control_sequences(tmp_path: Path) -> None:
    assert "empty" in wrong(tmp_path, "").why
    assert "\x1b" not in str(wrong(tmp_path, 'services:\n  "\x1b[31mweb": {}\n'))
    assert "deep" in wrong(tmp_path, "services: " + "[" * 80 + "]" * 80).why


def test_anchors_extensions_and_variables_are_allowed(tmp_path: Path) -> None:
    (tmp_path / "stack.yaml").write_text(
        "x-base: &base\n  image: a:1\n  environment: {A: 1}\n"
        "services:\n  web:\n    <<: *base\n    deploy: {replicas: 2}\n"
        '  db:\n    <<: *base\n    image: b:1\n    environment: ["B=2", C]\n'
        "    deploy: {resources: {limits: {memory: '${MOST}'}}}\n"
    )
    web, db = stacks.read(tmp_path).services
    assert (web.image, web.replicas, web.environment) == ("a:1", 2, {"A": "1"})
    assert (db.image, db.environment, db.most_memory) == ("b:1", {"B": "2"}, 0)


def test_what_the_client_refuses_gets_its_line(tmp_path: Path) -> None:
    (tmp_path / "stack.yaml").write_text(SERVICE + "    tmpfs: /a\n    isolation: best\n")
    stack = stacks.read(tmp_path)
    error = stack.refused("services.web.isolation must be a string")
    assert (error.values["line"], error.values["shown"]) == (5, "isolation: best")
    error = stack.refused(f"open {tmp_path}/stack.yaml: no such luck")
    assert str(tmp_path) not in str(error)


@pytest.mark.parametrize(
    ("said", "bytes_"), [("32M", 32 << 20), ("1.5g", 3 << 29), ("64", 64), (None, 0), ("1kb", 1024)]
)
def test_memory(said: object, bytes_: int) -> None:
    assert memory_of(said) == bytes_


def test_cores() -> None:
    assert [cpus_of(one) for one in ("0.5", 2, None, "${N}")] == [0.5, 2.0, 0.0, 0.0]

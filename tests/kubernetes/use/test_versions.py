"""The kubectl for a server: the first that fits, else the nearest, and no needless download."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.errors import KubernetesFailed
from helpers.kubernetes.images import loader
from helpers.kubernetes.kubectl import _check
from helpers.kubernetes.versions import Kubectl, Version, asked, pick


def one(version: str) -> Kubectl:
    return Kubectl(Path(version), Version.of(version))


@pytest.mark.parametrize(
    ("server", "there", "chosen"),
    [
        ("v1.20.2", ["1.32", "1.20", "1.36"], "1.20"),
        ("v1.31.4-eks-abc", ["1.32", "1.20", "1.36"], "1.32"),
        ("1.35+", ["1.32", "1.20", "1.36"], "1.36"),
        ("1.28", ["1.32", "1.20", "1.36"], "1.32"),  # none fits: the nearest
        ("1.21", ["1.20"], "1.20"),
    ],
)
def test_the_right_one_is_chosen(server: str, there: list[str], chosen: str) -> None:
    assert str(pick(Version.of(server), map(one, there)).version) == chosen


def test_a_later_one_is_not_asked_for_if_an_earlier_fits() -> None:
    def found() -> Iterator[Kubectl]:
        yield one("1.33")
        raise AssertionError("fetched for nothing")

    assert pick(Version(1, 32), found()) == one("1.33")


def test_without_any_there_is_none() -> None:
    assert pick(Version(1, 32), []) is None


def test_a_program_that_is_no_kubectl_is_none(tmp_path: Path) -> None:
    assert asked(tmp_path / "missing") is None
    odd = tmp_path / "kubectl"
    odd.write_text("#!/bin/sh\necho '[1, 2]'\n")
    odd.chmod(0o755)
    assert asked(odd) is None


@pytest.mark.parametrize("written", ["", "one.twenty", "v", "1"])
def test_what_is_no_version_is_refused(written: str) -> None:
    with pytest.raises(ValueError):
        Version.of(written)


@pytest.mark.parametrize(
    "command",
    [
        "drain node-1", "config view", "proxy", "cp a b", "", "get pods -A",
        "get pods --all-namespaces", "get pods -n kube-system", "get pods --namespace=default",
        "delete node node-1", "delete namespaces lbl-10", "delete ns/lbl-10", "label nodes a b=c",
        "create clusterrole x --verb=get --resource=pods", "get pods --context other",
        "create service nodeport x --tcp=80", "delete apiservices.apiregistration.k8s.io x",
    ],
)  # fmt: skip
def test_what_leads_out_of_the_namespace_is_refused(command: str) -> None:
    with pytest.raises(KubernetesFailed):
        _check(command.split(), "lbl-10")


@pytest.mark.parametrize(
    "command",
    [
        "get pods -o wide", "get nodes", "describe deployment web", "delete pod web-1",
        "exec web-1 -- sh -n -s /etc/passwd -A", "create serviceaccount reader",
        "rollout undo deployment/web", "logs deploy/web --tail=3",
    ],
)  # fmt: skip
def test_what_stays_in_it_may_run(command: str) -> None:
    _check(command.split(), "lbl-10")


@pytest.mark.parametrize(
    ("context", "command"),
    [
        ("kind-course", ["kind", "load", "docker-image", "lbl/a:1", "--name", "course"]),
        ("k3d-a-b", ["k3d", "image", "import", "lbl/a:1", "--cluster", "a-b"]),
        ("minikube", ["minikube", "image", "load", "lbl/a:1"]),
        ("docker-desktop", []),
        ("arn:aws:eks:eu-west-1:1:cluster/shop", None),
    ],
)
def test_images_reach_the_nodes_by_the_tool_of_the_cluster(
    context: str, command: list[str] | None
) -> None:
    assert loader(context, "lbl/a:1") == command

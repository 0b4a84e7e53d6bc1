"""ECR with plain docker: login, push, pull by returned values; what it refuses."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Callable

import pytest

from helpers import aws
from helpers.aws import Target
from helpers.engine import Engine

pytestmark = pytest.mark.daemon
IMAGE = "lbl/busybox:1"
EMPTY = bytes(10240)  # a tar archive without a file
Docker = Callable[..., subprocess.CompletedProcess]


@pytest.fixture
def docker(cloud: Target) -> Docker:
    """The docker client, with the password of a login on its standard input."""
    environment = cloud.local.engine.environment()

    def run(*words: str, given: str = "") -> subprocess.CompletedProcess:
        return subprocess.run(["docker", *words], env=environment, input=given, text=True,
                              capture_output=True, timeout=120)  # fmt: skip

    return run


@pytest.fixture
def uri(cloud: Target) -> str:
    made = aws.client("ecr").create_repository(repositoryName="team/web")
    return made["repository"]["repositoryUri"]


def _login(docker: Docker) -> str:
    data = aws.client("ecr").get_authorization_token()["authorizationData"][0]
    user, _, password = base64.b64decode(data["authorizationToken"]).decode().partition(":")
    done = docker("login", "--username", user, "--password-stdin", data["proxyEndpoint"],
                  given=password)  # fmt: skip
    assert "Login Succeeded" in done.stdout, done.stderr
    return data["proxyEndpoint"]


def test_push_and_pull_with_returned_values(docker: Docker, uri: str, engine: Engine) -> None:
    endpoint = _login(docker)
    for words in (("tag", IMAGE, f"{uri}:1"), ("push", f"{uri}:1"), ("image", "rm", f"{uri}:1"),
                  ("pull", f"{uri}:1"), ("logout", endpoint)):  # fmt: skip
        done = docker(*words)
        assert done.returncode == 0, done.stderr
    found = aws.client("ecr").describe_images(repositoryName="team/web")["imageDetails"]
    assert [one["imageTags"] for one in found] == [["1"]]
    manifest = json.loads(
        aws.client("ecr").batch_get_image(
            repositoryName="team/web", imageIds=[{"imageTag": "1"}]
        )["images"][0]["imageManifest"]
    )  # fmt: skip
    layers = sum(layer["size"] for layer in manifest["layers"])
    assert found[0]["imageSizeInBytes"] == layers + manifest["config"]["size"]
    pulled = engine.client.api.inspect_image(f"{uri}:1")["RepoDigests"]
    assert f"{uri}@{found[0]['imageDigest']}" in pulled
    docker("image", "rm", f"{uri}:1")


def test_without_a_login_nothing_goes_in_or_out(docker: Docker, uri: str) -> None:
    docker("tag", IMAGE, f"{uri}:1")
    assert docker("push", f"{uri}:1").returncode
    wrong = docker("login", "--username", "AWS", "--password-stdin", f"http://{uri.partition('/')[0]}",
                   given="guessed")  # fmt: skip
    assert wrong.returncode
    assert not aws.client("ecr").describe_images(repositoryName="team/web")["imageDetails"]
    docker("image", "rm", f"{uri}:1")


def test_a_tag_that_is_immutable(docker: Docker, uri: str, engine: Engine) -> None:
    ecr = aws.client("ecr")
    ecr.put_image_tag_mutability(repositoryName="team/web", imageTagMutability="IMMUTABLE")
    endpoint = _login(docker)
    docker("tag", IMAGE, f"{uri}:1")
    assert docker("push", f"{uri}:1").returncode == 0
    assert docker("push", f"{uri}:1").returncode == 0  # the same image may be pushed again
    name, _, tag = f"{uri}:1".rpartition(":")
    engine.client.api.import_image_from_data(EMPTY, repository=name, tag=tag)
    refused = docker("push", f"{uri}:1")
    assert refused.returncode
    assert "cannot be overwritten because the tag is immutable" in refused.stderr
    docker("image", "rm", f"{uri}:1")
    docker("logout", endpoint)


def test_a_repository_that_does_not_exist(docker: Docker, uri: str) -> None:
    endpoint = _login(docker)
    other = uri.replace("team/web", "team/nobody")
    docker("tag", IMAGE, f"{other}:1")
    refused = docker("push", f"{other}:1")
    assert refused.returncode
    assert "not" in refused.stderr and "team/nobody" in refused.stderr
    docker("image", "rm", f"{other}:1")
    docker("logout", endpoint)


@pytest.mark.parametrize("name", ["Team/web", "-web", "we b", "web/"])
def test_a_name_that_no_repository_can_have(cloud: Target, name: str) -> None:
    ecr = aws.client("ecr")
    with pytest.raises(ecr.exceptions.ClientError, match="InvalidParameterException"):
        ecr.create_repository(repositoryName=name)


RULES = [
    {"rulePriority": 1, "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan",
                                      "countNumber": 1}, "action": {"type": "expire"}},
    {"rulePriority": 2, "selection": {"tagStatus": "tagged", "tagPrefixList": ["test-"],
                                      "countType": "imageCountMoreThan", "countNumber": 2},
     "action": {"type": "expire"}},
]  # fmt: skip


def test_what_lifecycle_rules_would_remove(cloud: Target, uri: str) -> None:
    ecr = aws.client("ecr")
    for number in range(4):
        ecr.put_image(
            repositoryName="team/web",
            imageTag=f"test-{number}",
            imageManifest=json.dumps({"schemaVersion": 2, "layers": [], "n": number}),
        )
    ecr.put_image(
        repositoryName="team/web",
        imageTag="release-1",
        imageManifest=json.dumps({"schemaVersion": 2, "layers": [], "n": 9}),
    )
    text = json.dumps({"rules": RULES})
    ecr.put_lifecycle_policy(repositoryName="team/web", lifecyclePolicyText=text)
    ecr.start_lifecycle_policy_preview(repositoryName="team/web")
    found = ecr.get_lifecycle_policy_preview(repositoryName="team/web")
    assert found["status"] == "COMPLETE"
    gone = {tag for row in found["previewResults"] for tag in row["imageTags"]}
    assert len(gone) == 2 and gone < {f"test-{number}" for number in range(4)}
    assert {row["appliedRulePriority"] for row in found["previewResults"]} == {2}
    # a preview removes nothing
    assert len(ecr.list_images(repositoryName="team/web")["imageIds"]) == 5


def test_a_lifecycle_policy_that_is_wrong(cloud: Target, uri: str) -> None:
    ecr = aws.client("ecr")
    anyone = {
        "rulePriority": 1,
        "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 1},
        "action": {"type": "expire"},
    }
    for rules in ([RULES[0], RULES[0]], [anyone, RULES[1]]):
        with pytest.raises(ecr.exceptions.InvalidParameterException):
            ecr.put_lifecycle_policy(repositoryName="team/web",
                                     lifecyclePolicyText=json.dumps({"rules": rules}))  # fmt: skip

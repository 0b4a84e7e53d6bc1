"""What the exercises of lesson 13 look for in ECR."""

from __future__ import annotations

import json
from typing import Any

import botocore.exceptions

from helpers import aws
from helpers.engine import Engine
from helpers.errors import AwsRefused
from helpers.exercises import Right, Wrong, exercise

WEB, API, ARCHIVE = "lbl-13/web", "lbl-13/api", "lbl-13/archive"
TESTED, RELEASE = "test-3", "release"
KEEP = 3


def _ask(operation: str, **given: Any) -> dict | None:
    """Return ECR's answer, None if it holds no such thing."""
    try:
        return getattr(aws.client("ecr"), operation)(**given)
    except botocore.exceptions.ClientError as error:
        if error.response["Error"]["Code"].endswith("NotFoundException"):
            return None
        raise


def _repository(name: str) -> dict | Wrong:
    try:
        found = _ask("describe_repositories", repositoryNames=[name])
    except AwsRefused:
        return Wrong("lesson13.no_target")
    return found["repositories"][0] if found else Wrong("lesson13.no_repository", name=name)


@exercise("13.1")
def set_in_stone(engine: Engine) -> Right | Wrong:
    """A repository whose tags cannot be moved."""
    found = _repository(API)
    if isinstance(found, Wrong):
        return found
    if found["imageTagMutability"] != "IMMUTABLE":
        return Wrong("lesson13.ex1.mutable", name=API)
    return Right("lesson13.ex1.right", name=API)


@exercise("13.2")
def promote(engine: Engine) -> Right | Wrong:
    """Two tags, one digest."""
    found = _repository(WEB)
    if isinstance(found, Wrong):
        return found
    rows = (_ask("describe_images", repositoryName=WEB) or {})["imageDetails"]
    digests = {tag: row["imageDigest"] for row in rows for tag in row.get("imageTags", [])}
    if TESTED not in digests:
        return Wrong("lesson13.ex2.no_test", tag=TESTED)
    if RELEASE not in digests:
        return Wrong("lesson13.ex2.no_release", tag=RELEASE)
    if digests[RELEASE] != digests[TESTED]:
        return Wrong("lesson13.ex2.other", tag=RELEASE, tested=TESTED)
    return Right("lesson13.ex2.right", tag=RELEASE, tested=TESTED)


@exercise("13.3")
def keep_three(engine: Engine) -> Right | Wrong:
    """One rule for any image, which keeps the newest three."""
    found = _repository(ARCHIVE)
    if isinstance(found, Wrong):
        return found
    policy = _ask("get_lifecycle_policy", repositoryName=ARCHIVE)
    if policy is None:
        return Wrong("lesson13.ex3.none", name=ARCHIVE)
    rules = json.loads(policy["lifecyclePolicyText"])["rules"]
    every = [one["selection"] for one in rules if one["selection"]["tagStatus"] == "any"]
    if not every:
        return Wrong("lesson13.ex3.some")
    if every[0]["countType"] != "imageCountMoreThan":
        return Wrong("lesson13.ex3.age")
    if every[0]["countNumber"] != KEEP:
        return Wrong("lesson13.ex3.count", count=every[0]["countNumber"])
    return Right("lesson13.ex3.right")

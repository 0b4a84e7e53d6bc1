"""Partitions out of botocore's data, and shared responsibility as AWS has published it."""

from __future__ import annotations

import pytest

from helpers import aws, messages
from helpers.errors import AwsFailed


def test_china_is_a_partition_of_its_own() -> None:
    found = aws.regions.read("aws-cn")
    assert [one.code for one in found.regions] == ["cn-north-1", "cn-northwest-1"]
    assert found.suffix == "amazonaws.com.cn"
    assert "ap-east-1" in [one.code for one in aws.regions.read().regions]
    assert aws.regions.offered("ecs", "aws-cn") == ["cn-north-1", "cn-northwest-1"]
    assert "cn-north-1" not in aws.regions.offered("ecs")
    with pytest.raises(AwsFailed, match="aws-cn"):
        aws.regions.read("china")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_table_stands_in_columns(language: str) -> None:
    with messages.speaking(language):
        lines = str(aws.regions.partitions()).splitlines()
    wide = lambda text: sum(2 if ord(c) > 0x2E80 else 1 for c in text)  # noqa: E731
    (china,) = (line for line in lines if line.startswith("aws-cn"))
    assert china.split() == ["aws-cn", "2", "arn:aws-cn:…", "….amazonaws.com.cn"]
    places = {wide(line[: line.index("arn:")]) for line in lines[1:]}
    assert len(places) == 1


def test_the_lists_that_fit_the_model() -> None:
    everywhere = ["network-access", "permissions", "data"]
    right = aws.responsibility.sort(
        ec2=["guest-os", "software", *everywhere], fargate=["software", *everywhere],
        rds=everywhere, s3=everywhere,
    )  # fmt: skip
    assert not right.wrong
    missing = aws.responsibility.sort(ec2=["guest-os", *everywhere], rds=[*everywhere, "hardware"])
    assert ("ec2", "software") in missing.wrong and ("rds", "hardware") in missing.wrong
    assert ("s3", "data") in missing.wrong
    assert "RDS: hardware" in str(missing) and "S3" in str(missing)
    with pytest.raises(AwsFailed, match="guest-os"):
        aws.responsibility.sort(ec2=["guest os"])
    with pytest.raises(AwsFailed, match="fargate"):
        aws.responsibility.sort(lambda_=["data"])

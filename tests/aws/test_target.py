"""Where calls go: never to a real account by accident."""

from __future__ import annotations

from collections.abc import Iterator

import botocore.client
import botocore.exceptions
import botocore.httpsession
import pytest
from moto import mock_aws

from helpers import aws
from helpers.aws import Target, holdings, targeting
from helpers.engine import Engine
from helpers.errors import AwsFailed, AwsRefused

ACCOUNT = "123456789012"  # moto's


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Real AWS, played by moto inside this process, with credentials of the learner's."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    monkeypatch.setattr(targeting, "_chosen", None)
    for kind in ("ssm managed instance", "ssm activation"):  # moto knows none
        monkeypatch.delitem(holdings.KINDS, kind)
    with mock_aws():
        yield


def test_a_real_account_has_to_be_named(real: None) -> None:
    with pytest.raises(AwsRefused) as refused:
        aws.target("real", region="eu-west-1")
    assert ACCOUNT in str(refused.value) and "eu-west-1" in str(refused.value)
    assert "arn:aws:sts" in str(refused.value)
    assert 'lesson="14"' in str(refused.value)  # which would show what that costs
    with pytest.raises(AwsRefused, match="another account"):
        aws.target("real", region="eu-west-1", account="999999999999")


def test_what_a_lesson_costs_is_shown_before_a_real_account_is_used(real: None) -> None:
    with pytest.raises(AwsRefused) as refused:
        aws.target("real", region="eu-west-1", lesson="14")
    told = str(refused.value)
    assert "Application Load Balancer, an hour: 1 × 0.0225 = 0.0225 an hour" in told
    assert "together, at most:" in told and "You named eu-west-1, where prices are others" in told
    with pytest.raises(AwsRefused, match="CNY"):
        aws.target("real", region="cn-north-1", lesson="13")
    # and to whoever repeats the number at once
    chosen = aws.target("real", region="us-east-1", account=ACCOUNT, lesson="17")
    assert "EKS" in str(chosen) and "not known here: nodes of an EKS cluster" in str(chosen)


def test_nothing_is_sent_after_a_refusal(real: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targeting, "connect", lambda: None)
    monkeypatch.setattr(targeting, "find", lambda engine: None)
    with pytest.raises(AwsRefused):
        aws.target("real", region="eu-west-1")
    with pytest.raises(AwsRefused):
        aws.client("s3")


@pytest.mark.parametrize(
    "region, partition",
    [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("cn-northwest-1", "aws-cn")],
)
def test_a_real_account_that_was_named(real: None, region: str, partition: str) -> None:
    chosen = aws.target("real", region=region, account=ACCOUNT, lesson="13")
    assert chosen.real and chosen.partition == partition
    assert "REAL" in str(chosen) and region in str(chosen)
    s3 = aws.client("s3")
    place = {"LocationConstraint": region}
    s3.create_bucket(Bucket="lbl-13-notes", CreateBucketConfiguration=place)
    made = aws.client("ecr").create_repository(repositoryName="lbl-13/web")["repository"]
    assert made["repositoryArn"].startswith(f"arn:{partition}:ecr:{region}:")
    tags = aws.client("ecr").list_tags_for_resource(resourceArn=made["repositoryArn"])["tags"]
    assert {"Key": "org.layer-by-layer.lesson", "Value": "13"} in tags
    assert {one.kind for one in aws.inventory().things} == {"ecr repository", "s3 bucket"}
    assert not aws.clean_up().things


def test_who_may_not_see_budgets_can_clean_up_all_the_same(
    real: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.target("real", region="eu-west-1", account=ACCOUNT, lesson="13")
    aws.client("ecr").create_repository(repositoryName="lbl-13/web")
    call = botocore.client.BaseClient._make_api_call

    def denied(api: botocore.client.BaseClient, operation: str, given: dict) -> dict:
        if operation == "DescribeBudgets":
            told = {"Error": {"Code": "AccessDeniedException", "Message": "no"}}
            raise api.exceptions.AccessDeniedException(told, operation)
        return call(api, operation, given)

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", denied)
    assert [one.kind for one in aws.inventory().things] == ["ecr repository"]
    assert not aws.clean_up("13").things


def test_no_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, f"{tmp_path}/none")
    with pytest.raises(AwsFailed, match="credentials"):
        aws.target("real", region="eu-west-1")
    with pytest.raises(AwsFailed, match="profile"):
        aws.target("real", region="eu-west-1", profile="nobody")
    with pytest.raises(AwsFailed, match="region"):
        aws.target("real")


def test_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")

    def unreachable(*_: object) -> None:
        raise botocore.exceptions.EndpointConnectionError(endpoint_url="https://sts")

    monkeypatch.setattr(botocore.httpsession.URLLib3Session, "send", unreachable)
    with pytest.raises(AwsFailed, match="connect"):
        aws.target("real", region="eu-west-1")


def test_credentials_that_have_expired(real: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def expired(*_: object, **__: object) -> None:
        told = {"Error": {"Code": "ExpiredToken", "Message": "The security token is expired"}}
        raise botocore.exceptions.ClientError(told, "GetCallerIdentity")

    monkeypatch.setattr("botocore.client.BaseClient._make_api_call", expired)
    with pytest.raises(AwsFailed, match="expired"):
        aws.target("real", region="eu-west-1")


def test_a_target_that_does_not_exist() -> None:
    with pytest.raises(AwsFailed, match="no target"):
        aws.target("moon")


@pytest.mark.daemon
def test_nothing_in_the_environment_leads_the_local_one_elsewhere(
    cloud: Target, monkeypatch: pytest.MonkeyPatch, engine: Engine
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "my-company")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    aws.target(engine=engine)
    assert aws.client("sts").get_caller_identity()["Arn"] == cloud.identity
    assert not aws.cli("sts get-caller-identity").exit_code


@pytest.mark.daemon
def test_an_error_is_shown_in_one_line(cloud: Target) -> None:
    ecr = aws.client("ecr")
    with pytest.raises(ecr.exceptions.RepositoryNotFoundException) as refused:
        ecr.delete_repository(repositoryName="none")
    shown = refused.value._render_traceback_()
    assert len(shown) == 1 and "RepositoryNotFoundException" in shown[0]


@pytest.mark.daemon
def test_a_local_aws_that_is_killed_in_the_middle(cloud: Target, engine: Engine) -> None:
    ecr = aws.client("ecr")
    engine.client.api.kill(aws.local.CONTAINER, "SIGKILL")
    with pytest.raises(botocore.exceptions.EndpointConnectionError) as lost:
        ecr.describe_repositories()
    assert "aws.target()" in lost.value._render_traceback_()[0]
    with pytest.raises(AwsRefused, match="aws"):
        aws.client("ecr")
    aws.target(engine=engine)
    assert not aws.client("ecr").describe_repositories()["repositories"]

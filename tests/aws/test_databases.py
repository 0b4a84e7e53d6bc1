"""A database of RDS is a real PostgreSQL that nobody outside the local AWS's network reaches."""

from __future__ import annotations

import botocore.exceptions
import pytest

from helpers import aws, bases
from helpers.aws import Target
from helpers.engine import labels

pytestmark = pytest.mark.daemon
NAME, PASSWORD = "lbl-11-shop", "it's open sesame"
SIZE = {"DBInstanceClass": "db.t4g.micro", "AllocatedStorage": 20, "Engine": "postgres"}


def _create(**more: object) -> None:
    aws.client("rds").create_db_instance(
        DBInstanceIdentifier=NAME, MasterUsername="ana", DBName="shop",
        **{**SIZE, "MasterUserPassword": PASSWORD, **more},
    )  # fmt: skip


def test_sql_goes_to_the_endpoint_and_everything_goes_at_the_end(cloud: Target) -> None:
    assert cloud.local
    engine = cloud.local.engine
    bases.postgres(engine)
    door = aws.database_door(NAME)
    assert aws.database_door(NAME) == door and not door["PubliclyAccessible"]
    _create(EngineVersion="15", **door)
    shop = aws.database(NAME)
    aws.sql(shop, PASSWORD, "CREATE TABLE t (n int); INSERT INTO t VALUES (40), (2)", engine)
    answer = aws.sql(shop, PASSWORD, "SELECT 'sum ' || sum(n) FROM t", engine)
    assert answer.exit_code == 0 and "sum 42" in answer.output
    refused = aws.sql(shop, "wrong", "SELECT 1", engine)
    assert refused.exit_code and "password authentication failed" in refused.output
    # RDS gives no superuser either
    answer = aws.sql(shop, PASSWORD, "SHOW is_superuser; SHOW ssl", engine)
    assert [line.strip() for line in answer.lines if line.strip() in ("on", "off")] == ["off", "on"]
    (row,) = [one for one in engine.client.api.containers() if NAME in one["Names"][0]]
    assert labels.ours(row["Labels"])
    assert not [port for port in row["Ports"] if port.get("PublicPort")]
    assert list(row["NetworkSettings"]["Networks"]) == ["lbl-aws"]
    assert not aws.clean_up("13").things
    assert not [one for one in engine.client.api.containers(all=True) if NAME in one["Names"][0]]


@pytest.mark.parametrize(
    "given",
    [{"Engine": "mysql"}, {"EngineVersion": "17.2"}, {"MasterUserPassword": ""}],
    ids=lambda given: next(iter(given)),
)
def test_what_would_be_a_record_without_a_database_is_refused(cloud: Target, given: dict) -> None:
    with pytest.raises(botocore.exceptions.ClientError, match="InvalidParameter"):
        _create(**given)
    assert not aws.client("rds").describe_db_instances()["DBInstances"]

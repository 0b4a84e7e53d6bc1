"""Databases of RDS: who reaches them, when they are ready, and what they answer."""

from __future__ import annotations

import shlex
import urllib.request
from collections.abc import Mapping
from typing import Any

from ..bases import postgres
from ..components.client import Answer, environment_of, invoke, show
from ..engine import Engine, connect, labels
from ..engine.patience import until
from ..errors import AwsFailed
from ..text import plain
from .local.server import NETWORK
from .targeting import client, current

__all__ = ["database", "database_door", "sql"]

MADE = 1800.0  # seconds for a database to be ready; a real one takes five to fifteen minutes
LIMIT = 60.0  # seconds for a statement
PORT = 5432
MINE = "https://checkip.amazonaws.com"  # tells the address that your machine has in the internet


def database_door(name: str) -> dict[str, Any]:
    """Make a security group that lets you, and nobody else, to a database: for create_db_instance.

    The local AWS records it; there the database is reached in the network of the local AWS alone.
    In a real account it gets a public address for the lesson, and the group lets only your own
    address through.

    Raises
    ------
    AwsFailed: the region has no default VPC.
    EngineFailed, DownloadFailed, …: as for `helpers.bases.postgres`.
    """
    ec2, chosen = client("ec2"), current()
    if not chosen.real:
        postgres(connect())  # what the local AWS starts for a database
    vpcs = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    if not vpcs:
        raise AwsFailed("aws.no_vpc", region=chosen.region)
    own = {"Name": "group-name", "Values": [name]}
    rows = ec2.describe_security_groups(Filters=[own])["SecurityGroups"]
    if rows:
        number = rows[0]["GroupId"]
    else:
        number = ec2.create_security_group(
            GroupName=name, Description="Layer by Layer", VpcId=vpcs[0]["VpcId"]
        )["GroupId"]
        ec2.authorize_security_group_ingress(GroupId=number, IpPermissions=[{
            "IpProtocol": "tcp", "FromPort": PORT, "ToPort": PORT,
            "IpRanges": [{"CidrIp": f"{_mine() if chosen.real else '127.0.0.1'}/32"}],
        }])  # fmt: skip
    return {"VpcSecurityGroupIds": [number], "PubliclyAccessible": chosen.real}


def _mine() -> str:
    with urllib.request.urlopen(MINE, timeout=10) as answer:
        return answer.read().decode().strip()


def database(name: str) -> dict[str, Any]:
    """Wait until a database is available, and return what DescribeDBInstances tells of it.

    Raises
    ------
    TimedOut: it was not available in time.
    """

    def look() -> dict[str, Any] | None:
        row = client("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
        return row if row["DBInstanceStatus"] == "available" else None

    return until(look, MADE, "primer.waiting_database", name=name)


def sql(
    row: Mapping[str, Any], password: str, statement: str, engine: Engine | None = None
) -> Answer:
    """Send SQL to a database with psql in a container; print the command and the answer.

    Parameters
    ----------
    row: the database, as `database` returned it.
    password: of its master user. It goes to psql in a variable, and stands in no command.
    statement: one or more, separated by ``;``.

    Raises
    ------
    NotFound: the docker client is not installed.
    TimedOut: there was no answer in time.
    EngineFailed, DownloadFailed, …: as for `helpers.bases.postgres`.
    """
    engine, chosen = engine or connect(), current()
    place = row["Endpoint"]
    network = [] if chosen.real else ["--network", NETWORK]
    who = f"host={place['Address']} port={place['Port']} dbname={row['DBName']}"
    ask = ["psql", f"{who} user={row['MasterUsername']} sslmode=require", "-c", statement]
    shown = ["run", "--rm", *network, "-e", "PGPASSWORD", postgres(engine), *ask]
    print(f"$ docker {plain(' '.join(map(_quoted, shown)))}", flush=True)
    marks = [f"--label={key}={value}" for key, value in labels.make(chosen.lesson).items()]
    given = {**environment_of(engine), "PGPASSWORD": password}
    found = invoke([shown[0], *marks, *shown[1:]], given, LIMIT)
    show(found)
    return found


def _quoted(word: str) -> str:
    """Return a word as one would type it: text in SQL has single quotes, so double ones around."""
    if "'" in word and not set(word) & set('"$`\\!'):
        return f'"{word}"'
    return shlex.quote(word)

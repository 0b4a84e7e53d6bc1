"""Databases of RDS: PostgreSQL in a container of the course, under the name that RDS tells.

Nothing is published: a database in AWS stands in a private network too, and whoever asks it has to
be in there. Its name is known in the network of the local AWS alone.

Replaces ``_docker_image_for_engine``, so that the image is the course's; ``_reported_endpoint``, so
that DescribeDBInstances tells the name; and ``_try_database_connect``, which would take an open
port for a database. Wraps ``_run_rds_container``, which would publish a port, and
``CreateDBInstance``.
"""

from __future__ import annotations

from typing import Any

from docker import errors
from ministack.services import rds

from .settings import NETWORK, engine

__all__ = ["MAJOR", "PORT", "install"]

MAJOR = "15"  # the version that Debian 12 has
PORT = 5432
_known: dict[str, tuple[str, str]] = {}  # address in the network → container, name


def install() -> None:
    """Put the course's PostgreSQL into MiniStack's RDS."""
    rds.DOCKER_NETWORK = NETWORK
    rds._docker_image_for_engine = _image
    rds._run_rds_container = _named(rds._run_rds_container)
    rds._reported_endpoint = _endpoint
    rds._try_database_connect = _answers
    rds._ACTION_MAP["CreateDBInstance"] = _checked(rds._create_db_instance)


def _image(name: str, version: str, user: str, password: str, base: str) -> tuple:
    """Return the image of an engine, its variables, its port and where it keeps its data."""
    if name != "postgres":
        return None, None, None, None
    variables = {"POSTGRES_USER": user, "POSTGRES_PASSWORD": password, "POSTGRES_DB": base}
    return f"lbl/postgres:{MAJOR}", variables, PORT, "/var/lib/postgresql/data"


def _checked(original: Any) -> Any:
    """Refuse what would be a record with no database behind it."""

    def create(given: dict) -> Any:
        version = rds._p(given, "EngineVersion") or MAJOR
        if rds._p(given, "Engine") != "postgres" or version.partition(".")[0] != MAJOR:
            return rds._error(
                "InvalidParameterCombination",
                f"The course's local AWS has PostgreSQL {MAJOR} alone: Engine=postgres, "
                f"EngineVersion={MAJOR}", 400,
            )  # fmt: skip
        if not rds._p(given, "MasterUserPassword"):
            return rds._error(
                "InvalidParameterCombination",
                "The course's local AWS keeps no password for you: MasterUserPassword is needed.",
                400,
            )
        return original({**given, "EngineVersion": version})

    return create


def _named(original: Any) -> Any:
    def run(client: Any, kind: str, options: dict, *rest: Any, **named: Any) -> Any:
        marks = options["labels"]
        name = f"{marks['db_id']}.{marks['region']}.rds.lbl-aws"
        place = {NETWORK: client.api.create_endpoint_config(aliases=[name])}
        own = {key: value for key, value in options.items() if key != "ports"}
        own |= {"network": NETWORK, "networking_config": place}
        made = original(client, kind, own, *rest, **named)
        made.reload()
        address = made.attrs["NetworkSettings"]["Networks"][NETWORK]["IPAddress"]
        _known[address] = made.id, name
        return made

    return run


def _endpoint(host: str, port: int, _: int) -> tuple[str, int]:
    return (_known[host][1], PORT) if host in _known else (host, port)


def _answers(host: str, *_: Any) -> bool:
    """Whether the database takes queries."""
    if host not in _known:
        return False
    try:
        asked = engine().containers.get(_known[host][0])
        return asked.exec_run(["pg_isready", "--quiet", "--host=127.0.0.1"]).exit_code == 0
    except errors.APIError:  # it is gone; whoever asks finds that out
        return False

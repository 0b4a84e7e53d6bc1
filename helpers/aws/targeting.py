"""Where calls to AWS go: the local AWS, or a real account after an explicit word."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

import boto3
import botocore.exceptions
import botocore.loaders
import botocore.session
from botocore.config import Config

from ..engine import Engine, connect
from ..errors import AwsFailed, AwsRefused, NotFound
from ..messages import text
from ..text import plain
from . import costs
from .answers import short_errors
from .local import Local, find, start
from .tagging import tag_what_is_made

__all__ = ["Target", "client", "current", "resource", "target"]

PATIENT = Config(
    connect_timeout=5,
    # stopping tasks takes the local AWS up to five seconds each
    read_timeout=120,
    retries={"max_attempts": 3, "mode": "standard"},
)

LOADER = botocore.loaders.create_loader()  # of services' models, which take long to read


@dataclass(frozen=True)
class Target:
    """Where calls go.

    Fields
    ------
    real: whether that is a real account.
    account, region, partition: ``123456789012``, ``us-east-1``, ``aws`` or ``aws-cn``.
    identity: the ARN of who calls.
    """

    real: bool
    account: str
    region: str
    partition: str
    identity: str
    lesson: str | None
    session: boto3.Session = field(repr=False, compare=False)
    local: Local | None = field(default=None, repr=False, compare=False)

    def __str__(self) -> str:
        told = text(
            "aws.shown.real" if self.real else "aws.shown.local",
            account=self.account, region=self.region, partition=self.partition,
            identity=self.identity,
        )  # fmt: skip
        return f"{told}\n{_costs(self.lesson, self.region)}" if self.real else told

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": str(self)}


_chosen: Target | None = None
# Clients of the chosen target: to make one takes longer than most calls.
_clients: dict[str, object] = {}
_made_for: Target | None = None


def target(
    name: str = "local",
    *,
    region: str | None = None,
    profile: str | None = None,
    account: str | None = None,
    empty: bool = False,
    lesson: str | None = None,
    engine: Engine | None = None,
) -> Target:
    """Choose where calls go from now on, and show it. The local AWS is started if it does not run.

    Parameters
    ----------
    name: ``"local"`` or ``"real"``.
    region, profile: of the real account; by default as the AWS CLI would choose.
    account: the number of the real account, repeated: without it nothing is sent there.
    empty: forget what was made in the local AWS before, so that the lesson tells the same story.
    lesson: whose clean-up removes what is made.

    Raises
    ------
    AwsRefused: the real account was chosen, and not (or another) ``account`` repeated. Who you
        would be, where, and what the lesson costs there, stands in the message; to find that out
        one read-only call was made.
    AwsFailed: there is no such target, or AWS could not be asked: no network, no credentials.
    EngineFailed, NotOurs, TimedOut, …: as for `helpers.aws.local.start`.
    """
    global _chosen
    _chosen = None  # whatever goes wrong, no call goes to the former one by accident
    if name == "local":
        found = start(engine or connect(), empty=empty, lesson=lesson)
        _chosen = _local(found, lesson)
    elif name == "real":
        _chosen = _real(region, profile, account, lesson)
    else:
        raise AwsFailed("aws.bad_target", name=name)
    return _chosen


def current() -> Target:
    """Return the target that was chosen; after a restart of the kernel, the local AWS that runs.

    Raises
    ------
    AwsRefused: none was chosen, and no local AWS runs.
    """
    global _chosen
    if _chosen and _chosen.local and find(_chosen.local.engine) != _chosen.local:
        _chosen = None  # it was stopped, or another one was started since
    if _chosen is None:
        found = find(connect())
        if found is None:
            raise AwsRefused("aws.no_target")
        _chosen = _local(found, None)
    return _chosen


def client(service: str, **options: object):
    """Return boto3's client of a service for the chosen target; what it makes is tagged.

    Parameters
    ----------
    service: as in ``boto3.client``: ``"ecs"``, ``"s3"``, …
    **options: as for ``boto3.client``; credentials given here are used instead of the target's.

    Raises
    ------
    AwsRefused: no target was chosen.
    """
    global _made_for
    chosen = current()
    if options:
        return _made(chosen, service, options)
    if _made_for is not chosen:
        _clients.clear()
        _made_for = chosen
    if service not in _clients:
        _clients[service] = _made(chosen, service, {})
    return _clients[service]


def _made(chosen: Target, service: str, options: dict[str, object]) -> object:
    made = chosen.session.client(service, **{**_way(chosen, service), **options})
    tag_what_is_made(made, chosen.lesson)
    short_errors()
    return made


def resource(service: str, **options: object):
    """Return boto3's resource of a service for the chosen target, as `client` does."""
    chosen = current()
    made = chosen.session.resource(service, **{**_way(chosen, service), **options})
    tag_what_is_made(made.meta.client, chosen.lesson)
    short_errors()
    return made


def _way(chosen: Target, service: str) -> dict[str, object]:
    """Return how a client gets to the target, whatever the learner's environment says."""
    # new buckets take no presigned address of the old kind, which boto3 still makes for some
    config = PATIENT.merge(Config(signature_version="s3v4")) if service == "s3" else PATIENT
    if chosen.local:
        # a proxy of the network is for what lies beyond this machine
        direct = config.merge(Config(proxies={}))
        return {"endpoint_url": chosen.local.url, "config": direct}
    return {"config": config.merge(Config(ignore_configured_endpoint_urls=True))}


def _local(found: Local, lesson: str | None) -> Target:
    session = boto3.Session(
        found.key, found.secret, region_name=found.region, botocore_session=_apart()
    )
    identity = f"arn:aws:iam::{found.account}:root"
    return Target(False, found.account, found.region, "aws", identity, lesson, session, found)


def _apart() -> botocore.session.Session:
    """Return a session that no profile, file or variable of the learner's leads elsewhere."""
    found = botocore.session.Session(
        session_vars={
            "profile": (None, None, None, None),
            "config_file": (None, None, os.devnull, None),
            "credentials_file": (None, None, os.devnull, None),
        }
    )
    found.register_component("data_loader", LOADER)
    return found


def _real(
    region: str | None, profile: str | None, account: str | None, lesson: str | None
) -> Target:
    try:
        session = boto3.Session(profile_name=profile, region_name=region)
        if not session.region_name:
            raise botocore.exceptions.NoRegionError
        # an endpoint in the environment or the profile would lead elsewhere than to AWS
        quiet = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 1},
                       ignore_configured_endpoint_urls=True)  # fmt: skip
        caller = session.client("sts", config=quiet).get_caller_identity()
    except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
        raise AwsFailed("aws.unreachable", reason=plain(error)) from None
    found, identity = caller["Account"], caller["Arn"]
    if account is None:
        raise AwsRefused(
            "aws.not_accepted", account=found, identity=identity, region=session.region_name,
            note=_costs(lesson, session.region_name),
        )  # fmt: skip
    if account != found:
        raise AwsRefused("aws.other_account", named=account, account=found, identity=identity)
    partition = session.get_partition_for_region(session.region_name)
    return Target(True, found, session.region_name, partition, identity, lesson, session)


def _costs(lesson: str | None, region: str) -> str:
    """What a lesson makes in a real account, item by item, with prices."""
    try:
        return str(costs.note(lesson or "", region))
    except NotFound:
        return text("costs.no_lesson")

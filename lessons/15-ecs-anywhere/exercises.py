"""What the exercises of lesson 15 look for in ECS, in Systems Manager and in the data centre."""

from __future__ import annotations

from typing import Any

import botocore.exceptions

from helpers import aws
from helpers.aws.places import Places
from helpers.engine import Engine
from helpers.errors import AwsRefused
from helpers.exercises import Right, Wrong, exercise

CLUSTER, MACHINE = "lbl-15", "lbl-15-machine"
OLD, HOME = "report", "report-home"


def _client(service: str) -> Any:
    try:
        return aws.client(service)
    except AwsRefused:
        return None


def _look() -> Places | None:
    """Return one look at the cluster, None if there is none."""
    try:
        return aws.places(CLUSTER)
    except botocore.exceptions.ClientError as error:
        if error.response["Error"]["Code"] != "ClusterNotFoundException":
            raise
        return None


@exercise("15.1")
def bring_it_home(engine: Engine) -> Right | Wrong:
    """The task runs on the machine's own engine, and nothing on Fargate."""
    if _client("ecs") is None:
        return Wrong("lesson15.no_target")
    found = _look()
    if found is None:
        return Wrong("lesson15.no_cluster", name=CLUSTER)
    services = {one.name: one for one in found.services}
    if HOME not in services:
        return Wrong("lesson15.ex1.no_service", name=HOME, cluster=CLUSTER)
    if services[HOME].kind != "EXTERNAL":
        return Wrong("lesson15.ex1.kind", name=HOME, kind=services[HOME].kind)
    if services[HOME].desired != 1:
        return Wrong("lesson15.ex1.desired", name=HOME, desired=services[HOME].desired)
    there = [name for one in found.machines for name in (one.there or one.told)]
    if HOME not in there:
        return Wrong("lesson15.ex1.not_there", name=HOME)
    if OLD in services or found.fargate:
        return Wrong("lesson15.ex1.fargate", count=len(found.fargate))
    return Right("lesson15.ex1.right", name=HOME)


@exercise("15.2")
def empty_the_machine(engine: Engine) -> Right | Wrong:
    """A machine that is registered and drained, and whose own engine runs nothing for ECS."""
    if _client("ecs") is None:
        return Wrong("lesson15.no_target")
    found = _look()
    if found is None:
        return Wrong("lesson15.no_cluster", name=CLUSTER)
    registered = [one for one in found.machines if one.state != "NONE"]
    if not registered:
        return Wrong("lesson15.ex2.no_machine", cluster=CLUSTER)
    if any(one.state == "ACTIVE" for one in registered):
        return Wrong("lesson15.ex2.active")
    wanted = sum(one.desired for one in found.services if one.kind == "EXTERNAL")
    if not wanted:
        return Wrong("lesson15.ex2.nothing_wanted")
    runs = sum(len(one.told if one.there is None else one.there) for one in registered)
    if runs:
        return Wrong("lesson15.ex2.runs", count=runs)
    return Right("lesson15.ex2.right", wanted=wanted)


@exercise("15.3")
def left_behind(engine: Engine) -> Right | Wrong:
    """Nothing of ECS on the machine, and no machine in Systems Manager."""
    ssm = _client("ssm")
    if ssm is None:
        return Wrong("lesson15.no_target")
    site = aws.site.find(engine)
    if site is None and not aws.current().real:
        return Wrong("lesson15.ex3.no_site")
    if site and site.told():
        return Wrong("lesson15.ex3.registered", cluster=CLUSTER)
    if site and (count := len(site.running())):
        return Wrong("lesson15.ex3.runs", count=count)
    rows = ssm.describe_instance_information()["InstanceInformationList"]
    if any(row.get("Name") == MACHINE for row in rows):
        return Wrong("lesson15.ex3.managed", name=MACHINE)
    return Right("lesson15.ex3.right")

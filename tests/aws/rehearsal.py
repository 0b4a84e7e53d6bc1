"""The cells of the AWS lessons, run in this process against moto, and the calls that they make.

What is no call to AWS is left out: building images, drawing, docker's own push and pull. A push
leaves its manifest in moto's ECR all the same, so that the cells after it find what they expect.
"""

from __future__ import annotations

import contextlib
import importlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import boto3
import botocore.exceptions
import nbformat
from botocore import xform_name
from moto import mock_aws

from helpers import aws, capstone, choosing, paths
from helpers.aws import calls, databases, images, services, targeting, tasks
from helpers.aws.eks import publishing
from helpers.aws.targeting import Target
from helpers.capstone import choosing as chosen_place
from helpers.capstone import place, record
from helpers.errors import CourseError
from helpers.healing.counting import count
from helpers.healing.model import Load
from helpers.scenarios.start import SourceText

__all__ = ["LESSONS", "Made", "play"]

LESSONS = (
    "11-aws-primer", "12-account-and-bill", "13-ecr", "14-ecs-and-fargate", "15-ecs-anywhere",
    "16-eks", "17-choosing",
)  # fmt: skip
ACCOUNT, REGION = "123456789012", "us-east-1"
POLICIES = {"iam": {"load_aws_managed_policies": True}}
# Cells that look at the first of several: moto starts no tasks for services and scales nothing, so
# its lists are empty.
IDLE = ("list_tasks(", "describe_scaling_activities(", 'failed[0]["rolloutStateReason"]')
# Calls behind a helper, which are not reached where moto has run no task and let nothing in.
BEHIND = {
    "aws.ended(": ("ecs", "DescribeTasks"),
    "aws.logs(": ("logs", "GetLogEvents"),
    "aws.steady(": ("elbv2", "DescribeTargetHealth"),
    "aws.eks.connect(": ("sts", "AssumeRole"),
    'check("12.1")': ("ssm", "GetParameter"),
    'check("12.2")': ("budgets", "DescribeSubscribersForNotification"),
    'check("14.1")': ("logs", "DescribeLogStreams"),
    'aws.clean_up("15")': ("ssm", "DeleteActivation"),
}
# What moto does not know, and the cells after it go on with.
INSTEAD: dict[str, dict] = {
    "CreateActivation": {"ActivationId": "00000000", "ActivationCode": "0" * 20},
    "DeregisterManagedInstance": {},
}
# Cells that are about something else than AWS.
ELSEWHERE = ('check("16.3")',)
# What moto takes although EKS would not, and what puts that right.
TAKEN = {"subnets[:1]": ("eks", "delete_cluster", {"name": "lbl-16"})}
# Names that cells import from `helpers` and that have nothing to do with AWS.
BESIDE = (
    "builds", "containers", "engine", "exercises", "figures", "kubernetes", "quorum", "scenarios",
    "widgets",
)  # fmt: skip


@dataclass
class Made:
    """What a lesson did.

    Fields
    ------
    calls: ``("ecr", "CreateRepository")`` → how often.
    written: calls that stand in a cell, as a method of boto3 or as a command of `aws`.
    missing: calls that moto does not know.
    failed: cells that failed otherwise and may not: their first line, and why.
    """

    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    written: set[tuple[str, str]] = field(default_factory=set)
    missing: set[tuple[str, str]] = field(default_factory=set)
    failed: list[tuple[str, str]] = field(default_factory=list)

    @property
    def all(self) -> set[tuple[str, str]]:
        """What was called, and what stands behind a call that moto does not know."""
        return set(self.calls) | self.written


def play(lesson: str) -> Made:
    """Run all code cells of a lesson, solutions included."""
    made = Made()
    path = paths.NOTEBOOKS / "solutions" / "en" / f"{lesson}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    with mock_aws(config=POLICIES), _in_moto(lesson, made) as session:
        names: dict[str, object] = {}
        listed = set(calls.read())
        for cell in notebook.cells:
            if cell.cell_type != "code" or cell.source.startswith(ELSEWHERE):
                continue
            made.written |= {call for call in listed if _stands_in(cell.source, call, listed)}
            made.written |= {call for words, call in BEHIND.items() if words in cell.source}
            may_fail = "raises-exception" in cell.metadata.get("tags", ())
            try:
                exec(compile(cell.source, str(Path(lesson)), "exec"), names)
                for words, (service, operation, given) in TAKEN.items():
                    if words in cell.source:
                        getattr(session.client(service), operation)(**given)
            except NotImplementedError:
                continue  # the recorder has written down which call that was
            except (botocore.exceptions.WaiterError, botocore.exceptions.ClientError,
                    CourseError) as error:  # fmt: skip
                if not may_fail:
                    made.failed.append((cell.source.splitlines()[0], str(error)))
            except IndexError as error:
                if not any(words in cell.source for words in IDLE):
                    made.failed.append((cell.source.splitlines()[0], repr(error)))
            except (KeyError, NameError) as error:
                # the cell reads what a call that moto does not know would have returned
                if not made.missing:
                    made.failed.append((cell.source.splitlines()[0], repr(error)))
    return made


def _stands_in(source: str, call: tuple[str, str], listed: set[tuple[str, str]]) -> bool:
    method = xform_name(call[1])
    others = [service for service, operation in listed if operation == call[1]]
    if len(others) > 1:  # CreateCluster of ECS, or of EKS?
        return f"{call[0]}.{method}(" in source or f'client("{call[0]}").{method}(' in source
    return f".{method}(" in source or f"{call[0]} {method.replace('_', '-')} " in source


@contextlib.contextmanager
def _in_moto(lesson: str, made: Made) -> Iterator[boto3.Session]:
    session = boto3.Session("AKIAIOSFODNN7EXAMPLE", "example", region_name=REGION)
    root = f"arn:aws:iam::{ACCOUNT}:root"
    chosen = Target(True, ACCOUNT, REGION, "aws", root, lesson[:2], session)
    original = targeting.tag_what_is_made

    def listening(client: object, lesson: str | None) -> None:
        original(client, lesson)
        service = client.meta.service_model.service_name  # type: ignore[attr-defined]

        def before(model: object, **_: object) -> None:
            made.calls[service, model.name] += 1  # type: ignore[attr-defined]

        client.meta.events.register("before-call", before)  # type: ignore[attr-defined]
        _note_missing(client, service, made)

    # not above: that takes a second, in each process that only collects the tests
    from moto.ec2.models.elastic_block_store import EBSBackend

    everything = mock.MagicMock(name="beside AWS")
    # a file of a scenario is read as it is
    everything.start = lambda name, **_: _Files(name) if "." in name else everything
    everything.update = lambda *_, **__: (everything, everything)
    with contextlib.ExitStack() as stack:
        enter = stack.enter_context
        enter(mock.patch.object(targeting, "tag_what_is_made", listening))
        enter(mock.patch.object(targeting, "_chosen", chosen))
        enter(mock.patch.object(aws, "target", lambda *_, **__: chosen))
        enter(mock.patch.object(aws, "cli", lambda *_, **__: None))
        enter(mock.patch.object(aws, "drop", lambda *_, **__: None))
        enter(mock.patch.object(aws, "push", _push))
        enter(mock.patch.object(aws, "pull", _pull))
        enter(mock.patch.object(aws, "data_centre", lambda *_: _joined(session)))
        enter(mock.patch.object(aws.site, "find", lambda *_: None))
        enter(mock.patch.object(images.logins, "login", lambda *_, **__: None))
        enter(mock.patch.object(aws.eks, "connect", lambda *_, **__: everything))
        enter(mock.patch.object(publishing, "push", _push))
        enter(mock.patch.object(publishing, "login", aws.login))
        enter(mock.patch.object(publishing, "bases", everything))
        enter(mock.patch("helpers.components.docker", everything))
        for name in BESIDE:
            importlib.import_module(f"helpers.{name}")
            enter(mock.patch(f"helpers.{name}", everything))
        enter(mock.patch.object(images, "connect", lambda: everything))
        # the capstone's place is real, what it remembers and asks of the daemon is not
        enter(mock.patch.object(chosen_place, "connect", lambda: everything))
        enter(mock.patch.object(place, "own_image", lambda *_: {"Id": "1"}))
        enter(mock.patch.object(record, "keep", lambda *_: None))
        enter(mock.patch.object(record, "load", lambda *_: None))
        enter(mock.patch.object(record, "forget", lambda *_: None))
        enter(mock.patch.object(capstone, "faults", lambda *_: ("missing",)))
        enter(mock.patch.object(capstone, "find", lambda *_: None))
        enter(mock.patch.object(capstone, "try_out", lambda *_: None))
        enter(mock.patch.object(choosing, "decide", lambda _, **given: choosing.choose(**given)))
        enter(mock.patch.object(choosing, "decision", lambda *_: None))
        # moto runs nothing: what waits for a task, a log or a request waits for nothing
        enter(mock.patch.object(aws, "ended", _ended))
        enter(mock.patch.object(aws, "steady", _steady))
        enter(mock.patch.object(aws, "update", _update))
        enter(mock.patch.object(aws, "console", _console))
        enter(mock.patch.object(EBSBackend, "attach_volume", _attach_once(EBSBackend)))
        enter(mock.patch.object(aws, "sql", lambda *_, **__: None))
        enter(mock.patch.object(databases, "_mine", lambda: "192.0.2.1"))
        enter(mock.patch.object(tasks, "ARRIVE", 0.5))
        enter(mock.patch.object(services, "_ask", lambda url: (200, "version 1")))
        yield session


def _note_missing(client: object, service: str, made: Made) -> None:
    call = client._make_api_call  # type: ignore[attr-defined]

    def noting(operation: str, given: dict) -> dict:
        if operation == "RunTask" and given["launchType"] == "EXTERNAL":
            made.missing.add((service, operation))  # moto takes it for a task of Fargate
            raise NotImplementedError
        if operation == "CreateService":
            given = _for_moto(given)
        try:
            return call(operation, given)
        except Exception as error:  # moto does not know it, or trips over it
            known = type(error) in (NotImplementedError, TypeError, Exception)
            if not known and "Not yet implemented" not in str(error):
                raise
            if (service, operation) in calls.CLEANING:
                return {}  # where there is no such thing, clean-up finds none
            made.missing.add((service, operation))
            if operation in INSTEAD:
                return INSTEAD[operation]
            raise NotImplementedError from None

    client._make_api_call = noting  # type: ignore[attr-defined]


def _joined(session: boto3.Session) -> mock.MagicMock:
    """Register a machine, as its agent would. In moto that is an instance of EC2."""
    ec2, ecs = session.client("ec2"), session.client("ecs")  # clients that write no calls down
    made = ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1)["Instances"][0]
    document = json.dumps({"instanceId": made["InstanceId"]})
    ecs.register_container_instance(cluster="lbl-15", instanceIdentityDocument=document)
    site = mock.MagicMock(name="data centre", instance="mi-0123456789abcdef0")
    site.running.return_value = ()
    return site


def _for_moto(service: dict) -> dict:
    """Put a service as moto takes it: none outside of AWS, and no network without groups."""
    kind = "EC2" if service.get("launchType") == "EXTERNAL" else service.get("launchType")
    network = (service.get("networkConfiguration") or {}).get("awsvpcConfiguration")
    if network is None:
        return {**service, "launchType": kind}
    network = {"securityGroups": [], **network}
    return {**service, "launchType": kind, "networkConfiguration": {"awsvpcConfiguration": network}}


class _Files:
    """A scenario whose files are those that the lesson ships."""

    def __init__(self, name: str) -> None:
        lesson, _, context = name.partition(".")
        (folder,) = paths.LESSONS.glob(f"{lesson}-*")
        self.folder = folder / "contexts" / context
        self.shown = f"contexts/{name}"
        self.files = sorted(path.name for path in self.folder.iterdir())

    def show(self, file: str) -> SourceText:
        return SourceText(file, (self.folder / file).read_text("utf-8"))

    def write(self, file: str, content: str) -> None:
        pass


def _ended(task: dict) -> dict:
    ecs = aws.client("ecs")
    ecs.stop_task(cluster=task["clusterArn"], task=task["taskArn"])
    found = ecs.describe_tasks(cluster=task["clusterArn"], tasks=[task["taskArn"]])["tasks"][0]
    return {"stopCode": "EssentialContainerExited", **found,
            "containers": [{"name": "main", "exitCode": 0}]}  # fmt: skip


def _steady(cluster: str, service: str, **_: object) -> None:
    aws.client("ecs").describe_services(cluster=cluster, services=[service])


def _update(cluster: str, service: str, door: object, **changes: object) -> Load:
    aws.client("ecs").update_service(cluster=cluster, service=service, **changes)
    return count((), seconds=0.0)


def _attach_once(kind: type) -> Callable[..., object]:
    """What EC2 refuses, and after what moto cannot terminate the first machine any more."""
    from moto.ec2.exceptions import VolumeInUseError

    original = kind.attach_volume

    def attach(self: object, volume: str, number: str, *rest: object) -> object:
        if found := self.get_volume(volume).attachment:  # type: ignore[attr-defined]
            raise VolumeInUseError(volume, found.instance.id)
        return original(self, volume, number, *rest)

    return attach


def _console(number: str) -> None:
    aws.client("ec2").get_console_output(InstanceId=number)


_pushed = Counter[str]()


def _push(image: str, uri: str, tag: str, **_: object) -> SimpleNamespace:
    """Leave a manifest, as a push would; another image has another one."""
    _pushed[image] += image.endswith(":test")  # built anew before each push
    body = {"schemaVersion": 2, "config": {"digest": "sha256:" + "0" * 64, "size": 2},
            "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "layers": [], "of": f"{image} {_pushed[image]}"}  # fmt: skip
    ecr = aws.client("ecr")
    name = uri.partition("/")[2]
    try:
        done = ecr.put_image(repositoryName=name, imageTag=tag, imageManifest=json.dumps(body))
    except ecr.exceptions.ImageAlreadyExistsException:
        done = ecr.batch_get_image(repositoryName=name, imageIds=[{"imageTag": tag}])
        return SimpleNamespace(digest=done["images"][0]["imageId"]["imageDigest"])
    return SimpleNamespace(digest=done["image"]["imageId"]["imageDigest"])


def _pull(uri: str, reference: str, **_: object) -> SimpleNamespace:
    return SimpleNamespace(digest=reference)

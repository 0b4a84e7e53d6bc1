"""The cells of the AWS lessons, run in this process against moto, and the calls that they make.

What is no call to AWS is left out: building images, drawing, docker's own push and pull. A push
leaves its manifest in moto's ECR all the same, so that the cells after it find what they expect.
"""

from __future__ import annotations

import contextlib
import importlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import boto3
import botocore.exceptions
import nbformat
from botocore import xform_name
from moto import mock_aws

from helpers import aws, paths
from helpers.aws import calls, images, targeting
from helpers.aws.targeting import Target
from helpers.errors import CourseError

__all__ = ["LESSONS", "Made", "play"]

LESSONS = ("13-ecr",)
ACCOUNT, REGION = "123456789012", "us-east-1"
# Names that cells import from `helpers` and that have nothing to do with AWS.
BESIDE = ("builds", "engine", "exercises", "figures", "scenarios")


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
    with mock_aws(), _in_moto(made):
        names: dict[str, object] = {}
        for cell in notebook.cells:
            if cell.cell_type != "code":
                continue
            made.written |= {call for call in calls.read() if _stands_in(cell.source, call)}
            may_fail = "raises-exception" in cell.metadata.get("tags", ())
            try:
                exec(compile(cell.source, str(Path(lesson)), "exec"), names)
            except NotImplementedError:
                continue  # the recorder has written down which call that was
            except (botocore.exceptions.WaiterError, botocore.exceptions.ClientError,
                    CourseError) as error:  # fmt: skip
                if not may_fail:
                    made.failed.append((cell.source.splitlines()[0], str(error)))
            except (KeyError, NameError) as error:
                # the cell reads what a call that moto does not know would have returned
                if not made.missing:
                    made.failed.append((cell.source.splitlines()[0], repr(error)))
    return made


def _stands_in(source: str, call: tuple[str, str]) -> bool:
    method = xform_name(call[1])
    return f".{method}(" in source or f"{call[0]} {method.replace('_', '-')} " in source


@contextlib.contextmanager
def _in_moto(made: Made) -> Iterator[None]:
    session = boto3.Session("AKIAIOSFODNN7EXAMPLE", "example", region_name=REGION)
    chosen = Target(True, ACCOUNT, REGION, "aws", f"arn:aws:iam::{ACCOUNT}:root", "13", session)
    original = targeting.tag_what_is_made

    def listening(client: object, lesson: str | None) -> None:
        original(client, lesson)
        service = client.meta.service_model.service_name  # type: ignore[attr-defined]

        def before(model: object, **_: object) -> None:
            made.calls[service, model.name] += 1  # type: ignore[attr-defined]

        client.meta.events.register("before-call", before)  # type: ignore[attr-defined]
        _note_missing(client, service, made)

    everything = mock.MagicMock(name="beside AWS")
    with contextlib.ExitStack() as stack:
        enter = stack.enter_context
        enter(mock.patch.object(targeting, "tag_what_is_made", listening))
        enter(mock.patch.object(targeting, "_chosen", chosen))
        enter(mock.patch.object(aws, "target", lambda *_, **__: chosen))
        enter(mock.patch.object(aws, "cli", lambda *_, **__: None))
        enter(mock.patch.object(aws, "drop", lambda *_, **__: None))
        enter(mock.patch.object(aws, "push", _push))
        enter(mock.patch.object(aws, "pull", _pull))
        enter(mock.patch.object(images.logins, "login", lambda *_, **__: None))
        for name in BESIDE:
            importlib.import_module(f"helpers.{name}")
            enter(mock.patch(f"helpers.{name}", everything))
        enter(mock.patch.object(images, "connect", lambda: everything))
        yield


def _note_missing(client: object, service: str, made: Made) -> None:
    call = client._make_api_call  # type: ignore[attr-defined]

    def noting(operation: str, given: dict) -> dict:
        try:
            return call(operation, given)
        except NotImplementedError:
            made.missing.add((service, operation))
            raise

    client._make_api_call = noting  # type: ignore[attr-defined]


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

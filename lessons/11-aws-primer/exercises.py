"""What the exercises of lesson 11 look for in S3 and IAM."""

from __future__ import annotations

import json
from typing import Any

import botocore.exceptions

from helpers import aws
from helpers.engine import Engine
from helpers.errors import AwsRefused
from helpers.exercises import Right, Wrong, exercise

PRICE, WAS, MISTAKE = "price", b"9.90", b"99.00"
BEN, OPEN, CLOSED = "lbl-11-ben", "public/note", "private/note"
PLAN = "plan.json"
# By "About the migration strategies" in AWS's guide for large migrations.
RIGHT = {"wiki": "retire", "scales": "retain", "intranet": "rehost", "vmware": "relocate",
         "crm": "repurchase", "orders": "replatform", "video": "refactor"}  # fmt: skip


def _client(service: str) -> Any:
    try:
        return aws.client(service)
    except AwsRefused:
        return None


def _bucket() -> str:
    return f"lbl-11-{aws.current().account}"


def _absent(error: botocore.exceptions.ClientError) -> bool:
    return error.response["Error"]["Code"] in ("NoSuchBucket", "NoSuchKey", "NoSuchEntity")


@exercise("11.1")
def old_price(engine: Engine) -> Right | Wrong:
    """The price before the mistake is on top again, and every version is still there."""
    s3 = _client("s3")
    if s3 is None:
        return Wrong("lesson11.no_target")
    try:
        rows = s3.list_object_versions(Bucket=_bucket(), Prefix=PRICE)
    except botocore.exceptions.ClientError as error:
        if not _absent(error):
            raise
        return Wrong("lesson11.no_bucket", bucket=_bucket())
    versions = [row for row in rows.get("Versions", []) if row["Key"] == PRICE]
    read = lambda row: s3.get_object(  # noqa: E731
        Bucket=_bucket(), Key=PRICE, VersionId=row["VersionId"]
    )["Body"].read()
    bodies = [read(row) for row in versions]
    latest = [body for row, body in zip(versions, bodies, strict=True) if row["IsLatest"]]
    if not latest:
        return Wrong("lesson11.ex1.no_price", what=PRICE)
    if latest[0] != WAS:
        return Wrong("lesson11.ex1.price", found=latest[0].decode(errors="replace")[:20])
    if MISTAKE not in bodies:
        return Wrong("lesson11.ex1.deleted", price=MISTAKE.decode())
    return Right("lesson11.ex1.right", price=WAS.decode(), count=len(versions))


@exercise("11.2")
def never_private(engine: Engine) -> Right | Wrong:
    """What the user may do, as IAM's own simulator says, and whether the prohibition is one."""
    iam = _client("iam")
    if iam is None:
        return Wrong("lesson11.no_target")
    try:
        arn = iam.get_user(UserName=BEN)["User"]["Arn"]
    except botocore.exceptions.ClientError as error:
        if not _absent(error):
            raise
        return Wrong("lesson11.ex2.no_user", name=BEN)
    place = f"arn:{aws.current().partition}:s3:::{_bucket()}"

    def decided(action: str, key: str) -> str:
        rows = iam.simulate_principal_policy(
            PolicySourceArn=arn, ActionNames=[action], ResourceArns=[f"{place}/{key}"]
        )["EvaluationResults"]
        return rows[0]["EvalDecision"]

    for key in (OPEN, "price"):
        if decided("s3:GetObject", key) != "allowed":
            return Wrong("lesson11.ex2.too_little", what=key)
    found = decided("s3:GetObject", CLOSED)
    if found == "allowed":
        return Wrong("lesson11.ex2.too_much", action="s3:GetObject", what=CLOSED)
    if found != "explicitDeny":
        return Wrong("lesson11.ex2.not_denied", what=CLOSED)
    for action in ("s3:PutObject", "s3:DeleteObject"):
        if decided(action, OPEN) == "allowed":
            return Wrong("lesson11.ex2.too_much", action=action, what=OPEN)
    return Right("lesson11.ex2.right", open=OPEN, closed=CLOSED)


@exercise("11.3")
def seven_ways(engine: Engine) -> Right | Wrong:
    """A plan in the bucket with the right R for each application."""
    s3 = _client("s3")
    if s3 is None:
        return Wrong("lesson11.no_target")
    try:
        text = s3.get_object(Bucket=_bucket(), Key=PLAN)["Body"].read()
    except botocore.exceptions.ClientError as error:
        if not _absent(error):
            raise
        return Wrong("lesson11.ex3.no_plan", what=PLAN, bucket=_bucket())
    try:
        plan = json.loads(text)
    except ValueError:
        return Wrong("lesson11.ex3.no_json", what=PLAN)
    if not isinstance(plan, dict):
        return Wrong("lesson11.ex3.no_json", what=PLAN)
    if missing := [name for name in RIGHT if name not in plan]:
        return Wrong("lesson11.ex3.missing", names=", ".join(missing))
    said = {name: str(plan[name]).strip().lower() for name in RIGHT}
    if odd := sorted(set(said.values()) - set(RIGHT.values())):
        return Wrong("lesson11.ex3.odd", name=odd[0])
    wrong = [name for name, way in RIGHT.items() if said[name] != way]
    if wrong:
        return Wrong("lesson11.ex3.wrong", names=", ".join(wrong))
    return Right("lesson11.ex3.right")

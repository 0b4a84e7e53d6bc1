"""What the exercises of lesson 12 look for among the parameters and the budgets."""

from __future__ import annotations

import math
import re
from decimal import Decimal, InvalidOperation
from typing import Any

import botocore.exceptions

from helpers import account, aws
from helpers.engine import Engine
from helpers.errors import AwsRefused
from helpers.exercises import Right, Wrong, exercise

SENT_BACK = "/lbl-12/sent-back"
SERVICES, LIMIT, ADDRESS = "lbl-12-services", Decimal(3), "bill@example.com"
FILTER = {"TagKeyValue": ["user:org.layer-by-layer.lesson$14"]}
THREE = "lbl-12-three"
USED = {"fargate-vcpu-hour": 3 * 0.5 * 730, "fargate-gb-hour": 3 * 730, "alb-hour": 730}


def _client(service: str) -> Any:
    try:
        return aws.client(service)
    except AwsRefused:
        return None


def _budget(budgets: Any, name: str) -> dict | None:
    try:
        return budgets.describe_budget(AccountId=aws.current().account, BudgetName=name)["Budget"]
    except budgets.exceptions.NotFoundException:
        return None


def _limit(budget: dict) -> Decimal | None:
    """The limit in USD; None if it has none, or in something else."""
    told = budget.get("BudgetLimit") or {}
    try:
        return Decimal(told["Amount"]) if told.get("Unit") == "USD" else None
    except (KeyError, InvalidOperation):
        return None


@exercise("12.1")
def the_clerks_desk(engine: Engine) -> Right | Wrong:
    """The parameter names the three applications, each with its field."""
    ssm = _client("ssm")
    if ssm is None:
        return Wrong("lesson12.no_target")
    try:
        told = ssm.get_parameter(Name=SENT_BACK)["Parameter"]["Value"]
    except botocore.exceptions.ClientError as error:
        if error.response["Error"]["Code"] != "ParameterNotFound":
            raise
        return Wrong("lesson12.ex1.missing", name=SENT_BACK)
    given = dict(re.findall(r"\b([A-E])\W+(\w+)", told))
    if not given:
        return Wrong("lesson12.ex1.unreadable", name=SENT_BACK)
    wanted = {letter: {one.field for one in account.review(each).wrong}
              for letter, each in account.applications().items()}  # fmt: skip
    for letter, fields in wanted.items():
        if letter in given and not fields:
            return Wrong("lesson12.ex1.innocent", letter=letter)
        if letter in given and given[letter] not in fields:
            return Wrong("lesson12.ex1.other_field", letter=letter, field=given[letter])
    left = sum(bool(fields) and letter not in given for letter, fields in wanted.items())
    if left:
        return Wrong("lesson12.ex1.more", count=left)
    return Right("lesson12.ex1.right", count=len(given))


@exercise("12.2")
def one_lessons_budget(engine: Engine) -> Right | Wrong:
    """A budget for one value of the tag, with one notification of the forecast."""
    budgets = _client("budgets")
    if budgets is None:
        return Wrong("lesson12.no_target")
    found = _budget(budgets, SERVICES)
    if found is None:
        return Wrong("lesson12.no_budget", name=SERVICES)
    if _limit(found) != LIMIT or found["TimeUnit"] != "MONTHLY":
        return Wrong("lesson12.ex2.limit", name=SERVICES)
    if found.get("CostFilters") != FILTER:
        return Wrong("lesson12.ex2.filter", name=SERVICES)
    which = {"AccountId": aws.current().account, "BudgetName": SERVICES}
    notices = budgets.describe_notifications_for_budget(**which).get("Notifications") or []
    if not notices:
        return Wrong("lesson12.ex2.silent", name=SERVICES)
    early = [one for one in notices if one["NotificationType"] == "FORECASTED"]
    if not early:
        return Wrong("lesson12.ex2.late", name=SERVICES)
    at = [one for one in early if one["Threshold"] == 100
          and one["ComparisonOperator"] == "GREATER_THAN"
          and one.get("ThresholdType", "PERCENTAGE") == "PERCENTAGE"]  # fmt: skip
    if not at:
        return Wrong("lesson12.ex2.threshold", name=SERVICES)
    asked = {name: at[0][name] for name in ("NotificationType", "ComparisonOperator", "Threshold")}
    people = budgets.describe_subscribers_for_notification(**which, Notification=asked)
    if ADDRESS not in [one["Address"] for one in people["Subscribers"]]:
        return Wrong("lesson12.ex2.address", address=ADDRESS)
    return Right("lesson12.ex2.right", name=SERVICES, address=ADDRESS)


@exercise("12.3")
def what_will_it_be(engine: Engine) -> Right | Wrong:
    """A budget whose limit is the sum, rounded up."""
    budgets = _client("budgets")
    if budgets is None:
        return Wrong("lesson12.no_target")
    found = _budget(budgets, THREE)
    if found is None:
        return Wrong("lesson12.no_budget", name=THREE)
    limit = _limit(found)
    if limit is None or found["TimeUnit"] != "MONTHLY":
        return Wrong("lesson12.ex3.no_limit", name=THREE)
    wanted = math.ceil(aws.costs.month({"three": USED}).total)
    if limit == wanted:
        return Right("lesson12.ex3.right", amount=wanted)
    if limit != int(limit):
        return Wrong("lesson12.ex3.cents")
    return Wrong("lesson12.ex3.less" if limit < wanted else "lesson12.ex3.more", amount=str(limit))

"""Prices with a place, a year and a page; sums that are right; nothing guessed."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from helpers import aws, messages, paths
from helpers.errors import AwsFailed, NotFound


def test_every_price_has_a_name_a_page_and_a_way_to_count() -> None:
    for price in aws.costs.prices().values():
        assert price.name and price.by in ("hour", "month", "use")
        assert re.fullmatch(r"aws\.amazon\.com/[\w/-]*pricing(/on-demand)?", price.source)


def test_every_aws_lesson_has_a_note() -> None:
    for folder in paths.LESSONS.glob("[0-9][0-9]-*"):
        if "aws.target(" in (folder / "en.md").read_text("utf-8"):
            assert aws.costs.note(folder.name[:2]).items


def test_the_note_of_the_service_behind_a_load_balancer() -> None:
    found = aws.costs.note("14")
    kept = (Decimal("0.01") * Decimal("0.10") + Decimal("0.01") * Decimal("0.023")) / 730
    by_hand = (
        Decimal("0.04048") + 2 * Decimal("0.004445") + Decimal("0.0225") + 6 * Decimal("0.005")
    )
    assert round(found.hourly, 12) == round(by_hand + kept, 12)
    assert "CloudWatch Logs, a GB taken in, 0.50" in str(found)


def test_what_is_not_known_is_said() -> None:
    assert [one.id for one in aws.costs.note("17").unknown] == ["eks-node-hour"]
    assert "look it up" in str(aws.costs.note("17"))
    assert "CNY" in str(aws.costs.note("13", "cn-northwest-1"))
    with pytest.raises(NotFound, match="14"):
        aws.costs.note("03")


def test_a_month_by_tag() -> None:
    usage = {"13": {"ecr-gb-month": 10.4}, "14": {"alb-hour": 730, "fargate-vcpu-hour": 365}}
    bill = aws.costs.month(usage)
    assert bill.by_tag == {"14": Decimal("31.2002"), "13": Decimal("1.04")}
    assert list(bill.by_tag) == ["14", "13"] and bill.total == Decimal("32.2402")
    assert "730 × 0.0225 = 16.43" in str(bill)  # half a cent goes up
    with messages.speaking("zh"):
        assert "标签 14：31.20" in str(bill)


@pytest.mark.parametrize("count", [-1, "many", float("nan"), float("inf")])
def test_amounts_that_cannot_be_billed(count: object) -> None:
    with pytest.raises(AwsFailed, match="alb-hour"):
        aws.costs.month({"14": {"alb-hour": count}})


@pytest.mark.parametrize("name", ["moon-hour", "eks-node-hour"])
def test_a_price_that_is_not_known(name: str) -> None:
    with pytest.raises(NotFound, match="not guessed"):
        aws.costs.month({"14": {name: 1}})

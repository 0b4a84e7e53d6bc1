"""What is asked of the business licence and of the security officer's identity card."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping

from .numbers import CREDIT, credit_check, identity_check, organisation_check
from .provinces import provinces
from .ruling import NOBODY, Problem, half_width, rule, wrong

FORMATS = ("jpg", "jpeg", "bmp", "png", "pdf")  # FAQ
MEGABYTES = 10  # FAQ: a file has to be smaller
REGISTERS = "159Y"  # GB 32100-2015: who registers (institutions, civil affairs, commerce, others)
STATE = "10"  # code of the State's own register, as the first two digits of a division


@rule("licence_name")
def _licence_name(value: str, others: Mapping[str, str]) -> Problem | None:
    company = others.get("company_name")
    return wrong("other_name") if company and value != company.strip() else None


@rule("credit_code")
def _credit_code(value: str, _: Mapping[str, str]) -> Problem | None:
    if problem := half_width(value):
        return problem
    if len(value) != 18:
        return wrong("credit_length", count=len(value))
    if any(one not in CREDIT for one in value):
        return wrong("credit_letters")
    if value[0] not in REGISTERS:
        return wrong("credit_register")
    if not value[2:8].isdigit() or not _division(value[2:4], STATE):
        return wrong("credit_division")
    if credit_check(value[:17]) != value[17]:
        return wrong("credit_check")
    if organisation_check(value[8:16]) != value[16]:
        return wrong("credit_organisation")
    return None


def _division(code: str, *more: str) -> bool:
    return code in provinces() or code in (NOBODY["division"], *more)


@rule("officer_id")
def _officer_id(value: str, _: Mapping[str, str]) -> Problem | None:
    if problem := half_width(value):
        return problem
    if len(value) != 18:
        return wrong("identity_length", count=len(value))
    if not re.fullmatch(r"[0-9]{17}[0-9X]", value):
        return wrong("identity_signs")
    if not _division(value[:2]):
        return wrong("identity_division")
    try:
        born = datetime.datetime.strptime(value[6:14], "%Y%m%d").date()
    except ValueError:
        return wrong("identity_date")
    if born > datetime.date.today():
        return wrong("identity_date")
    return None if identity_check(value[:17]) == value[17] else wrong("identity_check")


@rule("licence_file", "officer_file")
def _file(value: str, _: Mapping[str, str]) -> Problem | None:
    name, dot, ending = value.rpartition(".")
    if not name or not dot or ending.lower() not in FORMATS:
        return wrong("file", formats=", ".join(FORMATS))
    return None


@rule("licence_size")
def _size(value: str, _: Mapping[str, str]) -> Problem | None:
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", value) or not float(value):
        return wrong("number")
    return None if float(value) < MEGABYTES else wrong("size", most=MEGABYTES)

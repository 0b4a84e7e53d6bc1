"""What is asked of each field. A rule returns what is wrong, without what was typed.

Which of them are public and which are assumed stands in `helpers.account.fields`.
"""

from __future__ import annotations

import datetime
import re
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from . import fields
from .numbers import CREDIT, credit_check, identity_check, organisation_check
from .provinces import provinces

__all__ = ["NOBODY", "RULES", "Problem"]


@dataclass(frozen=True)
class Problem:
    """What is wrong: the key of a message below ``account.wrong``, and what it mentions."""

    key: str
    details: Mapping[str, object] = field(default_factory=dict)


Rule = Callable[[str, Mapping[str, str]], Problem | None]
RULES: dict[str, Rule] = {}

# Numbers that nobody can have, for the rehearsal: no mobile begins with 10, no division has the
# code 00. The form takes them beside those that its rules allow.
NOBODY = {"mobile": "10000000000", "phone": "100-00000000", "division": "00"}
STATE = "10"  # code of the State's own register, as the first two digits of a division
FULL_WIDTH = re.compile("[\uff01-\uff5e\u3000]")
LETTER = re.compile(r"[^\W\d_]")
SIGNS = "!@#$%^&*()<>[]{}|_+-="  # CREATING
FORMATS = ("jpg", "jpeg", "bmp", "png", "pdf")  # FAQ
MEGABYTES = 10  # FAQ: a file has to be smaller
REGISTERS = "159Y"  # GB 32100-2015: who registers (institutions, civil affairs, commerce, others)


def _rule(*names: str) -> Callable[[Rule], Rule]:
    def keep(function: Rule) -> Rule:
        def ruled(value: str, others: Mapping[str, str]) -> Problem | None:
            return Problem("empty") if not value else function(value, others)

        RULES.update(dict.fromkeys(names, ruled))
        return function

    return keep


def _wrong(key: str, **details: object) -> Problem:
    return Problem(key, details)


def _half_width(value: str) -> Problem | None:
    return _wrong("full_width") if FULL_WIDTH.search(value) else None


@_rule("mail")
def _mail(value: str, _: Mapping[str, str]) -> Problem | None:
    """RFC 5321, 4.1.2 and 4.5.3.1: local-part@domain, 64 and 255 octets; no quoted ones here."""
    if problem := _half_width(value):
        return problem
    local, at, domain = value.rpartition("@")
    if not at or value.count("@") != 1:
        return _wrong("mail_at")
    if not re.fullmatch(r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*", local, re.ASCII):
        return _wrong("mail_local")
    if len(local) > 64 or len(domain) > 255:
        return _wrong("mail_long")
    label = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
    if not re.fullmatch(rf"({label}\.)+[a-z]([a-z0-9-]*[a-z0-9])", domain, re.ASCII | re.I):
        return _wrong("mail_domain")
    return None


@_rule("mail_code", "mobile_code")
def _code(value: str, _: Mapping[str, str]) -> Problem | None:
    return None if re.fullmatch(r"[0-9]{6}", value) else _wrong("code")


@_rule("user_name")
def _user_name(value: str, _: Mapping[str, str]) -> Problem | None:
    """As IAM takes names of users."""
    if problem := _half_width(value):
        return problem
    if len(value) > 64:
        return _wrong("long", count=len(value), most=64)
    return None if re.fullmatch(r"[\w+=,.@-]+", value, re.ASCII) else _wrong("user_name")


@_rule("password")
def _password(value: str, others: Mapping[str, str]) -> Problem | None:
    if not 8 <= len(value) <= 128:
        return _wrong("password_length", count=len(value))
    kinds = (string.ascii_uppercase, string.ascii_lowercase, string.digits, SIGNS)
    found = sum(any(one in kind for one in value) for kind in kinds)
    if found < 3:
        return _wrong("password_kinds", count=found)
    if value in (others.get("user_name"), others.get("mail")):
        return _wrong("password_name")
    return None


@_rule("password_again")
def _password_again(value: str, others: Mapping[str, str]) -> Problem | None:
    return None if value == others.get("password") else _wrong("password_again")


@_rule("contact_name", "officer_name")
def _person(value: str, _: Mapping[str, str]) -> Problem | None:
    if len(value) > 50:
        return _wrong("long", count=len(value), most=50)
    if len(LETTER.findall(value)) < 2 or re.search(r"[\d@#$%&*<>]", value):
        return _wrong("person")
    return None


@_rule("company_name")
def _company(value: str, _: Mapping[str, str]) -> Problem | None:
    if len(value) > 100:
        return _wrong("long", count=len(value), most=100)
    return None if len(LETTER.findall(value)) >= 4 else _wrong("company")


@_rule("phone")
def _phone(value: str, _: Mapping[str, str]) -> Problem | None:
    if problem := _half_width(value):
        return problem
    # mobile: three and eight digits; a line: its area's code and seven or eight digits
    shapes = r"1[3-9][0-9]-[0-9]{8}|0[0-9]{2}-[0-9]{8}|0[0-9]{3}-[0-9]{7,8}"
    known = value == NOBODY["phone"] or re.fullmatch(shapes, value)
    return None if known else _wrong("phone")


@_rule("mobile")
def _mobile(value: str, _: Mapping[str, str]) -> Problem | None:
    if problem := _half_width(value):
        return problem
    if not re.fullmatch(r"[0-9]+", value):
        return _wrong("digits_only")
    if len(value) != 11:
        return _wrong("mobile_length", count=len(value))
    known = value == NOBODY["mobile"] or re.match(r"1[3-9]", value)
    return None if known else _wrong("mobile_begin")


@_rule("province")
def _province(value: str, _: Mapping[str, str]) -> Problem | None:
    if value not in provinces():
        return _wrong("choice")
    return None if provinces()[value].mainland else _wrong("mainland")


@_rule("city", "district")
def _place(value: str, _: Mapping[str, str]) -> Problem | None:
    if len(value) > 50:
        return _wrong("long", count=len(value), most=50)
    if len(LETTER.findall(value)) < 2 or re.search(r"\d", value):
        return _wrong("place")
    return None


@_rule("street")
def _street(value: str, _: Mapping[str, str]) -> Problem | None:
    if len(value) > 200:
        return _wrong("long", count=len(value), most=200)
    if len(LETTER.findall(value)) < 2 or not re.search(r"\d|[一二三四五六七八九十]+号", value):
        return _wrong("street")
    return None


@_rule("postcode")
def _postcode(value: str, _: Mapping[str, str]) -> Problem | None:
    if problem := _half_width(value):
        return problem
    return None if re.fullmatch(r"[0-9]{6}", value) else _wrong("postcode")


def _chosen(name: str) -> Rule:
    options = fields.FIELDS[name].options

    def ruled(value: str, others: Mapping[str, str]) -> Problem | None:
        if value not in options:
            return _wrong("choice")
        if name == "taxpayer" and value == "small" and others.get("invoice") == "special":
            return _wrong("taxpayer")
        return None

    return ruled


for _name in ("invoice", "taxpayer", "licence_kind", "support"):
    _rule(_name)(_chosen(_name))


def _ticked(value: str, _: Mapping[str, str]) -> Problem | None:
    return None if value == "yes" else _wrong("tick")


RULES.update(dict.fromkeys(("agree_beijing", "agree_ningxia", "free_tier"), _ticked))


@_rule("licence_name")
def _licence_name(value: str, others: Mapping[str, str]) -> Problem | None:
    company = others.get("company_name")
    return _wrong("other_name") if company and value != company.strip() else None


@_rule("credit_code")
def _credit_code(value: str, _: Mapping[str, str]) -> Problem | None:
    if problem := _half_width(value):
        return problem
    if len(value) != 18:
        return _wrong("credit_length", count=len(value))
    if any(one not in CREDIT for one in value):
        return _wrong("credit_letters")
    if value[0] not in REGISTERS:
        return _wrong("credit_register")
    if not value[2:8].isdigit() or not _division(value[2:4], STATE):
        return _wrong("credit_division")
    if credit_check(value[:17]) != value[17]:
        return _wrong("credit_check")
    if organisation_check(value[8:16]) != value[16]:
        return _wrong("credit_organisation")
    return None


def _division(code: str, *more: str) -> bool:
    return code in provinces() or code in (NOBODY["division"], *more)


@_rule("officer_id")
def _officer_id(value: str, _: Mapping[str, str]) -> Problem | None:
    if problem := _half_width(value):
        return problem
    if len(value) != 18:
        return _wrong("identity_length", count=len(value))
    if not re.fullmatch(r"[0-9]{17}[0-9X]", value):
        return _wrong("identity_signs")
    if not _division(value[:2]):
        return _wrong("identity_division")
    try:
        born = datetime.datetime.strptime(value[6:14], "%Y%m%d").date()
    except ValueError:
        return _wrong("identity_date")
    if born > datetime.date.today():
        return _wrong("identity_date")
    return None if identity_check(value[:17]) == value[17] else _wrong("identity_check")


@_rule("licence_file", "officer_file")
def _file(value: str, _: Mapping[str, str]) -> Problem | None:
    name, dot, ending = value.rpartition(".")
    if not name or not dot or ending.lower() not in FORMATS:
        return _wrong("file", formats=", ".join(FORMATS))
    return None


@_rule("licence_size")
def _size(value: str, _: Mapping[str, str]) -> Problem | None:
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", value) or not float(value):
        return _wrong("number")
    return None if float(value) < MEGABYTES else _wrong("size", most=MEGABYTES)

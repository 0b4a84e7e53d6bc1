"""What is asked of the fields that name a person, a place or a choice.

Papers have a module of their own. A rule returns what is wrong, without what was typed. Which rules
are public and which are assumed stands in `helpers.account.fields`.
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping

from . import fields
from .provinces import provinces
from .ruling import NOBODY, RULES, Problem, Rule, half_width, rule, too_long, wrong

LETTER = re.compile(r"[^\W\d_]")
SIGNS = "!@#$%^&*()<>[]{}|_+-="  # CREATING


@rule("mail")
def _mail(value: str, _: Mapping[str, str]) -> Problem | None:
    """RFC 5321, 4.1.2 and 4.5.3.1: local-part@domain, 64 and 255 octets; no quoted ones here."""
    if problem := half_width(value):
        return problem
    local, at, domain = value.rpartition("@")
    if not at or value.count("@") != 1:
        return wrong("mail_at")
    if not re.fullmatch(r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*", local, re.ASCII):
        return wrong("mail_local")
    if len(local) > 64 or len(domain) > 255:
        return wrong("mail_long")
    label = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
    if not re.fullmatch(rf"({label}\.)+[a-z]([a-z0-9-]*[a-z0-9])", domain, re.ASCII | re.I):
        return wrong("mail_domain")
    return None


@rule("mail_code", "mobile_code")
def _code(value: str, _: Mapping[str, str]) -> Problem | None:
    return None if re.fullmatch(r"[0-9]{6}", value) else wrong("code")


@rule("user_name")
def _user_name(value: str, _: Mapping[str, str]) -> Problem | None:
    """As IAM takes names of users."""
    if problem := half_width(value):
        return problem
    if problem := too_long(value, 64):
        return problem
    return None if re.fullmatch(r"[\w+=,.@-]+", value, re.ASCII) else wrong("user_name")


@rule("password")
def _password(value: str, others: Mapping[str, str]) -> Problem | None:
    if not 8 <= len(value) <= 128:
        return wrong("password_length", count=len(value))
    kinds = (string.ascii_uppercase, string.ascii_lowercase, string.digits, SIGNS)
    found = sum(any(one in kind for one in value) for kind in kinds)
    if found < 3:
        return wrong("password_kinds", count=found)
    if value in (others.get("user_name"), others.get("mail")):
        return wrong("password_name")
    return None


@rule("password_again")
def _password_again(value: str, others: Mapping[str, str]) -> Problem | None:
    return None if value == others.get("password") else wrong("password_again")


@rule("contact_name", "officer_name")
def _person(value: str, _: Mapping[str, str]) -> Problem | None:
    if problem := too_long(value, 50):
        return problem
    if len(LETTER.findall(value)) < 2 or re.search(r"[\d@#$%&*<>]", value):
        return wrong("person")
    return None


@rule("company_name")
def _company(value: str, _: Mapping[str, str]) -> Problem | None:
    if problem := too_long(value, 100):
        return problem
    return None if len(LETTER.findall(value)) >= 4 else wrong("company")


@rule("phone")
def _phone(value: str, _: Mapping[str, str]) -> Problem | None:
    if problem := half_width(value):
        return problem
    # mobile: three and eight digits; a line: its area's code and seven or eight digits
    shapes = r"1[3-9][0-9]-[0-9]{8}|0[0-9]{2}-[0-9]{8}|0[0-9]{3}-[0-9]{7,8}"
    known = value == NOBODY["phone"] or re.fullmatch(shapes, value)
    return None if known else wrong("phone")


@rule("mobile")
def _mobile(value: str, _: Mapping[str, str]) -> Problem | None:
    if problem := half_width(value):
        return problem
    if not re.fullmatch(r"[0-9]+", value):
        return wrong("digits_only")
    if len(value) != 11:
        return wrong("mobile_length", count=len(value))
    known = value == NOBODY["mobile"] or re.match(r"1[3-9]", value)
    return None if known else wrong("mobile_begin")


@rule("province")
def _province(value: str, _: Mapping[str, str]) -> Problem | None:
    if value not in provinces():
        return wrong("choice")
    return None if provinces()[value].mainland else wrong("mainland")


@rule("city", "district")
def _place(value: str, _: Mapping[str, str]) -> Problem | None:
    if problem := too_long(value, 50):
        return problem
    if len(LETTER.findall(value)) < 2 or re.search(r"\d", value):
        return wrong("place")
    return None


@rule("street")
def _street(value: str, _: Mapping[str, str]) -> Problem | None:
    if problem := too_long(value, 200):
        return problem
    if len(LETTER.findall(value)) < 2 or not re.search(r"\d|[一二三四五六七八九十]+号", value):
        return wrong("street")
    return None


@rule("postcode")
def _postcode(value: str, _: Mapping[str, str]) -> Problem | None:
    if problem := half_width(value):
        return problem
    return None if re.fullmatch(r"[0-9]{6}", value) else wrong("postcode")


def _chosen(name: str) -> Rule:
    options = fields.FIELDS[name].options

    def ruled(value: str, others: Mapping[str, str]) -> Problem | None:
        if value not in options:
            return wrong("choice")
        if name == "taxpayer" and value == "small" and others.get("invoice") == "special":
            return wrong("taxpayer")
        return None

    return ruled


for _name in ("invoice", "taxpayer", "licence_kind", "support"):
    rule(_name)(_chosen(_name))


def _ticked(value: str, _: Mapping[str, str]) -> Problem | None:
    return None if value == "yes" else wrong("tick")


RULES.update(dict.fromkeys(("agree_beijing", "agree_ningxia", "free_tier"), _ticked))

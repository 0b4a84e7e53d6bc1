"""What is accepted, what is sent back and why, and that no verdict repeats what was typed."""

from __future__ import annotations

import pytest

from helpers import account, messages
from helpers.account.checking import Verdict
from helpers.account.numbers import credit_check, identity_check, organisation_check
from helpers.account.ruling import NOBODY
from helpers.errors import NotFound

# Printed as examples in the standards, or in texts that work them out by hand.
CREDIT = "91350100M000100Y43"
IDENTITIES = ("11010519491231002X", "440524188001010014")


def key(field: str, value: str, **others: str) -> str | None:
    verdict = account.check(field, value, **others)
    assert bool(verdict.reason) is not verdict.ok  # there are words for each problem
    return verdict.problem.key if verdict.problem else None


def test_check_characters_of_the_standards_examples() -> None:
    assert credit_check(CREDIT[:17]) == CREDIT[17]
    assert organisation_check(CREDIT[8:16]) == CREDIT[16]
    assert [identity_check(one[:17]) for one in IDENTITIES] == [one[17] for one in IDENTITIES]


@pytest.mark.parametrize(
    ("field", "number"), [("credit_code", CREDIT), ("officer_id", IDENTITIES[0])]
)
def test_a_mistyped_or_swapped_character_is_found(field: str, number: str) -> None:
    assert key(field, number) is None
    for place in range(8, 17):
        other = "1" if number[place] != "1" else "2"
        assert key(field, number[:place] + other + number[place + 1 :]) is not None
        swapped = list(number)
        swapped[place], swapped[place + 1] = swapped[place + 1], swapped[place]
        if "".join(swapped) != number:
            assert key(field, "".join(swapped)) is not None


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("mail", "a.b+c@example.com", None),
        ("mail", "a@b@example.com", "mail_at"),
        ("mail", "a..b@example.com", "mail_local"),
        ("mail", "a@example", "mail_domain"),
        ("mail", "a@-example.com", "mail_domain"),
        ("mail", "x" * 65 + "@example.com", "mail_long"),
        ("mail", "ａ@example.com", "full_width"),
        ("mail_code", "12345", "code"),
        ("user_name", "no body", "user_name"),
        ("user_name", "n" * 65, "long"),
        ("password", "Short1!", "password_length"),
        ("password", "onlysmall1", "password_kinds"),
        ("contact_name", "王", "person"),
        ("contact_name", "王小明", None),
        ("contact_name", "R2D2 Robot", "person"),
        ("company_name", "Ltd", "company"),
        ("phone", "138-00138000", None),
        ("phone", "010-12345678", None),
        ("phone", "0951-1234567", None),
        ("phone", "13800138000", "phone"),
        ("phone", NOBODY["phone"], None),
        ("province", "64", None),
        ("province", "81", "mainland"),
        ("province", "99", "choice"),
        ("city", "北京市", None),
        ("city", "9", "place"),
        ("street", "子虚路 0 号", None),
        ("street", "Long Road", "street"),
        ("postcode", "75000", "postcode"),
        ("agree_beijing", "", "tick"),
        ("licence_kind", "passport", "choice"),
        ("licence_file", "licence.docx", "file"),
        ("licence_file", "scan.PDF", None),
        ("licence_size", "10", "size"),
        ("licence_size", "9.9", None),
        ("licence_size", "0", "number"),
        ("credit_code", CREDIT[:17], "credit_length"),
        ("credit_code", "O" + CREDIT[1:], "credit_letters"),
        ("credit_code", "2" + CREDIT[1:], "credit_register"),
        ("credit_code", "9199" + CREDIT[4:], "credit_division"),
        ("officer_id", "11010519491231002x", "identity_signs"),
        ("officer_id", "99010519491231002X", "identity_division"),
        ("officer_id", "11010519490231002X", "identity_date"),
        ("officer_id", "11010529491231002X", "identity_date"),
        ("mobile", "1380013800", "mobile_length"),
        ("mobile", "12800138000", "mobile_begin"),
        ("mobile", "138-0013800", "digits_only"),
        ("mobile", NOBODY["mobile"], None),
        ("support", "", "empty"),
    ],
)  # fmt: skip
def test_rules(field: str, value: str, expected: str | None) -> None:
    assert key(field, value) == expected


def test_rules_that_look_at_other_fields() -> None:
    assert key("password", "Same-Name-1", user_name="Same-Name-1") == "password_name"
    assert key("password_again", "One-more-1", password="One-more-2") == "password_again"
    assert key("licence_name", "Nobody Ltd.", company_name="Nobody Limited") == "other_name"
    assert key("taxpayer", "small", invoice="special") == "taxpayer"
    assert key("taxpayer", "small", invoice="ordinary") is None


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_sample_is_accepted_and_three_of_five_are_not(language: str) -> None:
    with messages.speaking(language):
        assert not account.review(account.sample()).wrong
        found = {letter: [one.field for one in account.review(each).wrong]
                 for letter, each in account.applications().items()}  # fmt: skip
    wanted = {"A": [], "B": ["credit_code"], "C": [], "D": ["licence_name"], "E": ["officer_id"]}
    assert found == wanted


def test_samples_are_nobodys() -> None:
    for each in [account.sample(), *account.applications().values()]:
        assert each["mail"].endswith("@example.com")
        assert (each["phone"], each["mobile"]) == (NOBODY["phone"], NOBODY["mobile"])
        assert each["credit_code"][2:4] == each["officer_id"][:2] == NOBODY["division"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_verdict_says_whose_rule_it_is_and_never_what_was_typed(language: str) -> None:
    secret = "SENTINEL-7Q"
    with messages.speaking(language):
        for field in account.FIELDS.values():
            verdict = account.check(field.id, secret, company_name=secret + "2", password=secret)
            assert secret not in str(verdict) + repr(verdict)
            mark = field.source or messages.text("account.assumed")
            assert mark in str(verdict)


def test_every_problem_has_words() -> None:
    for name in messages.catalogue():
        if name.startswith("account.wrong."):
            details = {"count": 1, "most": 2, "formats": "jpg"}
            problem = account.check("mail", "").problem
            assert Verdict(
                "mail", type(problem)(name.removeprefix("account.wrong."), details)
            ).reason


def test_a_field_that_does_not_exist() -> None:
    with pytest.raises(NotFound, match="credit_code"):
        account.check("credit", "x")


def test_provinces_are_34_of_which_31_are_of_the_mainland() -> None:
    found = account.provinces().values()
    assert (len(found), sum(one.mainland for one in found)) == (34, 31)
    assert len({one.zh for one in found}) == len({one.en for one in found}) == 34

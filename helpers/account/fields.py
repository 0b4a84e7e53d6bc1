"""The twelve pages of opening an account in AWS China, and what each asks for.

Sources, read in November 2026:

* FAQ: https://www.amazonaws.cn/en/about-aws/china/faqs/signup/ (who may open an account; which
  papers; their files).
* CREATING: https://docs.amazonaws.cn/accounts/latest/reference/manage-acct-creating.html (the code
  sent by mail, the password).
* SUPPORT: https://www.amazonaws.cn/en/support/faqs/ (how a telephone number is written).
* https://www.amazonaws.cn/en/free/terms/zhy/ (the free tier, which page 12 tells of).

What no public page of AWS China and no standard says is assumed, and each such field says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..messages import text
from .provinces import provinces

__all__ = ["FIELDS", "PAGES", "Field", "Page"]

FAQ = "www.amazonaws.cn/en/about-aws/china/faqs/signup"
CREATING = "docs.amazonaws.cn/accounts/latest/reference/manage-acct-creating.html"
SUPPORT = "www.amazonaws.cn/en/support/faqs"


@dataclass(frozen=True)
class Field:
    """One thing that a page asks for.

    Fields
    ------
    id: its name in `helpers.account.check`.
    kind: ``text``, ``password``, ``choice``, ``tick`` or ``code`` (sent to what is in ``to``).
    source: where its rule stands; empty if the rule is assumed.
    options: what a choice has; ids of messages, or codes of provinces.
    to: the field whose address or number a code is sent to.
    """

    id: str
    kind: str = "text"
    source: str = ""
    options: tuple[str, ...] = ()
    to: str = ""

    @property
    def label(self) -> str:
        return text(f"account.field.{self.id}.label")

    @property
    def rule(self) -> str:
        """What is asked of it, in one sentence."""
        return text(f"account.field.{self.id}.rule")

    @property
    def said_by(self) -> str:
        """Where the rule comes from, or that it is assumed."""
        if not self.source:
            return text("account.assumed")
        return text("account.source", source=self.source)

    def named(self) -> dict[str, str]:
        """Return the options: id → name."""
        if self.id == "province":
            return {code: one.name for code, one in provinces().items()}
        return {one: text(f"account.option.{self.id}.{one}") for one in self.options}


@dataclass(frozen=True)
class Page:
    """One page of the sign-up, in the order of the source text."""

    id: str
    fields: tuple[Field, ...] = field(repr=False)

    @property
    def title(self) -> str:
        return text(f"account.page.{self.id}.title")

    @property
    def about(self) -> str:
        """What the page is for, and what happens there."""
        return text(f"account.page.{self.id}.about")


PAPERS = ("business", "institution", "credit", "private", "law", "office", "other")
PAGES = (
    Page("mail", (Field("mail", source="RFC 5321"), Field("mail_code", "code", to="mail"))),
    Page("user", (
        Field("user_name"),
        Field("password", "password", CREATING),
        Field("password_again", "password", CREATING),
    )),
    Page("names", (Field("contact_name"), Field("company_name"))),
    Page("telephone", (Field("phone", source=SUPPORT),)),
    Page("address", (
        Field("province", "choice", f"GB/T 2260; {FAQ}"),
        Field("city"), Field("district"), Field("street"), Field("postcode"),
    )),
    Page("invoice", (
        Field("invoice", "choice", options=("ordinary", "special")),
        Field("taxpayer", "choice", options=("general", "small")),
    )),
    Page("agreement", (Field("agree_beijing", "tick"), Field("agree_ningxia", "tick"))),
    Page("licence", (
        Field("licence_kind", "choice", FAQ, PAPERS),
        Field("licence_name"),
        Field("credit_code", source="GB 32100-2015; GB 11714-1997"),
        Field("licence_file", source=FAQ),
        Field("licence_size", source=FAQ),
    )),
    Page("officer", (
        Field("officer_name"), Field("officer_id", source="GB 11643-1999; GB/T 2260"),
        Field("officer_file"),
    )),
    Page("mobile", (Field("mobile"), Field("mobile_code", "code", to="mobile"))),
    Page("support", (
        Field("support", "choice", options=("basic", "developer", "business", "enterprise")),
    )),
    Page("free", (Field("free_tier", "tick"),)),
)  # fmt: skip
FIELDS: Mapping[str, Field] = {one.id: one for page in PAGES for one in page.fields}

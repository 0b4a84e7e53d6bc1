"""Opening an account in AWS China, rehearsed: nothing is sent, and nothing typed is kept."""

from .checking import Review, Verdict, check, review
from .fields import FIELDS, PAGES, Field, Page
from .provinces import Province, provinces
from .rehearsal import Rehearsal
from .samples import Application, applications, sample

__all__ = [
    "FIELDS",
    "PAGES",
    "Application",
    "Field",
    "Page",
    "Province",
    "Rehearsal",
    "Review",
    "Verdict",
    "applications",
    "check",
    "provinces",
    "review",
    "sample",
]

"""Buckets of S3, and objects fetched by their address, as a browser would."""

from __future__ import annotations

import contextlib

from ..text import plain
from . import services
from .targeting import client, current

__all__ = ["ask", "bucket"]


def bucket(suffix: str = "") -> str:
    """Make a bucket of the lesson, and return its name: a name is taken for all accounts.

    Parameters
    ----------
    suffix: tells a second bucket of the lesson from the first.
    """
    chosen, s3 = current(), client("s3")
    name = "-".join(filter(None, ["lbl", chosen.lesson or "00", chosen.account, suffix]))
    place = {}
    if chosen.region != "us-east-1":  # where it is refused to name the region
        place = {"CreateBucketConfiguration": {"LocationConstraint": chosen.region}}
    with contextlib.suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(Bucket=name, **place)
    return name


def ask(url: str) -> tuple[int, str]:
    """Ask for an address without any key of yours; return the status and what came.

    What is not 200 comes without its text.
    """
    status, body = services._ask(url)
    return status, plain(body) if status == 200 else ""

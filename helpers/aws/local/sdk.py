"""A base image with Python and boto3, for tasks that call AWS themselves."""

from __future__ import annotations

from importlib import metadata

from ...bases import debian_root
from ...bases.archive import PATH, Recipe, present
from ...bases.busybox_root import known_architecture, mark
from ...bases.extend import extend
from ...engine import Engine, connect
from .packages import collect

__all__ = ["NAME", "PACKAGES", "make"]

NAME = "lbl/boto3:1"
VERSION = 1  # of this recipe; count up when the image changes
PACKAGES = ("python-is-python3",)
FOLDER = "usr/lib/layer-by-layer/boto3"
WANTED = ("boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six", "urllib3")
MODELS = ("s3", "sts")


def make(engine: Engine | None = None) -> str:
    """Make the image ``lbl/boto3:1`` unless the engine holds it, and return its name.

    One layer on ``lbl/debian:12``: Debian's Python, and boto3 for S3 and STS as it is installed in
    this environment.

    Raises
    ------
    AwsFailed: a package is missing in this environment.
    EngineFailed, DownloadFailed, NotOurs, EngineLost, NoSpace, NotWritable, TimedOut: as for
        `helpers.bases.extend`.
    """
    engine = engine or connect()
    architecture = known_architecture(engine)
    recipe = Recipe(
        name=NAME,
        architecture=architecture,
        author=mark(
            engine, "boto3", VERSION, metadata.version("boto3"), debian_root.VERSION, architecture
        ),
        created_by="Python 3 from Debian 12, with boto3",
        cmd=("python3",),
        env=(PATH, f"PYTHONPATH=/{FOLDER}", "PYTHONDONTWRITEBYTECODE=1", "PYTHONUNBUFFERED=1"),
    )
    if present(engine, recipe):
        return NAME
    files = collect(WANTED, MODELS, FOLDER)
    return extend(engine, recipe, PACKAGES, lambda _: files)

"""The Python packages that the local AWS runs on, taken out of this very environment.

They are pure Python, so they run in a container of any architecture; what has to be compiled comes
from Debian's packages instead (`helpers.aws.local.image`).
"""

from __future__ import annotations

import fnmatch
from collections.abc import Collection, Iterable
from importlib import metadata

from ...errors import AwsFailed

__all__ = ["FOLDER", "MINISTACK", "collect"]

MINISTACK = "1.5.33"  # the adapter in `helpers.aws.inside` is written for this very version
FOLDER = "usr/lib/layer-by-layer/aws"
WANTED = (
    "boto3", "botocore", "certifi", "charset-normalizer", "defusedxml", "docker", "graphql-core",
    "h11", "h2", "hpack", "hypercorn", "hyperframe", "idna", "jinja2", "jmespath",
    "jsonata-python", "ministack", "moto", "priority", "python-dateutil", "requests", "responses",
    "s3transfer", "six", "typing_extensions", "urllib3", "werkzeug", "wsproto", "xmltodict",
)  # fmt: skip
# Services whose models are kept: those of the lessons, and what MiniStack looks at for errors.
MODELS = (
    "account", "application-autoscaling", "budgets", "ce", "cloudwatch", "ec2", "ecr", "ecs", "efs",
    "eks", "elbv2", "iam", "logs", "pricing", "rds", "resourcegroupstaggingapi", "s3",
    "secretsmanager", "ssm", "sts",
)  # fmt: skip
# Large, and of services that no lesson has.
LEFT_OUT = (
    "moto/apigateway*", "moto/dynamodb*", "moto/emr*", "moto/glue*", "moto/sagemaker*",
    "moto/stepfunctions*", "moto/ssm/resources/*", "*__pycache__/*", "*/tests/*", "*.so", "*.pyd",
    # What the installer wrote, pip or uv, with this machine's paths: else no other machine would
    # find the layer that was kept (`helpers.kit`).
    "*.dist-info/RECORD", "*.dist-info/INSTALLER", "*.dist-info/REQUESTED",
    "*.dist-info/direct_url.json", "*.dist-info/uv_cache.json",
)  # fmt: skip


def collect(
    wanted: Iterable[str] = WANTED, models: Collection[str] = MODELS, folder: str = FOLDER
) -> dict[str, bytes]:
    """Return packages' files by their path in the image.

    Parameters
    ----------
    wanted: names of distributions.
    models: services whose models of botocore are kept.
    folder: where they lie in the image, without the leading ``/``.

    Raises
    ------
    AwsFailed: a package is missing, or MiniStack is not of the version that the adapter is for.
    """
    found: dict[str, bytes] = {}
    for name in wanted:
        try:
            package = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            raise AwsFailed("aws.package_missing", package=name) from None
        if name == "ministack" and package.version != MINISTACK:
            raise AwsFailed("aws.wrong_version", found=package.version, wanted=MINISTACK)
        for file in package.files or ():
            path = file.as_posix()
            if not path.startswith("..") and _kept(path, models):
                found[f"{folder}/{path}"] = file.read_binary()
    return found


def _kept(path: str, models: Collection[str]) -> bool:
    if any(fnmatch.fnmatch(path, pattern) for pattern in LEFT_OUT):
        return False
    parts = path.split("/")
    if parts[:2] == ["botocore", "data"] and len(parts) > 3:
        return parts[2] in models
    return True

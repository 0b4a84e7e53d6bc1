"""Compile what the server needs, once, while the image is made: else each start would do it.

The code is checked against nothing when it is loaded: the image's files do not change.
"""

from __future__ import annotations

import importlib
import importlib.util
import py_compile
import sys
from pathlib import Path

SERVICES = (
    "alb", "autoscaling", "cloudwatch", "cloudwatch_logs", "ec2", "ecr", "ecs", "ecs_metadata",
    "efs", "eks", "iam", "imds", "rds", "s3", "secretsmanager", "ssm", "sts", "tagging",
)  # fmt: skip


def main() -> None:
    import ministack.app

    importlib.import_module("hypercorn.asyncio")
    importlib.import_module("docker")
    for name in SERVICES:
        importlib.import_module(f"ministack.services.{name}")
    for file in sorted(Path(__file__).parent.glob("[a-z]*.py")):
        importlib.import_module(f"inside.{file.stem}")
    assert ministack.app
    for module in list(sys.modules.values()):
        source = getattr(module, "__file__", None) or ""
        if source.endswith(".py"):
            py_compile.compile(
                source, cfile=importlib.util.cache_from_source(source), doraise=False,
                invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
            )  # fmt: skip


if __name__ == "__main__":
    main()

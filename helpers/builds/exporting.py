"""Which kinds of cache this engine's builder can export: each is tried."""

from __future__ import annotations

import shutil

from ..engine import Engine, connect
from ..errors import BuildFailed
from ..messages import text
from ..text import plain
from .request import Context
from .run import run

__all__ = ["try_exports"]

REPOSITORY = "build-cache"


def try_exports(scenario: Context, tag: str, url: str, engine: Engine | None = None) -> None:
    """Build with one ``--cache-to`` after the other, and print what the builder refused, and why.

    What an export into a folder wrote there is removed again.

    Parameters
    ----------
    url: the registry: ``127.0.0.1:PORT``.

    Raises
    ------
    What `helpers.builds.run` raises, but for an export that is refused.
    """
    engine = engine or connect()
    folder = scenario.folder.with_name(f".{scenario.folder.name}-cache")
    kinds = (
        "type=inline",
        f"type=local,mode=max,dest=../{folder.name}",
        f"type=registry,mode=max,ref={url}/{tag.partition(':')[0]}:{REPOSITORY}",
    )
    try:
        for kind in kinds:
            try:
                run(scenario, tag, engine, cache_to=kind)
            except BuildFailed as error:
                reason = plain(str(error.values.get("reason", "")))
                if "ache export" not in reason:  # the builder's words; any other failure is one
                    raise
                print(text("builds.export.refused", reason=reason))
    finally:
        shutil.rmtree(folder, ignore_errors=True)

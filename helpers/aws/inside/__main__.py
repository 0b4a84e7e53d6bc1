"""Serve the local AWS until the container is stopped."""

from __future__ import annotations

import asyncio
import signal
from importlib import metadata

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack import app as base

from . import (
    activations,
    agents,
    billing,
    clusters,
    credentials,
    databases,
    disks,
    fields,
    forwarding,
    instances,
    keeping,
    machines,
    owned,
    placing,
    profiles,
    registry,
    scaling,
    sizes,
    targets,
)
from .front import Front
from .settings import PORT

VERSION = "1.5.33"  # the one that this package was written for
# In this order: each wraps what the one before it left.
MENDED = (owned, registry, fields, credentials, sizes, instances, placing, activations, agents,
          keeping, targets, forwarding, scaling, clusters, profiles, billing, databases, machines,
          disks)  # fmt: skip


def main() -> None:
    found = metadata.version("ministack")
    if found != VERSION:
        raise SystemExit(f"MiniStack {VERSION} is needed, this is {found}")
    for module in MENDED:
        module.install()
    config = Config()
    # Of the container: the daemon publishes the first on 127.0.0.1; tasks look for their
    # credentials on the second.
    config.bind = [f"0.0.0.0:{PORT}", "0.0.0.0:80"]
    config.keep_alive_timeout = 75
    config.loglevel = "WARNING"
    asyncio.run(_until_stopped(config))


async def _until_stopped(config: Config) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    await serve(Front(base.app), config, shutdown_trigger=stopped.wait)


if __name__ == "__main__":
    main()

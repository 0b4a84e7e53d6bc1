"""The AWS command line, led to the chosen target."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys

from ..components.client import Answer
from ..errors import TimedOut
from ..text import plain
from .targeting import current

__all__ = ["cli", "environment"]

LIMIT = 180.0  # seconds for a command
MOST = 200_000  # characters of output that are kept


def environment() -> dict[str, str]:
    """Return the environment in which `aws` speaks with the target, and with nothing else.

    Raises
    ------
    AwsRefused: no target was chosen.
    """
    chosen = current()
    found = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    keys = chosen.session.get_credentials().get_frozen_credentials()
    found |= {
        "AWS_ACCESS_KEY_ID": keys.access_key,
        "AWS_SECRET_ACCESS_KEY": keys.secret_key,
        "AWS_DEFAULT_REGION": chosen.region,
        "AWS_PAGER": "",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    if keys.token:
        found["AWS_SESSION_TOKEN"] = keys.token
    if chosen.local:
        found["AWS_ENDPOINT_URL"] = chosen.local.url
        # a proxy of the network is for what lies beyond this machine
        for name in ("NO_PROXY", "no_proxy"):
            found[name] = ",".join(filter(None, [found.get(name), "127.0.0.1"]))
    return found


def cli(command: str, *, limit: float = LIMIT) -> Answer:
    """Run `aws` with what stands in ``command``; print the command and what it says.

    Parameters
    ----------
    command: what stands behind ``aws``, split as a shell would.
    limit: seconds until it is given up.

    Raises
    ------
    AwsRefused: no target was chosen.
    TimedOut: it had not ended after ``limit`` seconds.
    """
    words = shlex.split(command)
    words = words[1:] if words[:1] == ["aws"] else words
    print(f"$ aws {plain(command.removeprefix('aws '))}", flush=True)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "awscli", *words], env=environment(), capture_output=True,
            stdin=subprocess.DEVNULL, timeout=limit, text=True, errors="replace",
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise TimedOut("components.waiting", command=f"aws {command}", seconds=limit) from None
    answer = Answer(plain(done.stdout + done.stderr)[:MOST], done.returncode)
    print(answer.output.strip())
    return answer

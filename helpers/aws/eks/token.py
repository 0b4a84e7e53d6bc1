"""Show kubectl a token, and have it made only if the last one is old.

Runs as ``python token.py FILE COMMAND…``: the command prints an ExecCredential
(https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins).
It uses the standard library alone: kubectl waits for it at each command.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

KEPT = 600  # seconds; a token of `aws eks get-token` is good for 15 minutes


def main(written: str, *command: str) -> int:
    file = Path(written)
    try:
        if time.time() - file.stat().st_mtime < KEPT:
            print(file.read_text())
            return 0
    except OSError:
        pass  # none was made yet
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode == 0:
        part = file.with_suffix(f".{os.getpid()}.part")
        part.touch(0o600)
        part.write_text(done.stdout)
        part.replace(file)
        print(done.stdout)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

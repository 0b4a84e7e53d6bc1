"""Fetch a file over HTTP(S) to a path, whole or not at all, and hold it against its checksum."""

from __future__ import annotations

import hashlib
import os
import time
import urllib.error
import urllib.request
from pathlib import Path

from ..errors import DownloadFailed
from ..paths import writable

ATTEMPTS = 3
TIMEOUT = 60  # seconds without a byte, not for the whole file


def mirror() -> str:
    """Return the address of the Debian archive; ``LAYER_BY_LAYER_DEBIAN_MIRROR`` names another."""
    return os.environ.get("LAYER_BY_LAYER_DEBIAN_MIRROR", "https://deb.debian.org/debian").rstrip(
        "/"
    )


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def download(address: str, path: Path, checksum: str | None = None) -> Path:
    """Fetch ``address`` to ``path`` unless a file with that checksum is already there.

    Parameters
    ----------
    checksum: SHA-256 as hexadecimal digits; ``None`` fetches always and checks nothing.

    Raises
    ------
    DownloadFailed: no answer after three attempts, or another content than promised.
    """
    if checksum and path.exists() and sha256(path) == checksum:
        return path
    writable(path.parent)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    reason = ""
    for attempt in range(ATTEMPTS):
        try:
            _copy(address, part)
            if checksum and sha256(part) != checksum:
                reason = "its SHA-256 is not the one in Debian's index"
                continue
            part.replace(path)
            return path
        except urllib.error.HTTPError as error:
            reason = f"HTTP {error.code}"
            if error.code in (403, 404, 410):
                break
        except OSError as error:
            reason = str(getattr(error, "reason", error))
        finally:
            part.unlink(missing_ok=True)
        if attempt + 1 < ATTEMPTS:
            time.sleep(1 + attempt)  # a back-off between bounded attempts, not a wait for a state
    raise DownloadFailed("debian.download", address=address, reason=reason)


def _copy(address: str, part: Path) -> None:
    with urllib.request.urlopen(address, timeout=TIMEOUT) as answer, part.open("wb") as file:
        while block := answer.read(1 << 18):
            file.write(block)
        promised = answer.headers.get("Content-Length")
        if promised and file.tell() != int(promised):
            raise OSError(f"{file.tell()} of {promised} bytes arrived")

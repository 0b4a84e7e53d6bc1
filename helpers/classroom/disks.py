"""A disk of a fixed size for each learner: a file with an ext4 file system, on a loop device.

The file is allocated at once, so that what was promised is there; a learner who fills the disk
fills this file. A volume of the class's engine leads to the loop device, so that the engine mounts
it where the learner's container is.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from pathlib import Path

import docker

from ..engine import labels
from ..errors import NoSpace
from ..paths import writable
from .programs import run
from .settings import GIB

__all__ = ["attach", "detach", "ensure", "volume"]

RESERVE = 2 * GIB  # bytes that stay free on the instructor's disk


def ensure(path: Path, size: int, owner: int) -> None:
    """Make the disk of a learner unless it is there.

    Parameters
    ----------
    size: bytes.
    owner: the user number that the container's root has on the host.

    Raises
    ------
    NoSpace: it does not fit.
    ClassroomError: ``mkfs.ext4`` is missing or failed.
    """
    if path.exists():
        return
    folder = writable(path.parent)
    if shutil.disk_usage(folder).free < size + RESERVE:
        raise NoSpace("classroom.disks_full", folder=folder, size=f"{size / GIB:.1f} GiB",
                      reserve=f"{RESERVE / GIB:.0f} GiB")  # fmt: skip
    part = path.with_suffix(".part")
    try:
        with part.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, size)
        part.chmod(0o600)
        # No blocks kept for root; nodiscard, or mkfs would give the allocated blocks back.
        run(["mkfs.ext4", "-q", "-m", "0", "-E", f"root_owner={owner}:{owner},nodiscard",
              str(part)])  # fmt: skip
        part.replace(path)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NoSpace("errors.no_space", folder=folder) from None
        raise
    finally:
        part.unlink(missing_ok=True)


def attach(path: Path) -> str:
    """Return the loop device of a disk; it is attached if it is not yet."""
    return _attached(path) or run(["losetup", "--find", "--show", str(path)])


def detach(path: Path) -> None:
    """Detach a disk from its loop device, if it is attached."""
    while device := _attached(path):
        run(["losetup", "--detach", device])
        if _attached(path) == device:  # still mounted: the kernel detaches it when that ends
            return


def volume(api: docker.APIClient, name: str, device: str) -> None:
    """Make the volume ``name`` lead to a device. What lies on the disk is not touched.

    A volume keeps the device that it was made with, and after a restart of the machine a disk may
    have another one: so it is made anew.
    """
    with contextlib.suppress(docker.errors.NotFound):
        if (api.inspect_volume(name)["Options"] or {}).get("device") == device:
            return
        api.remove_volume(name)
    # Without nosuid and nodev, which an engine inside could not keep when it mounts a part of the
    # disk read-only. Nobody can make a device on it: mknod(2) asks the host's root.
    options = {"type": "ext4", "device": device}
    api.create_volume(name, "local", options, labels.make(role="class"))


def _attached(path: Path) -> str | None:
    found = run(["losetup", "--noheadings", "--output", "NAME", "--associated", str(path)])
    return found.split()[0] if found else None

"""Wheels made out of Debian's Python packages, so that ``pip install`` needs no network.

A wheel is a zip archive of a package's files and a few notes about them
(https://packaging.python.org/en/latest/specifications/binary-distribution-format/). Debian's
packages hold the same files, and the notes in the older form of an ``.egg-info`` folder.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path

from debian.debfile import DebFile

__all__ = ["make"]

SITE = "usr/lib/python3/dist-packages/"
PLATFORMS = {"amd64": "linux_x86_64", "arm64": "linux_aarch64"}
TIME = (2023, 6, 10, 0, 0, 0)


def make(debs: Iterable[Path], architecture: str) -> dict[str, bytes]:
    """Return a wheel for each package ``python3-<name>``, by its file name.

    A wheel names those of the others that it needs, as the packages' own dependencies tell: Debian
    leaves them out of the ``.egg-info``. The same packages give the same bytes.
    """
    opened = [(deb, *_read(deb)) for deb in debs]
    known = {deb.name.partition("_")[0]: names for deb, names, _, _ in opened}
    wheels = {}
    for _, (name, version), needs, files in opened:
        egg = f"{SITE}{name}-{version}.egg-info/"
        required = [known[need][0] for need in needs if need in known]
        body = {p.removeprefix(SITE): c for p, c in files.items() if not p.startswith(egg)}
        modules = [p for p in body if p.endswith(".so")]
        tag = _tag(modules[0], architecture) if modules else "py3-none-any"
        stem = f"{name.lower()}-{version}"
        notes = {
            "METADATA": _metadata(files[f"{egg}PKG-INFO"].decode(), required),
            "WHEEL": _wheel(tag, pure=not modules),
        }
        if f"{egg}entry_points.txt" in files:
            notes["entry_points.txt"] = files[f"{egg}entry_points.txt"]
        body |= {f"{stem}.dist-info/{note}": content for note, content in notes.items()}
        wheels[f"{stem}-{tag}.whl"] = _zip(body, f"{stem}.dist-info/RECORD")
    return wheels


def _read(deb: Path) -> tuple[tuple[str, str], list[str], dict[str, bytes]]:
    """Return name and version as Python has them, the packages needed, and the files."""
    with DebFile(str(deb)) as package:
        needs = re.findall(r"(?:^|[,|])\s*([\w.+-]+)", package.debcontrol().get("Depends", ""))
        files: dict[str, bytes] = {}
        archive = package.data.tgz()
        for member in archive:
            path = member.name.removeprefix("./")
            file = archive.extractfile(member) if member.isfile() else None
            if file and path.startswith(SITE):
                files[path] = file.read()
    (egg,) = {m[1] for path in files if (m := re.match(rf"{SITE}([^/]+)\.egg-info/", path))}
    name, _, version = egg.rpartition("-")
    return (name, version), needs, files


def _tag(module: str, architecture: str) -> str:
    python = re.search(r"\.cpython-(\d+)-", module)
    assert python  # PEP 3149: Debian builds for one version of CPython
    return f"cp{python[1]}-cp{python[1]}-{PLATFORMS[architecture]}"


def _metadata(found: str, required: list[str]) -> bytes:
    head, _, description = found.partition("\n\n")
    lines = [line for line in head.split("\n") if not line.startswith("Provides-Extra:")]
    lines += [f"Requires-Dist: {name.lower()}" for name in sorted(required)]
    return ("\n".join(lines) + f"\n\n{description}").encode()


def _wheel(tag: str, pure: bool) -> bytes:
    root = "true" if pure else "false"
    return f"Wheel-Version: 1.0\nGenerator: debian\nRoot-Is-Purelib: {root}\nTag: {tag}\n".encode()


def _zip(files: dict[str, bytes], record: str) -> bytes:
    rows = [f"{path},{_sum(content)},{len(content)}\n" for path, content in sorted(files.items())]
    files = files | {record: "".join([*rows, f"{record},,\n"]).encode()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in sorted(files.items()):
            entry = zipfile.ZipInfo(path, TIME)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o100644 << 16
            entry.create_system = 3  # Unix, whatever the client runs on
            archive.writestr(entry, content)
    return buffer.getvalue()


def _sum(content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest())
    return f"sha256={digest.rstrip(b'=').decode()}"

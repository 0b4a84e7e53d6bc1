"""Write small .deb files (deb(5): an ar archive of two tar archives)."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path


def deb(
    folder: Path,
    control: str,
    files: dict[str, bytes | str],
    records: dict[str, str] | None = None,
) -> Path:
    """Write a package; a ``str`` in ``files`` is the target of a symbolic link, a name with a
    trailing slash a folder."""
    name = control.split("\n")[0].removeprefix("Package: ")
    path = folder / f"{name}_1_all.deb"
    parts = [
        ("debian-binary", b"2.0\n"),
        ("control.tar.gz", _tar({"control": control.encode(), **_encoded(records or {})})),
        ("data.tar.gz", _tar(files)),
    ]
    with path.open("wb") as file:
        file.write(b"!<arch>\n")
        for part, content in parts:
            file.write(f"{part:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n".encode())
            file.write(content + b"\n" * (len(content) % 2))
    return path


def _encoded(records: dict[str, str]) -> dict[str, bytes | str]:
    return {name: text.encode() for name, text in records.items()}


def _tar(files: dict[str, bytes | str]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(f"./{name.rstrip('/')}")
            member.mtime = 1_600_000_000
            if name.endswith("/"):
                member.type, member.mode = tarfile.DIRTYPE, 0o755
            elif isinstance(content, str):
                member.type, member.linkname = tarfile.SYMTYPE, content
            else:
                member.size = len(content)
            tar.addfile(member, io.BytesIO(content) if isinstance(content, bytes) else None)
    return buffer.getvalue()

"""What other programs say of a tar: Python's tarfile, GNU tar, and the engine's export."""

from __future__ import annotations

import codecs
import io
import re
import shutil
import subprocess
import tarfile
from datetime import UTC, datetime

from helpers.images import Entry, tree

NAMES = {
    tarfile.REGTYPE: "file",
    tarfile.AREGTYPE: "file",
    tarfile.CONTTYPE: "file",
    tarfile.GNUTYPE_SPARSE: "file",
    tarfile.DIRTYPE: "dir",
    tarfile.SYMTYPE: "symlink",
    tarfile.LNKTYPE: "hardlink",
    tarfile.CHRTYPE: "char",
    tarfile.BLKTYPE: "block",
    tarfile.FIFOTYPE: "fifo",
}
GNU_TAR = shutil.which("gtar") or shutil.which("tar")
# What the engine itself puts into every container that it creates.
OF_THE_ENGINE = {".dockerenv", "dev", "etc", "proc", "sys"}


def members(data: bytes) -> list[tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(data), errors="surrogateescape") as archive:
        return archive.getmembers()


def by_tarfile(data: bytes) -> list[tuple]:
    """A layer's tar as Python lists it."""
    found = []
    for info in members(data):
        kind, path = NAMES[info.type], info.name.removeprefix("./").strip("/")
        if path in ("", "."):
            continue
        target = info.linkname if kind in ("symlink", "hardlink") else ""
        if kind in ("char", "block"):
            target = f"{info.devmajor}:{info.devminor}"
        size = info.size if kind == "file" else 0
        found.append(
            (path, kind, size, info.mode & 0o7777, info.uid, info.gid, int(info.mtime // 1), target)
        )
    return found


def by_reader(layer) -> list[tuple]:
    """The same of a layer as the course read it: markers as the files that they are."""
    found = []
    for entry in layer.entries:
        kind = "file" if entry.kind in ("whiteout", "opaque") else entry.kind
        found.append((entry.stored, kind, *entry[2:]))
    return found


def by_gnu_tar(data: bytes) -> list[tuple]:
    """The same as ``tar -tv`` lists it."""
    lines = subprocess.run(
        [GNU_TAR, "-tv", "--numeric-owner", "--full-time", "--quoting-style=c", "-f", "-"],
        input=data, capture_output=True, check=True, env={"TZ": "UTC", "LC_ALL": "C"},
    ).stdout.splitlines()  # fmt: skip
    shape = re.compile(
        rb"(.)(.{9})\S? +(\d+)/(\d+) +(\S+) +(\d+-\d+-\d+ \d+:\d+:\d+)(?:\.\d+)? +"
        rb'"((?:[^"\\]|\\.)*)"'
        rb'(?:(?: -> | link to )"((?:[^"\\]|\\.)*)")?'
    )
    kinds = {b"-": "file", b"d": "dir", b"l": "symlink", b"h": "hardlink", b"c": "char",
             b"b": "block", b"p": "fifo"}  # fmt: skip
    found = []
    for line in lines:
        letter, mode, uid, gid, size, when, name, target = shape.fullmatch(line).groups()
        path = _decoded(name).removeprefix("./").strip("/")
        if path in ("", "."):
            continue
        kind = kinds[letter]
        told = _decoded(target or b"")
        if kind in ("char", "block"):
            told = size.decode().replace(",", ":")
        seconds = int(datetime.fromisoformat(when.decode()).replace(tzinfo=UTC).timestamp())
        length = int(size) if kind == "file" else 0
        found.append((path, kind, length, _mode(mode), int(uid), int(gid), seconds, told))
    return found


def _decoded(quoted: bytes) -> str:
    return codecs.escape_decode(quoted)[0].decode("utf-8", "surrogateescape")


def _mode(letters: bytes) -> int:
    value = 0
    for place, letter in enumerate(letters):
        char = chr(letter)
        if char in "rwxst":
            value |= 1 << (8 - place)
        if char in "sStT":
            value |= {2: 0o4000, 5: 0o2000, 8: 0o1000}[place]
    return value


def exported(data: bytes) -> dict[str, tuple]:
    """The merged tree as `docker export` gives it."""
    found: dict[str, Entry] = {}
    for path, *rest in by_tarfile(data):
        if path.split("/")[0] not in OF_THE_ENGINE:
            found[path] = Entry(path, *rest)
    return comparable(found)


def merged(image) -> dict[str, tuple]:
    """The merged tree as the course makes it."""
    nodes = {node.path: node.entry for node in tree.merged(image)}
    return comparable({p: e for p, e in nodes.items() if p.split("/")[0] not in OF_THE_ENGINE})


def comparable(entries: dict[str, Entry]) -> dict[str, tuple]:
    """Entries by path, so that it does not matter which name of a file came first.

    Left out: the time of a folder, as one that is only implied has none, and the mode of a symbolic
    link, as Linux keeps none.
    """
    groups: dict[str, list[str]] = {}
    for path, entry in entries.items():
        first = entry.target if entry.kind == "hardlink" else path
        groups.setdefault(first, []).append(path)
    found = {}
    for first, names in groups.items():
        content = entries[first]
        for path in names:
            if content.kind == "dir":
                found[path] = ("dir", *content[3:6])
            else:
                shared = tuple(sorted(names)) if len(names) > 1 else ()
                mode = None if content.kind == "symlink" else content.mode
                found[path] = (content.kind, content.size, mode, *content[4:8], shared)
    return found

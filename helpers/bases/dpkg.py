"""Debian packages laid out as a root file system with dpkg's records, ready to be configured.

What `dpkg --unpack` would do inside the new system is done here in Python, on any platform: files
are placed, and ``/var/lib/dpkg`` says that each package is unpacked and not yet configured (the
file formats: dpkg(1), deb-triggers(5), deb-substvars(5) and dpkg's ``doc/triggers.txt``). Packages
that divert files when they are unpacked are refused: of those that the course uses, none does.
"""

from __future__ import annotations

import hashlib
import re
import tarfile
from collections.abc import Iterable
from pathlib import Path

from debian.deb822 import Deb822
from debian.debfile import DebFile

from .archive import LayerWriter

__all__ = ["DROPPED", "place", "shipped_until"]

# /bin and its kin are links into /usr (https://wiki.debian.org/UsrMerge)
MERGED = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
DROPPED = re.compile(
    r"usr/share/(doc/(?!.*/copyright$)|man/|info/|lintian/|locale/(?!locale\.alias$)|gcc/)"
)
SCRIPTS = {"preinst", "postinst", "prerm", "postrm", "config"}
DATABASE = "var/lib/dpkg"


def place(debs: Iterable[Path], tar: LayerWriter) -> list[str]:
    """Write the files of packages and dpkg's records of them; return the packages' names.

    Owners, modes, links and the times of files are the packages' own. Documentation, manual pages
    and translations are left out; the copyright files stay.
    """
    placed: set[str] = set()
    for name in MERGED[:3] + MERGED[4:5]:
        _folder(tar, placed, f"usr/{name}")
        tar.link(name, f"usr/{name}")
        placed.add(name)
    for folder in ("alternatives", "info", "parts", "triggers", "updates"):
        _folder(tar, placed, f"{DATABASE}/{folder}")
    status: list[str] = []
    interests: dict[str, list[str]] = {}
    names: list[str] = []
    for deb in sorted(debs):
        with DebFile(str(deb)) as package:
            records = _records(package)
            fields = Deb822(records.pop("control").decode())
            names.append(fields["Package"])
            paths, sums = _files(package.data.tgz(), tar, placed)
            stem = fields["Package"]
            if fields.get("Multi-Arch") == "same":
                stem = f"{stem}:{fields['Architecture']}"
            for record, content in {**records, "list": _lines(["/.", *paths])}.items():
                mode = 0o755 if record in SCRIPTS else 0o644
                tar.add(f"{DATABASE}/info/{stem}.{record}", content, mode)
            conffiles = records.get("conffiles", b"").decode().split("\n")
            status.append(
                _stanza(fields, [(path, sums[path]) for path in conffiles if path in sums])
            )
            _triggers(records.get("triggers", b"").decode(), stem, interests)
    tar.add(f"{DATABASE}/status", "".join(status).encode())
    tar.add(f"{DATABASE}/info/format", b"1\n")
    for empty in ("available", "diversions", "statoverride"):
        tar.add(f"{DATABASE}/{empty}", b"")
    for name, lines in interests.items():
        tar.add(f"{DATABASE}/triggers/{name}", _lines(lines))
    return names


def shipped_until(debs: Iterable[Path]) -> int:
    """Return the newest time of a file in the packages, seconds since 1970."""
    newest = 0
    for deb in debs:
        with DebFile(str(deb)) as package:
            newest = max(newest, *(int(m.mtime) for m in package.data.tgz()))
    return newest


def _records(package: DebFile) -> dict[str, bytes]:
    """Return the files of a package's control archive."""
    found: dict[str, bytes] = {}
    archive = package.control.tgz()
    for member in archive:
        file = archive.extractfile(member) if member.isfile() else None
        if file:
            found[member.name.removeprefix("./")] = file.read()
    if b"dpkg-divert" in found.get("preinst", b""):
        raise ValueError("a package that diverts files has to be unpacked by dpkg itself")
    return found


def _files(
    archive: tarfile.TarFile, tar: LayerWriter, placed: set[str]
) -> tuple[list[str], dict[str, str]]:
    """Write a package's files; return all its paths, and the MD5 sums of what lies in /etc."""
    paths: list[str] = []
    sums: dict[str, str] = {}
    for member in archive:
        name = member.name.removeprefix("./").rstrip("/")
        if name in ("", "."):
            continue
        paths.append(f"/{name}")
        target = _merged(name)
        if target in placed and not member.isfile():
            continue
        if DROPPED.match(f"{target}/" if member.isdir() else target):
            continue
        content = b""
        if member.isfile():
            file = archive.extractfile(member)
            content = file.read() if file else b""
            if name.startswith("etc/"):
                sums[f"/{name}"] = hashlib.md5(content, usedforsecurity=False).hexdigest()
        if member.islnk():
            member.linkname = _merged(member.linkname.removeprefix("./"))
        _parents(tar, placed, target)
        member.name = target
        member.uname = member.gname = ""
        placed.add(target)
        tar.member(member, content)
    return paths, sums


def _merged(name: str) -> str:
    return f"usr/{name}" if name.partition("/")[0] in MERGED else name


def _parents(tar: LayerWriter, placed: set[str], name: str) -> None:
    above = name.rpartition("/")[0]
    if above and above not in placed:
        _folder(tar, placed, above)


def _folder(tar: LayerWriter, placed: set[str], name: str) -> None:
    _parents(tar, placed, name)
    if name not in placed:
        tar.folder(name)
        placed.add(name)


def _stanza(fields: Deb822, conffiles: list[tuple[str, str]]) -> str:
    lines = [f"Package: {fields['Package']}", "Status: install ok unpacked"]
    lines += [f"{key}: {value}" for key, value in fields.items() if key != "Package"]
    if conffiles:
        lines += ["Conffiles:", *(f" {path} {digest}" for path, digest in conffiles)]
    return "\n".join(lines) + "\n\n"


def _triggers(declared: str, stem: str, interests: dict[str, list[str]]) -> None:
    for words in (line.partition("#")[0].split() for line in declared.split("\n")):
        if len(words) != 2 or not words[0].startswith("interest"):
            continue
        mark = f"{stem}/noawait" if words[0] == "interest-noawait" else stem
        if words[1].startswith("/"):
            interests.setdefault("File", []).append(f"{words[1]} {mark}")
        else:
            interests.setdefault(words[1], []).append(mark)


def _lines(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()

"""The package index of a Debian suite: which packages exist, what they need, where they lie."""

from __future__ import annotations

import contextlib
import lzma
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import zstandard
from debian.deb822 import Deb822, PkgRelation

from ..errors import DownloadFailed
from ..paths import home
from .net import download, mirror, sha256

FRESH = 24 * 3600  # seconds for which a fetched index is used without asking again
QUICK = ".zst"  # the same once more, of the same time: beside an index that was read
KIT = ".kit"  # an empty file beside an index that came with an offline kit
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


@dataclass(frozen=True)
class Package:
    """One binary package of a suite: its name, version, file and what it depends on.

    ``depends`` holds a tuple of alternatives for each dependency, pre-dependencies first.
    """

    name: str
    version: str
    architecture: str
    filename: str
    sha256: str
    size: int
    depends: tuple[tuple[str, ...], ...]
    essential: bool
    priority: str


class Index:
    """All packages of one suite and architecture; stanzas are parsed when they are asked for."""

    def __init__(self, suite: str, architecture: str, content: str) -> None:
        self.suite = suite
        self.architecture = architecture
        self._stanzas: dict[str, str] = {}
        self._providers: dict[str, list[str]] = {}
        self._parsed: dict[str, Package] = {}  # a closure asks for the same ones again and again
        for stanza in content.split("\n\n"):
            name = re.match(r"\s*Package: (\S+)", stanza)
            if not name:
                continue
            self._stanzas[name[1]] = stanza
            if "\nProvides: " not in stanza:  # a look that is quick, for there are 60,000 of them
                continue
            provides = re.search(r"^Provides: (.+)$", stanza, re.MULTILINE)
            for virtual in (
                re.findall(r"([^\s,(]+)(?: \([^)]*\))?(?:,|$)", provides[1]) if provides else ()
            ):
                self._providers.setdefault(virtual, []).append(name[1])

    def __contains__(self, name: str) -> bool:
        return name in self._stanzas

    def package(self, name: str) -> Package:
        """Return the package ``name``, or the first that provides it.

        Raises
        ------
        DownloadFailed: the suite has no such package.
        """
        if name not in self._stanzas and name in self._providers:
            name = self._providers[name][0]
        if name not in self._stanzas:
            raise DownloadFailed("debian.missing", name=name, suite=self.suite)
        if name not in self._parsed:
            self._parsed[name] = self._parse(name)
        return self._parsed[name]

    def _parse(self, name: str) -> Package:
        fields = Deb822(self._stanzas[name])
        needs = [fields[key] for key in ("Pre-Depends", "Depends") if key in fields]
        relations = PkgRelation.parse_relations(", ".join(needs)) if needs else []
        return Package(
            name=name,
            version=fields["Version"],
            architecture=fields["Architecture"],
            filename=fields["Filename"],
            sha256=fields["SHA256"],
            size=int(fields["Size"]),
            depends=tuple(tuple(str(choice["name"]) for choice in group) for group in relations),
            essential=fields.get("Essential") == "yes",
            priority=fields.get("Priority", ""),
        )

    def where(self, field: str, value: str) -> list[str]:
        """Return the names of the packages whose ``field`` is ``value``."""
        line = f"\n{field}: {value}\n"
        return sorted(n for n, stanza in self._stanzas.items() if line in f"{stanza}\n")

    def closure(self, names: Iterable[str], without: Iterable[str] = ()) -> list[Package]:
        """Return ``names`` and all they depend on, sorted by name.

        Of alternatives the one already chosen is taken, else the first that exists. Packages in
        ``without`` (those the system has) are left out together with what only they need.
        """
        skip = set(without)
        chosen: dict[str, Package] = {}
        waiting = list(names)
        while waiting:
            package = self.package(waiting.pop())
            if package.name in chosen or package.name in skip:
                continue
            chosen[package.name] = package
            for choices in package.depends:
                known = [c for c in choices if c in self._stanzas or c in self._providers]
                if any(c in chosen or c in skip for c in choices) or not known:
                    continue
                waiting.append(known[0])
        return sorted(chosen.values(), key=lambda package: package.name)


def load(suite: str, architecture: str, refresh: bool = False) -> Index:
    """Return the index of ``suite`` (``"bookworm"``) for ``architecture`` (``"amd64"``).

    A fetched index is used for a day, and longer when the archive cannot be reached. One that came
    with an offline kit (`helpers.kit`) is used as long as the packages are there that it names.

    Raises
    ------
    DownloadFailed: no index could be fetched and none is in the cache.
    """
    path = home() / "debian" / f"{suite}-{architecture}.Packages.xz"
    if not current(suite, f"main/binary-{architecture}/Packages.xz", path, refresh):
        raise DownloadFailed("debian.architecture", suite=suite, architecture=architecture)
    return _parse(suite, architecture, path, path.stat().st_mtime_ns)


def current(suite: str, member: str, path: Path, refresh: bool = False) -> bool:
    """Bring an index of a suite to ``path`` if it is missing or a day old.

    Returns False if the suite has no such index.

    Parameters
    ----------
    member: its path in the suite, for example ``"main/source/Sources.xz"``.

    Raises
    ------
    DownloadFailed: it could not be fetched, and none is in the cache.
    """
    age = time.time() - path.stat().st_mtime if path.exists() else None
    kept = path.with_suffix(KIT).exists()
    if refresh or age is None or (age > FRESH and not kept):
        try:
            return _fetch_index(suite, member, path)
        except DownloadFailed:
            if age is None:
                raise
    return True


@lru_cache(maxsize=4)
def _parse(suite: str, architecture: str, path: Path, _changed: int) -> Index:
    return Index(suite, architecture, _content(path).decode())


def _content(path: Path) -> bytes:
    """Return an index, and leave it beside the file in a form that is unpacked ten times faster.

    Nearly every lesson makes a base image, and so asks for the index once.
    """
    quick, changed = path.with_suffix(QUICK), path.stat().st_mtime_ns
    with contextlib.suppress(OSError, zstandard.ZstdError):
        if quick.stat().st_mtime_ns == changed:
            return zstandard.ZstdDecompressor().decompress(quick.read_bytes())
    content = lzma.decompress(path.read_bytes())
    with contextlib.suppress(OSError):  # a full disk: then it is unpacked again the next time
        part = quick.with_suffix(f".{os.getpid()}.part")
        part.write_bytes(zstandard.ZstdCompressor(write_checksum=True).compress(content))
        os.utime(part, ns=(changed, changed))
        part.replace(quick)
    return content


def _fetch_index(suite: str, member: str, path: Path) -> bool:
    release = download(f"{mirror()}/dists/{suite}/InRelease", path.with_suffix(".InRelease"))
    _check_signature(release)
    wanted = re.search(rf"^ ([0-9a-f]{{64}}) +\d+ {re.escape(member)}$", release.read_text(), re.M)
    if not wanted:
        return False
    if path.exists() and sha256(path) == wanted[1]:
        path.touch()
    else:
        download(f"{mirror()}/dists/{suite}/{member}", path, wanted[1])
    path.with_suffix(KIT).unlink(missing_ok=True)
    return True


def _check_signature(release: Path) -> None:
    """Refuse an index that Debian did not sign, as far as this machine can tell.

    Without ``gpgv`` and Debian's keys (macOS, Windows, Fedora), or with keys older than the suite,
    HTTPS alone vouches for it.
    """
    if not (shutil.which("gpgv") and KEYRING.exists()):
        return
    command = ["gpgv", "--status-fd", "1", "--keyring", str(KEYRING), str(release)]
    verdict = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    # A suite is signed by several keys: one good signature is enough (GnuPG's doc/DETAILS).
    found = set(re.findall(r"^\[GNUPG:\] (\w+)", verdict.stdout, re.MULTILINE))
    unknown = "NO_PUBKEY" in found and "BADSIG" not in found and mirror().startswith("https://")
    if "GOODSIG" not in found and not unknown:
        release.unlink()
        raise DownloadFailed("debian.signature", suite=release.name.split("-")[0])

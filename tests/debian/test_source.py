"""Source packages are found in the index of sources, and held against its sums."""

from __future__ import annotations

import hashlib
import lzma
from pathlib import Path

import pytest

from helpers.debian.source import fetch_source, source
from helpers.errors import DownloadFailed

from .test_debian import archive  # noqa: F401 (a fixture)

SOURCES = """\
Package: other
Version: 1-1
Directory: pool/other
Checksums-Sha256:
 {sha} 4 other_1.orig.tar.gz

Package: app
Binary: app, app-doc
Version: 2:1.5+really1.0-1.1+deb12u1
Directory: pool/app
Files:
 0ff16343f03275e286ea9b19c140b158 4 app_1.5+really1.0.orig.tar.gz
Checksums-Sha256:
 {sha} 10 app_1.0.dsc
 {sha} 4 app_1.5+really1.0.orig.tar.gz
 {sha} 4 app_1.5+really1.0-1.1+deb12u1.debian.tar.xz
 {sha} 9 app_1.5+really1.0.orig.tar.gz.asc
"""


@pytest.fixture
def sources(archive: Path) -> Path:  # noqa: F811
    packed = lzma.compress(SOURCES.format(sha=hashlib.sha256(b"tar!").hexdigest()).encode())
    suite = archive / "dists/test"
    (suite / "main/source").mkdir()
    (suite / "main/source/Sources.xz").write_bytes(packed)
    line = f" {hashlib.sha256(packed).hexdigest()} {len(packed)} main/source/Sources.xz\n"
    with (suite / "InRelease").open("a") as release:
        release.write(line)
    (archive / "pool/app").mkdir()
    for name in ("app_1.5+really1.0.orig.tar.gz", "app_1.5+really1.0-1.1+deb12u1.debian.tar.xz"):
        (archive / "pool/app" / name).write_bytes(b"tar!")
    return archive


def test_its_archives_are_fetched(sources: Path) -> None:
    found = source("app", "test")
    assert found.version == "2:1.5+really1.0-1.1+deb12u1"
    assert [size for _, _, size in found.files] == [4, 4]
    paths = fetch_source(found)
    assert [path.name.partition("_")[2] for path in paths] == [
        "1.5+really1.0.orig.tar.gz", "1.5+really1.0-1.1+deb12u1.debian.tar.xz",
    ]  # fmt: skip
    assert {path.read_bytes() for path in paths} == {b"tar!"}


def test_another_content_is_refused(sources: Path) -> None:
    (sources / "pool/app/app_1.5+really1.0.orig.tar.gz").write_bytes(b"evil")
    with pytest.raises(DownloadFailed) as caught:
        fetch_source(source("app", "test"))
    assert "SHA-256" in caught.value.why


def test_one_that_is_not_there_is_told(sources: Path) -> None:
    with pytest.raises(DownloadFailed) as caught:
        source("nonesuch", "test")
    assert caught.value.key == "debian.missing"

"""Packages are found, checked and unpacked; a wrong one is refused."""

from __future__ import annotations

import functools
import http.server
import lzma
import os
import shutil
import tarfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers import debian
from helpers.debian import index, net
from helpers.errors import DownloadFailed

PACKAGES = """\
Package: app
Version: 1.0-1
Architecture: amd64
Pre-Depends: base
Depends: lib (>= 1), first | second, shell, gone
Filename: pool/app_1.0-1_amd64.deb
Size: 4
SHA256: {sha}
Priority: optional

Package: base
Version: 1
Architecture: all
Essential: yes
Priority: required
Filename: pool/base_1_all.deb
Size: 4
SHA256: {sha}

Package: lib
Version: 2
Architecture: amd64
Filename: pool/lib_2_amd64.deb
Size: 4
SHA256: {sha}

Package: second
Version: 1
Architecture: amd64
Filename: pool/second_1_amd64.deb
Size: 4
SHA256: {sha}

Package: dash
Version: 1
Architecture: amd64
Provides: shell (= 1), posix-shell
Depends: lib
Filename: pool/dash_1_amd64.deb
Size: 4
SHA256: {sha}
"""


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A Debian archive of our own on loopback, and a cache of our own."""
    import hashlib

    root = tmp_path / "archive"
    suite = root / "dists/test"
    (suite / "main/binary-amd64").mkdir(parents=True)
    (root / "pool").mkdir()
    sha = hashlib.sha256(b"deb!").hexdigest()
    for name in ("app_1.0-1_amd64", "base_1_all", "lib_2_amd64", "second_1_amd64", "dash_1_amd64"):
        (root / f"pool/{name}.deb").write_bytes(b"deb!")
    packed = lzma.compress(PACKAGES.format(sha=sha).encode())
    (suite / "main/binary-amd64/Packages.xz").write_bytes(packed)
    digest = hashlib.sha256(packed).hexdigest()
    (suite / "InRelease").write_text(
        f"SHA256:\n {digest} {len(packed)} main/binary-amd64/Packages.xz\n"
    )
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(root))
    handler.log_message = lambda *_: None  # type: ignore[attr-defined]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("LAYER_BY_LAYER_DEBIAN_MIRROR", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("LAYER_BY_LAYER_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(index, "_check_signature", lambda release: None)
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    yield root
    server.shutdown()
    server.server_close()


def test_closure_follows_dependencies_alternatives_and_provides(archive: Path) -> None:
    found = debian.load("test", "amd64")
    assert [p.name for p in found.closure(["app"])] == ["app", "base", "dash", "lib", "second"]
    assert [p.name for p in found.closure(["app"], without=["dash", "lib"])] == [
        "app", "base", "second",
    ]  # fmt: skip
    assert found.package("shell").name == "dash"
    assert found.package("base").essential
    assert found.where("Priority", "required") == ["base"]


def test_fetch_brings_what_is_asked_for_once(archive: Path) -> None:
    lines: list[str] = []
    (deb,) = debian.fetch(["lib"], "test", "amd64", progress=lines.append)
    assert deb.read_bytes() == b"deb!"
    assert len(lines) == 1
    debian.fetch(["lib"], "test", "amd64", progress=lines.append)
    assert len(lines) == 1


def test_another_content_than_promised_is_refused(archive: Path) -> None:
    (archive / "pool/lib_2_amd64.deb").write_bytes(b"evil")
    with pytest.raises(DownloadFailed) as caught:
        debian.fetch(["lib"], "test", "amd64")
    assert "SHA-256" in caught.value.why
    assert not list(paths_of_debs())


def paths_of_debs() -> Iterator[Path]:
    """What lies in the cache's pool."""
    yield from (Path(os.environ["LAYER_BY_LAYER_HOME"]) / "debian/pool").glob("*")


def test_an_index_that_was_tampered_with_is_refused(archive: Path) -> None:
    packed = archive / "dists/test/main/binary-amd64/Packages.xz"
    packed.write_bytes(lzma.compress(b"Package: evil\n"))
    with pytest.raises(DownloadFailed):
        debian.load("test", "amd64")


def test_unknown_package_and_architecture_are_told(archive: Path) -> None:
    with pytest.raises(DownloadFailed) as caught:
        debian.fetch(["nonesuch"], "test", "amd64")
    assert "nonesuch" in caught.value.what
    with pytest.raises(DownloadFailed) as caught:
        debian.load("test", "vax")
    assert "vax" in caught.value.what


def test_the_cache_serves_without_a_network(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    debian.fetch(["lib"], "test", "amd64")
    monkeypatch.setenv("LAYER_BY_LAYER_DEBIAN_MIRROR", "http://127.0.0.1:9")
    monkeypatch.setattr(index, "FRESH", -1)
    assert debian.fetch(["lib"], "test", "amd64")
    with pytest.raises(DownloadFailed):
        debian.fetch(["dash"], "test", "amd64")


def test_an_index_of_a_kit_is_never_asked_for_again(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    debian.fetch(["lib"], "test", "amd64")
    path = index.home() / "debian/test-amd64.Packages.xz"
    path.with_suffix(index.KIT).touch()
    os.utime(path, (0, 0))  # as old as can be
    monkeypatch.setattr(net, "_copy", lambda *_: pytest.fail("the mirror was asked"))
    assert debian.fetch(["lib"], "test", "amd64")


def test_an_index_is_unpacked_once_and_anew_when_it_changes(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    debian.load("test", "amd64")
    path = index.home() / "debian/test-amd64.Packages.xz"
    quick = path.with_suffix(index.QUICK)
    content = lzma.decompress(path.read_bytes())
    with monkeypatch.context() as patched:
        patched.setattr(index.lzma, "decompress", lambda _: pytest.fail("unpacked again"))
        assert index._content(path) == content
    quick.write_bytes(quick.read_bytes()[:-9])  # a copy that is damaged
    os.utime(quick, ns=(path.stat().st_mtime_ns,) * 2)
    assert index._content(path) == content
    path.write_bytes(lzma.compress(b"Package: other\n"))
    os.utime(path, (1, 1))
    assert index._content(path) == b"Package: other\n"


def test_a_kit_that_lacks_a_package_is_no_dead_end(archive: Path) -> None:
    """Where there is a network after all, the archive's own index takes over."""
    debian.load("test", "amd64")
    path = index.home() / "debian/test-amd64.Packages.xz"
    path.with_suffix(index.KIT).touch()
    (archive / "pool/lib_2_amd64.deb").rename(archive / "pool/lib_3_amd64.deb")
    packages = archive / "dists/test/main/binary-amd64/Packages.xz"
    _republish(packages, lzma.decompress(packages.read_bytes()).decode().replace("lib_2", "lib_3"))
    (deb,) = debian.fetch(["lib"], "test", "amd64")
    assert deb.name == "lib_3_amd64.deb"
    assert not path.with_suffix(index.KIT).exists()


def _republish(packages: Path, content: str) -> None:
    import hashlib

    packages.write_bytes(lzma.compress(content.encode()))
    digest = hashlib.sha256(packages.read_bytes()).hexdigest()
    release = packages.parents[2] / "InRelease"
    release.write_text(f"SHA256:\n {digest} 1 main/binary-amd64/Packages.xz\n")


def test_a_file_that_was_replaced_in_the_archive_is_found_by_a_fresh_index(archive: Path) -> None:
    """A point release drops old versions: a cached index then names files that are gone."""
    debian.load("test", "amd64")
    (archive / "pool/lib_2_amd64.deb").rename(archive / "pool/lib_3_amd64.deb")
    packages = archive / "dists/test/main/binary-amd64/Packages.xz"
    _republish(packages, lzma.decompress(packages.read_bytes()).decode().replace("lib_2", "lib_3"))
    (deb,) = debian.fetch(["lib"], "test", "amd64")
    assert deb.name == "lib_3_amd64.deb"


def test_a_torn_download_leaves_nothing(archive: Path, tmp_path: Path) -> None:
    target = tmp_path / "out"
    with pytest.raises(DownloadFailed):
        net.download("http://127.0.0.1:9/x", target, "0" * 64)
    assert list(tmp_path.glob("out*")) == []


@pytest.mark.parametrize("suite", ["bookworm", "trixie", "forky"])
def test_only_what_debian_signed_is_believed(suite: str, tmp_path: Path) -> None:
    if not (shutil.which("gpgv") and index.KEYRING.exists()):
        pytest.skip("no gpgv or no keyring of Debian here: HTTPS alone vouches")
    release = tmp_path / f"{suite}-amd64.InRelease"
    net.download(f"{net.mirror()}/dists/{suite}/InRelease", release)
    index._check_signature(release)
    signed = release.read_text()
    unsigned = signed.partition("-----BEGIN PGP SIGNATURE")[0]
    for forged in (signed.replace("main/", "mein/", 1), unsigned, "SHA256:\n"):
        release.write_text(forged)
        with pytest.raises(DownloadFailed) as caught:
            index._check_signature(release)
        assert suite in caught.value.what
        assert not release.exists()


@pytest.mark.parametrize("architecture", ["amd64", "arm64"])
def test_a_real_package_of_either_architecture(architecture: str, tmp_path: Path) -> None:
    """From Debian's own archive; what every base image begins with."""
    (deb,) = debian.fetch(["busybox-static"], architecture=architecture)
    with debian.members(deb) as files:
        names = files.getnames()
        assert isinstance(files, tarfile.TarFile)
    assert any(name.endswith("bin/busybox") for name in names)
    debian.unpack([deb], tmp_path)
    program = next(tmp_path.rglob("bin/busybox")).read_bytes()
    machine = {"amd64": 62, "arm64": 183}[architecture]  # e_machine of elf(5)
    assert program[:4] == b"\x7fELF"
    assert int.from_bytes(program[18:20], "little") == machine

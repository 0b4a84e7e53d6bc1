"""Packages laid out as dpkg would: files, records, triggers."""

from __future__ import annotations

import hashlib
import tarfile

import pytest
from debian.deb822 import Deb822

from helpers.bases import dpkg
from helpers.bases.archive import LayerWriter

from .make_deb import deb

TOOL = (
    "Package: tool\nVersion: 1\nArchitecture: all\nMaintainer: A <a@example.org>\nDescription: a\n"
)
LIB = "Package: lib\nVersion: 2\nArchitecture: amd64\nMulti-Arch: same\nDescription: b\n"


@pytest.fixture
def laid_out(tmp_path):
    tool = deb(
        tmp_path,
        TOOL,
        {
            "bin/": "",
            "bin/tool": b"#!/bin/sh\n",
            "etc/": "",
            "etc/tool.conf": b"x=1\n",
            "usr/share/doc/tool/copyright": b"free\n",
            "usr/share/doc/tool/changelog.gz": b"...",
            "usr/share/man/man1/tool.1": b"...",
            "usr/share/locale/zh_CN/LC_MESSAGES/tool.mo": b"...",
        },
        {
            "postinst": "#!/bin/sh\n",
            "conffiles": "/etc/tool.conf\n",
            "triggers": "# comment\ninterest-noawait /usr/lib/x\ninterest ldconfig\nactivate y\n",
        },
    )
    library = deb(tmp_path, LIB, {"lib/": "", "lib/lib.so.1": "lib.so.1.0", "lib64/ld.so": "/x"})
    with LayerWriter() as tar:
        names = dpkg.place([tool, library], tar)
    assert names == ["lib", "tool"]
    with tarfile.open(fileobj=tar.file) as layer:
        members = layer.getmembers()
        texts = {m.name: layer.extractfile(m).read().decode() for m in members if m.isfile()}
    return {m.name: m for m in members}, texts, [m.name for m in members]


def test_usr_is_merged(laid_out):
    members, texts, _ = laid_out
    assert members["bin"].linkname == "usr/bin" and members["lib64"].linkname == "usr/lib64"
    assert texts["usr/bin/tool"] == "#!/bin/sh\n"
    assert members["usr/lib/lib.so.1"].linkname == "lib.so.1.0"
    assert members["usr/bin/tool"].mtime == 1_600_000_000


def test_no_path_twice_and_folders_come_first(laid_out):
    _, _, names = laid_out
    assert len(names) == len(set(names))
    for place, name in enumerate(names):
        if "/" in name:
            assert name.rpartition("/")[0] in names[:place]


def test_documentation_goes_and_copyright_stays(laid_out):
    _, texts, _ = laid_out
    shared = sorted(name for name in texts if name.startswith("usr/share/"))
    assert shared == ["usr/share/doc/tool/copyright"]


def test_dpkg_is_told_everything(laid_out):
    members, texts, _ = laid_out
    stanzas = {s["Package"]: s for s in Deb822.iter_paragraphs(texts["var/lib/dpkg/status"])}
    assert stanzas["tool"]["Status"] == "install ok unpacked"
    digest = hashlib.md5(b"x=1\n").hexdigest()
    assert stanzas["tool"]["Conffiles"].split() == ["/etc/tool.conf", digest]
    assert "/bin/tool\n" in texts["var/lib/dpkg/info/tool.list"]
    assert "/usr/share/man/man1/tool.1\n" in texts["var/lib/dpkg/info/tool.list"]
    assert "var/lib/dpkg/info/lib:amd64.list" in texts
    assert members["var/lib/dpkg/info/tool.postinst"].mode == 0o755
    assert texts["var/lib/dpkg/triggers/File"] == "/usr/lib/x tool/noawait\n"
    assert texts["var/lib/dpkg/triggers/ldconfig"] == "tool\n"


def test_a_package_that_diverts_is_refused(tmp_path):
    odd = deb(tmp_path, TOOL, {"etc/x": b""}, {"preinst": "dpkg-divert --add /bin/sh\n"})
    with LayerWriter() as tar, pytest.raises(ValueError, match="diverts"):
        dpkg.place([odd], tar)

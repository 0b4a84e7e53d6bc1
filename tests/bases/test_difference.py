"""The layer between two file systems, without an engine."""

from __future__ import annotations

import io
import tarfile

from helpers.bases.archive import EPOCH
from helpers.bases.below import Below
from helpers.bases.difference import difference

NEWEST = EPOCH + 1000
BEFORE = {
    "etc/": None,
    "etc/same": b"same",
    "etc/changed": b"before",
    "tmp/": None,
    "usr/": None,
    "usr/share/": None,
    "usr/share/gone/": None,
    "usr/share/gone/file": b"x",
}


def _tar(files, time=EPOCH, prefix="", modes=()):
    file = io.BytesIO()
    with tarfile.TarFile(fileobj=file, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(prefix + name.rstrip("/"))
            member.mtime = time
            if content is None:
                member.type, member.mode = tarfile.DIRTYPE, 0o755
            elif isinstance(content, str):
                member.type, member.linkname = tarfile.SYMTYPE, content
            else:
                member.size = len(content)
            member.mode = dict(modes).get(name, member.mode)
            tar.addfile(member, io.BytesIO(content) if isinstance(content, bytes) else None)
    file.seek(0)
    return file


def _layer(after, time=NEWEST + 50, **settings):
    below = Below({}, (("layer.tar", 0, _tar(BEFORE)),))
    written = io.BytesIO()
    count = difference(below, _tar(after, time, **settings), written, NEWEST)
    written.seek(0)
    with tarfile.open(fileobj=written) as tar:
        found = {m.name: (m, tar.extractfile(m).read() if m.isfile() else None) for m in tar}
    assert count == len(found)
    return found


def test_nothing_changed_makes_an_empty_layer():
    assert _layer(BEFORE, prefix="./") == {}


def test_what_changed_comes_after_the_folders_that_lead_to_it():
    after = {name: body for name, body in BEFORE.items() if "gone" not in name}
    after |= {"etc/changed": b"after", "usr/share/new/": None, "usr/share/new/a": b"1"}
    after |= {"usr/share/new/link": "a"}
    found = _layer(after)
    assert list(found) == [
        "etc",
        "etc/changed",
        "usr",
        "usr/share",
        "usr/share/new",
        "usr/share/new/a",
        "usr/share/new/link",
        "usr/share/.wh.gone",
    ]
    assert found["etc/changed"][1] == b"after"
    assert {member.mtime for member, _ in found.values()} == {EPOCH}


def test_a_mode_is_a_change_and_a_time_is_none():
    found = _layer(BEFORE, modes=[("etc/same", 0o600)])
    assert list(found) == ["etc", "etc/same"]
    assert found["etc/same"][0].mode == 0o600


def test_times_of_packages_stay():
    found = _layer(BEFORE | {"usr/tool": b"x"}, time=NEWEST - 1)
    assert found["usr/tool"][0].mtime == NEWEST - 1


def test_what_the_engine_puts_into_a_container_is_no_difference():
    engines = {".dockerenv": b"", "dev/console": b"", "etc/hosts": b"127.0.0.1", "proc/1": b""}
    assert _layer(BEFORE | engines) == {}

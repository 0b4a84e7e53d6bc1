"""The tar scanner against tarfile and GNU tar, and against what no tar may hold."""

from __future__ import annotations

import os
import subprocess
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.images import Entry, tar
from helpers.images.columns import Columns, Entries
from helpers.images.streams import Broken, Mapped, Pieces

from . import generate, make, plain
from .make import Member

END = bytes(1024)


def scanned(data: bytes) -> list[Entry]:
    return list(Entries.over(tar.scan(Mapped(data))))


def in_pieces(data: bytes, size: int) -> list[Entry]:
    pieces = (data[at : at + size] for at in range(0, len(data), size))
    return list(Entries.over(tar.scan(Pieces(pieces))))


def broken(data: bytes) -> Broken:
    with pytest.raises(Broken) as caught:
        tar.scan(Mapped(data))
    return caught.value


@settings(max_examples=60, deadline=None)
@given(drawn=generate.layers, piece=st.integers(1, 3000))
def test_random_layers_are_as_tarfile_lists_them(drawn, piece) -> None:
    data = generate.layer(*drawn, bottom=True)
    found = [(e.stored, "file" if e.kind in ("whiteout", "opaque") else e.kind, *e[2:])
             for e in scanned(data)]  # fmt: skip
    assert found == plain.by_tarfile(data)
    assert in_pieces(data, piece) == scanned(data)


@pytest.mark.parametrize("format", ["v7", "oldgnu", "gnu", "ustar", "posix"])
def test_what_gnu_tar_writes_is_listed_alike(tmp_path: Path, format: str) -> None:
    if plain.GNU_TAR is None:
        pytest.skip("no tar program here")
    folder = tmp_path / "root"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub/file").write_bytes(b"x" * 513)
    (folder / "sub/empty").touch()
    (folder / "link").symlink_to("sub/file")
    (folder / "zz").hardlink_to(folder / "sub/file")
    (folder / "sub/file").chmod(0o4751)
    if format != "v7":
        os.mkfifo(folder / "pipe")
    if format in ("gnu", "posix"):
        (folder / ("long" * 50)).write_text("x")
        (folder / "ä").symlink_to("ö" * 90)
    made = _gnu(folder, f"--format={format}")
    assert [tuple(e) for e in scanned(made)] == plain.by_tarfile(made) == plain.by_gnu_tar(made)


@pytest.mark.parametrize(
    "how",
    [
        ["--format=gnu"],
        *(["--format=posix", f"--sparse-version={v}"] for v in ("0.0", "0.1", "1.0")),
    ],
)
def test_a_sparse_file_has_its_logical_size(tmp_path: Path, how: list[str]) -> None:
    if plain.GNU_TAR is None:
        pytest.skip("no tar program here")
    with (tmp_path / "sparse").open("wb") as file:  # more holes than one header has room for
        for n in range(60):
            file.seek(n * 20_000)
            file.write(b"q" * 10)
        file.truncate(2_000_000)
    (tmp_path / "zz-after").write_text("seen")
    made = _gnu(tmp_path, "-S", *how)
    if len(made) > 1_500_000:
        pytest.skip("the file system here keeps no holes")
    entries = scanned(made)
    assert [(e.path, e.size) for e in entries] == [("sparse", 2_000_000), ("zz-after", 4)]
    assert [tuple(e) for e in entries] == plain.by_tarfile(made) == plain.by_gnu_tar(made)


def _gnu(folder: Path, *options: str) -> bytes:
    names = sorted(path.name for path in folder.iterdir())
    command = [plain.GNU_TAR, "-c", *options, "-C", str(folder), *names]
    return subprocess.run(command, capture_output=True, check=True).stdout


def test_numbers_in_base_256_and_negative_times() -> None:
    members = [
        Member("big-owner", uid=3_000_000_000, gid=2**40),
        Member("before-1970", mtime=-5),
    ]
    entries = scanned(make.tar(members, tarfile.GNU_FORMAT))
    assert [(e.uid, e.gid, e.mtime) for e in entries] == [
        (3_000_000_000, 2**40, 1_700_000_000),
        (0, 0, -5),
    ]
    times = [Member("later", mtime=1.5), Member("earlier", mtime=-1.5)]
    assert [e.mtime for e in scanned(make.tar(times, tarfile.PAX_FORMAT))] == [1, -2]


def test_octal_fields_without_a_terminator_and_with_blanks() -> None:
    header = make.raw_header(b"full", mode=b"00000755", uid=b" 12 \0", size=b"00000000000 ")
    assert scanned(header + END) == [Entry("full", mode=0o755, uid=0o12)]


def test_paths_are_relative_to_the_root_and_without_detours() -> None:
    given = ["./a", "/b", "c//d", "e/./f", "g/h/../i", "..j", "k/..l"]
    entries = scanned(make.tar(Member(path) for path in given))
    assert [e.path for e in entries] == ["a", "b", "c/d", "e/f", "g/i", "..j", "k/..l"]
    assert scanned(make.tar([Member("./", "dir"), Member("/", "dir")])) == []


@pytest.mark.parametrize("path", ["../x", "a/../../x", "/..", "./../x", ".wh...", "a/.wh..."])
def test_a_path_outside_the_root_is_refused(path: str) -> None:
    assert broken(make.tar([Member(path)])).key == "images.outside"


def test_a_hard_link_outside_the_root_is_refused_a_symbolic_one_is_data() -> None:
    assert broken(make.tar([Member("x", "hardlink", target="../../etc/passwd")])).key == (
        "images.outside"
    )
    (entry,) = scanned(make.tar([Member("x", "symlink", target="../../etc/passwd")]))
    assert entry.target == "../../etc/passwd"


def test_markers_are_told_from_files() -> None:
    given = [
        ".wh.top",
        "d/.wh.gone",
        "d/.wh..wh..opq",
        ".wh..wh.aufs",
        ".wh..wh.plnk/1",
        "wh.x",
        "a.wh.b",
    ]
    entries = scanned(make.tar(Member(path) for path in given))
    assert [(e.kind, e.path) for e in entries] == [
        ("whiteout", "top"), ("whiteout", "d/gone"), ("opaque", "d"), ("file", "wh.x"),
        ("file", "a.wh.b"),
    ]  # fmt: skip
    assert [e.stored for e in entries[:3]] == given[:3]


def test_links_and_folders_have_no_content_whatever_they_claim() -> None:
    claims = make.raw_header(b"d/", size=b"00000001000", flag=b"5")
    claims += make.raw_header(b"l", size=b"00000001000", flag=b"2", link=b"d")
    assert [(e.path, e.size) for e in scanned(claims + make.tar([Member("f")]))] == [
        ("d", 0), ("l", 0), ("f", 0),
    ]  # fmt: skip


def test_a_global_pax_header_is_not_applied() -> None:
    record = b"19 path=not-applied\n"
    body = record.ljust(512, b"\0")
    data = make.raw_header(b"g", size=b"%o" % len(record), flag=b"g") + body
    assert [e.path for e in scanned(data + make.tar([Member("kept")]))] == ["kept"]


@pytest.mark.parametrize("cut", [100, 512 + 100, 512 + 512 + 200])
def test_a_truncated_tar_is_told(cut: int) -> None:
    data = make.tar([Member("a", content=b"x" * 300), Member("b", content=b"y" * 600)])
    assert broken(data[:cut]).key == "images.truncated"


@pytest.mark.parametrize("place", [0, 130, 160, 300])
def test_a_flipped_bit_in_a_header_is_told(place: int) -> None:
    data = bytearray(make.tar([Member("a", content=b"x")]))
    data[place] ^= 0x10
    assert broken(bytes(data)).key == "images.corrupt"


def test_signed_checksums_of_old_tars_are_accepted() -> None:
    block = bytearray(make.raw_header("ü".encode("latin-1")))
    block[148:156] = b" " * 8
    signed = sum(b - 256 if b > 127 else b for b in block)
    block[148:156] = b"%06o\0 " % signed
    assert [e.path for e in scanned(bytes(block) + END)] == ["\udcfc"]


@pytest.mark.parametrize(
    ("header", "key"),
    [
        (make.raw_header(b"x", size=b"\x80" + b"\xff" * 11), "images.corrupt"),
        (make.raw_header(b"x", size=b"\xff" * 12), "images.absurd"),
        (make.raw_header(b"x", size=b"77777777777"), "images.truncated"),
        (make.raw_header(b"x", size=b"not octal"), "images.corrupt"),
        (make.raw_header(b"x", size=b"77777777777", flag=b"x"), "images.absurd"),
        (make.raw_header(b"x", size=b"77777777777", flag=b"L"), "images.absurd"),
    ],
)
def test_absurd_numbers_are_refused_at_once(header: bytes, key: str) -> None:
    assert broken(header + END).key == key


@pytest.mark.parametrize(
    "record",
    [
        b"9999 path=x\n",
        b"x path=x\n",
        b"0 path=x\n",
        b"-1 a=b\n",
        b"11 size=-1\n",
        b"13 path=a\0b\n",
        b"25 size=99999999999999999\n",
        b"12 uid=1_0a\n",
    ],
)
def test_damaged_pax_records_are_refused(record: bytes) -> None:
    body = record.ljust(512, b"\0")
    data = make.raw_header(b"p", size=b"%o" % len(record), flag=b"x") + body
    assert broken(data + make.tar([Member("a")])).key in (
        "images.corrupt", "images.absurd", "images.truncated",
    )  # fmt: skip


def test_a_billion_entries_are_not_read(monkeypatch) -> None:
    monkeypatch.setattr(tar, "MAX_ENTRIES", 1000)
    header = make.raw_header(b"x")
    taken = []

    def endless():
        while True:
            taken.append(1)
            yield header * 16

    with pytest.raises(Broken) as caught:
        tar.scan(Pieces(endless()))
    assert caught.value.key == "images.too_many"
    assert len(taken) < 100


def test_columns_survive_packing() -> None:
    from helpers.images.columns import Unpacked, pack

    entries = [
        Entry("a\udcff", "symlink", 0, 0o777, 1, 2, -3, "t"),
        Entry("b", "file", 2**62, 0o7777, 2**40, 0, 2**34),
        Entry("c", "char", target="1:3"),
    ]
    columns = Columns.of(entries)
    data = pack(columns)
    again = Entries(lambda: Unpacked(data, 3), 3, columns.total, {})
    assert list(again) == entries
    assert again[1] == entries[1]
    assert again[-1] == entries[2]
    assert list(again[0:2]) == entries[:2]
    with pytest.raises(ValueError):
        Unpacked(data[:-20], 3)
    with pytest.raises(IndexError):
        again[3]

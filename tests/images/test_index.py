"""The index of known layers: bounded, never wrong, and never in the way."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from helpers import paths
from helpers.images import Entry, index
from helpers.images.columns import Columns, Entries
from helpers.images.index import Index


def digest(number: int) -> str:
    return f"sha256:{number:064x}"


def layer(number: int, count: int = 50) -> Entries:
    made = (Entry(f"layer{number}/{os.urandom(8).hex()}", size=n) for n in range(count))
    return Entries.over(Columns.of(made))


@pytest.fixture
def known(tmp_path: Path) -> Index:
    return Index(tmp_path)


def test_what_is_kept_is_known(known: Index) -> None:
    entries = layer(1)
    known.keep(
        [(digest(1), entries)], [(digest(9), {"config": {"Cmd": ["é"]}})], [(digest(8), digest(1))]
    )
    again = known.layer(digest(1))
    assert again == entries
    assert (len(again), again.size, again.counts) == (50, entries.size, {"file": 50})
    assert known.image(digest(9)) == {"config": {"Cmd": ["é"]}}
    assert known.unpacked(digest(8)) == digest(1)
    assert known.layer(digest(2)) is None
    assert known.image(digest(1)) is None
    assert known.unpacked(digest(1)) is None


def test_entries_are_unpacked_only_when_they_are_looked_at(known: Index, monkeypatch) -> None:
    known.keep([(digest(1), layer(1))])
    monkeypatch.setattr(index, "Unpacked", lambda *_: pytest.fail("unpacked"))
    again = known.layer(digest(1))
    assert (len(again), again.size, repr(again)) == (50, 1225, "<50 entries>")


def test_a_damaged_file_is_as_good_as_none(known: Index, tmp_path: Path) -> None:
    known.keep([(digest(1), layer(1))], [(digest(1), {"a": 1})])
    for path in sorted(tmp_path.iterdir()):
        sound = path.read_bytes()
        for damaged in (b"", sound[:10], sound[:-1], sound + b"x", b"X" + sound[1:],
                        sound[:13] + bytes([sound[13] ^ 1]) + sound[14:]):  # fmt: skip
            path.write_bytes(damaged)
            assert known.layer(digest(1)) is None or path.suffix != ".layer"
            assert known.image(digest(1)) is None or path.suffix != ".image"
        path.write_bytes(sound)
    known.keep([(digest(1), layer(1))])
    assert known.layer(digest(1)) is not None


def test_the_index_stays_within_its_limit_and_drops_the_oldest(tmp_path: Path) -> None:
    one = Index(tmp_path)
    one.keep([(digest(1), layer(1))])
    size = (tmp_path / f"{1:064x}.layer").stat().st_size
    known = Index(tmp_path, limit=int(size * 3.5))
    for number in (2, 3):
        known.keep([(digest(number), layer(number))])
    for number in (1, 2, 3):
        os.utime(tmp_path / f"{number:064x}.layer", (number, number))
    assert known.layer(digest(1)) is not None  # used just now, so no longer the oldest
    known.keep([(digest(4), layer(4))])
    assert [n for n in (1, 2, 3, 4) if known.layer(digest(n))] == [1, 3, 4]
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= known.limit


def test_a_full_disk_is_no_error_and_leaves_nothing_half_written(
    known: Index, tmp_path: Path, monkeypatch
) -> None:
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "replace", full)
    known.keep([(digest(1), layer(1))])
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_went_away_is_no_error(known: Index, tmp_path: Path) -> None:
    tmp_path.rmdir()
    known.keep([(digest(1), layer(1))])
    assert known.layer(digest(1)) is None


def test_a_read_only_home_means_no_index(tmp_path: Path, monkeypatch) -> None:
    place = tmp_path / "file"
    place.touch()
    monkeypatch.setenv("LAYER_BY_LAYER_HOME", str(place / "below-a-file"))
    assert index.default().folder is None
    index.default().keep([(digest(1), layer(1))])
    monkeypatch.setenv("LAYER_BY_LAYER_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    (tmp_path / "home/layers").touch()  # a file where the folder should be
    assert index.default().folder is None
    (tmp_path / "home/layers").unlink()
    assert index.default().folder == paths.home() / "layers"


def test_digests_cannot_lead_to_other_files(known: Index) -> None:
    for odd in ("sha256:../../etc/passwd", "../x", "md5:00", "sha256:"):
        with pytest.raises(ValueError):
            known.layer(odd)

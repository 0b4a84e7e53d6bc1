"""What is remembered of builds: kept, torn, outdated, limited and forgotten; no daemon."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from helpers.builds import ledger
from helpers.builds.ledger import Kept
from helpers.builds.plan import Parts, Planned

ENGINE = SimpleNamespace(id="AB:CD/../EF")
KEYS = [Parts(f'["{n}"]').key for n in range(3)]


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAYER_BY_LAYER_HOME", str(tmp_path))
    monkeypatch.setattr(ledger, "_recent", {})
    ledger._parsed.cache_clear()
    return tmp_path


@pytest.fixture
def folder(own_home: Path) -> Path:
    return own_home / "builds" / "AB_CD_.._EF"


def keep(where: str = "/c", lesson: str = "03", target: str = "", file: str = "Dockerfile",
         records: dict | None = None, states: tuple[str, ...] = ("base", "ran", "cached"),
         gone: tuple[str, ...] = ()) -> Kept:  # fmt: skip
    steps = tuple(
        Planned("stage-0", n + 1, f"RUN {n}", n + 1, Parts(f'["{n}"]', files=(("a", "m"),)))
        for n in range(3)
    )
    told = {step.id: state for step, state in zip(steps, states, strict=True)}
    records = {"stage-0 2": "r1"} if records is None else records
    key = ledger.fresh_key(ENGINE)
    build = Kept(key, where, file, target, lesson, "buildkit", False, steps, told, records, gone)
    ledger.keep(ENGINE, build)
    return build


def afresh() -> None:
    """As another process would see it."""
    ledger._recent.clear()
    ledger._parsed.cache_clear()


def test_what_is_kept_comes_back_the_same(folder: Path) -> None:
    build = keep()
    afresh()
    assert ledger.kept(build.key, ENGINE) == build
    assert [path.name for path in folder.glob("*.json")] == [f"{build.key}.json"]
    assert build.step("stage-0 2").line == 2 and build.step("nope 1") is None


def test_names_sort_by_age() -> None:
    keys = [keep().key for _ in range(12)]
    assert keys == sorted(keys)


def test_another_engine_knows_nothing() -> None:
    build = keep()
    afresh()
    other = SimpleNamespace(id="other")
    assert ledger.kept(build.key, other) is None
    assert ledger.known(other) == {}
    assert ledger.last(other, "/c", "Dockerfile") is None


def test_the_last_build_of_a_context() -> None:
    first, second = keep(), keep(target="build")
    keep(where="/other")
    keep(file="two")
    for _ in range(2):
        assert ledger.last(ENGINE, "/c", "Dockerfile") == first
        assert ledger.last(ENGINE, "/c", "Dockerfile", "build") == second
        assert ledger.last(ENGINE, "/c", "Dockerfile", "never") == second  # the latest
        assert ledger.last(ENGINE, "/nowhere", "Dockerfile") is None
        afresh()


def test_one_that_got_nowhere_is_passed_over() -> None:
    first = keep()
    keep(states=("base", "failed", "unreached"), records={})
    assert ledger.last(ENGINE, "/c", "Dockerfile") == first


def test_keys_and_their_records() -> None:
    keep()
    assert ledger.known(ENGINE) == {KEYS[1]: {"r1"}, KEYS[2]: {""}}
    keep(states=("base", "cached", "ran"), records={"stage-0 3": "r2"})
    # the hit tells nothing new of the first; what ran now has a record
    assert ledger.known(ENGINE) == {KEYS[1]: {"r1"}, KEYS[2]: {"r2"}}
    keep(states=("base", "failed", "unreached"), records={})
    assert ledger.known(ENGINE) == {KEYS[1]: {"r1"}, KEYS[2]: {"r2"}}


@pytest.mark.parametrize(
    ("records", "present", "expected"),
    [
        (None, {"r"}, False),  # never known
        (set(), {"r"}, False),
        ({"r"}, {"r", "x"}, False),
        ({"r"}, {"x"}, True),
        ({"r"}, set(), True),
        ({"r", "q"}, {"q"}, False),  # one of them still holds it
        ({"r", ""}, set(), False),  # it had been found there without the course
        ({""}, set(), False),
    ],
)
def test_when_a_result_is_lost(records, present, expected: bool) -> None:
    assert ledger.lost(records, present) is expected


# ---- damage ----


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b"null", b'"x"', b"3", b"\x00\xff", b'{"steps": 3}', b'{"steps": ["x"]}',
     b'{"steps": [], "unknown": 1}', b'{"steps": [{"parts": {}}]}', b'{"steps": [[]]}'],
)  # fmt: skip
def test_a_torn_or_foreign_file_is_as_none(folder: Path, data: bytes) -> None:
    whole, torn = keep(), keep()
    (folder / f"{torn.key}.json").write_bytes(data)
    afresh()
    assert ledger.kept(torn.key, ENGINE) is None
    assert ledger.last(ENGINE, "/c", "Dockerfile") == whole


def test_a_file_that_was_cut_anywhere_is_as_none(folder: Path) -> None:
    path = folder / f"{keep().key}.json"
    data = path.read_bytes()
    for length in range(0, len(data), 7):
        path.write_bytes(data[:length])
        afresh()
        assert ledger.kept(path.stem, ENGINE) is None


@pytest.mark.parametrize(
    "line",
    [b'{"build": "1", "les', b"\xff\x00", b"[]", b"3", b'{"steps": 3}', b'{"steps": [["a"]]}',
     b'{"build": "1"}', b'{"steps": [[1, 2]], "build": "1", "lesson": "03"}', b""],
)  # fmt: skip
def test_a_torn_line_costs_no_other(folder: Path, line: bytes) -> None:
    keep()
    index = folder / "known.jsonl"
    index.write_bytes(index.read_bytes() + line)  # no line feed: the disk was full
    keep(states=("base", "cached", "ran"), records={"stage-0 3": "r2"})
    assert ledger.known(ENGINE) == {KEYS[1]: {"r1"}, KEYS[2]: {"r2"}}
    ledger.forget(ENGINE, "09")
    assert ledger.known(ENGINE) == {KEYS[1]: {"r1"}, KEYS[2]: {"r2"}}
    ledger.forget(ENGINE, "03")
    assert ledger.known(ENGINE) == {}


def test_no_folder_at_all(own_home: Path) -> None:
    assert ledger.known(ENGINE) == {} and ledger.kept("000001-x", ENGINE) is None
    assert ledger.kept("", ENGINE) is None
    ledger.forget(ENGINE)
    assert not (own_home / "builds").exists()


# ---- limits ----


def test_only_so_many_builds_are_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ledger.MOST == 500
    monkeypatch.setattr(ledger, "MOST", 5)
    builds = [keep() for _ in range(8)]
    afresh()
    assert [ledger.kept(b.key, ENGINE) is not None for b in builds] == [False] * 3 + [True] * 5
    assert KEYS[1] in ledger.known(ENGINE)  # what the old ones made is still in the cache
    assert keep().key > builds[-1].key


def test_memory_is_bounded() -> None:
    for _ in range(60):
        keep()
    assert len(ledger._recent) <= 50


# ---- forgetting ----


def test_one_lesson_is_forgotten_and_no_other(folder: Path) -> None:
    mine, other = keep(lesson="03"), keep(lesson="04", states=("base", "ran", "ran"))
    free = keep(lesson="", states=("base", "ran", "ran"), records={"stage-0 2": "r9"})
    ledger.forget(ENGINE, "03")
    afresh()
    assert ledger.kept(mine.key, ENGINE) is None
    assert ledger.kept(other.key, ENGINE) == other and ledger.kept(free.key, ENGINE) == free
    assert ledger.known(ENGINE)[KEYS[1]] == {"r1", "r9"}
    ledger.forget(ENGINE)
    assert ledger.known(ENGINE) == {}
    assert [path.name for path in folder.iterdir()] == ["known.jsonl"]


def test_forgetting_twice_and_keeping_on() -> None:
    keep()
    ledger.forget(ENGINE, "03")
    ledger.forget(ENGINE, "03")
    build = keep()
    assert ledger.kept(build.key, ENGINE) == build and KEYS[1] in ledger.known(ENGINE)

"""The cache salt: one per life of the course."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from helpers import bases


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYER_BY_LAYER_HOME", str(tmp_path))
    return tmp_path


@dataclass(frozen=True)
class Daemon:
    """All of an engine that the salt asks for."""

    id: str


ONE, OTHER = Daemon("6d1a:/../x"), Daemon("77")


def test_salt_stays_until_it_is_forgotten():
    first = bases.salt(ONE)
    assert len(first) == 32 and int(first, 16) >= 0
    assert bases.salt(ONE) == first
    bases.forget_salt(ONE)
    assert bases.salt(ONE) != first


def test_forgetting_what_is_not_there_is_no_error():
    bases.forget_salt(ONE)
    bases.forget_salt(ONE)


def test_a_torn_salt_is_replaced(own_home):
    bases.salt(ONE)
    (path,) = (own_home / "salts").iterdir()
    path.write_text("12ab")
    found = bases.salt(ONE)
    assert len(found) == 32
    assert bases.salt(ONE) == found


def test_two_kernels_at_once_get_one_salt():
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: bases.salt(ONE), range(40)))) == 1


def test_each_daemon_has_its_own():
    assert bases.salt(ONE) != bases.salt(OTHER)
    kept = bases.salt(OTHER)
    bases.forget_salt(ONE)
    assert bases.salt(OTHER) == kept

"""The words of the primer's pictures add up, and say what is lost."""

from __future__ import annotations

import pytest

from helpers import figures
from helpers.aws import responsibility

from .primer import PLACES, YEAR
from .sheets import written


def test_idle_and_missing_add_up_to_what_was_bought() -> None:
    drawing = figures.capacity(YEAR, bought=8)
    assert drawing.title == "8 bought: 35 server-months idle, 5 missing. Rented as needed: 66"
    assert 8 * 12 - 35 + 5 == 66 == sum(YEAR)
    assert "  month 11: 12 needed, 4 missing" in drawing.words.splitlines()
    assert "bought and idle: 35" in [text.text for text in written(drawing)]
    for needed, bought in (([], 1), ([-1], 1), ([1], -1)):
        with pytest.raises(ValueError):
            figures.capacity(needed, bought)


def test_a_zone_takes_with_it_what_stood_in_it_alone() -> None:
    dead = figures.zones(PLACES, lost="zone a")
    assert dead.title == "Without zone a, nothing is left of: database"
    assert dead.words.splitlines()[-2:] == ["  web server: 1 of 2 left", "  database: 0 of 1 left"]
    assert "something of everything" in figures.zones(PLACES, lost="zone b").title
    assert "left" not in figures.zones(PLACES).words
    with pytest.raises(KeyError):
        figures.zones(PLACES, lost="zone c")


def test_a_cell_says_whose_it_is_in_words_too() -> None:
    drawing = figures.responsibility(responsibility.MODEL)
    said = [text.text for text in written(drawing)]
    yours = sum(len(owners) for owners in responsibility.DUTIES.values())
    assert said.count("you") == yours == 15
    assert said.count("AWS") == 28 - yours
    assert "  hardware (buildings, power, machines, disks): AWS's with all of them" in drawing.words

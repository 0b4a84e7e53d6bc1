"""The sequence of a command, drawn from data: no daemon, whatever was said."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from helpers import figures
from helpers.components.model import Conversation, Exchange
from helpers.components.recording import STORED
from helpers.messages import speaking

KINDS = ("run", "push", "pull")


def stored(kind: str) -> Conversation:
    found = json.loads(STORED.read_text("utf-8"))[kind]
    return Conversation(f"docker {kind} x", tuple(Exchange(**one) for one in found), "", 0, True)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_stored_recordings_can_be_drawn(kind, language):
    with speaking(language):
        drawn = figures.conversation(stored(kind))
        assert drawn.png().startswith(b"\x89PNG")
        words = str(drawn)
    assert ("stored recording" if language == "en" else "不是在这台机器上") in words
    assert ("/_ping" in words) and ("{" not in words.replace("{container}", ""))


def test_both_image_stores_give_the_same_words():
    heard = stored("pull")
    # containerd's store does not ask /v2/ first, and takes what it holds without fetching it
    other = [one for one in heard.exchanges if one.meaning != "registry_base"]
    blobs = [one for one in other if one.meaning == "registry_blob"]
    other.remove(blobs[0])
    assert str(figures.conversation(replace(heard, exchanges=tuple(other)))) == str(
        figures.conversation(heard)
    )


def test_an_open_connection_is_told_in_words():
    words = str(figures.conversation(stored("run"))).splitlines()
    assert "both ways" in next(line for line in words if "/attach" in line)
    assert "piece by piece" in next(line for line in words if "/wait" in line)
    assert "(" not in next(line for line in words if "/start" in line)


def test_a_silent_and_a_very_long_recording():
    silent = Conversation("docker", (), "", 1)
    assert "Nothing was said" in str(figures.conversation(silent))
    one = stored("run").exchanges[0]
    many = tuple(replace(one, path=f"/x/{number}", began=float(number)) for number in range(80))
    drawn = figures.conversation(Conversation("docker x", many, "", 0))
    assert drawn.figure.get_figheight() < 20 and drawn.png()
    assert "80 requests" in drawn.title


def test_what_was_said_is_harmless():
    one = replace(stored("run").exchanges[0], path="/<b>\x1b[2J\u202e" + "x" * 500, status=0)
    drawn = figures.conversation(Conversation("docker \x1b[31m<i>", (one,), "", 0))
    assert "\x1b" not in str(drawn) and "\u202e" not in str(drawn)
    assert "<b>" not in drawn.html() and "<i>" not in drawn.html()
    assert max(len(line) for line in str(drawn).splitlines()) < 300

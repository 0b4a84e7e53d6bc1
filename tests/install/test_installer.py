"""The chooser as a widget: its menus follow one another, and it shows what they say."""

from __future__ import annotations

import pytest

from helpers import install, messages, widgets
from helpers.errors import NotFound


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_choice_shows_its_steps(language) -> None:
    with messages.speaking(language):
        chooser = widgets.installer()
        assert "docs.docker.com/engine/install/ubuntu/" in chooser.steps.value
        for _, key in chooser.platform.options:
            chooser.platform.value = key
            assert chooser.guide.platform.key == key
            for _, release in chooser.release.options:
                chooser.release.value = release
                expected = install.commands(key, release)
                assert chooser.steps.value == expected._repr_mimebundle_()["text/html"]


def test_a_mirror_is_offered_only_where_it_helps() -> None:
    with messages.speaking("en"):
        chooser = widgets.installer("debian")
        assert not chooser.mirror.disabled
        chooser.mirror.value = "tuna"
        assert "mirrors.tuna" in chooser.steps.value
        chooser.platform.value = "arch"
        assert chooser.mirror.disabled and chooser.mirror.value == ""
        assert "tuna" not in chooser.steps.value
        chooser.platform.value = "fedora"
        assert not chooser.mirror.disabled


def test_it_keeps_its_language_when_a_menu_is_used_later() -> None:
    with messages.speaking("zh"):
        chooser = widgets.installer()
    with messages.speaking("en"):
        chooser.platform.value = "debian"
    assert "选择平台" in chooser.steps.value


def test_without_a_browser_it_is_text() -> None:
    with messages.speaking("en"):
        chooser = widgets.installer("rhel", "9")
        data, _ = chooser._repr_mimebundle_()
        assert "RHEL 9" in repr(chooser) and data["text/plain"] == repr(chooser)
        assert "<ol>" in data["text/html"]


def test_a_first_choice_that_does_not_exist_is_refused() -> None:
    with pytest.raises(NotFound):
        widgets.installer("beos")

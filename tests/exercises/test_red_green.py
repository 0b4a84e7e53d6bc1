"""The red-green harness itself, on a sample; `tests.course` plays the exercises of lessons."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.authoring import machine
from helpers.engine import Engine

from . import red_green


@pytest.mark.daemon
def test_the_sample_is_red_then_green(sample: Path, engine: Engine, tmp_path: Path) -> None:
    red_green.play(sample, engine, tmp_path)


@pytest.mark.daemon
def test_a_check_that_is_always_green_is_found(
    sample: Path, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The harness must not pass whatever a check says."""
    volume = engine.client.volumes.create("lbl-90-box", labels={"org.layer-by-layer.course": "x"})
    monkeypatch.setattr(machine.engine.cleanup, "clean", lambda *_, **__: None)
    try:
        with pytest.raises(AssertionError, match="green on an untouched machine"):
            red_green.play(sample, engine, tmp_path)
    finally:
        volume.remove()

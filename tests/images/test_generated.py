"""Random images on a real engine: each layer against tar, the tree against docker export."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from helpers import images
from helpers.images.index import Index

from . import generate, make, plain

pytestmark = pytest.mark.daemon
NOTHING_KNOWN = Index(None)
TAG = "lbl-test/generated:1"
seen: list[int] = []


@settings(
    max_examples=40,
    deadline=timedelta(seconds=60),
    derandomize=True,
    phases=[Phase.generate],  # to shrink a failure, on an engine, takes minutes
    suppress_health_check=list(HealthCheck),
    database=None,
)
@given(drawn=generate.images)
def test_a_generated_image_is_what_tar_and_the_engine_say(engine, drawn) -> None:
    made = generate.made(drawn)
    make.load(engine, [made])
    container = None
    try:
        image = images.read(TAG, engine, through="save", known=NOTHING_KNOWN)
        for layer, data in zip(image.layers, made.layers, strict=True):
            assert plain.by_reader(layer) == plain.by_tarfile(data)
            assert plain.by_reader(layer) == plain.by_gnu_tar(data)
        container = engine.client.api.create_container(TAG, ["/x"])["Id"]
        export = b"".join(engine.client.api.export(container))
        assert plain.merged(image) == plain.exported(export)
        assert images.read(TAG, engine, known=NOTHING_KNOWN) == image
        seen.append(len(image.layers))
    finally:
        if container:
            engine.client.api.remove_container(container, force=True)
        engine.client.api.remove_image(TAG, force=True)


def test_enough_images_were_generated() -> None:
    assert len(seen) >= 30
    assert max(seen) >= 3

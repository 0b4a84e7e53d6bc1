"""Random images on a real engine: each layer against tar, the tree against docker export."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from helpers import images
from helpers.images import model
from helpers.images.index import Index

from . import generate, make, plain

pytestmark = pytest.mark.daemon
NOTHING_KNOWN = Index(None)
TAG = "lbl-test/generated:1"
# What the images that were compared held, so that a generator gone dull is noticed.
seen: list[set[str]] = []


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
        seen.append(notable(image))
    finally:
        if container:
            engine.client.api.remove_container(container, force=True)
        engine.client.api.remove_image(TAG, force=True)


def notable(image: images.Image) -> set[str]:
    """What in ``image`` readers get wrong."""
    found = {entry.kind for layer in image.layers for entry in layer.entries}
    found |= {f"{len(image.layers)} layers"}
    for change in images.changes(image):
        if any(entry.kind == "dir" for entry in change.removed):
            found.add("folder removed")
        if any(entry.size for entry in change.removed):
            found.add("content removed")
        for now, before in zip(change.changed, change.before, strict=True):
            if (now.kind == "dir") != (before.kind == "dir"):
                found.add(f"{before.kind} became {now.kind}")
        if any(not entry.path.isascii() for entry in change.added):
            found.add("odd name")
    return found


def test_enough_images_were_compared_and_they_were_not_dull() -> None:
    assert len(seen) >= 30
    everything = set().union(*seen)
    assert everything >= {*model.KINDS} - {"block"}
    assert everything >= {"folder removed", "content removed", "odd name", "4 layers"}
    assert {"dir became file", "file became dir"} & everything

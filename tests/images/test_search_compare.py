"""A text looked for in an image, and two images held against one another, on the real engine."""

from __future__ import annotations

import pytest

from helpers import images
from helpers.bases import archive
from helpers.bases.below import saved
from helpers.errors import NotFound
from helpers.images.model import Config, Entry, Image, Layer
from helpers.paths import home, writable

NAME = "lbl/test-search:1"


@pytest.fixture
def image(engine):
    with archive.LayerWriter() as tar:
        tar.folder("etc")
        tar.add("etc/hidden", b"token = swordfish\n")
        tar.add("etc/other", b"nothing\n")
    base = archive.Recipe(NAME, engine.architecture, "test", "base", ("sh",))
    archive.load(engine, base, tar.file)
    with archive.LayerWriter() as above:
        above.add("etc/.wh.hidden", b"")
    recipe = archive.Recipe(
        NAME, engine.architecture, "test", "RUN echo marlin", ("sh",), env=("A=pike",)
    )
    with saved(engine, NAME, writable(home() / "images")) as below:
        archive.load(engine, recipe, above.file, below)
    yield NAME
    engine.client.api.remove_image(NAME, force=True)


def test_a_deleted_file_is_found_in_the_layer_that_has_it(engine, image):
    found = images.search(image, "swordfish", engine)
    assert (found.layers, found.files) == (2, ((1, "/etc/hidden"),))
    assert not found.settings and not found.history
    assert "found in L1: /etc/hidden" in str(found)


def test_names_settings_and_history_are_searched(engine, image):
    assert images.search(image, "marlin", engine).history
    assert images.search(image, "pike", engine).settings == ("Env",)
    assert images.search(image, "other", engine).files == ((1, "/etc/other"),)


def test_what_is_nowhere_is_said(engine, image):
    found = images.search(image, "halibut", engine)
    assert not found and str(found).endswith("not found anywhere")
    with pytest.raises(NotFound):
        images.search("lbl/test-searhc:1", "x", engine)


def _image(name, *layers):
    made = tuple(
        Layer(number, f"sha256:{digest}", "", 0, entries)
        for number, (digest, entries) in enumerate(layers, start=1)
    )
    return Image(name, "", (), made, (), Config())


def test_layers_are_compared():
    times = [Entry("a", "dir", mtime=1), Entry("a/b", size=3, mtime=1)]
    later = [Entry("a", "dir", mtime=2), Entry("a/b", size=3, mtime=2)]
    one = _image("one", ("1", []), ("2", times), ("3", times), ("4", times), ("5", []))
    other = _image("two", ("1", []), ("x", later), ("y", times), ("z", [Entry("a/b", size=4)]))
    found = images.compare(one, other).layers
    assert [row.kind for row in found] == ["same", "times", "inside", "files", "one"]
    assert found[1].paths == ("a/b",) and found[3].paths == ("a/b",)
    assert "L2  differs in times only: /a/b\n" in str(images.compare(one, other))


def test_a_folder_that_one_layer_lists_again_is_no_difference_of_files():
    """Seen once, on a busy machine: one of two builds listed /etc, and the other did not."""
    below = [Entry("etc", "dir", mode=0o755, mtime=1)]
    again = Entry("etc", "dir", mode=0o755, mtime=9)
    one = _image("one", ("1", below), ("2", [again, Entry("w", mtime=9)]))
    other = _image("two", ("1", below), ("3", [Entry("w", mtime=8)]))
    assert str(images.compare(one, other).layers[1]) == "  L2  differs in times only: /w"
    shut = _image("shut", ("1", below), ("4", [again._replace(mode=0o700), Entry("w", mtime=9)]))
    assert images.compare(shut, other).layers[1].paths == ("etc",)
    alone = _image("alone", ("1", below), ("5", [Entry("w", mtime=8), again]))
    assert images.compare(alone, other).layers[1].kind == "times"


def test_folders_are_named_where_nothing_else_differs():
    one, other = (_image("x", (str(n), [Entry("a", "dir", mtime=n)])) for n in (1, 2))
    assert images.compare(one, other).layers[0].paths == ("a",)


def test_an_image_is_like_itself(engine, image):
    read = images.read(image, engine)
    assert {row.kind for row in images.compare(read, read).layers} == {"same"}

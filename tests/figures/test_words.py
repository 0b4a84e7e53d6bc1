"""The words state what the picture shows: layers, sizes, what is no layer, what is shared."""

from __future__ import annotations

from helpers import figures, messages
from helpers.images import Entry

from . import samples
from .sheets import MUCH, WROTE, written


def test_stack_tells_layers_from_the_top_with_sizes_and_changes():
    words = figures.stack(samples.notes()).words.splitlines()
    assert words[0] == "lbl/notes:1: 4 layers with 5.13 MB of file content, and a config"
    layers = [line.split()[0] for line in words if line.strip().startswith("L")]
    assert layers == ["L4", "L3", "L2", "L1"]
    assert "  L4      0 B  0 added, 0 changed, 1 removed  RUN rm /notes/big" in words
    assert "  L2      6 B  1 added, 0 changed, 0 removed  COPY notes.txt /notes/" in words


def test_a_step_without_a_layer_is_told_as_such_and_stands_where_it_ran():
    words = figures.stack(samples.notes()).words.splitlines()
    env = next(
        i for i, line in enumerate(words) if "ENV EDITOR" in line and "made no layer" in line
    )
    assert "COPY" in words[env - 1] and "ADD" in words[env + 1]


def test_config_is_named_with_what_starts():
    words = figures.stack(samples.notes()).words
    assert 'config, not a layer: CMD ["cat", "/notes/notes.txt"]; WORKDIR /notes' in words


def test_a_writable_layer_is_told_above_the_image():
    words = figures.stack(samples.notes(), WROTE).words.splitlines()
    told = "writable layer of the container my-notes, on top of the image"
    assert words[2].strip().startswith(told)
    assert words[2].endswith("2 added, 1 changed, 0 removed, 34 B")


def test_one_layer_is_not_one_layers():
    one = samples.image("lbl/one:1", samples.BASE)
    assert "1 layer with" in figures.stack(one).words


def test_a_layer_without_history_is_still_there():
    words = figures.stack(samples.odd()).words
    assert "(the image does not say how this layer was made)" in words


def test_a_layer_of_folders_alone_is_not_told_as_nothing():
    made = samples.image("lbl/x:1", ("RUN mkdir /a /b", [Entry("a", "dir"), Entry("b", "dir")]))
    drawing = figures.stack(made)
    assert "0 added, 0 changed, 0 removed; 2 folders" in drawing.words
    assert "2 folders" in [t.text for t in written(drawing)]
    assert "folder" not in figures.stack(samples.notes()).words.split("\n", 2)[2]


def test_chinese_words_hold_the_same_numbers():
    with messages.speaking("zh"):
        words = figures.stack(samples.notes(), WROTE).words
    assert "4 个镜像层，文件内容共 5.13 MB" in words
    assert "容器 my-notes 的可写层，叠在镜像之上：新增 2，修改 1，删除 0，34 B" in words


def test_weight_says_what_a_deleted_file_still_costs():
    drawing = figures.weight(samples.notes())
    assert "stores 5.13 MB" in drawing.title and "3.15 MB are hidden" in drawing.title
    assert "/notes/big: 3.15 MB, stored in L3 (hidden by L4), deleted in the end" in drawing.words
    assert "/notes/notes.txt: 6 B, stored in L2 (hidden by L3)" in drawing.words


def test_weight_beside_another_image_is_drawn_to_one_scale():
    alone = figures.weight(samples.notes())
    small = samples.image("lbl/one:1", samples.BASE)
    both = figures.weight(small, beside=samples.notes())
    assert "lbl/notes:1" in both.words.splitlines()[-1]
    widest = max(patch.get_width() for patch in _bars(both))
    assert widest == max(patch.get_width() for patch in _bars(alone))


def _bars(drawing):
    """The boxes of all bars but those of the legend, which are 0.22 inches wide."""
    patches = [p for axes in drawing.figure.axes for p in axes.patches]
    patches += drawing.figure.patches
    return [p for p in patches if hasattr(p, "get_width") and p.get_width() > 0.3]


def test_weight_without_waste_lists_nothing():
    words = figures.weight(samples.image("lbl/one:1", samples.BASE)).words
    assert "Hidden" not in words and "can see all of it" in words


def test_sharing_gives_both_totals_and_each_shared_layer_once():
    images = samples.family(3)
    drawing = figures.sharing(samples.forest(*images))
    summed = sum(image.size for image in images)
    once = sum({x.chain_id: x.size for image in images for x in image.layers}.values())
    assert (summed, once) == (11_020_000 + 1_080, 4_280_420)
    assert "11 MB of file content if each had its layers" in drawing.title
    assert "4.28 MB on disk" in drawing.title
    assert drawing.words.count("  L1, 1.98 MB: ") == 1
    assert "L2–L3, 800 kB: lbl/app1:1, lbl/app2:1" in drawing.words
    assert "lbl/app0:1: 2 layers, 2.23 MB; layers shared with another image: 1" in drawing.words
    assert "stands on lbl/busybox:1" in drawing.words


def test_a_shared_layer_is_drawn_as_one_thing():
    texts = [t.text for t in written(figures.sharing(samples.forest(*samples.family(3))))]
    assert sum(t.startswith("L1 ") for t in texts) == 1
    assert sum("one copy for 4 images" in t for t in texts) == 1
    assert sum(t.startswith("L4 ") for t in texts) == 2


def test_sharing_says_when_nothing_is_shared():
    other = samples.image("lbl/other:1", ("COPY x /", [Entry("x", size=1)]))
    drawing = figures.sharing(samples.forest(samples.notes(), other))
    assert "These images share no layer." in drawing.words
    assert "Sharing saves 0 B." in drawing.words


def test_sharing_without_sizes_invents_none():
    words = figures.sharing(samples.forest(*samples.family(), sizes=False)).words
    assert " MB" not in words and "–" in words


def test_images_beyond_the_picture_are_counted():
    drawing = figures.sharing(samples.forest(*samples.family(30)))
    assert any(t.text == "not drawn: 17 more images" for t in written(drawing))


def test_two_containers_keep_what_they_write_apart():
    words = figures.two_containers(samples.notes(), WROTE, MUCH).words.splitlines()
    first = next(i for i, line in enumerate(words) if "container my-notes" in line)
    second = next(i for i, line in enumerate(words) if "container bbb" in line)
    assert "    + /notes/mine.txt" in words[first:second]
    assert "    ~ /notes/notes.txt" in words[first:second]
    assert "    and 4 more" in words[second:]

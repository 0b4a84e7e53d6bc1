"""Scenarios that the course ships, and their cache state on a real daemon."""

from __future__ import annotations

import pytest

from helpers import bases, builds, paths, scenarios
from helpers.builds import buildkit
from helpers.builds.dockerfile import base_images
from helpers.errors import NotFound
from helpers.scenarios import shipped
from tests.conftest import missing


@pytest.fixture
def lessons(tmp_path, monkeypatch):
    """A course of one lesson, in a folder of the test's own."""
    contexts = tmp_path / "lessons" / "07-sample" / "contexts"
    (contexts / "test").mkdir(parents=True)
    (contexts / "test" / "Dockerfile").write_text(
        "FROM lbl/busybox:1\nCOPY a.txt /\nRUN echo $RANDOM > /b\nRUN cat /b > /c\n"
    )
    (contexts / "test" / "a.txt").write_text("a\n")
    monkeypatch.setattr(paths, "LESSONS", tmp_path / "lessons")
    monkeypatch.setattr(paths, "WORK", tmp_path / "work")
    work = tmp_path / "work" / "zh-CN"
    work.mkdir(parents=True)
    monkeypatch.chdir(work)
    monkeypatch.delenv("LAYER_BY_LAYER_CONTEXTS", raising=False)
    return contexts


@pytest.mark.parametrize("name", shipped.names())
def test_every_shipped_scenario_stands_on_course_images(name):
    found = shipped.find(name)
    for base in found.needs:
        assert base in bases.MAKERS or base.startswith("lbl/"), f"{base} would have to be pulled"
    assert any(found.folder.iterdir())


def test_an_unknown_scenario_names_the_nearest(lessons):
    with pytest.raises(NotFound) as caught:
        scenarios.start("07.tset")
    assert "07.test" in caught.value.why


def test_context_lies_beside_the_notebook_and_bases_are_made(lessons, engine, capsys):
    found = scenarios.start("07.test", engine)
    assert found.folder == paths.WORK / "zh-CN" / "contexts" / "07-test"
    assert found.files == ("Dockerfile", "a.txt")
    assert (found.lesson, found.shown) == ("07", "contexts/07-test")
    assert capsys.readouterr().out == ""
    assert engine.client.api.inspect_image("lbl/busybox:1")
    assert str(found).split("\n")[1:] == ["  Dockerfile", "  a.txt"]


def test_an_edit_is_told(lessons, engine, capsys):
    found = scenarios.start("07.test", engine)
    (found.folder / "a.txt").write_text("edited")
    scenarios.start("07.test", engine)
    assert "contexts/07-test.yours/a.txt" in capsys.readouterr().out


def layers(engine, tag):
    return engine.client.api.inspect_image(tag)["RootFS"]["Layers"]


def test_a_cell_that_is_run_again_makes_the_same_layers(lessons, engine, capsys):
    found = []
    for _ in range(2):
        builds.run(scenarios.start("07.test", engine), "lbl/test-warm:1", engine)
        found.append(layers(engine, "lbl/test-warm:1"))
    assert found[0] == found[1] and len(found[0]) == 4
    engine.client.api.remove_image("lbl/test-warm:1", force=True)


@pytest.mark.parametrize("builder", ["buildkit", "classic"])
def test_a_cold_scenario_misses_again_and_others_still_hit(
    lessons, engine, capsys, monkeypatch, builder
):
    if builder == "buildkit" and not buildkit.available(engine):
        missing("no docker client with buildx")
    monkeypatch.setattr(buildkit, "available", lambda _: builder == "buildkit")
    for name, base in (("cold", "lbl/busybox:07-cold"), ("other", "lbl/busybox:1")):
        (lessons / name).mkdir()
        (lessons / name / "Dockerfile").write_text(f"FROM {base}\nRUN echo $RANDOM > /r\n")
    assert shipped.find("07.cold").cold and not shipped.find("07.other").cold
    tags = ("lbl/test-cold:1", "lbl/test-other:1")
    found = []
    for _ in range(2):
        cold = scenarios.start("07.cold", engine)
        builds.run(cold, tags[0], engine)
        builds.run(scenarios.start("07.other", engine), tags[1], engine)
        found.append([layers(engine, tag) for tag in tags])
    (first, warm), (second, warm_again) = found
    assert warm == warm_again
    assert first[0] != second[0] and first[1] != second[1], "the random step was a hit"
    # within one start the cache works: the same step is a hit
    builds.run(cold, tags[0], engine)
    assert layers(engine, tags[0]) == second
    for tag in (*tags, "lbl/busybox:07-cold"):
        engine.client.api.remove_image(tag, force=True)


def test_what_a_lesson_writes_is_no_edit_of_the_learners(lessons, engine, capsys):
    found = scenarios.start("07.test", engine)
    found.write("a.txt", "by the lesson\n")
    assert (found.folder / "a.txt").read_text() == "by the lesson\n"
    again = scenarios.start("07.test", engine)
    assert (again.folder / "a.txt").read_text() == "a\n"
    assert capsys.readouterr().out == ""
    (again.folder / "a.txt").write_text("by the learner\n")
    again.write("a.txt", "by the lesson\n")
    assert "contexts/07-test.yours/a.txt" in capsys.readouterr().out
    kept = again.folder.with_name("07-test.yours") / "a.txt"
    assert kept.read_text() == "by the learner\n"
    (again.folder / "a.txt").write_text("edited after the lesson wrote it\n")
    scenarios.start("07.test", engine)
    assert kept.with_name("a.txt.2").read_text() == "edited after the lesson wrote it\n"


def test_base_images_of_a_dockerfile():
    text = "ARG V=1\nFROM lbl/busybox:$V AS one\nFROM --platform=x lbl/debian:12\nFROM one\n"
    assert base_images(text) == ["lbl/busybox:1", "lbl/debian:12"]


def test_clutter_is_printed_and_the_next_start_takes_it_back(lessons, engine, capsys):
    found = scenarios.start("07.test", engine)
    scenarios.clutter(found)
    told = capsys.readouterr().out
    assert "  .env (34 B)\n" in told and "  .git/objects/pack/history.pack (6 MB)\n" in told
    assert (found.folder / ".git/objects/pack/history.pack").stat().st_size == 6_000_000
    (found.folder / "notes/mine.txt").write_text("a learner's own")
    again = scenarios.start("07.test", engine)
    assert again.files == ("Dockerfile", "a.txt")
    kept = "contexts/07-test.yours/notes/mine.txt"
    assert kept in capsys.readouterr().out
    assert not (found.folder.parent / "07-test.yours/.env").exists()

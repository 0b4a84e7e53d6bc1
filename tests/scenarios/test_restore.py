"""A context is brought back, and nothing of the learner's is lost."""

from __future__ import annotations

import os

import pytest

from helpers.bases.archive import EPOCH
from helpers.errors import NotWritable
from helpers.scenarios.restore import restore


@pytest.fixture
def shipped(tmp_path):
    folder = tmp_path / "shipped"
    (folder / "src").mkdir(parents=True)
    (folder / "Dockerfile").write_text("FROM lbl/busybox:1\n")
    (folder / "src" / "run.sh").write_text("#!/bin/sh\n")
    (folder / "src" / "run.sh").chmod(0o700)
    (folder / "link").symlink_to("src/run.sh")
    return folder


def tree(folder):
    return {
        p.relative_to(folder).as_posix(): p.read_text() for p in folder.rglob("*") if p.is_file()
    }


def test_first_start_copies_everything(shipped, tmp_path):
    folder = tmp_path / "contexts" / "01-notes"
    assert restore(shipped, folder) == []
    assert tree(folder) == tree(shipped)
    assert (folder / "link").is_symlink()
    stat = (folder / "src" / "run.sh").stat()
    assert (stat.st_mode & 0o777, stat.st_mtime) == (0o755, EPOCH)
    assert (folder / "Dockerfile").stat().st_mode & 0o777 == 0o644


def test_second_start_changes_nothing(shipped, tmp_path):
    folder = tmp_path / "01-notes"
    restore(shipped, folder)
    assert restore(shipped, folder) == []
    assert not (tmp_path / "01-notes.yours").exists()


def test_an_edited_file_is_kept_beside_the_context(shipped, tmp_path):
    folder = tmp_path / "01-notes"
    restore(shipped, folder)
    (folder / "Dockerfile").write_text("FROM scratch\n")
    kept = tmp_path / "01-notes.yours" / "Dockerfile"
    assert restore(shipped, folder) == [kept]
    assert kept.read_text() == "FROM scratch\n"
    assert tree(folder) == tree(shipped)


def test_each_edit_is_kept_once(shipped, tmp_path):
    folder = tmp_path / "01-notes"
    for content in ("one", "two", "one"):
        restore(shipped, folder)
        (folder / "src" / "run.sh").write_text(content)
    restore(shipped, folder)
    assert tree(tmp_path / "01-notes.yours") == {"src/run.sh": "one", "src/run.sh.2": "two"}


def test_an_added_file_leaves_the_context_and_is_kept(shipped, tmp_path):
    folder = tmp_path / "01-notes"
    restore(shipped, folder)
    (folder / "mine").mkdir()
    (folder / "mine" / "idea.txt").write_text("precious")
    (kept,) = restore(shipped, folder)
    assert kept.read_text() == "precious"
    assert tree(folder) == tree(shipped) and not (folder / "mine").exists()


def test_a_deleted_file_comes_back(shipped, tmp_path):
    folder = tmp_path / "01-notes"
    restore(shipped, folder)
    (folder / "Dockerfile").unlink()
    assert restore(shipped, folder) == []
    assert tree(folder) == tree(shipped)


def test_a_folder_in_the_place_of_a_file_and_the_reverse(shipped, tmp_path):
    folder = tmp_path / "01-notes"
    restore(shipped, folder)
    (folder / "Dockerfile").unlink()
    (folder / "Dockerfile").mkdir()
    (folder / "Dockerfile" / "note").write_text("mine")
    (folder / "src" / "run.sh").unlink()
    (folder / "src").rmdir()
    (folder / "src").write_text("also mine")
    restore(shipped, folder)
    assert tree(folder) == tree(shipped)
    assert tree(tmp_path / "01-notes.yours") == {"Dockerfile/note": "mine", "src": "also mine"}


def test_what_jupyter_leaves_behind_is_no_edit(shipped, tmp_path):
    folder = tmp_path / "01-notes"
    restore(shipped, folder)
    (folder / ".ipynb_checkpoints").mkdir()
    (folder / ".ipynb_checkpoints" / "Dockerfile-checkpoint").write_text("x")
    assert restore(shipped, folder) == []
    assert tree(folder) == tree(shipped)


def test_a_folder_that_cannot_be_made(shipped, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(NotWritable):
        restore(shipped, tmp_path / "file" / "01-notes")


def test_a_link_of_the_learner_is_not_followed(shipped, tmp_path):
    folder, outside = tmp_path / "01-notes", tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("elsewhere")
    restore(shipped, folder)
    (folder / "out").symlink_to(outside)
    restore(shipped, folder)
    assert tree(outside) == {"file": "elsewhere"}
    assert not os.path.lexists(folder / "out")

"""What the course reads out of a Dockerfile."""

from __future__ import annotations

import pytest

from helpers.builds.dockerfile import base_images, final_base, instructions


def lines(text: str) -> list[tuple[int, str]]:
    return [(step.line, step.text) for step in instructions(text)]


def test_lines_are_joined_and_comments_left_out():
    text = "# c\nFROM a\n\nRUN one \\\n  # inside\n  && two\nCMD x\n"
    assert lines(text) == [(2, "FROM a"), (4, "RUN one && two"), (7, "CMD x")]


def test_another_escape_character():
    text = "# escape=`\nFROM a\nRUN one `\n two\\\nCMD x\n"
    assert lines(text) == [(2, "FROM a"), (3, "RUN one two\\"), (5, "CMD x")]


def test_a_here_document_is_one_instruction():
    text = "FROM a\nRUN <<EOF\nFROM b\necho $((1<<3))\nEOF\nCMD x\n"
    assert lines(text) == [(1, "FROM a"), (2, "RUN <<EOF"), (6, "CMD x")]
    assert lines("FROM a\nRUN echo $((1<<3))\nCMD x\n")[2] == (3, "CMD x")
    assert lines("FROM a\nRUN cat <<EOF\nCMD x\n")[2] == (3, "CMD x")  # it never ends


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "RUN x \\"])
def test_odd_files_are_no_error(text):
    assert base_images(text) == [] and final_base(text) is None


@pytest.mark.parametrize(
    ("text", "bases", "final"),
    [
        ("FROM a\n", ["a"], "a"),
        ("FROM scratch\nCOPY x /\n", [], None),
        ("FROM a AS one\nFROM scratch\nCOPY --from=one x /\n", ["a"], None),
        ("FROM a as one\nFROM one\n", ["a"], "a"),
        ("ARG V=2\nFROM --platform=linux/arm64 a:${V}\n", ["a:2"], "a:2"),
        ("FROM a:${V:-3}\n", ["a:3"], "a:3"),
        ("from a\nfrom a\n", ["a"], "a"),
    ],
)
def test_bases(text, bases, final):
    assert (base_images(text), final_base(text)) == (bases, final)

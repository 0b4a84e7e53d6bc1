"""A mistake in a lesson is named by file and place, before anything is executed."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.authoring import LessonError, check, load, source
from helpers.authoring.__main__ import main
from helpers.authoring.drills import Drill, drills

from .conftest import edit


def problems(folder: Path) -> str:
    """Return all that is wrong with the text of a lesson, as one string."""
    try:
        return "\n".join(check.source_problems(load(folder)))
    except LessonError as error:
        return str(error)


def test_the_sample_is_right(sample: Path) -> None:
    assert problems(sample) == ""
    lesson = load(sample)
    assert lesson.plan.minutes == 5
    assert lesson.plan.title["zh"] == "示例课程"
    assert lesson.plan.parts[1].shows is None
    assert lesson.original.parts == ("numbers", "volume")
    assert lesson.sources["zh-CN"].title("volume") == "卷"


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("lesson.toml", 'title.zh = "示例课程"\n', "", "lesson.toml: title.zh: this language is"),
        (
            "lesson.toml",
            'en = "Everything: it is a sample."\n',
            "",
            "teaching.cut[1].en: this lang",
        ),
        (
            "lesson.toml",
            'reason.en = "That is what an author edits."',
            'reason.en = ""',
            "[2].reason.en",
        ),
        (
            "lesson.toml",
            'right = false\nreason.en = "That is what an author edits."\n'
            'reason.zh = "那是作者编辑的源文件。"',
            "right = false",
            "quiz[1].choices[2].reason: is missing",
        ),
        ("lesson.toml", "right = true", "right = false", "quiz[1].choices: none of them right"),
        ("lesson.toml", "right = false", "right = true", "quiz[1].choices: 2 of them right"),
        ("lesson.toml", 'slide = "skip" ', 'slide = "none" ', "parts[2].slide: must be one of"),
        ("lesson.toml", 'slide = "slide" ', 'slide = "skip" ', "parts[1].shows: a part that is"),
        ("lesson.toml", "minutes = 2", "minutes = 0", "parts[1].minutes: must be at least 1"),
        ("lesson.toml", "minutes = 2", "minuts = 2", "parts[1].minuts: is not a field"),
        (
            "lesson.toml",
            'part = "volume"      # where',
            'part = "disk"      # where',
            "glossary[1].part: no part is called",
        ),
        (
            "lesson.toml",
            'id = "numbers"',
            'id = "sums"',
            "parts: 'sums' of lesson.toml does not begin",
        ),
        ("lesson.toml", 'slug = "sample"', 'slug = "simple"', "90-simple is not the folder's name"),
        ("lesson.toml", "engine = true ", "engine = 1 ", "requires.engine: must be true or false"),
        ("lesson.toml", "ready = [] ", 'ready = ["x"] ', "requires.ready: 'x' is not one of front"),
        ("lesson.toml", "[requires]", "[requires", "lesson.toml: "),
        (
            "zh-CN.md",
            "print(sum(numbers))",
            "print(max(numbers))",
            "zh-CN.md:8: the code differs from 90-sample/en.md:8",
        ),
        ("zh-CN.md", ":tags: [solution]\n", "", "the tags differ from"),
        (
            "zh-CN.md",
            "## 数字\n",
            "数字\n",
            "zh-CN.md:2: part 'numbers' must begin with its heading",
        ),
        ("en.md", "numbers = [1, 2, 3]\nprint(sum(numbers))", "# later", "holds no code"),
        ("en.md", '+++ {"part": "numbers"}', "", "en.md:1: stands before the first part"),
        ("en.md", "[solution]", "[solutoin]", "tag 'solutoin' is not one of"),
        (
            "en.md",
            ":reason: the architecture is that of the learner's machine\n",
            "",
            "needs a reason",
        ),
        ("en.md", "print(sum(numbers))", "%timeit 1", "en.md:8: is not plain Python"),
        ("en.md", "print(sum(numbers))", "import subprocess", "imports subprocess: a helper is"),
        (
            "en.md",
            "print(sum(numbers))",
            "try:\n    1\nfinally:\n    2",
            "let the helper's error teach",
        ),
        (
            "en.md",
            "print(sum(numbers))",
            "\n".join(f"a{n} = 1" for n in range(11)),
            "12 lines of code",
        ),
        ("en.md", 'check("90.1")', 'check("90.2")', "check('90.2') is not in exercises.py"),
        ("en.md", ":tags: [solution]\n", "", "exercise 90.1 has no solution cell before its check"),
        (
            "messages.toml",
            "[ex1.hint1]",
            "[ex1.tip1]",
            "messages.toml: lesson90.ex1.hint1 is missing",
        ),
        (
            "messages.toml",
            'zh = "创建一个卷"\n',
            "",
            "lesson90.ex1.title.zh: this language is missing",
        ),
        (
            "messages.toml",
            'zh = "卷 {name} 已经存在，并',
            'zh = "卷已经存在，并',
            "different {fields}",
        ),
        ("en.md", "Text until the next", "A volume: text until the next", "in part 'numbers'"),
        (
            "lesson.toml",
            'term.zh = "卷"',
            'term.zh = "数据卷"',
            "'数据卷' is not used in part 'volume'",
        ),
        ("exercises.py", "ex1.missing", "ex1.absent", "the message lesson90.ex1.absent is missing"),
        ("exercises.py", '@exercise("90.1")', '@exercise("91.1")', "exercises.py: ValueError"),
    ],
)
def test_a_mistake_is_named(sample: Path, file: str, old: str, new: str, said: str) -> None:
    edit(sample / file, old, new)
    assert said in problems(sample)


@pytest.mark.parametrize("file", ["lesson.toml", "en.md", "zh-CN.md"])
def test_a_missing_file_is_named(sample: Path, file: str) -> None:
    (sample / file).unlink()
    assert f"90-sample/{file}: is missing" in problems(sample)


def test_translated_comments_are_no_difference(sample: Path) -> None:
    edit(sample / "zh-CN.md", "# 在这里创建卷，也可以在终端里创建。\n", "# 换一种说法\n\n")
    assert problems(sample) == ""


def test_a_stale_translation_is_named_until_it_is_stamped(sample: Path) -> None:
    edit(sample / "en.md", "Text until the next", "All text until the next")
    found = problems(sample)
    assert "90-sample/zh-CN.md:2: the translation of 90-sample/en.md:2" in found
    assert "part numbers) is stale" in found
    assert found.count("\n") == 0, "only the cell that changed is stale"

    before = (sample / "zh-CN.md").read_text("utf-8").splitlines()
    assert main(["stamp", "90"]) == 0
    after = (sample / "zh-CN.md").read_text("utf-8").splitlines()
    assert problems(sample) == ""
    changed = [number for number, (a, b) in enumerate(zip(before, after, strict=True)) if a != b]
    assert changed == [0], "stamping changes nothing but the block break of that cell"


def test_stamping_one_cell_leaves_the_other_stale(sample: Path) -> None:
    edit(sample / "en.md", "Text until the next", "All text until the next")
    edit(sample / "en.md", "Where an output must vary", "If an output must vary")
    assert main(["stamp", "90", "--line", "13"]) == 0
    assert "zh-CN.md:2:" in problems(sample)
    assert "zh-CN.md:13:" not in problems(sample)


def test_text_after_a_code_cell_can_be_stamped(sample: Path) -> None:
    for language in ("en", "zh-CN"):
        path = sample / f"{language}.md"
        path.write_text(path.read_text("utf-8") + "\nOne more line.\n", "utf-8")
    assert "was never stamped" in problems(sample)
    assert main(["stamp", "90"]) == 0
    assert problems(sample) == ""


def test_a_cell_too_many_is_named(sample: Path) -> None:
    path = sample / "zh-CN.md"
    path.write_text(path.read_text("utf-8") + "\n+++\n\n多出来的一段。\n", "utf-8")
    assert "has no counterpart in 90-sample/en.md" in problems(sample)


def test_text_instead_of_code_is_named(sample: Path) -> None:
    edit(sample / "zh-CN.md", "```{code-cell}\nnumbers", "```\nnumbers")
    assert "90-sample/zh-CN.md:" in problems(sample)
    assert "but 90-sample/en.md:8 has a code cell of part 'numbers'" in problems(sample)


def test_solutions_are_matched_with_their_exercise(sample: Path) -> None:
    text = source.read(sample / "en.md")
    assert drills(text) == [Drill("90.1", solutions=(5,), check=6)]


def test_an_unknown_lesson_is_said(lessons: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", "77"]) == 1
    assert "77: no lesson has this id" in capsys.readouterr().err

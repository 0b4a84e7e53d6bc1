"""Slides as one HTML file: pictures, style and player inside it, nothing fetched from anywhere."""

from __future__ import annotations

import math
import re
from functools import cache
from html import escape
from pathlib import Path
from string import ascii_uppercase

from markdown_it import MarkdownIt

from ..messages import LANGUAGES, speaking, text
from .bands import Picture
from .deck import Slide
from .excerpts import width

__all__ = ["SMALLEST", "page"]

WIDTH, HEIGHT = 1280, 720  # of a slide; the player scales it to the window
SMALLEST = 15  # pixels of the smallest letters of text: a forty-eighth of the height
LARGEST = 30  # pixels of the largest letters of code
LINE = 1.3  # height of a line of code, in letters
CODE = 18  # of the smallest letters of code: what is longer is wrapped or cut
SMALL = 22  # output in smaller letters goes in two columns, if its lines are short enough
INSIDE = 1216  # pixels between the margins
_STOPS = "，；：。？！"  # after these a line of Chinese may well end
_HERE = Path(__file__).parent
_markdown = MarkdownIt("commonmark", {"html": False})
# Nothing but what is in the file: a browser refuses every request.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


def page(slides: list[Slide], edition: str) -> str:
    """Return the file for slides in ``edition`` (``"en"``, ``"zh-CN"``)."""
    with speaking(LANGUAGES[edition]):
        sections = "\n".join(_section(n, one, len(slides)) for n, one in enumerate(slides, start=1))
        words = " ".join(
            f'data-{name}="{escape(text(f"slides.{name}"))}"' for name in ("notes", "next", "end")
        )
    return f"""<!DOCTYPE html>
<html lang="{edition}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(slides[0].title)}</title>
<style>
{_file("slides.css")}</style>
</head>
<body>
<main id="deck" {words}>
{sections}
</main>
<script>
{_file("player.js")}</script>
</body>
</html>
"""


@cache
def _file(name: str) -> str:
    return (_HERE / name).read_text("utf-8")


def _section(number: int, slide: Slide, count: int) -> str:
    body = [_heading(slide)]
    if slide.lead:
        body.append(f'<p class="lead">{_phrases(_inline(slide.lead))}</p>')
    if slide.points:
        points = "".join(f"<li>{_inline(one)}</li>" for one in slide.points)
        body.append(f'<ul class="fit">{points}</ul>')
    if slide.picture:
        body.append(_picture(slide.picture, slide))
    if slide.code:
        body.append(_code(slide))
    if slide.table:
        body.append(f'<div class="table fit">{slide.table}</div>')
    if slide.choices:
        body.append(_choices(slide))
    body += [f'<p class="added step">{_inline(one)}</p>' for one in slide.added]
    note = _markdown.render(slide.note)
    return (
        f'<section class="{slide.kind}" aria-label="{number} / {count}">\n'
        + "\n".join(body)
        + f'\n<aside class="note">{note}</aside>\n<footer>{number} / {count}</footer>\n</section>'
    )


def _heading(slide: Slide) -> str:
    level = 1 if slide.kind == "title" else 2
    return f"<h{level}>{_phrases(_inline(slide.title))}</h{level}>"


def _inline(markdown: str) -> str:
    return _markdown.renderInline(markdown)


def _phrases(html: str) -> str:
    """Return Chinese text so that a line ends after a stop, and not within a word, if it can."""
    depth, found = 0, [""]
    for piece in re.split(rf"(<[^>]+>|(?<=[{_STOPS}]))", html):
        if piece.startswith("<"):
            depth += -1 if piece.startswith("</") else 1
        found[-1] += piece
        if not depth and found[-1][-1:] and found[-1][-1] in _STOPS:
            found.append("")
    if len(found) < 2:
        return html
    return "".join(f'<span class="phrase">{one}</span>' for one in found if one)


def _picture(shown: Picture, slide: Slide) -> str:
    """A picture as large as the slide allows: at full width, or as high as there is room."""
    room = HEIGHT - 98  # heading and margins
    if slide.lead:
        room -= 46 * _lines(slide.lead, 32) + 18
    room -= sum(_below(one) for one in slide.added)
    scale = min(INSIDE / shown.width, room / shown.height)
    size = f'width="{math.floor(shown.width * scale)}" height="{math.floor(shown.height * scale)}"'
    return f'<img {size} alt="{escape(shown.words)}" src="{shown.source}">'


def _code(slide: Slide) -> str:
    """Code and its output in letters as large as both allow; what does not fit ends with a mark."""
    room = HEIGHT - 96 - 46 * _lines(slide.lead, 32) - 60
    room -= sum(_below(one) for one in slide.added)
    code, output = slide.code.splitlines(), slide.output.splitlines()
    size = next(
        (size for size in range(LARGEST, CODE, -1) if _rows([*code, *output], size) * size <= room),
        CODE,
    )
    cut = _rows([*code, *output], size) * size > room
    two = _two(code, output, room) if size < SMALL else 0
    if two > size or (two and cut):
        return _cell(two, code, output, "output two")
    left = room / size - _rows(code, size)
    shown: list[str] = []
    for line in output:
        left -= _rows([line], size)
        if left < (0 if line is output[-1] else LINE):  # the mark needs a line, too
            shown.append("…")
            break
        shown.append(line)
    return _cell(size, code, shown, "output")


def _two(code: list[str], output: list[str], room: int) -> int:
    """Return the size of letters in which output fits in two columns without a wrap; 0: in none."""
    widest = max(map(width, output), default=0)
    for size in range(LARGEST, CODE - 1, -1):
        high = _rows(code, size) + LINE * math.ceil(len(output) / 2)
        if widest <= (INSIDE - 72) / 2 / (0.602 * size) and high * size <= room:
            return size
    return 0


def _cell(size: int, code: list[str], output: list[str], kind: str) -> str:
    blocks = [f'<pre class="code">{escape(chr(10).join(code))}</pre>']
    if output:
        blocks.append(f'<pre class="{kind}">{escape(chr(10).join(output))}</pre>')
    return f'<div class="cell fit" style="font-size:{size}px">{"".join(blocks)}</div>'


def _rows(lines: list[str], size: int) -> float:
    """How high lines are, in letters of ``size`` pixels; long ones are wrapped."""
    columns = int((INSIDE - 40) / (0.602 * size))
    return LINE * sum(max(1, -(-width(line) // columns)) for line in lines)


def _below(added: str) -> int:
    """Return the height of a sentence that is added at the foot of a slide, with its margins."""
    return 42 * _lines(added, 28) + 48


def _choices(slide: Slide) -> str:
    rows = []
    for letter, one in zip(ascii_uppercase, slide.choices, strict=False):
        mark = '<span class="mark step">✓</span>' if one.right else ""
        kind = ' class="right"' if one.right else ""
        rows.append(f"<li{kind}><b>{letter}</b> {_inline(one.text)} {mark}</li>")
    return f'<ol class="fit">{"".join(rows)}</ol>'


def _lines(words: str, size: int) -> int:
    """How many lines a text of this letter size takes, reckoned generously."""
    lines, used = 1, 0.0
    for phrase in re.split(rf"(?<=[{_STOPS}])", words):
        needs = width(phrase) * 0.55 * size
        if used and used + needs > INSIDE:  # see _phrases
            lines, used = lines + 1, 0.0
        used += needs
        lines, used = lines + int(used // INSIDE), used % INSIDE
    return lines

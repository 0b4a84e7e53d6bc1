"""How long a text takes to read: counted words and characters at a speed that is stated.

Speeds: Trauzettel-Klosinski and Dietz, "Standardized Assessment of Reading Performance: The New
International Reading Speed Texts IReST", Investigative Ophthalmology & Visual Science 53 (2012),
5452-5461, https://doi.org/10.1167/iovs.11-8284: 25 adults a language (18 to 35 years) read easy
text aloud, on average 228 ± 30 words of English or 255 ± 29 characters of Chinese a minute.
"""

from __future__ import annotations

import re

from ..authoring.source import Source

__all__ = ["CHARACTERS", "SLOWER", "SOURCE", "WORDS", "count", "seconds"]

WORDS = 228  # English words a minute
CHARACTERS = 255  # Chinese characters a minute
SOURCE = "https://doi.org/10.1167/iovs.11-8284"
SLOWER = 1.5  # technical text against easy text: an assumption of the course, nobody measured it

_HAN = re.compile(r"[\u4e00-\u9fff]")
_WORD = re.compile(r"[A-Za-z0-9][\w.'/:-]*")
_NOT_READ = (
    re.compile(r"\]\([^)]*\)"),  # addresses of links
    re.compile(r"<[^>]*>"),
    re.compile(r"^```\S*", re.MULTILINE),
)


def count(text: str) -> tuple[int, int]:
    """Return how many words in Latin letters and how many Chinese characters a text has."""
    for markup in _NOT_READ:
        text = markup.sub(" ", text)
    return len(_WORD.findall(_HAN.sub(" ", text))), len(_HAN.findall(text))


def seconds(text: Source, part: str) -> float:
    """Return how long the texts and the code of a part take to read; outputs are not counted."""
    words = characters = 0
    for cell in text.cells:
        if cell.part == part and "solution" not in cell.tags:
            more = count(cell.text)
            words, characters = words + more[0], characters + more[1]
    return 60 * SLOWER * (words / WORDS + characters / CHARACTERS)

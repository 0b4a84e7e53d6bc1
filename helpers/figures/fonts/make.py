"""Make ``LayerByLayerSans.otf``: the part of Noto Sans CJK SC that the course's figures need.

A figure without a CJK font shows boxes in place of 简体中文, and a missing glyph is a warning that
fails a notebook's test. The whole font is 18 MB, so this keeps the 3,755 frequent Hanzi of GB 2312
level 1, what else the message catalogue and the lessons use, Latin letters and symbols. Run it
after a message has brought a character that ``tests/figures`` finds missing::

    uv run --with fonttools --with cffsubr python -m helpers.figures.fonts.make

The font comes out of Debian's ``fonts-noto-cjk`` under the SIL Open Font License (``OFL.txt``). The
family is renamed so that a Noto font of the system is never taken in its place.
"""

from __future__ import annotations

import io
from pathlib import Path

import cffsubr
from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

from helpers import debian, messages, paths

HERE = Path(__file__).parent
FAMILY = "Layer by Layer Sans"
FILE = HERE / "LayerByLayerSans.otf"
SOURCE = "usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
SYMBOLS = "–—‘’“”…•·×÷±≈≠≤≥→←↑↓↗↘▲▼▶◀◆■□▪●○★☆✓✗−∅∑§©®°µ€«»†‡‰′″‹›⁄№℃│─┌┐└┘├┤┬┴┼"


def wanted() -> set[str]:
    """Return the characters that the subset holds."""
    chars = {chr(c) for c in range(0x20, 0x100)} | set(SYMBOLS)
    for row in range(0xB0, 0xD8):  # GB 2312 level 1
        for cell in range(0xA1, 0xFF):
            chars.update(bytes((row, cell)).decode("gb2312", "ignore"))
    for cell in range(0xA1, 0xFF):  # its punctuation
        chars.update(bytes((0xA1, cell)).decode("gb2312", "ignore"))
    chars.update("，；：？！（）％＋－＝～／＂＃＆")  # full-width ones
    for message in messages.catalogue().values():
        chars.update("".join(message.values()))
    for path in (paths.LESSONS).glob("*/*.*"):
        if path.suffix in {".md", ".toml"}:
            chars.update(path.read_text("utf-8"))
    return {c for c in chars if c.isprintable()}


def source() -> bytes:
    """Return Debian's font collection, fetched into the cache of the course where it is missing."""
    (deb,) = debian.fetch(["fonts-noto-cjk"])
    with debian.members(deb) as archive:
        for member in archive:
            if member.name.removeprefix("./") == SOURCE:
                return archive.extractfile(member).read()
    raise FileNotFoundError(SOURCE)


def simplified(collection: bytes) -> TTFont:
    """Return the font of a collection whose glyph shapes are those of Simplified Chinese."""
    for font in TTCollection(io.BytesIO(collection)).fonts:
        if font["name"].getDebugName(1) == "Noto Sans CJK SC":
            return font
    raise LookupError("Noto Sans CJK SC")


def rename(font: TTFont) -> None:
    """Give the font the course's family name; keep its copyright and licence entries."""
    new = {1: FAMILY, 3: FAMILY, 4: FAMILY, 6: FAMILY.replace(" ", "")}
    table = font["name"]
    table.names = [n for n in table.names if n.nameID in {0, 1, 2, 3, 4, 5, 6, 13, 14}]
    for record in table.names:
        if record.nameID in new:
            record.string = new[record.nameID]
    cff = font["CFF "].cff
    cff.fontNames = [new[6]]
    cff.topDictIndex[0].FamilyName = cff.topDictIndex[0].FullName = FAMILY


def make() -> int:
    """Write the subset and return its size in bytes."""
    options = subset.Options()
    options.layout_features = []  # matplotlib before 3.11 does no shaping
    options.hinting = False
    options.desubroutinize = True
    options.name_IDs = ["*"]
    options.name_languages = ["*"]
    options.notdef_outline = True
    options.drop_tables += ["BASE", "GPOS", "GSUB", "GDEF", "VORG", "vhea", "vmtx", "DSIG"]
    options.recalc_timestamp = False  # the same input gives the same file
    font = simplified(source())
    tool = subset.Subsetter(options)
    tool.populate(text="".join(sorted(wanted())))
    tool.subset(font)
    rename(font)
    # One Unicode table is enough: all of this lies in the basic plane.
    font["cmap"].tables = [t for t in font["cmap"].tables if (t.platformID, t.format) == (3, 4)]
    cffsubr.subroutinize(font, cff_version=1)  # 5 % smaller
    font["head"].modified = font["head"].created
    font.recalcTimestamp = False
    font.save(FILE)
    return FILE.stat().st_size


if __name__ == "__main__":
    print(f"{FILE.name}: {make():,} bytes")

"""A tar scanner that reads headers and never the content of files.

Python's own ``tarfile`` needs 2.5 times as long and makes an object with a dictionary for each
member. Formats: v7, ustar, GNU (long names, base-256 numbers, old sparse files), PAX (paths, sizes,
times, the three sparse formats), star's prefix. Where they differ, this follows the engine's reader
(https://pkg.go.dev/archive/tar): global PAX headers are not applied, links and folders have no
content.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct
from zlib import adler32

from .columns import BLOCK, CHAR, DIR, FIFO, FILE, HARDLINK, OPAQUE, SYMLINK, WHITEOUT, Columns
from .streams import Broken

BLOCK_SIZE = 512
ZEROS = bytes(BLOCK_SIZE)
# Limits that no sane layer reaches: the largest public images hold some 500,000 entries.
MAX_ENTRIES = 2_000_000
MAX_NAMES = 1 << 28  # bytes of all paths and targets of a layer
MAX_EXTENDED = 1 << 20  # bytes of a PAX header or a GNU long name, the limit of the engine's reader

_FIELDS = Struct("100s8s8s8s12s12s9x100s72x8s8s155s12x").unpack
_KINDS = {
    b"0": FILE,
    b"\0": FILE,
    b"7": FILE,
    b"S": FILE,
    b"1": HARDLINK,
    b"2": SYMLINK,
    b"3": CHAR,
    b"4": BLOCK,
    b"5": DIR,
    b"6": FIFO,
    b"D": DIR,  # GNU: a folder with a list of names as content
}
_ABOUT_THE_NEXT = frozenset((b"L", b"K", b"x", b"g", b"X"))
_BOUND = 1 << 63


# One member: its path, its kind, how many bytes of the archive follow (without padding), its size,
# mode, uid, gid, mtime, target. A plain tuple: it is made 40,000 times.
Header = tuple[bytes, int, int, int, int, int, int, int, bytes]


def scan(stream, *, checked: bool = True) -> Columns:
    """Return the entries of the layer whose tar ``stream`` holds.

    ``checked=False`` leaves out the headers' checksums, where another one covers them.

    Raises
    ------
    Broken: the tar is truncated, corrupt, leads outside the root or is beyond all limits.
    """
    columns = Columns()
    add, skip = columns.add, stream.skip
    for path, kind, stored, size, mode, uid, gid, mtime, target in headers(stream, checked=checked):
        if b".wh." in path:
            path, kind, size = _marker(path, kind, size)
        if path:
            add(path, kind, size, mode, uid, gid, mtime, target)
            if len(columns) > MAX_ENTRIES or len(columns.names) > MAX_NAMES:
                raise Broken("images.too_many", limit=MAX_ENTRIES)
        if stored and skip(stored + -stored % BLOCK_SIZE) < stored:
            raise Broken("images.truncated")
    return columns


def _marker(path: bytes, kind: int, size: int) -> tuple[bytes, int, int]:
    """Tell whiteouts and opaque markers from files; AUFS's own notes are no entries."""
    folder, slash, name = path.rpartition(b"/")
    if path.startswith(b".wh..wh.") and name != b".wh..wh..opq":
        return b"", kind, 0
    if not name.startswith(b".wh."):
        return path, kind, size
    if name == b".wh..wh..opq":
        return folder, OPAQUE, 0
    if name.startswith(b".wh..wh."):
        return b"", kind, 0
    gone = name[4:]
    if gone in (b".", b".."):
        raise Broken("images.outside", path=path.decode("utf-8", "surrogateescape"))
    return (folder + slash + gone if gone else b""), WHITEOUT, 0


def headers(stream, *, checked: bool = True) -> Iterator[Header]:
    """Yield the members of the tar in ``stream``; the taker passes over ``stored`` bytes, padded.

    The path is normalised: no leading ``/`` or ``./``, no ``..``; the root's is empty.
    """
    take = stream.take
    extended: dict[bytes, bytes] = {}
    while True:
        block = take(BLOCK_SIZE)
        if len(block) < BLOCK_SIZE:
            if block:
                raise Broken("images.truncated")
            return
        if block == ZEROS:
            return
        if checked:
            check(block)
        flag = block[156:157]
        if flag in _ABOUT_THE_NEXT:
            _extend(stream, block, flag, extended)
        elif flag == b"V":  # the label of a volume
            _pass(stream, _number(block[124:136]))
        else:
            yield _header(stream, block, flag, extended)
            extended = {}


def check(block: bytes) -> None:
    """Compare the checksum of a header.

    The sum of its bytes, its own field counted as blanks. Adler-32's lower half is 1 + the sum
    modulo 65521, and zlib counts 20 times faster than Python.
    """
    stated = _number(block[148:156])
    counted = (adler32(block) & 0xFFFF) - 1 - sum(block[148:156]) + 256
    if (stated - counted) % 65521:
        signed = sum(b - 256 if b > 127 else b for b in block[:148] + block[156:]) + 256
        if signed != stated:  # some ancient tars add up signed bytes
            raise Broken("images.corrupt", reason="tar header checksum")


def looks_like_tar(block: bytes) -> bool:
    """Whether ``block`` is a valid header or the end marker of a tar."""
    if len(block) < BLOCK_SIZE:
        return False
    if block == ZEROS:
        return True
    try:
        check(block)
    except Broken:
        return False
    return True


def _header(stream, block: bytes, flag: bytes, extended: dict[bytes, bytes]) -> Header:
    name, mode, uid, gid, size, mtime, link, major, minor, prefix = _FIELDS(block)
    name = name[:end] if (end := name.find(0)) >= 0 else name
    if prefix[0] and block[257:263] == b"ustar\0":
        if block[508:] == b"tar\0":
            prefix = prefix[:131]
        name = prefix.partition(b"\0")[0] + b"/" + name
    kind = _KINDS.get(flag, FILE)
    if flag == b"\0" and name.endswith(b"/"):  # how v7 writes a folder
        kind = DIR
    try:
        if block[107] | block[115] | block[123] | block[135] | block[147]:
            raise ValueError
        # As nearly every writer does it: octal digits up to a NUL in the last place.
        mode, uid, gid = int(mode[:7], 8), int(uid[:7], 8), int(gid[:7], 8)
        stored, mtime = int(size[:11], 8), int(mtime[:11], 8)
    except ValueError:
        mode, uid, gid, stored, mtime = map(_number, (mode, uid, gid, size, mtime))
    real = None
    if flag == b"S":
        real = _number(block[483:495])
        _pass_sparse_map(stream, block[482])
    if extended:
        name = extended.get(b"path", name)
        link = extended.get(b"linkpath", link)
        stored, real, name = _sizes(extended, stored, real, name)
        uid, gid, mtime = (
            _decimal(extended[key]) if extended.get(key) else number
            for key, number in ((b"uid", uid), (b"gid", gid), (b"mtime", mtime))
        )
    target = b""
    if kind != FILE:
        stored = stored if flag == b"D" else 0
        real = 0
        if kind == HARDLINK:
            target = normal(link.partition(b"\0")[0])
        elif kind == SYMLINK:
            target = link.partition(b"\0")[0]
        elif kind in (CHAR, BLOCK):
            target = b"%d:%d" % (_number(major), _number(minor))
    size_told = stored if real is None else real
    if not (0 <= stored < _BOUND and 0 <= size_told < _BOUND):
        raise Broken("images.absurd", size=stored)
    return (normal(name), kind, stored, size_told, mode & 0o7777, uid, gid, mtime, target)


def normal(path: bytes) -> bytes:
    """Return ``path`` relative to the root and without detours.

    An absolute path is one below the image's root: that is how the engine unpacks it.

    Raises
    ------
    Broken: ``..`` leads out of the root.
    """
    if path.endswith(b"/"):
        path = path.rstrip(b"/")
    if path.startswith(b"./"):
        path = path[2:]
    if b"/." not in path and b"//" not in path and path[:1] not in (b"/", b"."):
        return path
    walked: list[bytes] = []
    for part in path.split(b"/"):
        if part == b"..":
            if not walked:
                raise Broken("images.outside", path=path.decode("utf-8", "surrogateescape"))
            walked.pop()
        elif part and part != b".":
            walked.append(part)
    return b"/".join(walked)


def _number(field: bytes) -> int:
    """Return a number written in octal digits or, above their reach, in base 256."""
    if field[0] & 0x80:
        value = int.from_bytes(field, "big", signed=False) & ((1 << (8 * len(field) - 1)) - 1)
        if field[0] & 0x40:
            value -= 1 << (8 * len(field) - 1)
        if not -_BOUND <= value < _BOUND:
            raise Broken("images.corrupt", reason="number in a tar header")
        return value
    digits = field.partition(b"\0")[0].strip()
    try:
        return int(digits, 8) if digits else 0
    except ValueError:
        raise Broken("images.corrupt", reason="number in a tar header") from None


def _decimal(value: bytes) -> int:
    """Return the whole part, rounded down, of a PAX number."""
    whole, _, fraction = value.partition(b".")
    try:
        number = int(whole)
    except ValueError:
        raise Broken("images.corrupt", reason="number in a PAX header") from None
    if whole.startswith(b"-") and fraction.strip(b"0"):
        number -= 1
    if not -_BOUND <= number < _BOUND:
        raise Broken("images.absurd", size=number)
    return number


def _sizes(extended, stored: int, real: int | None, name: bytes) -> tuple[int, int | None, bytes]:
    """What PAX records say of the size, those of GNU's sparse formats 0.0, 0.1 and 1.0 included."""
    if size := extended.get(b"size"):
        stored = _decimal(size)
    if sparse := extended.get(b"GNU.sparse.name"):
        name = sparse
    sparse = extended.get(b"GNU.sparse.realsize") or extended.get(b"GNU.sparse.size")
    return stored, _decimal(sparse) if sparse else real, name


def _pass_sparse_map(stream, more: int) -> None:
    while more:
        block = stream.take(BLOCK_SIZE)
        if len(block) < BLOCK_SIZE:
            raise Broken("images.truncated")
        more = block[504]


def _pass(stream, size: int) -> None:
    if size < 0 or stream.skip(size + -size % BLOCK_SIZE) < size:
        raise Broken("images.truncated")


def _extend(stream, block: bytes, flag: bytes, extended: dict[bytes, bytes]) -> None:
    """Take in a header that speaks about the next one."""
    size = _number(block[124:136])
    if not 0 <= size <= MAX_EXTENDED:
        raise Broken("images.absurd", size=size)
    padded = size + -size % BLOCK_SIZE
    body = stream.take(padded)
    if len(body) < size:
        raise Broken("images.truncated")
    if flag == b"L":
        extended[b"path"] = body[:size].partition(b"\0")[0]
    elif flag == b"K":
        extended[b"linkpath"] = body[:size].partition(b"\0")[0]
    elif flag == b"x" or flag == b"X":
        extended.clear()
        _records(body[:size], extended)


def _records(body: bytes, extended: dict[bytes, bytes]) -> None:
    at = 0
    while at < len(body):
        blank = body.find(b" ", at, at + 20)
        digits = body[at:blank]
        if blank < 0 or not digits.isdigit():
            raise Broken("images.corrupt", reason="PAX record")
        end = at + int(digits)
        key, equals, value = body[blank + 1 : end - 1].partition(b"=")
        if not equals or body[end - 1 : end] != b"\n" or end <= blank:
            raise Broken("images.corrupt", reason="PAX record")
        if key in (b"path", b"linkpath") and b"\0" in value:
            raise Broken("images.corrupt", reason="PAX record")
        extended[key] = value
        at = end

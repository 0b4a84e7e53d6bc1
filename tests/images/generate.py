"""Images drawn at random: layers that add, change, replace, link and delete.

A layer is drawn as a list of things done to a small set of paths, so that layers meet; what is done
is kept possible (a hard link's target exists in its layer), as engines only make such layers.
"""

from __future__ import annotations

import tarfile

from hypothesis import strategies as st

from . import make

# Short names that meet often, and names that readers get wrong.
PLAIN = ("a", "b", "c", "d.txt")
ODD = (
    "ü é 文件",
    "new\nline",
    "-rf",
    "back\\slash",
    '<b>"html"&',
    "\udcff\udcfe",  # bytes that are not UTF-8
    "tab\there",
    "..two-dots",
    "wh.not-a-marker",
    "x" * 120,
    "\u202egnp.exe",
)
names = st.one_of(st.sampled_from(PLAIN), st.sampled_from(PLAIN), st.sampled_from(ODD))
paths = st.lists(names, min_size=1, max_size=4).map("/".join)
modes = st.sampled_from((0o644, 0o755, 0o600, 0o4755, 0o2755, 0o1777, 0o000))
owners = st.sampled_from((0, 1, 1000, 65534, 2_097_152, 100_000))
times = st.sampled_from((0, 1, 1_700_000_000, 2**33 - 1))
contents = st.one_of(
    st.binary(max_size=3),
    st.sampled_from((0, 511, 512, 513, 5000, 300_000)).map(lambda n: b"z" * n),
)
deeds = st.tuples(
    st.sampled_from(
        ("file",) * 3 + ("dir", "whiteout") * 2 + ("symlink", "hardlink", "char", "fifo", "opaque"),
    ),
    *(paths, contents, modes, owners, owners, times, st.integers(0, 10)),
)
layers = st.tuples(
    st.lists(deeds, max_size=10),
    st.sampled_from((tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)),
)
images = st.lists(layers, min_size=1, max_size=5)


def made(drawn) -> make.Made:
    """The image for what was drawn."""
    made = [layer(*one, bottom=number == 0) for number, one in enumerate(drawn)]
    return make.Made(made, tags=("lbl-test/generated:1",))


def layer(drawn, format: int, *, bottom: bool) -> bytes:
    """A layer's tar: parents before children, no path twice, links after what they link to.

    Only in a bottom layer are parents left out. Higher up, engines always name them, and without
    that the image stores disagree on what a path through a lower layer's file or link means.
    """
    kept: dict[str, make.Member] = {}
    gone: dict[str, make.Member] = {}
    for kind, path, content, mode, uid, gid, mtime, number in drawn:
        folder, _, name = path.rpartition("/")
        if path in kept or path in gone or _blocked(path, kept, gone) or _holds(path, kind, kept):
            continue
        if kind in ("whiteout", "opaque"):
            if kind == "whiteout" and _under(path, kept):
                continue
            marker = f"{folder}/.wh.{name}".strip("/")
            if kind == "opaque":
                marker = f"{path}/.wh..wh..opq"
                kept.setdefault(path, make.Member(path, "dir", mode=0o755))
            gone[path] = make.Member(marker, mode=0, mtime=0)
            continue
        target = "" if kind != "symlink" else ("../" * (number % 3) + path[:3] or "a")
        if kind == "hardlink":
            files = [one for one in kept.values() if one.kind == "file"]
            if not files:
                continue
            first = files[number % len(files)]
            kept[path] = make.Member(
                path, kind, mode=first.mode, uid=first.uid, gid=first.gid, mtime=first.mtime,
                target=first.path,
            )  # fmt: skip
            continue
        if kind == "dir":  # what is implied in a set-group-id folder gets the folder's group
            mode &= ~0o2000
        kept[path] = make.Member(path, kind, content, mode, uid, gid, mtime, target)
    for path in () if bottom else [*kept, *gone]:
        parts = path.split("/")
        for depth in range(1, len(parts)):
            parent = "/".join(parts[:depth])
            kept.setdefault(parent, make.Member(parent, "dir", mode=0o755))
    order = sorted(kept.values(), key=lambda one: (one.kind == "hardlink", one.path.count("/")))
    folders = [one for one in order if one.kind == "dir"]
    rest = [one for one in order if one.kind != "dir"]
    return make.tar([*folders, *gone.values(), *rest], format)


def _blocked(path: str, kept: dict, gone: dict) -> bool:
    """Whether a parent of ``path`` is no folder in this layer, or deleted by it."""
    parts = path.split("/")
    parents = ["/".join(parts[:n]) for n in range(1, len(parts))]
    return any(
        (parent in kept and kept[parent].kind != "dir")
        or (parent in gone and not _opaque(gone[parent]))
        for parent in parents
    )


def _opaque(marker: make.Member) -> bool:
    return marker.path.endswith("/.wh..wh..opq")


def _holds(path: str, kind: str, kept: dict) -> bool:
    """Whether ``path`` would replace a folder that this layer puts something in."""
    return kind not in ("dir", "opaque") and _under(path, kept)


def _under(path: str, kept: dict) -> bool:
    return any(other.startswith(f"{path}/") for other in kept)

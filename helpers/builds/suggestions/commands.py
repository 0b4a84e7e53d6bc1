"""What a shell command needs of the build context, as far as that can be told without running it.

Only commands that are known are judged. Of everything else, nothing is said: it may read any file.
"""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

__all__ = ["Needs", "Place", "needs", "simple_commands"]

# They read the files that they name, and write nothing.
READERS = {
    "[", ":", "cat", "cut", "date", "echo", "false", "grep", "head", "md5sum", "printf",
    "sha256sum", "sed", "seq", "sleep", "sort", "tail", "test", "tr", "true", "uniq", "wc",
}  # fmt: skip
# They write what they name, and read nothing.
MAKERS = {"mkdir", "touch", "tee"}
# They change what they name, with all that lies in it.
CHANGERS = {"rm", "rmdir", "mv", "chmod", "chown", "chgrp", "ln"}
ACCOUNTS = {"useradd", "groupadd", "adduser", "addgroup"}
SYSTEM = {"apt-get", "apt", "apk", "dnf", "microdnf", "yum"}
SHELLS = {"sh", "bash", "ash", "dash"}
# Words of a shell after which a command is no longer a simple one.
BLOCKS = {"if", "then", "for", "while", "until", "case", "do", "done", "fi", "function", "{", "!"}
OUTSIDE = re.compile(r"[`]|\$\(|<<|<\(|>\(|(?<![&>])&(?![&>\d])")
ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=.*", re.DOTALL)


@dataclass
class Needs:
    """What commands do with files, by absolute paths.

    Fields
    ------
    reads: files that they read.
    writes: files that they write.
    changes: files or folders that they change or remove, with all that lies in them.
    installs: whether one of them installs packages.
    """

    reads: set[str] = field(default_factory=set)
    writes: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)
    installs: bool = False

    def add(self, other: Needs) -> None:
        self.reads |= other.reads
        self.writes |= other.writes
        self.changes |= other.changes
        self.installs |= other.installs


@dataclass(frozen=True)
class Place:
    """Where commands run.

    Fields
    ------
    workdir: absolute.
    files: what COPY has brought there: absolute path → path in the build context.
    read: returns the text of a file by its path in the context; None for what is no text.
    """

    workdir: str
    files: Mapping[str, str]
    read: Callable[[str], str | None]

    def path(self, word: str) -> str:
        return posixpath.normpath(posixpath.join(self.workdir, word))

    def text(self, path: str) -> str | None:
        return self.read(self.files[path]) if path in self.files else None

    def holds(self, path: str) -> bool:
        """Whether something that was copied lies in this folder."""
        inside = "/" if path == "/" else f"{path}/"
        return any(each.startswith(inside) for each in self.files)


class Unknown(Exception):
    """It cannot be told what the command needs."""


def needs(command: str, place: Place) -> Needs | None:
    """Return what a command in shell form needs; None if that cannot be told."""
    try:
        return _script(command, place, 0)
    except Unknown:
        return None


def simple_commands(command: str) -> list[list[str]] | None:
    """Return the words of each command of a line; None if it is more than a list of such."""
    try:
        return [words for words, _, _ in _split(command)]
    except Unknown:
        return None


def _script(text: str, place: Place, depth: int) -> Needs:
    if depth > 3:
        raise Unknown
    found = Needs()
    lines = re.sub(r"\\\r?\n", " ", text).splitlines()
    for line in lines:
        if line.lstrip().startswith("#") or not line.strip():
            continue
        for words, reads, writes in _split(line):
            found.add(_command(words, place, depth))
            for word in reads:
                _read(word, place, found)
            found.writes |= {place.path(_certain(word)) for word in writes}
    return found


def _split(line: str) -> Iterator[tuple[list[str], list[str], list[str]]]:
    """Yield each simple command: its words, what is led into it, and where its output goes."""
    if OUTSIDE.search(line):
        raise Unknown
    lexer = shlex.shlex(line, posix=True, punctuation_chars="();<>|&")
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        tokens = list(lexer)
    except ValueError:
        raise Unknown from None
    words: list[str] = []
    reads: list[str] = []
    writes: list[str] = []
    into: list[str] | None = None
    for token in [*tokens, ";"]:
        if into is not None:
            into.append(token)
            into = None
        elif not token or not set(token) <= set("();<>|&"):
            words.append(token)
        elif token in (">", ">>", ">|", "&>", "&>>"):
            into = writes
        elif token == "<":
            into = reads
        elif token in (">&", "<&"):
            into = []  # the number of a stream
        elif token in (";", "&&", "||", "|"):
            while words and ASSIGNMENT.fullmatch(words[0]):
                words.pop(0)
            if words or reads or writes:
                yield words or [":"], reads, writes
            words, reads, writes = [], [], []
        else:
            raise Unknown


def _certain(word: str) -> str:
    if re.search(r"[$*?\[~{]", word):
        raise Unknown
    return word


def _read(word: str, place: Place, found: Needs) -> None:
    path = place.path(_certain(word))
    if path in place.files:
        found.reads.add(path)
    elif place.holds(path):
        raise Unknown  # a folder: whatever lies in it


def _command(words: list[str], place: Place, depth: int) -> Needs:
    from .installers import install  # it needs what is declared here

    name, rest = words[0], words[1:]
    if name in ("exec", "time") and rest:
        return _command(rest, place, depth)
    name = posixpath.basename(name) if name.startswith(("/usr/", "/bin/", "/sbin/")) else name
    if name in BLOCKS or "$" in name:
        raise Unknown
    found = install(name, rest, place)
    if found is not None:
        return found
    found = Needs()
    plain = [word for word in rest if not word.startswith("-")]
    if name in ("echo", "printf"):
        if any(re.search(r"[*?\[]", word) for word in rest):
            raise Unknown
    elif name in ("set", "export", "umask", "ldconfig") or name in ACCOUNTS:
        pass
    elif name == "sed" and any(word.startswith(("-i", "--in-place")) for word in rest):
        raise Unknown
    elif name in READERS:
        if name == "grep" and any(re.fullmatch(r"-\w*[rR]\w*", word) for word in rest):
            raise Unknown
        for word in plain:
            _read(word, place, found)
    elif name in MAKERS:
        found.writes |= {place.path(_certain(word)) for word in plain}
    elif name in CHANGERS:
        found.changes |= {_changed(word, place) for word in plain}
    elif name == "cp" and len(plain) > 1:
        for word in plain[:-1]:
            _read(word, place, found)
        target = place.path(_certain(plain[-1]))
        found.writes |= {target, *(f"{target}/{posixpath.basename(w)}" for w in plain[:-1])}
    elif name in SHELLS and plain and plain[0] == rest[0]:
        _interpreted(place.path(_certain(rest[0])), rest[1:], place, depth, found)
    elif name.startswith(("./", "/")):
        _interpreted(place.path(name), rest, place, depth, found)
    else:
        raise Unknown
    return found


def _changed(word: str, place: Place) -> str:
    """Return what is changed at most; a pattern stands for the folder in which it matches."""
    stem = re.split(r"[*?\[]", word)[0]
    if stem == word:
        return place.path(_certain(word))
    return place.path(_certain(posixpath.dirname(stem) or "."))


def _interpreted(path: str, rest: list[str], place: Place, depth: int, found: Needs) -> None:
    """A script that was copied: what its commands need, and the files that it is given."""
    text = place.text(path)
    if text is None or re.search(r"\$[@*#0-9{]", text):
        raise Unknown
    first = text.partition("\n")[0]
    if first.startswith("#!") and not re.search(r"\b(sh|bash|ash|dash)\b", first):
        raise Unknown
    found.reads.add(path)
    for word in rest:
        _read(word, place, found)
    found.add(_script(text, place, depth + 1))

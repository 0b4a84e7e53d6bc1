"""The archive format that Linux unpacks into memory when it boots: cpio, "newc"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

__all__ = ["CHARACTER", "FILE", "FOLDER", "LINK", "CpioWriter", "Node"]

FOLDER, FILE, LINK, CHARACTER = 0o040000, 0o100000, 0o120000, 0o020000  # inode(7)
END = "TRAILER!!!"


@dataclass(frozen=True)
class Node:
    """One entry of the archive.

    Attributes
    ----------
    path: without a leading slash.
    mode: type and permissions, as in inode(7).
    content: of a file; of a symbolic link, where it points.
    device: major and minor number of a device.
    """

    path: str
    mode: int
    content: bytes = b""
    uid: int = 0
    gid: int = 0
    mtime: int = 0
    device: tuple[int, int] = (0, 0)


class CpioWriter:
    """Writes entries one after the other; the kernel wants a folder before what lies in it.

    Format: Documentation/driver-api/early-userspace/buffer-format.rst of the Linux kernel. All
    numbers are eight hexadecimal digits; names and contents are filled up to four bytes.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._inode = 0

    def add(self, node: Node) -> None:
        """Write one entry."""
        self._inode += 1
        self._write(node, self._inode)

    def close(self) -> None:
        """Write the entry that ends the archive; the file stays open."""
        self._write(Node(END, 0), 0)

    def _write(self, node: Node, inode: int) -> None:
        name = node.path.encode("utf-8", "surrogateescape") + b"\0"
        links = 2 if node.mode & 0o170000 == FOLDER else 1
        # inode mode uid gid links mtime size, device of the archive, of the node, name, checksum
        fields = (
            inode, node.mode, node.uid, node.gid, links, node.mtime, len(node.content),
            0, 0, *node.device, len(name), 0,
        )  # fmt: skip
        head = b"070701" + b"".join(b"%08x" % field for field in fields) + name
        self._file.write(head + bytes(-len(head) % 4))
        self._file.write(node.content + bytes(-len(node.content) % 4))

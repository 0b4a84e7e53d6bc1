"""File trees: of one layer, and of layers merged into what a container sees."""

from __future__ import annotations

from collections.abc import Iterator

from .columns import DIR
from .model import Entry, Image, Layer
from .stacking import Spot, Stack, stacked

__all__ = ["Node", "Tree", "layer_tree", "merged"]


class Node:
    """A file, folder or marker in a `Tree`.

    Attributes
    ----------
    name: last part of ``path``; ``""`` for the root.
    path: path inside the image.
    entry: what the tar says of it. The root, and a folder that is only implied by what lies in it,
        have an entry made up as the engine makes them (mode 0755, owner 0).
    layer: number of the layer that it comes from; 0 for the root.
    children: by name; empty for what is not a folder.
    is_dir: whether it is a folder.
    size: content bytes in it and below. A file with several names (hard links) counts once.
    files: regular files in it and below, each name of a hard-linked file counted.
    """

    __slots__ = ("children", "entry", "files", "is_dir", "layer", "path", "size")

    def __init__(self, path: str, entry: Entry, layer: int, is_dir: bool) -> None:
        self.path, self.entry, self.layer, self.is_dir = path, entry, layer, is_dir
        self.children: dict[str, Node] = {}
        self.size = entry.size
        self.files = int(entry.kind in ("file", "hardlink"))

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    def walk(self) -> Iterator[Node]:
        """Yield this node and all below it, folders before their content, names in order."""
        todo = [self]
        while todo:
            node = todo.pop()
            yield node
            todo.extend(child for _, child in sorted(node.children.items(), reverse=True))

    def __repr__(self) -> str:
        return f"<Node {self.path!r}: {self.files} files, {self.size} bytes>"


class Tree:
    """A tree of files. ``len()`` is the number of paths in it, the root left out."""

    def __init__(self, root: Node) -> None:
        self.root = root

    @property
    def size(self) -> int:
        """Content bytes."""
        return self.root.size

    @property
    def files(self) -> int:
        """Regular files, each name of a hard-linked file counted."""
        return self.root.files

    def find(self, path: str) -> Node | None:
        """Return the node at ``path`` (with or without leading ``/``), None if there is none.

        Symbolic links are not followed.
        """
        node: Node | None = self.root
        for part in path.strip("/").split("/"):
            node = node.children.get(part) if node and part else node
        return node

    def walk(self) -> Iterator[Node]:
        """Yield every node but the root, folders before their content, names in order."""
        nodes = self.root.walk()
        next(nodes)
        return nodes

    def __len__(self) -> int:
        return sum(1 for _ in self.walk())

    def __iter__(self) -> Iterator[Node]:
        return self.walk()

    def __repr__(self) -> str:
        return f"<Tree: {self.files} files, {self.size} bytes>"


def layer_tree(layer: Layer) -> Tree:
    """Return the tree of one layer's own entries.

    Whiteouts stand in it as nodes of kind ``whiteout`` at the path that they delete; a folder with
    an opaque marker holds a child ``.wh..wh..opq`` of kind ``opaque``.
    """
    root = _implied("", layer.number)
    for entry in layer.entries:
        place = entry.stored if entry.kind == "opaque" else entry.path
        *parents, name = place.split("/")
        folder = root
        for depth, part in enumerate(parents):
            child = folder.children.get(part)
            if child is None:
                child = _implied("/".join(parents[: depth + 1]), layer.number)
                folder.children[part] = child
            folder = child
            folder.is_dir = True
        node = Node(place, entry, layer.number, entry.kind == "dir")
        if (old := folder.children.get(name)) and node.is_dir:
            node.children = old.children
        folder.children[name] = node
    _sum(root)
    return Tree(root)


def merged(image: Image, upto: int | None = None) -> Tree:
    """Return what a container of ``image`` sees: its layers merged, whiteouts acted upon.

    Parameters
    ----------
    upto: number of the topmost layer to merge; default: all.

    A file whose first name was deleted while a hard link to it lives on appears as a file under
    that link.
    """
    top = len(image.layers) if upto is None else upto
    if not 0 <= top <= len(image.layers):
        raise ValueError(f"upto must be between 0 and {len(image.layers)}: {upto}")
    key = f"tree {top}"
    if key not in image.memo:
        image.memo[key] = Tree(_nodes(stacked(image, top)))
    return image.memo[key]


def _nodes(stack: Stack) -> Node:
    rows = [list(entries) for entries in stack.layers]
    kinds = [entries.columns.kinds for entries in stack.layers]
    root = _implied("", 0)
    links: list[tuple[Spot, Node]] = []
    firsts: dict[tuple[int, int], str] = {}
    todo = [(stack.root, root)]
    while todo:
        spot, node = todo.pop()
        for name, child in spot.children.items():
            if child.index < 0:
                made = _implied(child.path, child.layer)
            else:
                entry = rows[child.layer - 1][child.index]
                if entry.path != child.path:  # unpacked through a symbolic link
                    entry = entry._replace(path=child.path)
                is_dir = kinds[child.layer - 1][child.index] == DIR
                made = Node(child.path, entry, child.layer, is_dir)
                if child.inode:
                    links.append((child, made))
                elif (child.layer, child.index) in stack.names:
                    firsts[child.layer, child.index] = child.path
            node.children[name] = made
            if child.children:
                todo.append((child, made))
    _give_content(links, firsts, rows)
    _sum(root)
    return root


def _give_content(links: list[tuple[Spot, Node]], firsts: dict, rows: list[list[Entry]]) -> None:
    """Let each linked file's content stand under exactly one of the names that are left."""
    for spot, node in sorted(links, key=lambda pair: pair[0].path):
        layer, index = spot.inode
        if (first := firsts.get(spot.inode)) is not None:
            node.entry = node.entry._replace(kind="hardlink", target=first, size=0)
        else:
            firsts[spot.inode] = node.path
            content = rows[layer - 1][index].size
            node.entry = node.entry._replace(kind="file", target="", size=content)
            node.size = content


def _implied(path: str, layer: int) -> Node:
    return Node(path, Entry(path, "dir", mode=0o755), layer, True)


def _sum(root: Node) -> None:
    """Add up sizes and files from the leaves to the root."""
    order, todo = [], [root]
    while todo:
        node = todo.pop()
        order.append(node)
        todo.extend(node.children.values())
    for node in reversed(order):
        for child in node.children.values():
            node.size += child.size
            node.files += child.files

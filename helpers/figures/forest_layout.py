"""Which layer goes where in the sharing figure: runs of layers as blocks, images as columns."""

from __future__ import annotations

from dataclasses import dataclass

from ..images.sharing import Forest, Node

SINGLE = 4  # layers that get a box each, in a run of layers with the same images
ROW, RUN = 0.44, 0.62  # inches: the height of a box, and of a longer run drawn as one


@dataclass
class Block:
    """Layers that lie on each other and carry the same images: one block of the picture.

    Attributes
    ----------
    nodes: bottom first.
    first, last: columns that it spans.
    base: height of its foot above that of the lowest layer, in inches.
    """

    nodes: list[Node]
    first: int
    last: int = 0
    base: float = 0.0

    @property
    def images(self) -> tuple[str, ...]:
        return self.nodes[0].images

    @property
    def size(self) -> int | None:
        sizes = [node.size for node in self.nodes]
        return None if None in sizes else sum(sizes)

    @property
    def height(self) -> float:
        return ROW * len(self.nodes) if len(self.nodes) <= SINGLE else RUN

    @property
    def name(self) -> str:
        return span(self.nodes[0].number, self.nodes[-1].number)


def span(first: int, last: int) -> str:
    """Return ``L3`` or ``L3–L7``."""
    return f"L{first}" if first == last else f"L{first}–L{last}"


def layout(forest: Forest, names: list[str]) -> tuple[list[Block], dict[str, tuple[int, float]]]:
    """Return the blocks, and for each image its column and the height of its stack."""
    wanted = set(names)
    chains = {image.name: image.chain for image in forest.images if image.name in wanted}
    used = {chain for chains_ in chains.values() for chain in chains_}
    tops: dict[str, list[str]] = {}
    columns: dict[str, tuple[int, float]] = {}
    for name in names:
        if chains[name]:
            tops.setdefault(chains[name][-1], []).append(name)
    blocks: list[Block] = []
    place = 0
    # A stack instead of recursion: an image may have 127 layers. A block is met twice, before and
    # after what stands on it, so that it knows the last column that it carries.
    todo: list[tuple[str, float] | Block] = [(root, 0.0) for root in reversed(forest.roots)]
    while todo:
        item = todo.pop()
        if isinstance(item, Block):
            item.last = place - 1
            continue
        chain, base = item
        if chain not in used:
            continue
        run = [forest.nodes[chain]]
        while (above := _alone(forest, run[-1], used, tops)) is not None:
            run.append(above)
        block = Block(run, place, base=base)
        blocks.append(block)
        top = base + block.height
        for name in tops.get(run[-1].chain_id, ()):
            columns[name] = (place, top)
            place += 1
        todo.append(block)
        todo += [(child, top) for child in reversed(run[-1].children)]
    for name in names:
        if not chains[name]:
            columns[name] = (place, 0.0)
            place += 1
    return blocks, columns


def _alone(forest: Forest, node: Node, used: set[str], tops: dict) -> Node | None:
    """Return the layer above, if it carries exactly the images that ``node`` carries."""
    above = [child for child in node.children if child in used]
    if len(above) != 1 or node.chain_id in tops:
        return None
    child = forest.nodes[above[0]]
    return child if child.images == node.images else None

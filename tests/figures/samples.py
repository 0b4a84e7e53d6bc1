"""Hand-made images for the tests of figures and widgets: small, huge and odd."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

from helpers.images import Config, Entry, Image, Layer, Step, chain_ids
from helpers.images.sharing import Forest, Member, Node


def image(name: str, *built: tuple[str, list[Entry]] | str, config: Config | None = None) -> Image:
    """Return an image of ``(instruction, entries)``; a bare instruction made no layer."""
    steps, made = [], []
    for item in built:
        if isinstance(item, str):
            steps.append(Step(item, empty=True))
            continue
        instruction, entries = item
        step = Step(instruction, layer=len(made) + 1)
        steps.append(step)
        made.append((step, tuple(entries)))
    diffs = ["sha256:" + sha256(repr(entries).encode()).hexdigest() for _, entries in made]
    layers = tuple(
        Layer(n, diff, chain, sum(e.size for e in entries), entries, step)
        for n, ((step, entries), diff, chain) in enumerate(
            zip(made, diffs, chain_ids(diffs), strict=True), start=1
        )
    )
    config = config or Config(
        cmd=("sh",), env=("PATH=/usr/local/bin:/usr/bin:/bin",), architecture="amd64", os="linux"
    )
    identity = "sha256:" + sha256(name.encode()).hexdigest()
    return Image(name, identity, (name,), layers, tuple(steps), config)


BASE = (
    "ADD busybox.tar /",
    [
        Entry("bin", "dir", mode=0o755),
        Entry("bin/busybox", size=1_980_000, mode=0o755),
        *(Entry(f"bin/{n}", "hardlink", target="bin/busybox") for n in ("cat", "ls", "sh")),
        Entry("etc", "dir", mode=0o755),
        Entry("etc/passwd", size=120),
        Entry("tmp", "dir", mode=0o1777),
    ],
)


def notes(name: str = "lbl/notes:1") -> Image:
    """An image as lesson 01 builds it: a file added, changed, deleted."""
    return image(
        name,
        BASE,
        "ENV EDITOR=cat",
        ("COPY notes.txt /notes/", [Entry("notes", "dir"), Entry("notes/notes.txt", size=6)]),
        (
            'RUN dd if=/dev/zero of=/notes/big bs=1M count=3 && echo "more" >> /notes/notes.txt',
            [
                Entry("notes", "dir"),
                Entry("notes/big", size=3_145_728),
                Entry("notes/notes.txt", size=11),
            ],
        ),
        ("RUN rm /notes/big", [Entry("notes", "dir"), Entry("notes/big", "whiteout")]),
        'CMD ["cat", "/notes/notes.txt"]',
        config=Config(
            cmd=("cat", "/notes/notes.txt"),
            env=("PATH=/usr/local/bin:/usr/bin:/bin", "EDITOR=cat"),
            workdir="/notes",
        ),
    )


def big(layers: int = 26, files: int = 40, tag: str = "2026.11") -> Image:
    """An image with many layers and sizes from 3 bytes to 900 MB."""
    built: list = [BASE]
    for n in range(2, layers + 1):
        size = 900_000_000 if n == 4 else 3 * 10 ** (n % 6)
        built.append(
            (
                f"RUN apt-get install -y package-number-{n} && rm -rf /var/lib/apt/lists/* # tidy",
                [Entry(f"opt/p{n}", "dir")]
                + [Entry(f"opt/p{n}/file{i}", size=size if i == 0 else 0) for i in range(files)],
            )
        )
        if n % 7 == 0:
            built.append(f"ENV STEP_{n}=done LONG=" + "x" * 80)
    return image(f"registry.example.org/team/a-rather-long-name/big:{tag}", *built)


def odd() -> Image:
    """Names that attack HTML, terminals and the layout."""
    return image(
        '<img src=x onerror="alert(1)">:latest',
        BASE,
        (
            "COPY '<script>alert(\"x\")</script>' /\x1b[31mred\x1b[0m $HOME $x^2$",
            [
                Entry("<script>alert(1)</script>", size=5),
                Entry("שלום/קובץ.txt", size=7),
                Entry("مرحبا.txt", size=9),
                Entry("emoji-🐳.txt", size=3),
                Entry("中文/说明.txt", size=42),
                Entry("new\nline\x1b[2J", size=1),
                Entry("not-utf8-\udcff", size=2),
                Entry("a&b\"c'd", size=1),
                Entry("l" * 250, size=1),
            ],
        ),
        ("", []),
        config=Config(
            entrypoint=("/bin/sh", "-c", "echo '<b>$HOME</b>' " + "y" * 200),
            env=tuple(f"V{i}=<{i}>" for i in range(12)),
            user="1000:1000",
            exposed=("80/tcp", "443/tcp"),
            labels={"a": "<i>"},
        ),
    )


def empty() -> Image:
    """An image of ``FROM scratch`` with a config alone."""
    return image("lbl/empty:1", 'CMD ["x"]')


def forest(*images: Image, sizes: bool = True) -> Forest:
    """Return the forest of hand-made images."""
    nodes: dict[str, Node] = {}
    for one in images:
        below = None
        for layer in one.layers:
            old = nodes.get(layer.chain_id)
            carried = (*(old.images if old else ()), one.name)
            nodes[layer.chain_id] = Node(
                layer.chain_id, layer.diff_id, layer.number, below, (), carried, 0,
                layer.size if sizes else None,
            )  # fmt: skip
            below = layer.chain_id
    for chain, node in nodes.items():
        children = tuple(c for c, n in nodes.items() if n.parent == chain)
        nodes[chain] = replace(node, children=children)
    members = tuple(
        Member(one.name, one.id, one.tags, tuple(layer.chain_id for layer in one.layers))
        for one in images
    )
    roots = tuple(c for c, n in nodes.items() if n.parent is None)
    return Forest(nodes, members, roots, "content" if sizes else None)


def family(count: int = 3) -> list[Image]:
    """Images on one base: the base itself, and ``count`` that share some layers above it."""
    built = [image("lbl/busybox:1", BASE)]
    tools = ("RUN install tools", [Entry("opt/tools", size=800_000)])
    config = ("COPY app.conf /etc/", [Entry("etc/app.conf", size=300)])
    for n in range(count):
        own = (f"COPY app{n} /app", [Entry(f"app{n}", size=250_000 * (n + 1))])
        shared = [BASE, tools, config] if n % 3 else [BASE]
        built.append(image(f"lbl/app{n}:1", *shared, own))
    return built


def rewritten() -> Image:
    """One file written anew by each of nine layers, and nine files deleted in the end."""
    built = [
        (f"RUN date > /log && make out{n}", [Entry("log", size=100), Entry(f"out{n}", size=10**n)])
        for n in range(9)
    ]
    gone = [Entry(f"out{n}", "whiteout") for n in range(9)]
    return image("lbl/rewritten:1", *built, ("RUN rm /out*", gone))

"""What a registry holds and what crossed the wire, as frozen data."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..messages import text

__all__ = [
    "FETCHED",
    "HELD",
    "MOUNTED",
    "SEGMENT",
    "SENT",
    "THERE",
    "Blob",
    "Crossing",
    "Index",
    "Manifest",
    "Part",
    "Transfer",
]

SENT, THERE, MOUNTED = "sent", "there", "mounted"  # of a push
FETCHED, HELD = "fetched", "held"  # of a pull
SEGMENT = 65_536  # bytes: the largest piece that TCP sends, and sends again, at once


@dataclass(frozen=True)
class Blob:
    """Bytes that a registry keeps under their digest; ``size`` is what is stored and sent."""

    digest: str
    size: int


@dataclass(frozen=True)
class Manifest:
    """What a registry tells of an image.

    Fields
    ------
    name: ``repository:tag``.
    digest: of the manifest's own bytes: what one writes after ``@`` to mean exactly this image.
        Of an image for several platforms, that of the index which lists them.
    config: the blob of the configuration.
    layers: the blobs of the layers, bottom first. Their digests are those of the bytes as sent,
        mostly compressed, so they differ from the diff IDs, and between image stores.
    own: digest and size of this manifest alone; its digest is ``digest`` but for an index.
    """

    name: str
    digest: str
    config: Blob
    layers: tuple[Blob, ...]
    own: Blob = field(default=Blob("", 0), repr=False, compare=False)

    @property
    def size(self) -> int:
        """Bytes of config and layers, a layer that occurs twice counted once."""
        return sum({blob.digest: blob.size for blob in (self.config, *self.layers)}.values())


@dataclass(frozen=True)
class Part:
    """One entry of an index: the manifest for one platform (``"linux/arm64"``)."""

    platform: str
    digest: str
    size: int
    media_type: str = field(default="", repr=False)


@dataclass(frozen=True, repr=False)
class Index:
    """A manifest list: one name, one digest, and a manifest for each platform."""

    name: str
    digest: str
    parts: tuple[Part, ...]

    @property
    def platforms(self) -> tuple[str, ...]:
        return tuple(part.platform for part in self.parts)

    def __repr__(self) -> str:
        return "\n  ".join(
            [
                text("registry.index.name", name=self.name),
                *(text("registry.index.part", platform=name) for name in self.platforms),
            ]
        )

    def part(self, platform: str) -> Part | None:
        """Return the entry for a platform, ``None`` if it has none."""
        return next((part for part in self.parts if part.platform == platform), None)


@dataclass(frozen=True)
class Crossing:
    """One manifest, config or layer of a push or a pull: did its bytes cross?

    Fields
    ------
    kind: ``"manifest"``, ``"config"`` or ``"layer"``.
    size: bytes as stored and sent.
    state: ``SENT``, ``THERE`` (the registry held it) or ``MOUNTED`` (the registry took it from
        another of its repositories) of a push; ``FETCHED`` or ``HELD`` (the engine held it) of a
        pull.
    number: of the layer, from 1 at the bottom.
    source: the repository that it was mounted from.
    """

    kind: str
    digest: str
    size: int
    state: str
    number: int | None = None
    source: str = ""

    @property
    def crossed(self) -> bool:
        return self.state in (SENT, FETCHED)


@dataclass(frozen=True)
class Transfer:
    """What one push or pull asked the registry for, and what crossed.

    Fields
    ------
    push: whether it was a push.
    items: the manifest, the config, and the layers bottom first.
    wire: bytes that the network card of the registry's container counted in the direction of the
        transfer, headers and acknowledgements included; ``None`` where the engine does not count.
    requests: how many requests the engine made.
    twice: how many segments of TCP crossed twice.
    """

    name: str
    push: bool
    items: tuple[Crossing, ...]
    wire: int | None
    requests: int
    twice: int = 0

    @property
    def layers(self) -> tuple[Crossing, ...]:
        return tuple(item for item in self.items if item.kind == "layer")

    @property
    def crossed(self) -> int:
        """Bytes of everything that crossed, by the sizes of the blobs."""
        return sum({i.digest: i.size for i in self.items if i.crossed}.values())

    @property
    def spared(self) -> int:
        """Bytes of everything that did not have to cross."""
        return sum({i.digest: i.size for i in self.items if not i.crossed}.values())

    @property
    def agrees(self) -> bool | None:
        """Whether the count on the wire is that of the blobs, headers, and what TCP sent again."""
        if self.wire is None:
            return None
        headers = 0.1 * self.crossed + 4096 * (self.requests + 4)
        return self.crossed <= self.wire <= self.crossed + headers + SEGMENT * self.twice

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": str(self)}

    def __str__(self) -> str:
        """What became of each layer. (What became of config and manifest depends on the store.)"""
        crossed = sum(layer.crossed for layer in self.layers)
        way = "push" if self.push else "pull"
        many = "one" if len(self.layers) == 1 else "many"
        counts = {"crossed": crossed, "layers": len(self.layers)}
        lines = [text(f"registry.transfer.{way}.{many}", name=self.name, **counts)]
        for layer in reversed(self.layers):
            state = text(f"registry.transfer.{layer.state}", source=layer.source)
            lines.append("  " + text("registry.transfer.line", number=layer.number, state=state))
        return "\n".join(lines)

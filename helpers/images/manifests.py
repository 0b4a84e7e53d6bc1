"""Which images an archive holds: manifest.json of `docker save`, index.json of an OCI layout."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field

import orjson

from .archive import Store, blob
from .streams import Broken

INDEXES = {
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
}
MANIFESTS = {
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
}
CONFIGS = {
    "application/vnd.oci.image.config.v1+json",
    "application/vnd.docker.container.image.v1+json",
}
LAYERS = {
    "application/vnd.oci.image.layer.v1.tar",
    "application/vnd.oci.image.layer.v1.tar+gzip",
    "application/vnd.oci.image.layer.v1.tar+zstd",
    "application/vnd.oci.image.layer.nondistributable.v1.tar",
    "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
    "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd",
    "application/vnd.docker.image.rootfs.diff.tar",
    "application/vnd.docker.image.rootfs.diff.tar.gzip",
    "application/vnd.docker.image.rootfs.diff.tar.zstd",
}
MAX_DEPTH, MAX_DESCRIPTORS = 8, 10_000


@dataclass
class Found:
    """An image in an archive: its config, the paths of its layers, and what it is called.

    ``id`` is the digest of its config; ``ids`` holds also those of the manifests that lead to it.
    """

    id: str
    config: dict
    layers: list[str]
    ids: set[str] = field(default_factory=set)
    tags: list[str] = field(default_factory=list)

    @property
    def diff_ids(self) -> list[str]:
        return self.config["rootfs"]["diff_ids"]

    @property
    def platform(self) -> str:
        return f"{self.config.get('os') or 'linux'}/{self.config.get('architecture') or ''}"


def images_in(store: Store) -> list[Found]:
    """Return the images of an archive, in its order; attestations are none.

    Raises
    ------
    Broken: there is none, or what describes it is damaged or of a foreign kind.
    """
    listed = _json(store, "index.json")
    old = _json(store, "manifest.json")
    found: list[Found] = []
    problem: Broken | None = None
    if isinstance(listed, dict):
        walk = _Walk(store)
        walk.index(listed, set(), [], 0)
        found, problem = walk.found, walk.problem
    if not found and isinstance(old, list):
        found = [_from_docker(store, one) for one in old]
    elif isinstance(old, list):
        _add_tags(found, old)
    if not found:
        raise problem or Broken("images.no_image")
    return found


class _Walk:
    """The way from an index through nested indexes to manifests."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.found: list[Found] = []
        self.by_digest: dict[str, Found] = {}
        self.problem: Broken | None = None
        self.steps = 0

    def index(self, index: dict, ids: set[str], tags: list[str], depth: int) -> None:
        for descriptor in _list(index, "manifests"):
            self.steps += 1
            if depth > MAX_DEPTH or self.steps > MAX_DESCRIPTORS:
                raise Broken("images.too_many", limit=MAX_DESCRIPTORS)
            notes = descriptor.get("annotations") or {}
            platform = descriptor.get("platform") or {}
            if "vnd.docker.reference.type" in notes or platform.get("os") == "unknown":
                continue  # an attestation: about an image, not one
            own = [*tags, *_tag(notes)]
            digest = str(descriptor.get("digest"))
            document = _json(self.store, blob(digest))
            if document is None:
                # A store that holds one platform of several still lists them all.
                self.problem = self.problem or Broken("images.incomplete", digest=digest[:19])
            elif not isinstance(document, dict):
                raise Broken("images.corrupt", reason=digest)
            elif _kind(document, descriptor) in INDEXES:
                self.index(document, {*ids, digest}, own, depth + 1)
            else:
                self.manifest(document, descriptor, {*ids, digest}, own)

    def manifest(self, manifest: dict, descriptor: dict, ids: set[str], tags: list[str]) -> None:
        config = manifest.get("config")
        foreign = next(_foreign(manifest, descriptor), None)
        if foreign or not isinstance(config, dict):
            self.problem = Broken("images.foreign", kind=foreign or "?")
            return
        digest = str(config.get("digest"))
        layers = [blob(str(layer.get("digest"))) for layer in _list(manifest, "layers")]
        document = _json(self.store, blob(digest))
        if document is None or not all(self.store.has(layer) for layer in layers):
            self.problem = self.problem or Broken("images.incomplete", digest=digest[:19])
            return
        if known := self.by_digest.get(digest):  # one image under several names
            known.ids |= ids
            known.tags += [tag for tag in tags if tag not in known.tags]
            return
        self.by_digest[digest] = Found(
            digest, _config(document, layers), layers, {*ids, digest}, tags
        )
        self.found.append(self.by_digest[digest])


def _foreign(manifest: dict, descriptor: dict):
    if (kind := _kind(manifest, descriptor)) and kind not in MANIFESTS:
        yield kind
    config = manifest.get("config") or {}
    if isinstance(config, dict) and config.get("mediaType") not in CONFIGS:
        yield str(config.get("mediaType"))
    for layer in _list(manifest, "layers"):
        if layer.get("mediaType") not in LAYERS:
            yield str(layer.get("mediaType"))


def _kind(document: dict, descriptor: dict) -> str:
    return str(document.get("mediaType") or descriptor.get("mediaType") or "")


def _from_docker(store: Store, one: dict) -> Found:
    if not isinstance(one, dict):
        raise Broken("images.corrupt", reason="manifest.json")
    path = posixpath.normpath(str(one.get("Config")))
    layers = [posixpath.normpath(str(layer)) for layer in one.get("Layers") or ()]
    document = _json(store, path)
    if document is None:
        raise Broken("images.incomplete", digest=path[:80])
    digits = posixpath.basename(path).removesuffix(".json")
    digest = f"sha256:{digits}"
    return Found(digest, _config(document, layers), layers, {digest}, _tags(one))


def _add_tags(found: list[Found], old: list) -> None:
    """An OCI index may hold one name of an image; manifest.json lists all."""
    for one in old:
        if isinstance(one, dict):
            digits = posixpath.basename(str(one.get("Config"))).removesuffix(".json")
            for image in found:
                if f"sha256:{digits}" in image.ids:
                    image.tags += [tag for tag in _tags(one) if tag not in image.tags]


def _tags(one: dict) -> list[str]:
    tags = one.get("RepoTags")
    return [str(tag) for tag in tags] if isinstance(tags, list) else []


def _tag(notes: dict) -> list[str]:
    name = notes.get("io.containerd.image.name") or notes.get("org.opencontainers.image.ref.name")
    return [familiar(str(name))] if name else []


def familiar(name: str) -> str:
    """Return an image's name as Docker shows it: without the registry it means anyway."""
    return name.removeprefix("docker.io/").removeprefix("library/")


def _config(config: object, layers: list[str]) -> dict:
    rootfs = config.get("rootfs") if isinstance(config, dict) else None
    diff_ids = rootfs.get("diff_ids") if isinstance(rootfs, dict) else None
    if diff_ids is None and not layers and isinstance(rootfs, dict):
        rootfs["diff_ids"] = diff_ids = []
    if not isinstance(diff_ids, list) or len(diff_ids) != len(layers):
        raise Broken("images.corrupt", reason="rootfs.diff_ids")
    for diff_id in diff_ids:
        blob(str(diff_id))
    return config


def _json(store: Store, path: str) -> object | None:
    document = store.document(path)
    if document is None:
        return None
    try:
        return orjson.loads(document)
    except orjson.JSONDecodeError:
        raise Broken("images.corrupt", reason=path) from None


def _list(document: dict, key: str) -> list[dict]:
    found = document.get(key) or []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Broken("images.corrupt", reason=key)
    return found

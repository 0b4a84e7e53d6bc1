"""The containerd store's own blobs, for whoever may read the engine's data root.

containerd keeps what was pulled or built as it came, in files named by their digests
(https://github.com/containerd/containerd/blob/main/docs/content-flow.md): an OCI layout without its
index. To read them costs no more than to decompress them; a save costs the engine several times as
much. Whatever does not fit is no error here: the `docker save` stream is read instead.
"""

from __future__ import annotations

from pathlib import Path

import orjson

from .archive import Folder

CONTENT = "io.containerd.content.v1.content"


class Content(Folder):
    """The blobs of the image with the ID ``image_id``, as a layout of that image."""

    def __init__(self, folder: Path, image_id: str) -> None:
        super().__init__(folder)
        self._index = orjson.dumps({"manifests": [{"digest": image_id}]})

    def document(self, path: str) -> bytes | None:
        if path == "index.json":
            return self._index
        return super().document(path) if path.startswith("blobs/") else None


def folder(engine) -> Path | None:
    """Return where the engine's containerd keeps its blobs, if this process may read them."""
    if engine.store != "containerd" or engine.root_dir is None:
        return None
    own = engine.root_dir / "containerd/daemon"  # a containerd that dockerd started itself
    for place in (own / CONTENT, Path("/var/lib/containerd") / CONTENT):
        try:
            if (place / "blobs").is_dir():
                return place
        except OSError:
            continue
    return None

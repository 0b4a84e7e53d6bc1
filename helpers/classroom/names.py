"""Names that the instructor's side, the hub and a learner's container agree on."""

from __future__ import annotations

from pathlib import Path

IMAGE = "lbl/classroom:1"
SYSTEM = "lbl/classroom-system:1"
DOOR, PROXY, HUB = "lbl-class-door", "lbl-class-proxy", "lbl-class-hub"
HUB_PORT, SERVER_PORT = 8081, 8888
PROXY_API = "http://127.0.0.1:8001"
CLASS = Path("/class")  # in the hub's container: the class's folder
COURSE = "/course"  # in the image: the clone
RUNTIME = "lbl-learner"  # of the class's engine: runc, a little different
DISK = "/disk"  # in a learner's container: their disk
MARK = "LAYER_BY_LAYER_CLASS=learner"  # in a learner's environment, for the runtime of a node
DNS = "LAYER_BY_LAYER_DNS"  # there too: the name server of the containers of a learner's engine


def learner(user: str) -> str:
    """Return the name of a learner's container, network and volume."""
    return f"lbl-learner-{user}"


def volume_of(name: str, user: str) -> str:
    """Return the name of the volume that a learner has on a node of the class ``name``."""
    return f"lbl-{name}-{user}"


def place_of(name: str, user: str) -> Path:
    """Return where a node has the disk of a learner of the class ``name``: a link to a device."""
    return Path("/run/layer-by-layer", name, user)

"""Base images that are made here, not pulled."""

from ..engine import Engine, connect
from .anew import anew
from .busybox_root import NAME as BUSYBOX
from .busybox_root import busybox, fresh
from .debian_root import NAME as DEBIAN
from .debian_root import debian
from .etcd_root import NAME as ETCD
from .etcd_root import etcd
from .gcc_root import NAME as GCC
from .gcc_root import gcc
from .postgres_root import NAME as POSTGRES
from .postgres_root import postgres
from .python_root import NAME as PYTHON
from .python_root import python
from .redis_root import NAME as REDIS
from .redis_root import redis
from .salt import forget_salt, salt

__all__ = [
    "MAKERS",
    "anew",
    "aws",
    "boto3",
    "busybox",
    "debian",
    "etcd",
    "forget_salt",
    "fresh",
    "gcc",
    "node",
    "postgres",
    "python",
    "redis",
    "salt",
]


def node(engine: Engine | None = None) -> str:
    """Make the images of a cluster's node and registry (`helpers.cluster`), and return the node's.

    Lessons name it among their bases, so that it is made before their first cell.
    """
    from ..cluster import node_image  # it stands on this package
    from ..registry import image

    engine = engine or connect()
    image.make(engine)
    return node_image.make(engine)


def aws(engine: Engine | None = None) -> str:
    """Make the image of the local AWS (`helpers.aws.local`), and return its name.

    Lessons name it among their bases, so that it is made before their first cell.
    """
    from ..aws.local import image  # it stands on this package

    return image.make(engine or connect())


def boto3(engine: Engine | None = None) -> str:
    """Make the image ``lbl/boto3:1`` (`helpers.aws.local.sdk`), and return its name."""
    from ..aws.local import sdk  # it stands on this package

    return sdk.make(engine or connect())


# What makes each base image, by its name: scenarios look here for what their Dockerfiles name.
MAKERS = {
    BUSYBOX: busybox,
    DEBIAN: debian,
    ETCD: etcd,
    GCC: gcc,
    POSTGRES: postgres,
    PYTHON: python,
    REDIS: redis,
    "lbl/boto3:1": boto3,
}

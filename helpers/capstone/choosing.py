"""The platform that a learner chooses, by one word."""

from __future__ import annotations

import contextlib
import io

from ..engine import Engine, connect
from ..errors import CourseError, NotFound
from . import record
from .place import Place
from .record import Record

__all__ = ["PLATFORMS", "find", "start"]

PLATFORMS = ("compose", "swarm", "kubernetes", "fargate", "ec2", "anywhere", "eks")


def start(
    platform: str,
    *,
    context: str | None = None,
    confirm: bool = False,
    engine: Engine | None = None,
) -> Place:
    """Make a platform ready for the page, with nothing of an earlier run, and return the place.

    What an earlier choice left, on this platform or another one, is removed first.

    For ECS and EKS that is the target of `helpers.aws.target`: choose it first.

    Parameters
    ----------
    platform: one of `PLATFORMS`.
    context: for ``"kubernetes"`` if it shall be a cluster of yours: its name in your kubeconfig.
        What the course has in its namespace there goes.
    confirm: that it may, as for `helpers.kubernetes.connect`.

    Raises
    ------
    NotFound: no such platform.
    AwsRefused, ClusterFailed, KubernetesFailed, …: as for what the platform is made with.
    """
    engine = engine or connect()
    kind = _kind(platform)
    _leave(engine)
    found = kind(engine, Record(platform, _named(context, confirm)))
    found.begin()
    record.keep(engine, found.record)
    return found


def find(engine: Engine | None = None) -> Place | None:
    """Return the place that was started last, as a new kernel finds it; None if there is none.

    Nothing is started or made.
    """
    engine = engine or connect()
    known = record.load(engine)
    return _kind(known.platform)(engine, known) if known else None


def _leave(engine: Engine) -> None:
    """Clear the place that was chosen before, so that nothing of it goes on, or goes on costing."""
    before = find(engine)
    if before is not None:
        with contextlib.suppress(CourseError), contextlib.redirect_stdout(io.StringIO()):
            before.clean_up()  # it may be gone already
    record.forget(engine)


def _named(context: str | None, confirm: bool) -> dict[str, str]:
    return {"context": context, "confirmed": "yes" if confirm else "no"} if context else {}


def _kind(platform: str) -> type[Place]:
    if platform not in PLATFORMS:
        raise NotFound("capstone.no_platform", name=platform, known=", ".join(PLATFORMS))
    if platform == "compose":
        from .on_compose import OnCompose

        return OnCompose
    if platform == "swarm":
        from .on_swarm import OnSwarm

        return OnSwarm
    if platform == "kubernetes":
        from .on_kubernetes import OnKubernetes

        return OnKubernetes
    if platform == "eks":
        from .on_eks import OnEks

        return OnEks
    from .on_ecs import OnEc2, OnFargate
    from .on_site import OnAnywhere

    return {"fargate": OnFargate, "ec2": OnEc2, "anywhere": OnAnywhere}[platform]

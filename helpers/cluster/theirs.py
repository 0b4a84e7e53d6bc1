"""A swarm that the learner already has: a daemon by address or context that is its manager."""

from __future__ import annotations

from pathlib import Path

from docker.context import ContextAPI
from docker.errors import DockerException

from ..engine import Endpoint, Engine, connect
from ..errors import ClusterFailed, NotFound

__all__ = ["led_by"]


def led_by(host_or_context: str | None) -> tuple[Engine, str]:
    """Return the daemon, and ``"ipvs"`` or ``"proxy"``: a manager elsewhere is taken to have IPVS.

    Raises
    ------
    ClusterFailed: it is no manager of a swarm that has a leader.
    NotFound: there is no context of that name.
    EngineNotFound, EngineDenied: as for `helpers.engine.connect`.
    """
    engine = _reached(host_or_context)
    swarm = engine.client.info().get("Swarm") or {}
    if swarm.get("LocalNodeState") != "active" or not swarm.get("ControlAvailable"):
        raise ClusterFailed("cluster.no_swarm", url=engine.endpoint.url)
    if engine.endpoint.remote or engine.desktop:
        return engine, "ipvs"  # every distribution's kernel has it
    return engine, "ipvs" if Path("/proc/net/ip_vs").exists() else "proxy"


def _reached(name: str | None) -> Engine:
    if not name or "://" in name:
        return connect(name, start=False)
    try:
        context = ContextAPI.get_context(name)
    except (DockerException, OSError, ValueError):
        context = None
    if context is None or not context.Host:
        raise NotFound("components.no_context", name=name)
    folder = Path(context.tls_path or "") / "docker"
    certificates = folder if (folder / "cert.pem").exists() else None
    return connect(Endpoint(context.Host, "context", certificates), start=False)

"""Which secrets and configs the swarm put into the container of a task, and where they lie."""

from __future__ import annotations

from dataclasses import dataclass

from ..messages import text
from ..text import plain
from .watching import Swarm

__all__ = ["Files", "Given", "given"]

IN_MEMORY = "tmpfs"


@dataclass(frozen=True)
class Given:
    """One file that the swarm put into a container.

    ``kind``: ``"secret"`` or ``"config"``. ``name``: as the swarm knows it. ``memory``: whether the
    file lies in memory, so that it is never on the node's disk.
    """

    kind: str
    name: str
    path: str
    memory: bool


@dataclass(frozen=True)
class Files:
    """What some tasks were given: ``rows`` holds each task's name with its files."""

    rows: tuple[tuple[str, tuple[Given, ...]], ...]

    def __str__(self) -> str:
        lines = []
        for task, files in self.rows:
            lines.append(f"{plain(task)}:")
            for one in files:
                place = text(f"stacks.given.{'memory' if one.memory else 'disk'}")
                kind = text(f"stacks.given.{one.kind}", name=one.name)
                lines.append(f"  {plain(one.path)}  {kind}{place}")
            if not files:
                lines.append(f"  {text('stacks.given.nothing')}")
        return "\n".join(lines)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": str(self)}


def given(cluster: Swarm, *tasks: str) -> Files:
    """Look into the containers of tasks for the secrets and configs that their services name.

    Raises
    ------
    NotFound: no task of that name runs.
    ClusterFailed: its node does not answer.
    """
    services = {one["ID"]: one["Spec"] for one in cluster.api().services()}
    specs = {spec["Name"]: spec["TaskTemplate"]["ContainerSpec"] for spec in services.values()}
    rows = []
    for task in tasks:
        mounts = _mounts(cluster.exec(task, ["cat", "/proc/mounts"]))
        spec = specs.get(task.rpartition(".")[0], {})
        files = [_file("secret", one, mounts) for one in spec.get("Secrets") or []]
        files += [_file("config", one, mounts) for one in spec.get("Configs") or []]
        rows.append((task, tuple(sorted(files, key=lambda one: (one.kind, one.path)))))
    return Files(tuple(rows))


def _mounts(said: str) -> dict[str, str]:
    """Return the kind of file system at each place, as /proc/mounts lists them (proc(5))."""
    lines = [line.split() for line in said.splitlines()]
    return {words[1]: words[2] for words in lines if len(words) > 2}


def _file(kind: str, one: dict, mounts: dict[str, str]) -> Given:
    name = plain(one.get(f"{kind.capitalize()}Name", ""))
    file = plain((one.get("File") or {}).get("Name", name))
    path = file if file.startswith("/") else f"/run/secrets/{file}" if kind == "secret" \
        else f"/{file}"  # fmt: skip
    return Given(kind, name, path, mounts.get(path) == IN_MEMORY)

"""The page on Docker Swarm: a stack on a cluster of two nodes."""

from __future__ import annotations

import contextlib

from .. import cluster, healing, stacks
from ..cluster import Cluster
from ..engine.patience import until
from ..errors import ClusterFailed, NotFound, TimedOut
from ..healing.model import Load
from ..stacks.front import mesh, proxy
from .asking import answering
from .model import HIDDEN, MISSING, PLAIN, Copy, State
from .place import Folder, Place

__all__ = ["OnSwarm"]

LESSON, STACK, SERVICE, NODES = "17", "page", "page_web", 2
SECRET = "key"
DOOR, PORT = 8080, 8000  # of node-1, which this machine reaches; of the page
WELL = 60.0  # seconds for as many tasks to be well as were asked for


class OnSwarm(Place):
    """Tasks of a service of a swarm."""

    platform = "swarm"
    draft = "17.swarm"

    def begin(self) -> None:
        """Start two nodes, and hand a key that nobody sees to the swarm."""
        made = cluster.up(NODES, lesson=LESSON, engine=self.engine)
        stacks.secret(made, SECRET)

    @property
    def swarm(self) -> Cluster:
        found = cluster.find(self.engine, LESSON)
        if found is None:
            raise ClusterFailed("capstone.no_swarm")
        return found

    def state(self) -> State:
        swarm = self.swarm
        row = self._row(swarm)
        template = row["Spec"]["TaskTemplate"]
        box = template["ContainerSpec"]
        tasks = [one for one in swarm.look().tasks if one.service == SERVICE and one.runs]
        seen = [swarm.api(one.node).inspect_container(one.container) for one in tasks]
        health = [(one["State"].get("Health") or {}).get("Status") for one in seen]
        copies = tuple(
            Copy(said in (None, "healthy"), _tag(one.image))
            for one, said in zip(tasks, health, strict=True)
        )
        tag = _tag(box["Image"])
        limits = (template.get("Resources") or {}).get("Limits") or {}
        return State(
            self.platform, row["Spec"]["Mode"]["Replicated"]["Replicas"], copies,
            identity=row["ID"], same_image=self._same(tag),
            limited=bool(limits.get("MemoryBytes")),
            checked=bool(health) and None not in health,
            key=_key(box),
        )  # fmt: skip

    def _push(self, image: str, tag: str) -> str:
        return self.swarm.image(image)

    def _deploy(self, description: Folder) -> None:
        swarm = self.swarm
        stacks.deploy(swarm, description, STACK)
        self._settle()
        lead = mesh if swarm.balancing == "ipvs" else proxy
        print(f"$ {lead(swarm, SERVICE, self._row(swarm)['Spec'], DOOR, PORT)}")

    def _ask(self) -> int:
        return answering(self.swarm.port(DOOR), self.state().desired)

    def _kill(self) -> None:
        swarm = self.swarm
        running = [one for one in swarm.look().tasks if one.service == SERVICE and one.runs]
        for one in running[:1]:
            swarm.kill(one)
            with contextlib.suppress(TimedOut):
                until(lambda one=one: self._ended(one.id), WELL, "capstone.waiting_well")
        self._settle()

    def _ended(self, task: str) -> bool:
        return not any(one.id == task and one.runs for one in self.swarm.look().tasks)

    def _update(self, image: str, tag: str) -> Load:
        return self._roll(image)

    def _back(self) -> Load:
        image = self._row(self.swarm)["PreviousSpec"]["TaskTemplate"]["ContainerSpec"]["Image"]
        return self._roll(image.partition("@")[0])

    def _roll(self, image: str) -> Load:
        _story, load = healing.update(self.swarm, SERVICE, image)
        self._settle()
        return load

    def _remove(self) -> None:
        cluster.down(self.engine, LESSON)

    def _row(self, swarm: Cluster) -> dict:
        rows = swarm.api().services(filters={"name": SERVICE})
        found = [row for row in rows if row["Spec"]["Name"] == SERVICE]
        if not found:
            raise NotFound("capstone.not_deployed", platform=self.platform)
        return found[0]

    def _settle(self) -> None:
        def look() -> bool:
            now = self.state()
            return now.well == now.desired == len(now.copies)

        with contextlib.suppress(TimedOut):  # then `state` says so
            until(look, WELL, "capstone.waiting_well")


def _key(box: dict) -> str:
    if any(row.startswith("KEY=") for row in box.get("Env") or []):
        return PLAIN
    names = {one["SecretName"] for one in box.get("Secrets") or []}
    return HIDDEN if SECRET in names else MISSING


def _tag(image: str) -> str:
    return image.partition("@")[0].rpartition("/")[2].partition(":")[2]

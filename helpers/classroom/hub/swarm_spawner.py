"""A learner's container as a service of a Docker Swarm, on the node that has their disk."""

from __future__ import annotations

import asyncio
import base64
import time

from docker.types import DriverConfig, Mount, RestartPolicy
from dockerspawner import SwarmSpawner
from traitlets import Dict, Unicode

from ...engine import labels
from ...text import plain
from ..names import DISK, MARK, learner, place_of, volume_of
from .spawner import RIGHTS, LearnerSpawner
from .system_calls import profile

__all__ = ["SwarmLearnerSpawner"]

MIB = 1 << 20
PAUSE = 0.5  # seconds between two looks at a task
PLACED = 60  # seconds in which the Swarm must find the node; by itself it would look for ever
GONE = 60  # seconds for a server to end and leave its disk; Docker kills it after 10
ENDED = ("complete", "failed", "rejected", "orphaned", "shutdown", "remove")
# What `hub.spawner` says to an engine, as a service says it: of `docker.types` in
# https://docs.docker.com/reference/api/engine/version/v1.44/, "Privileges".
PRIVILEGES = {
    "Seccomp": {"Mode": "custom", "Profile": base64.b64encode(profile().encode()).decode()},
    "AppArmor": {"Mode": "disabled"},
}


class SwarmLearnerSpawner(LearnerSpawner, SwarmSpawner):
    """Starts the service of one learner; disk, network and node are settled by the class."""

    words = "classroom_swarm.ended"
    class_name = Unicode(help="of the class").tag(config=True)
    nodes = Dict(help="the ID of the node that has the disk of each user").tag(config=True)

    async def create_object(self) -> dict:
        user = self.user.name
        variable, _, value = MARK.partition("=")
        self.environment = {**self.environment, variable: value}
        # A node without this disk mounts nothing, and the task is rejected.
        device = {"type": "ext4", "device": str(place_of(self.class_name, user))}
        marks = labels.make(role="learner")
        self.extra_container_spec = {
            "hostname": "classroom",
            "labels": marks,
            "cap_add": [f"CAP_{right}" for right in RIGHTS],
            "privileges": PRIVILEGES,
            "read_only": True,
            "mounts": [
                Mount(DISK, volume_of(self.class_name, user), labels=labels.make(role="class"),
                      driver_config=DriverConfig("local", device)),
                Mount("/run", None, type="tmpfs", tmpfs_size=64 * MIB, tmpfs_mode=0o755),
                Mount("/tmp", None, type="tmpfs", tmpfs_size=16 * MIB, tmpfs_mode=0o1777),
            ],
        }  # fmt: skip
        limits = {"MemoryBytes": int(self.mem_limit), "NanoCPUs": int(self.cpu_limit * 1e9),
                  "Pids": self.pids}  # fmt: skip
        self.extra_task_spec = {
            "resources": {"Limits": limits},
            "networks": [{"Target": learner(user)}],
            "restart_policy": RestartPolicy("none"),  # the hub starts servers, nobody else
        }
        self.extra_placement_spec = {"constraints": [f"node.id=={self.nodes[user]}"]}
        self.extra_endpoint_spec = {"mode": "dnsrr"}  # the task's own address, no virtual one
        self.extra_create_kwargs = {"labels": marks}
        return await SwarmSpawner.create_object(self)

    async def start_object(self) -> None:
        """Wait until the server runs; unlike `SwarmSpawner`, not for what will never be."""
        began = time.monotonic()
        while True:
            task = await self.get_task() or {"Status": {"State": "remove"}}
            state, why = task["Status"]["State"], task["Status"].get("Err", "")
            if state == "running":
                return
            placed = bool(task.get("NodeID"))
            if state in ENDED or (not placed and time.monotonic() > began + PLACED):
                raise self.ended(f"{state} {why}")
            await asyncio.sleep(PAUSE)

    async def _said(self) -> str:
        task = await self.get_task() or {"Status": {}}
        return plain(task["Status"].get("Err", ""))

    async def get_ip_and_port(self) -> tuple[str, int]:
        """Return the task's own address: its name may not have reached the hub's node yet.

        The hub's resolver keeps an answer, also that there is none, for minutes.
        """
        task = await self.get_task() or {}
        for joined in task.get("NetworksAttachments") or []:
            if joined["Network"]["Spec"]["Name"] == self.network_name:
                return joined["Addresses"][0].partition("/")[0], self.port
        raise RuntimeError(f"the server of {self.user.name} has no address")

    async def remove_object(self) -> None:
        """Remove the service, and wait until its container has left the disk to the next one."""
        service = self.object_id
        await super().remove_object()
        deadline = time.monotonic() + GONE
        while time.monotonic() < deadline:
            if not [one for one in await self.docker("tasks") if one["ServiceID"] == service]:
                return
            await asyncio.sleep(PAUSE)
        raise RuntimeError(f"the server of {self.user.name} does not end")

"""A learner's container: JupyterLab and an engine, in a user namespace and never privileged."""

from __future__ import annotations

import asyncio
import contextlib

from docker.errors import APIError
from dockerspawner import DockerSpawner
from traitlets import Int, Unicode, default

from ...engine import labels
from ...messages import speaking
from ...text import plain
from ..names import DISK, RUNTIME, learner
from ..settings import ClassroomError
from .system_calls import profile

# What the engine inside needs *in its own user and network namespace*: to mount, to make bridges
# and rules, and to take up the network of a process that runs as another user (`USER` in a
# Dockerfile). On the host none of them gives a right to anything.
RIGHTS = ["SYS_ADMIN", "NET_ADMIN", "SYS_PTRACE"]
# AppArmor's profile for containers forbids every mount.
SECURITY = ["apparmor=unconfined", f"seccomp={profile()}"]
# Paths below /proc that Docker hides have to be in sight (`--security-opt systempaths=unconfined`),
# or the kernel lets nobody mount a /proc inside. What is dangerous there belongs to the host's
# root, who is not in the container.
PATHS = {"MaskedPaths": [], "ReadonlyPaths": []}
BETWEEN = 0.3  # seconds between two looks at a server that starts


class LearnerSpawner(DockerSpawner):
    """Starts the container of one learner; its disk and its network were made with the class."""

    pids = Int(help="processes and threads that a learner gets").tag(config=True)
    language = Unicode("en", help="in which the hub speaks").tag(config=True)

    words = "classroom.ended"  # message key of a server that ended while it started

    @default("cmd")
    def _cmd(self) -> list[str]:
        return ["/enter"]

    def get_args(self) -> list[str]:
        return []  # everything is said by the environment

    @property
    def network_name(self) -> str:  # type: ignore[override]
        return learner(self.user.name)

    async def start(self) -> tuple[str, int]:
        """Start the container; return where it listens as soon as it does, not before.

        JupyterHub itself would wait ten minutes for a container that has ended.

        Raises
        ------
        ClassroomError: it ended; the message holds the end of what it printed.
        """
        place = await super().start()
        while await self.poll() is None:
            if await _listens(*place):
                return place
            await asyncio.sleep(BETWEEN)
        raise self.ended(await self._said())

    def ended(self, tail: str) -> ClassroomError:
        """Return the error of a server that ended, with words for the learner's page."""
        with speaking(self.language):
            error = ClassroomError(self.words, tail=tail)
            error.jupyterhub_message = str(error)
        return error

    async def _said(self) -> str:
        with contextlib.suppress(APIError):
            printed = await self.docker("logs", self.container_id, tail=5)
            return plain(printed.decode(errors="replace"))
        return ""

    async def create_object(self) -> dict:
        name = learner(self.user.name)
        self.volumes = {name: DISK}
        self.extra_create_kwargs = {
            "labels": labels.make(role="learner"),
            "host_config": PATHS,
            "hostname": "classroom",
        }
        self.extra_host_config = {
            "cap_add": RIGHTS,
            "security_opt": SECURITY,
            "runtime": RUNTIME,
            "pids_limit": self.pids,
            "memswap_limit": self.mem_limit,  # the same: no swap
            "auto_remove": False,  # what a server said before it ended is still wanted
            "read_only": True,
            "tmpfs": {"/run": "size=64m", "/tmp": "size=16m"},
            "shm_size": "64m",
        }
        return await super().create_object()


async def _listens(address: str, port: int) -> bool:
    """Whether somebody takes a connection there."""
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(address, port), 2)
    except OSError:  # a TimeoutError is one, too
        return False
    writer.close()
    return True

"""A learner's container: JupyterLab and an engine, in a user namespace and never privileged."""

from __future__ import annotations

from dockerspawner import DockerSpawner
from traitlets import Int, default

from ...engine import labels
from ..names import DISK, RUNTIME, learner
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


class LearnerSpawner(DockerSpawner):
    """Starts the container of one learner; its disk and its network were made with the class."""

    pids = Int(help="processes and threads that a learner gets").tag(config=True)

    @default("cmd")
    def _cmd(self) -> list[str]:
        return ["/enter"]

    def get_args(self) -> list[str]:
        return []  # everything is said by the environment

    @property
    def network_name(self) -> str:  # type: ignore[override]
        return learner(self.user.name)

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
            "read_only": True,
            "tmpfs": {"/run": "size=64m", "/tmp": "size=16m"},
            "shm_size": "64m",
        }
        return await super().create_object()

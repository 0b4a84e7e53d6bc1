"""The hub's configuration for a class on a Swarm: as for one machine, but for the spawner."""

import json
from pathlib import Path

from helpers.classroom.hub.swarm_spawner import SwarmLearnerSpawner
from helpers.classroom.names import CLASS, DNS

c = c  # type: ignore[name-defined]  # noqa: F821
load_subconfig("config.py", str(Path(__file__).parent))  # type: ignore[name-defined]  # noqa: F821
swarm = json.loads((CLASS / "swarm.json").read_text())

c.JupyterHub.spawner_class = SwarmLearnerSpawner
c.LearnerSpawner.pull_policy = "skip"
# By its ID: nobody asks a registry for it, and every node runs the very same.
c.LearnerSpawner.image = swarm["image"]
c.LearnerSpawner.environment = {**c.LearnerSpawner.environment, DNS: swarm["dns"]}
c.SwarmLearnerSpawner.class_name = swarm["name"]
c.SwarmLearnerSpawner.nodes = {user: place["id"] for user, place in swarm["places"].items()}

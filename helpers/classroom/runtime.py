"""runc for a learner's container, whose engine inside needs two things that Docker does not give.

``python -S runtime.py /path/of/runc ARGUMENTS``: Docker calls it in runc's place (*runtimes* in
https://docs.docker.com/reference/cli/dockerd/). When a container is created it

- mounts its sysfs without ``ro``. The kernel lets nobody in a user namespace mount a sysfs that
  can be written unless the one in sight can (``mount_too_revealing`` in fs/namespace.c), and
  privileged containers of the engine inside want one. Docker gives such a sysfs with
  ``--privileged`` only, and refuses that together with user namespaces. Nothing is handed on: its
  files belong to the host's root, who is not in the container, except those of the container's
  own network;
- hands the container's control group on, below its limits (`helpers.classroom.cgroups`).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from helpers.classroom.cgroups import delegate

__all__ = ["main"]


def main(arguments: list[str]) -> int:
    """Become runc; if it is to create a container, do the two things before and after."""
    if "create" not in arguments:
        os.execv(arguments[0], arguments)
    file = Path(arguments[arguments.index("--bundle") + 1], "config.json")
    config = json.loads(file.read_text())
    for mount in config["mounts"]:
        if mount["destination"] == "/sys":
            mount["options"] = [option for option in mount["options"] if option != "ro"]
    file.write_text(json.dumps(config))
    made = subprocess.run(arguments, close_fds=False, check=False).returncode
    if made == 0:
        linux = config["linux"]
        delegate(linux["cgroupsPath"].strip("/"), linux["uidMappings"][0]["hostID"])
    return made


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""What runs in a learner's container: an engine, the learner's notebooks, JupyterLab."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from ... import bases, engine
from ...engine.patience import until
from ...errors import CourseError
from ...lab import server
from ...lab.workcopy import WorkCopy
from ...paths import WORK, home, writable
from ..cgroups import ENGINES
from ..names import DISK, DNS

START = 60  # seconds until the engine must answer
SOCKET = Path("/var/run/docker.sock")
NAME_SERVER = "10.0.2.3"  # of the class's engine; Docker's own, 127.0.0.11, stops at this container
HUB = ("JUPYTERHUB_", "JPY_", "JUPYTER_IMAGE")  # what the hub says to the server


def main() -> int:
    """Start the engine, then become JupyterLab."""
    _engine()
    daemon = engine.connect()
    bases.busybox(daemon)
    WorkCopy().update()
    folder = writable(home() / "jupyter")
    variables = server.environment(folder, daemon.environment())
    variables |= {k: v for k, v in os.environ.items() if k.startswith(HUB)}
    server.configure(writable(WORK), folder, server.OVERRIDES)
    daemon.close()
    os.chdir(WORK)
    command = [sys.executable, "-m", "jupyterhub.singleuser", "--allow-root"]
    os.execve(command[0], command, variables)


def _engine() -> None:
    settings = {
        "data-root": f"{DISK}/docker",
        "hosts": [f"unix://{SOCKET}"],
        "group": "root",
        "storage-driver": "overlay2",
        "features": {"containerd-snapshotter": False},
        "cgroup-parent": f"/{ENGINES}/own",
        "exec-opts": ["native.cgroupdriver=cgroupfs"],
        "dns": [os.environ.get(DNS) or NAME_SERVER],
        "log-opts": {"max-size": "10m", "max-file": "2"},
    }
    file = Path("/etc/docker/daemon.json")
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(settings))
    for stale in ("/run/docker.pid", "/run/docker/containerd/containerd.pid"):
        Path(stale).unlink(missing_ok=True)
    with Path("/var/log/dockerd.log").open("wb") as log:
        subprocess.Popen(["dockerd"], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                         start_new_session=True, cwd="/")  # fmt: skip
    until(_answers, START, "classroom.engine_waiting")


def _answers() -> bool:
    try:
        engine.connect(f"unix://{SOCKET}").close()
    except CourseError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())

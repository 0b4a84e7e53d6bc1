"""What a container definition asks for, handed to the daemon.

Wraps ``ministack.services.ecs._build_run_kwargs``, which knows command, environment, ports and
host mounts. What neither of the two hands on is refused when the task definition is registered
(`helpers.aws.inside.sizes`), so that nothing is ignored without a word.
"""

from __future__ import annotations

import threading
from typing import Any

from docker import errors, types
from ministack.services import ecs, ssm

from .settings import DOOR, LABELS, engine

__all__ = ["REFUSED", "bindings", "install", "options", "volume", "volumes_of"]

MIB = 1 << 20
SHARES = 1024  # of CPU, in one vCPU (ECS developer guide, "Task definition parameters")
# Members of a container definition that the local AWS does not act on.
REFUSED = (
    "credentialSpecs", "dependsOn", "disableNetworking", "dnsSearchDomains", "dnsServers",
    "dockerSecurityOptions", "extraHosts", "firelensConfiguration", "hostname", "links",
    "repositoryCredentials", "resourceRequirements", "restartPolicy", "startTimeout",
    "systemControls", "volumesFrom",
)  # fmt: skip
_building = threading.local()  # the task whose containers this thread starts


def install() -> None:
    """Put these into MiniStack's ECS."""
    ecs._build_run_kwargs = _whole(ecs._build_run_kwargs)
    ecs._attach_started_container = _noting(ecs._attach_started_container)
    ecs._start_task_worker = _remembering(ecs._start_task_worker)
    ssm.resolve_parameter_value = _plainly(ssm.resolve_parameter_value)


def bindings(container: Any) -> list[dict]:
    """Return ``networkBindings`` of a container that runs, as DescribeTasks has them."""
    found = []
    for inside, outside in (container.attrs["NetworkSettings"].get("Ports") or {}).items():
        port, _, protocol = inside.partition("/")
        for bound in outside or ():
            found.append({"bindIP": DOOR, "containerPort": int(port),
                          "hostPort": int(bound["HostPort"]), "protocol": protocol})  # fmt: skip
    return found


def volume(task: str, name: str) -> str:
    """Return the name of a task's own volume."""
    return f"lbl-aws-{task[:8]}-{name}"


def volumes_of(definition: dict) -> list[str]:
    """Return the names of a definition's volumes that live and die with the task."""
    return [one["name"] for one in definition.get("volumes") or []
            if not (one.get("host") or {}).get("sourcePath")]  # fmt: skip


def _remembering(original: Any) -> Any:
    def work(task: dict, definition: dict, *rest: Any) -> None:
        _building.task, _building.definition, _building.first = task, definition, None
        original(task, definition, *rest)

    return work


def _plainly(original: Any) -> Any:
    """A task gets the value of a SecureString, not what is stored of it."""

    def resolve(name: str, version: Any = None, decrypt: bool = True) -> Any:
        return original(name, version, decrypt)

    return resolve


def _whole(original: Any) -> Any:
    def build(cdef: dict, td: dict, env: dict, ports: dict, *rest: Any) -> dict:
        wanted = original(cdef, td, env, ports, *rest)
        wanted.update(options(cdef, td))
        task = _building.task["taskArn"].rpartition("/")[2]
        _volumes(wanted, cdef, td, task)
        shared = td.get("networkMode") == "awsvpc" and _building.first
        if shared:
            # containers of a task in awsvpc mode share one network interface, so one localhost
            for key in ("network", "ports", "extra_hosts"):
                wanted.pop(key, None)
            wanted["network_mode"] = f"container:{_building.first}"
        else:
            wanted["ports"] = _ports(td, cdef)
            wanted["linked"] = bool(td.get("taskRoleArn"))
        return wanted

    return build


def options(cdef: dict, td: dict) -> dict:
    linux = cdef.get("linuxParameters") or {}
    found: dict[str, Any] = {
        "entrypoint": cdef.get("entryPoint") or None,
        "user": cdef.get("user") or None,
        "working_dir": cdef.get("workingDirectory") or None,
        "read_only": bool(cdef.get("readonlyRootFilesystem")),
        "tty": bool(cdef.get("pseudoTerminal")),
        "stdin_open": bool(cdef.get("interactive")),
        "init": bool(linux.get("initProcessEnabled")),
        "ulimits": [
            types.Ulimit(name=one["name"], soft=one["softLimit"], hard=one["hardLimit"])
            for one in cdef.get("ulimits") or []
        ],
        "cap_drop": (linux.get("capabilities") or {}).get("drop") or None,
    }
    if cdef.get("dockerLabels"):
        found["labels"] = {**cdef["dockerLabels"], **LABELS}
    found.update(_limits(cdef, td))
    if check := cdef.get("healthCheck"):
        found["healthcheck"] = _check(check)
    return {key: value for key, value in found.items() if value}


def _limits(cdef: dict, td: dict) -> dict:
    """Memory and CPU: the container's own, and never more than the whole task has."""
    found: dict[str, Any] = {}
    whole = int(td["memory"]) if td.get("memory") else None
    hard = cdef.get("memory") or whole
    if hard:
        found["mem_limit"] = found["memswap_limit"] = min(hard, whole or hard) * MIB
    if cdef.get("memoryReservation"):
        found["mem_reservation"] = cdef["memoryReservation"] * MIB
    if cdef.get("cpu"):
        found["cpu_shares"] = max(2, int(cdef["cpu"]))
    if td.get("cpu"):
        most = engine().info()["NCPU"]
        found["nano_cpus"] = int(min(int(td["cpu"]) / SHARES, most) * 1e9)
    return found


def _check(asked: dict) -> dict:
    """A health check of ECS as the daemon's own; the defaults are those of the API reference."""
    second = 1_000_000_000
    command = asked.get("command") or ["NONE"]
    return {
        "test": command if command[0] in ("CMD", "CMD-SHELL", "NONE") else ["CMD", *command],
        "interval": asked.get("interval", 30) * second,
        "timeout": asked.get("timeout", 5) * second,
        "retries": asked.get("retries", 3),
        "start_period": asked.get("startPeriod", 0) * second,
    }


def _ports(td: dict, cdef: dict) -> dict[str, Any]:
    """Every port of the definition on 127.0.0.1; the host port is free to choose if none is given.

    A task in awsvpc mode has an address of its own. It is not one that the learner's machine
    reaches on every platform, so its ports are published as well, on ports that are free.
    """
    awsvpc = td.get("networkMode") == "awsvpc"
    found = {}
    for one in td["containerDefinitions"] if awsvpc else [cdef]:
        for mapping in one.get("portMappings") or []:
            host = 0 if awsvpc else mapping.get("hostPort") or 0
            protocol = mapping.get("protocol", "tcp")
            found[f"{mapping['containerPort']}/{protocol}"] = (DOOR, host or None)
    return found


def _volumes(wanted: dict, cdef: dict, td: dict, task: str) -> None:
    """Mount the volumes that a task's containers share while it lives."""
    own = volumes_of(td)
    binds = list(wanted.get("volumes") or [])
    for mount in cdef.get("mountPoints") or []:
        if mount.get("sourceVolume") not in own:
            continue
        name = volume(task, mount["sourceVolume"])
        try:
            engine().volumes.get(name)
        except errors.NotFound:
            engine().volumes.create(name, labels=LABELS)
        mode = "ro" if mount.get("readOnly") else "rw"
        binds.append(f"{name}:{mount['containerPath']}:{mode}")
    if binds:
        wanted["volumes"] = binds


def _noting(original: Any) -> Any:
    def attach(task: dict, container: Any, index: int, *rest: Any) -> Any:
        if getattr(_building, "first", None) is None:
            _building.first = container.id
        done = original(task, container, index, *rest)
        if done:
            container.reload()
            task["containers"][index]["networkBindings"] = bindings(container)
        return done

    return attach

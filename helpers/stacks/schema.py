"""Which keys a stack file may have, and what may stand under them.

After the Compose specification (https://github.com/compose-spec/compose-spec) as far as
``docker stack deploy`` of Engine 28 takes it (https://github.com/docker/cli, compose schema 3.13).
What this table lets through and the client does not is told by the client; `helpers.stacks.reading`
finds its line.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping

from .lines import Source, Spot

__all__ = ["check"]

# Kinds of values; a mapping of kinds is a table with exactly these keys, {"*": kind} any keys.
TEXT, NUMBER, FLAG, LIST, MAP, ANY = "text", "number", "flag", "list", "map", "any"
DURATION, SIZE, CPUS = "duration", "size", "cpus"
EITHER = "list_or_map"
LINE = "text_or_list"

_RATE = {
    "parallelism": NUMBER, "delay": DURATION, "failure_action": TEXT, "monitor": DURATION,
    "max_failure_ratio": ANY, "order": TEXT,
}  # fmt: skip
_DEPLOY = {
    "mode": TEXT, "endpoint_mode": TEXT, "replicas": NUMBER, "labels": EITHER,
    "update_config": _RATE, "rollback_config": _RATE,
    "resources": {
        "limits": {"cpus": CPUS, "memory": SIZE, "pids": NUMBER},
        "reservations": {"cpus": CPUS, "memory": SIZE, "generic_resources": LIST},
    },
    "restart_policy": {
        "condition": TEXT, "delay": DURATION, "max_attempts": NUMBER, "window": DURATION,
    },
    "placement": {
        "constraints": LIST, "preferences": LIST, "max_replicas_per_node": NUMBER,
    },
}  # fmt: skip
_SERVICE = {
    "image": TEXT, "command": LINE, "entrypoint": LINE, "hostname": TEXT, "domainname": TEXT,
    "environment": EITHER, "env_file": LINE, "networks": EITHER, "secrets": LIST, "configs": LIST,
    "volumes": LIST, "ports": LIST, "labels": EITHER, "user": ANY, "working_dir": TEXT,
    "init": FLAG, "read_only": FLAG, "stdin_open": FLAG, "tty": FLAG, "stop_grace_period": DURATION,
    "stop_signal": TEXT, "cap_add": LIST, "cap_drop": LIST, "dns": LINE, "dns_search": LINE,
    "extra_hosts": EITHER, "expose": LIST, "isolation": TEXT, "sysctls": EITHER, "tmpfs": LINE,
    "ulimits": MAP, "logging": MAP, "credential_spec": MAP,
    "healthcheck": {
        "test": LINE, "interval": DURATION, "timeout": DURATION, "retries": NUMBER,
        "start_period": DURATION, "start_interval": DURATION, "disable": FLAG,
    },
    "deploy": _DEPLOY,
    # of Compose, and without a meaning in a swarm; the client tells that it ignores them
    "build": ANY, "container_name": TEXT, "depends_on": EITHER, "restart": TEXT, "links": LIST,
    "external_links": LIST, "privileged": FLAG, "devices": LIST, "network_mode": TEXT, "pid": TEXT,
    "ipc": TEXT, "cgroup_parent": TEXT, "security_opt": LIST, "shm_size": SIZE, "mac_address": TEXT,
    "userns_mode": TEXT,
}  # fmt: skip
_OF_FILE = {"file": TEXT, "external": ANY, "name": TEXT, "labels": EITHER, "driver": TEXT,
            "driver_opts": MAP, "template_driver": TEXT}  # fmt: skip
_FILE = {
    "version": ANY, "name": TEXT,
    "services": {"*": _SERVICE},
    "networks": {"*": {
        "driver": TEXT, "driver_opts": MAP, "ipam": MAP, "external": ANY, "internal": FLAG,
        "attachable": FLAG, "labels": EITHER, "name": TEXT,
    }},
    "volumes": {"*": {"driver": TEXT, "driver_opts": MAP, "external": ANY, "labels": EITHER,
                      "name": TEXT}},
    "secrets": {"*": _OF_FILE},
    "configs": {"*": _OF_FILE},
}  # fmt: skip
_CHOICES = {
    "deploy.mode": ("replicated", "global", "replicated-job", "global-job"),
    "deploy.endpoint_mode": ("vip", "dnsrr"),
    "update_config.order": ("start-first", "stop-first"),
    "rollback_config.order": ("start-first", "stop-first"),
    "update_config.failure_action": ("pause", "continue", "rollback"),
    "rollback_config.failure_action": ("pause", "continue"),
    "restart_policy.condition": ("none", "on-failure", "any"),
}
_FORMS = {
    DURATION: re.compile(r"(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+|0"),
    SIZE: re.compile(r"\d+(\.\d+)?\s?([bkmgtp]|[kmgtp]i?b)?", re.IGNORECASE),
    CPUS: re.compile(r"\d+(\.\d+)?|\.\d+"),
}
_TYPES = {
    TEXT: (str, int, float), FLAG: (bool,), NUMBER: (int,), LIST: (list,), MAP: (dict,),
    EITHER: (list, dict), LINE: (str, list),
}  # fmt: skip


def check(source: Source, whole: Spot) -> None:
    """Raise for the first key or value of a file that a stack file cannot have.

    Raises
    ------
    ComposeFailed: an unknown key (a near one is suggested), a value of another kind, a word that
        is not among those that may stand there.
    """
    _table(source, whole, _FILE)


def _table(source: Source, spot: Spot, kinds: Mapping[str, object]) -> None:
    if spot.value is None:
        return
    if not isinstance(spot.value, dict):
        raise source.wrong(spot.line, spot.key, "kind.map")
    for name, found in spot.items():
        kind = kinds.get(name, kinds.get("*"))
        if kind is None and name.startswith("x-"):  # left to the author by the specification
            continue
        if kind is None:
            near = difflib.get_close_matches(name, kinds, n=1, cutoff=0.6)
            if near:
                raise source.wrong(found.line, found.key, "unknown_near", name=name, near=near[0])
            raise source.wrong(found.line, found.key, "unknown", name=name)
        _value(source, found, kind)


def _value(source: Source, spot: Spot, kind: object) -> None:
    if isinstance(kind, Mapping):
        _table(source, spot, kind)
        return
    value = spot.value
    # ${…} is filled in by the client
    if value is None or kind == ANY or (isinstance(value, str) and "${" in value):
        return
    if kind in _FORMS:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not (number or isinstance(value, str)) or not _FORMS[kind].fullmatch(str(value)):
            raise source.wrong(spot.line, spot.key, f"kind.{kind}", value=_short(value))
        if kind == DURATION and number and value:
            raise source.wrong(spot.line, spot.key, "kind.duration", value=_short(value))
        return
    is_flag = isinstance(value, bool)
    if not isinstance(value, _TYPES[kind]) or (is_flag and kind != FLAG):
        raise source.wrong(spot.line, spot.key, f"kind.{kind}", value=_short(value))
    if kind == NUMBER and value < 0:
        raise source.wrong(spot.line, spot.key, "negative", value=value)
    choices = _CHOICES.get(".".join(spot.key.split(".")[-2:]), ())
    if choices and str(value) not in choices:
        known = ", ".join(choices)
        raise source.wrong(spot.line, spot.key, "choice", value=_short(value), choices=known)


def _short(value: object) -> str:
    shown = "…" if isinstance(value, dict | list) else str(value)
    return shown if len(shown) <= 40 else f"{shown[:39]}…"

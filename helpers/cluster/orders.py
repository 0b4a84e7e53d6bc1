"""Orders to a manager about nodes and services, printed as a person would type them."""

from __future__ import annotations

from collections.abc import Callable

import docker

from ..errors import ClusterFailed, NotOurs
from ..text import plain
from . import swarm
from .electing import led
from .link import Link, asking

__all__ = ["Orders"]

TRIES = 5  # somebody else may have changed the same record at the same moment


class Orders:
    """What a manager is told. On a learner's own swarm it needs ``touch=True``."""

    link: Link
    names: tuple[str, ...]
    mine: bool
    touch: bool

    def drain(self, node: str) -> None:
        """Let a node have no more tasks; those it has go elsewhere."""
        self._available(node, "drain")

    def pause(self, node: str) -> None:
        """Let a node get no new tasks; those it has stay."""
        self._available(node, "pause")

    def activate(self, node: str) -> None:
        """Let a node get tasks again; none come back to it by themselves."""
        self._available(node, "active")

    def promote(self, node: str) -> None:
        """Make a worker a manager, and wait until it is one.

        Raises
        ------
        ClusterFailed: it never was; no such node; no leader.
        """
        self._role(node, "manager")

    def demote(self, node: str) -> None:
        """Make a manager a worker, and wait until it is one; errors as `promote`."""
        self._role(node, "worker")

    def label(self, node: str, **labels: str | None) -> None:
        """Give a node labels; one that is None is taken away."""
        gone = [key for key, value in labels.items() if value is None]
        new = {key: str(value) for key, value in labels.items() if value is not None}
        options = [f"--label-add {key}={value}" for key, value in new.items()]
        options += [f"--label-rm {key}" for key in gone]
        self._say(f"docker node update {' '.join(options)} {node}")

        def change(spec: dict) -> None:
            held = {**(spec.get("Labels") or {}), **new}
            spec["Labels"] = {key: value for key, value in held.items() if key not in gone}

        self._update_node(node, change)

    def scale(self, service: str, replicas: int) -> None:
        """Ask for so many replicas of a service; does not wait until they run.

        Raises
        ------
        ClusterFailed: no such service, or it is not one with replicas; no leader.
        """
        self._say(f"docker service scale --detach {service}={replicas}")

        def change(api: docker.APIClient) -> dict:
            row = api.inspect_service(service)
            if "Replicated" not in row["Spec"]["Mode"]:
                raise ClusterFailed("cluster.no_replicas", service=service)
            row["Spec"]["Mode"]["Replicated"]["Replicas"] = replicas
            return row

        self._update("services", change)

    def _available(self, node: str, availability: str) -> None:
        self._say(f"docker node update --availability {availability} {node}")
        self._update_node(node, lambda spec: spec.update(Availability=availability))

    def _role(self, node: str, role: str) -> None:
        self._say(f"docker node {'promote' if role == 'manager' else 'demote'} {node}")
        there = swarm.ready_now(self.link) if self.mine else []
        self._update_node(node, lambda spec: spec.update(Role=role))
        if self.mine:
            swarm.role_reached(self.link, node, role)
            if role == "worker":
                swarm.settled(self.link, there)

    def _update_node(self, node: str, change: Callable[[dict], object]) -> None:
        def changed(api: docker.APIClient) -> dict:
            row = self._row(api, node)
            change(row["Spec"])
            return row

        self._update("nodes", changed)

    def _update(self, kind: str, change: Callable[[docker.APIClient], dict]) -> None:
        """Read a record, change it and send it back, until nobody else changed it meanwhile."""

        def act(manager: str) -> None:
            for attempt in range(TRIES):
                with asking():
                    api = self.link.api(manager)
                    if _sent(api, kind, change(api), attempt):
                        return

        led(self.link, act)

    def _row(self, api: docker.APIClient, node: str) -> dict:
        rows = api.nodes()
        for row in rows:
            if node in (row["Description"].get("Hostname"), row["ID"]):
                return row
        known = ", ".join(sorted(plain(row["Description"].get("Hostname", "")) for row in rows))
        raise ClusterFailed("cluster.no_node", node=node, nodes=known)

    def _say(self, command: str) -> None:
        if not self.touch:
            raise NotOurs("cluster.not_touched")
        print(f"$ {plain(command)}", flush=True)


def _sent(api: docker.APIClient, kind: str, row: dict, attempt: int) -> bool:
    """Send a record back, whole: the SDK's own calls for it drop what they do not know.

    Returns False if somebody changed it meanwhile, and it is to be read and changed again.
    """
    url = api._url(f"/{kind}/{{0}}/update", row["ID"])
    try:
        answer = api._post_json(url, data=row["Spec"], params={"version": row["Version"]["Index"]})
        api._raise_for_status(answer)
    except docker.errors.APIError as error:
        if "out of sequence" in str(error) and attempt + 1 < TRIES:
            return False
        raise
    return True

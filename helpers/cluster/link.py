"""Connections to the engines of nodes, kept open and shared; and which manager to ask."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator

import docker
import requests
import urllib3

from ..containers.own import refused
from ..engine import Engine
from ..errors import ClusterFailed, CourseError, EngineLost
from ..text import plain
from . import dial
from .own import Member, members

__all__ = ["LEADERLESS", "Link", "asking", "leaderless", "linked"]

ANSWER = 60  # seconds for a node's engine to answer
CHECK = 4.0  # seconds for a manager to show that it follows a leader
ELECTION = 90.0  # seconds for managers that can elect a leader to do so; they take 10 to 20
PAUSE = 0.3  # seconds between two rounds of asking them
FRESH = 1.0  # seconds for which a manager that did is not asked again
# What a manager says that has no leader, and what it says when a change found no majority.
LEADERLESS = ("does not have a leader", "a majority of managers", "context deadline exceeded",
              "lost quorum", "lost leader status")  # fmt: skip
_AWAY = (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError)


class Link:
    """What leads to the engines of a cluster.

    Parameters
    ----------
    engine: the daemon that holds the nodes; or, with no ``containers``, a manager itself.
    containers: the container of each node, by the node's name.
    lesson: whose nodes these are.
    """

    def __init__(self, engine: Engine, containers: dict[str, str], lesson: str = "") -> None:
        self.engine = engine
        self.lesson = lesson
        self.containers = containers
        self._apis: dict[str, docker.APIClient] = {}
        self._lock = threading.Lock()
        self._manager = ""
        self._checked = 0.0

    def url(self, node: str) -> str:
        """Return the address of a node's engine, for the docker client.

        Raises
        ------
        ClusterFailed: there is no such node.
        """
        if not self.containers:
            return self.engine.endpoint.url
        if node not in self.containers:
            raise ClusterFailed("cluster.no_node", node=node, nodes=", ".join(self.containers))
        return dial.url(self.engine, self.containers[node])

    def api(self, node: str) -> docker.APIClient:
        """Return the connection to a node's engine.

        Raises
        ------
        ClusterFailed: there is no such node, or its engine does not answer.
        """
        if not self.containers:
            return self.engine.client.api
        with self._lock:
            if found := self._apis.get(node):
                return found
            try:
                made = docker.APIClient(self.url(node), version="auto", timeout=ANSWER)
            except (docker.errors.DockerException, *_AWAY) as error:
                reason = plain(error).splitlines()[0][:200]
                raise ClusterFailed("cluster.node_silent", node=node, reason=reason) from None
            self._apis[node] = made
            return made

    def manager(self) -> str:
        """Return the name of a manager that follows a leader: the same one as long as it does.

        While those that are left can still elect a leader, it is waited for.

        Raises
        ------
        ClusterFailed: none does: the managers that are left are no majority, or none is left.
        """
        if not self.containers:
            return ""
        if self._manager and time.monotonic() - self._checked < FRESH:
            return self._manager
        deadline = time.monotonic() + ELECTION
        while True:
            reached = {one.name: one for one in self._reached()}
            waiting = []
            for node in sorted(reached, key=lambda name: name != self._manager):
                state = self._state(node)
                if state == "led":
                    self._manager, self._checked = node, time.monotonic()
                    return node
                if state == "leaderless":
                    waiting.append(node)
            if not waiting:
                raise ClusterFailed("cluster.no_manager")
            addresses = {one.address for one in reached.values()}
            if time.monotonic() > deadline or not self._majority(waiting[0], addresses):
                raise ClusterFailed("cluster.no_quorum")
            time.sleep(PAUSE)

    def _reached(self) -> list[Member]:
        """The nodes that run and are on the network: one that is cut may think that it leads."""
        found = members(self.engine, self.lesson)
        return [one for one in found if one.runs and one.address and one.name in self.containers]

    def _state(self, node: str) -> str:
        try:
            api = self.api(node)
            answer = api.get(api._url("/nodes"), timeout=CHECK)
        except requests.exceptions.Timeout:
            return "leaderless"  # it waits for one
        except (CourseError, docker.errors.DockerException, *_AWAY):
            return "away"
        if answer.status_code == 200:
            return "led"
        return "leaderless" if leaderless(answer.text) else "worker"

    def _majority(self, manager: str, addresses: set[str]) -> bool:
        """Whether enough of the managers that this one knows can be reached to elect a leader."""
        try:
            swarm = self.api(manager).info()["Swarm"]
        except (CourseError, docker.errors.DockerException, *_AWAY):
            return True  # it is just going: those that are left are asked next
        known = [peer["Addr"].rpartition(":")[0] for peer in swarm.get("RemoteManagers") or []]
        return not known or 2 * sum(peer in addresses for peer in known) > len(known)

    def doubt(self) -> None:
        """Ask anew which manager follows a leader, before the next call."""
        self._checked = 0.0

    def forget(self) -> None:
        """Close the connections; they are opened again when they are needed."""
        with self._lock:
            for api in self._apis.values():
                api.close()
            self._apis.clear()
        self._manager, self._checked = "", 0.0


def leaderless(said: str) -> bool:
    """Whether these are words of a manager without a leader."""
    return any(words in said.lower() for words in LEADERLESS)


@contextlib.contextmanager
def asking(node: str = "") -> Iterator[None]:
    """Turn what goes wrong while asking a manager or a node into the course's errors.

    Raises
    ------
    ClusterFailed: there is no leader; or the engine refused, with its own words.
    EngineLost: the engine went away.
    """
    try:
        yield
    except docker.errors.APIError as error:
        reason = plain(refused(error))
        if leaderless(reason):
            raise ClusterFailed("cluster.no_quorum") from None
        raise ClusterFailed("cluster.refused", reason=reason) from None
    except _AWAY as error:
        if node:
            reason = plain(error).splitlines()[0][:200] if str(error) else type(error).__name__
            raise ClusterFailed("cluster.node_silent", node=node, reason=reason) from None
        raise EngineLost("engine.lost", reason=plain(error)[:200]) from None


_links: dict[tuple[str, str], Link] = {}


def linked(engine: Engine, lesson: str, containers: dict[str, str]) -> Link:
    """Return the link of a lesson's cluster: one for all that ask in this process."""
    key = (engine.endpoint.url, lesson)
    found = _links.get(key)
    if found is None or found.containers != containers or found.engine is not engine:
        found = _links[key] = Link(engine, containers, lesson)
    return found

"""An application of several services, run with Compose: up, looked at, scaled, taken down."""

from __future__ import annotations

import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from .. import bases
from ..engine import Engine, connect
from ..engine.patience import until
from ..errors import EngineFailed, NotFound
from ..messages import text
from ..text import plain
from .client import Answer, environment_of, invoke
from .compose_file import read
from .failures import failure, taken
from .projects import Member, members, volumes

__all__ = ["Application", "application"]

UP = 180.0  # seconds for all services to run and be healthy
LIMIT = 60.0  # seconds for other commands
REPLY = 20.0  # seconds for a service to answer
TRIES = 5  # a port that is free inside an engine's network may be taken outside


class Folder(Protocol):
    """Where a compose file lies: a `helpers.scenarios.Scenario`."""

    @property
    def folder(self) -> Path: ...
    @property
    def shown(self) -> str: ...


@dataclass(frozen=True)
class Application:
    """An application as its compose file describes it. Each method prints its docker command.

    Fields
    ------
    project: its name.
    place: the folder of the compose file; the file is read anew by `up`.
    """

    project: str
    place: Folder = field(repr=False)
    engine: Engine = field(repr=False, compare=False)

    def _ipython_display_(self) -> None:
        """Show nothing below a cell."""

    def up(self, **scale: int) -> None:
        """Start what does not run, wait until all is healthy, and print what then runs.

        Parameters
        ----------
        **scale: how many containers of a service: ``web=3``.

        Raises
        ------
        NotFound: an image is missing; or no compose, no docker client.
        ComposeFailed: the file is wrong; the message names the line.
        ContainerFailed: a port is taken, or a service ended or did not get healthy.
        TimedOut, EngineLost: as for `helpers.components.docker`.
        """
        _ready(self.place, self.engine)
        words = ["up", "--detach", "--wait"]
        for service, count in scale.items():
            words += ["--scale", f"{service}={count}"]
        self._say(*words)
        for attempt in range(1, TRIES + 1):
            done = self._compose(*words, limit=UP)
            if not done.exit_code:
                break
            port = taken(done.output)
            fixed = read(self.place.folder, self._environment).fixed
            if port is None or port in fixed or attempt == TRIES:
                raise failure(self.engine, done.output, self.project)
        self._show()

    def ps(self) -> None:
        """Print its containers, their state, and where they are published."""
        self._say("ps")
        self._show(ports=True)

    def logs(self, service: str) -> Answer:
        """Print what the containers of a service wrote, each line with who wrote it."""
        self._say("logs", service)
        done = self._done("logs", "--no-color", service)
        # Compose mixes the containers as their lines come in
        lines = sorted(done.output.splitlines(), key=lambda line: line.partition("|")[0])
        shown = "\n".join(line.rstrip() for line in lines)
        print(shown)
        return Answer(shown, 0)

    def restart(self, service: str) -> None:
        """Restart the containers of a service, and wait until they are healthy again."""
        self._say("restart", service)
        self._done("restart", service)
        until(lambda: self._well(service), UP, "components.waiting_health", name=service)
        self._show()

    def ask(self, path: str = "/", *, service: str = "web", number: int = 1) -> Answer:
        """Ask a service for a page, as a browser on this machine would; print and return it.

        Parameters
        ----------
        number: which of its containers.

        Raises
        ------
        NotFound: it has no such container, or that is not published.
        EngineFailed: the daemon is on another machine, so its 127.0.0.1 is not this one's.
        TimedOut: it did not answer.
        """
        if self.engine.endpoint.remote:
            raise EngineFailed("registry.remote")
        address = next(
            (
                place
                for one in self.members()
                if (one.service, one.number) == (service, number)
                for place in one.ports.values()
            ),
            None,
        )
        if address is None:
            raise NotFound("components.not_published", service=service, number=number)
        print(f"$ curl http://{address}{plain(path)}")
        body = until(
            lambda: _page(f"http://{address}{path}"), REPLY, "components.waiting_page",
            name=service,
        )  # fmt: skip
        print(body, end="" if body.endswith("\n") else "\n")
        return Answer(body, 0)

    def down(self, *, volumes: bool = False) -> None:
        """Remove its containers and its network; its volumes only if they are asked for."""
        words = ["down", *(["--volumes"] if volumes else [])]
        self._say(*words)
        self._done(*words)
        left = [text("components.left", name=name) for name in self.volumes()]
        print("\n".join([text("components.down"), *left]))

    def members(self) -> tuple[Member, ...]:
        """Return its containers, by service and number."""
        return members(self.engine, self.project)

    def volumes(self) -> tuple[str, ...]:
        """Return the names of its volumes."""
        return volumes(self.engine, self.project)

    def _well(self, service: str) -> bool:
        mine = [one for one in self.members() if one.service == service]
        return all(one.state == "running" and one.health in ("", "healthy") for one in mine)

    def _show(self, *, ports: bool = False) -> None:
        found = self.members()
        wide = max((len(one.name) for one in found), default=0)
        for one in found:
            state = f"{one.state}, {one.health}" if one.health else one.state
            places = [f"  {place} → {inside}" for inside, place in sorted(one.ports.items())]
            print(f"{one.name:<{wide}}  {state}{''.join(places) if ports else ''}")
        if not found:
            print(text("components.nothing_runs"))

    def _say(self, *words: str) -> None:
        print(f"{plain(self.place.shown)} $ docker compose {plain(' '.join(words))}", flush=True)

    @property
    def _environment(self) -> dict[str, str]:
        return _environment(self.engine)

    def _compose(self, *words: str, limit: float = LIMIT) -> Answer:
        return invoke(["compose", *words], self._environment, limit, self.place.folder)

    def _done(self, *words: str) -> Answer:
        done = self._compose(*words)
        if done.exit_code:
            raise failure(self.engine, done.output, self.project)
        return done


def application(place: Folder, engine: Engine | None = None) -> Application:
    """Take the application of a folder's compose file, with nothing left of an earlier run.

    Containers, network and volumes that an earlier run made are removed, so that a lesson's cells
    tell the same story again; base images of the course that it names are made if they are missing.

    Parameters
    ----------
    place: a scenario, ``scenarios.start("06.visits")``.

    Raises
    ------
    NotFound: no docker client, no compose, no compose file.
    ComposeFailed: the file is wrong (the message names the line), or the application is called
        something else than ``lbl-<lesson>-…``.
    ContainerFailed: it would publish a port to other machines.
    EngineLost, DownloadFailed: as for `helpers.bases`.
    """
    engine = engine or connect()
    project = _ready(place, engine)
    found = Application(project, place, engine)
    if found.members() or found.volumes():
        found._done("down", "--volumes", "--remove-orphans", "--timeout", "2")
    return found


def _ready(place: Folder, engine: Engine) -> str:
    """Check the compose file, make the base images that it names, and return the project."""
    found = read(place.folder, _environment(engine))
    for image in found.images.values():
        if image in bases.MAKERS:
            bases.MAKERS[image](engine)
    return found.project


def _environment(engine: Engine) -> dict[str, str]:
    """Return the environment for Compose, without what the user's own says about projects."""
    found = {k: v for k, v in environment_of(engine).items() if not k.startswith("COMPOSE_")}
    return found | {"COMPOSE_ANSI": "never", "COMPOSE_PROGRESS": "plain"}


def _page(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return plain(answer.read(10_000).decode(errors="replace"))
    except urllib.error.HTTPError as error:  # an answer, too
        return plain(error.read(10_000).decode(errors="replace"))
    except (OSError, ValueError):
        return ""

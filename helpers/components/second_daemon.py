"""A second daemon, and a context that leads to it: one client, two engines.

The daemon is a private engine of the course (`helpers.engine.Private`), so it needs Linux and root.
The context lies in the course's own DOCKER_CONFIG. Both are journalled when they are made and
removed by their exact names; no context of the learner's and no default is touched.
"""

from __future__ import annotations

import platform
from dataclasses import dataclass, field

import docker as sdk

from ..engine import Engine, Private, connect, journal
from ..engine.patience import patient
from ..engine.private import reasons_against
from ..errors import CourseError, EngineFailed, NotOurs
from ..messages import text
from ..text import plain
from . import client
from .client import Answer, environment_of, invoke
from .copying import copy

__all__ = ["CONTEXT", "Second", "forget", "running", "second"]

CONTEXT = "lbl-06-second"
NAME = "second"  # of the private engine
KIND, ENGINE = "context", "engine"  # in the journal
LIMIT = 60.0  # seconds for a command of the client


@dataclass(frozen=True)
class Second:
    """A second daemon, or what stands in for it where none can run.

    Fields
    ------
    context: the name of the context that leads to it.
    first: the daemon that commands without a context go to.
    engine: the connection to the second one; None if none can run here. Its commands are then only
        printed.
    """

    context: str
    first: Engine = field(repr=False, compare=False)
    engine: Engine | None = field(repr=False, compare=False)

    def docker(self, command: str) -> Answer:
        """Run the docker client with ``--context``; print the command and what it says.

        Raises
        ------
        EngineNotFound: the daemon that the context leads to does not answer.
        NotFound, ContainerFailed, TimedOut: as for `helpers.components.docker`.
        """
        if self.engine is None:
            print(f"$ docker --context {self.context} {plain(command)}")
            print(text("components.not_run"))
            return Answer("", 0)
        return client.docker(command, context=self.context, engine=self.first)

    def send(self, image: str) -> None:
        """Hand an image of the first daemon to this one: ``docker save … | docker load``.

        Raises
        ------
        NotFound: the first daemon has no such image.
        EngineFailed: one of the two commands failed.
        """
        print(f"$ docker save {plain(image)} | docker --context {self.context} load", flush=True)
        if self.engine is None:
            print(text("components.not_run"))
            return
        print(copy(self.first, image, self.context))

    def _ipython_display_(self) -> None:
        """Show nothing below a cell: `second` has printed what there is to see."""


def second(*, empty: bool = False, engine: Engine | None = None, lesson: str = "06") -> Second:
    """Start a second daemon and make a context for it; print the `docker context create` line.

    Where no second daemon can run, this says why, and what is returned prints its commands only.

    Parameters
    ----------
    empty: remove what an earlier run of the lesson left in it.
    engine: the first daemon; the second one is of its version and image store if that is the
        course's, else the course's newest.
    lesson: the lesson whose clean-up removes both.

    Raises
    ------
    EngineFailed: the second daemon did not start.
    NotOurs: a context of its name exists that the course did not make.
    NotFound: the docker client is not installed.
    """
    engine = engine or connect()
    if reasons := reasons_against():
        print(text("components.no_second", reason=text(f"{reasons[0]}.why", system=_system())))
        return Second(CONTEXT, engine, None)
    private = _private(engine)
    if not private.running:
        # written down first: what is not in the journal is not removed
        journal.record(ENGINE, private.name, engine, lesson)
        private.start()
    found = connect(private.url)
    if empty:
        _empty(found)
    print(f"$ docker context create {CONTEXT} --docker host=unix://…/docker.sock", flush=True)
    _lead(engine, private.url, lesson)
    print(text("components.context_made", name=CONTEXT))
    return Second(CONTEXT, engine, found)


def running(engine: Engine) -> Engine | None:
    """Return the second daemon beside this one if it runs; it is not started."""
    private = _private(engine)
    return connect(private.url) if private.running else None


def forget(engine: Engine, lesson: str | None = None) -> int:
    """Remove the contexts and second daemons that the journal names, each by its exact name.

    Returns how many contexts were removed.

    Parameters
    ----------
    lesson: only those of one lesson.
    """
    gone = 0
    for entry in journal.entries(engine, KIND):
        if lesson in (None, entry.lesson):
            words = ["context", "rm", "--force", entry.id]
            try:
                gone += not invoke(words, environment_of(engine), LIMIT).exit_code
            except CourseError:  # no client any more: the rest goes all the same
                continue
            journal.forget([entry])
    for entry in journal.entries(engine, ENGINE):
        if lesson in (None, entry.lesson):
            private = Private.existing(entry.id)
            if private.running:
                connect(private.url).close()  # the connection that this process may still hold
            private.remove()
            journal.forget([entry])
    return gone


def _system() -> str:
    return platform.system()


def _private(engine: Engine) -> Private:
    """Return the second engine: like the first one, and with a name that tells whose it is."""
    first = engine.private
    if first is None:
        return Private(NAME)
    # two engines under test at the same time must not share their second one
    name = NAME if first.name == "course" else f"{first.name}-2"
    return Private(name, first.flavour, first.store)


def _empty(engine: Engine) -> None:
    """Remove everything from the second daemon, which is the course's as a whole."""
    with patient(engine, LIMIT) as api:
        for container in api.containers(all=True):
            api.remove_container(container["Id"], force=True, v=True)
        for image in api.images():
            for name in image.get("RepoTags") or [image["Id"]]:
                try:
                    api.remove_image(name, force=True)
                except sdk.errors.ImageNotFound:
                    continue


def _lead(engine: Engine, url: str, lesson: str) -> None:
    """Make the context, or lead the one that the course made before to ``url``."""
    environment = environment_of(engine)
    there = not invoke(["context", "inspect", CONTEXT], environment, LIMIT).exit_code
    if there and CONTEXT not in {entry.id for entry in journal.entries(engine, KIND)}:
        raise NotOurs("components.taken_context", name=CONTEXT)
    journal.record(KIND, CONTEXT, engine, lesson)
    verb = "update" if there else "create"
    words = ["context", verb, CONTEXT, "--docker", f"host={url}"]
    done = invoke(words, environment, LIMIT)
    if done.exit_code:
        raise EngineFailed("components.client_failed", reason=done.output.strip())

"""Start the registry, push to it, pull from it, stop it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import docker

from ..engine import Engine, connect, labels, talking
from ..engine.patience import patient, until
from ..errors import CourseError, EngineFailed, NoSpace, NotFound, NotOurs
from ..messages import text
from ..text import plain
from . import client
from .client import Manifest
from .image import NAME, PORT, make

__all__ = ["Pulled", "Pushed", "Registry", "start"]

CONTAINER = "lbl-registry"
START = 30  # seconds until the registry must answer
ANSWER = 60  # seconds for the daemon to make, start or remove the container
MOVE = 300  # seconds without a word from the daemon while it pushes or pulls
TRIES = 5  # a port that is free inside an engine's network may be taken outside


@dataclass(frozen=True)
class Pushed:
    """What a push sent: of how many layers, how many the registry did not hold yet.

    ``manifest`` is what the registry then held under the name; its digest is not the same on every
    engine.
    """

    name: str
    layers: int
    sent: int
    manifest: Manifest = field(repr=False)

    def _ipython_display_(self) -> None:
        """Show nothing below a cell: `Registry.push` has printed it."""

    def __str__(self) -> str:
        key = f"registry.pushed.{'one' if self.layers == 1 else 'many'}"
        return text(key, name=self.name, layers=self.layers, sent=self.sent)


@dataclass(frozen=True)
class Pulled:
    """What a pull fetched: of how many layers, how many the engine did not hold yet."""

    name: str
    layers: int
    fetched: int

    def _ipython_display_(self) -> None:
        """Show nothing below a cell: `Registry.pull` has printed it."""

    def __str__(self) -> str:
        return text("registry.pulled", name=self.name, layers=self.layers, fetched=self.fetched)


@dataclass(frozen=True)
class Registry:
    """A registry that runs.

    Fields
    ------
    url: ``127.0.0.1:PORT``; what stands before the first ``/`` of an image's name there. The port
        is another one each time: use the value, do not print it.
    container: the container's name.
    """

    url: str = field(repr=False)
    container: str
    engine: Engine = field(repr=False, compare=False)

    def push(self, image: str) -> Pushed:
        """Push an image under the name that it has; print what was sent.

        ``lbl/notes:1`` is ``127.0.0.1:PORT/lbl/notes:1`` there. The second name that a push needs
        is given for the time of the push alone.

        Raises
        ------
        NotFound: no such image on the engine.
        EngineFailed: the registry refused it.
        EngineLost: daemon or registry went away.
        """
        repository, tag = _split(image)
        name = f"{self.url}/{repository}:{tag}"
        print(f"$ docker tag {plain(image)} {plain(name)}\n$ docker push {plain(name)}")
        held = self._held()
        api = self.engine.client.api
        with talking(self.engine):
            try:
                api.tag(image, f"{self.url}/{repository}", tag)
            except docker.errors.NotFound:
                raise NotFound("registry.no_image", name=image) from None
        try:
            with patient(self.engine, MOVE):
                lines = api.push(f"{self.url}/{repository}", tag, stream=True, decode=True)
                _settle(lines, image)
        finally:
            self._untag(f"{repository}:{tag}")
        manifest = self.manifest(f"{repository}:{tag}")
        digests = {blob.digest for blob in manifest.layers}
        done = Pushed(f"{repository}:{tag}", len(manifest.layers), len(digests - held), manifest)
        print(done)
        return done

    def pull(self, name: str) -> Pulled:
        """Pull ``repository:tag`` and give it that name again; print what was fetched.

        Raises
        ------
        NotFound: the registry has no such image.
        NotOurs: an image of that name exists that the course did not make.
        EngineFailed: the pull failed.
        EngineLost: daemon or registry went away.
        """
        repository, tag = _split(name)
        print(f"$ docker pull {plain(self.url)}/{plain(repository)}:{plain(tag)}")
        self.manifest(f"{repository}:{tag}")
        self._refuse_foreign(f"{repository}:{tag}")
        before = self._diff_ids()
        with patient(self.engine, MOVE) as api:
            lines = api.pull(f"{self.url}/{repository}", tag, stream=True, decode=True)
            _settle(lines, name)
            api.tag(f"{self.url}/{repository}:{tag}", repository, tag)
            found = api.inspect_image(f"{repository}:{tag}")["RootFS"].get("Layers") or []
        self._untag(f"{repository}:{tag}")
        done = Pulled(f"{repository}:{tag}", len(found), len(set(found) - before))
        print(done)
        return done

    def catalogue(self) -> list[str]:
        """Return ``repository:tag`` of everything in the registry, sorted."""
        return client.catalogue(self.url)

    def manifest(self, name: str) -> Manifest:
        """Return what the registry tells of ``repository:tag`` or ``repository@sha256:…``.

        Raises
        ------
        NotFound: the registry has no such image.
        EngineLost: it does not answer.
        """
        return client.manifest(self.url, name, self.engine.architecture)

    def stop(self) -> None:
        """Remove the registry's container with everything that was pushed to it."""
        with patient(self.engine, ANSWER) as api:
            _remove(api, self.container)

    def _held(self) -> set[str]:
        """Return the digests of all layers in the registry."""
        return {blob.digest for name in self.catalogue() for blob in self.manifest(name).layers}

    def _diff_ids(self) -> set[str]:
        with patient(self.engine, ANSWER) as api:
            found: set[str] = set()
            for image in api.images(quiet=True, all=True):
                try:
                    found |= set(api.inspect_image(image)["RootFS"].get("Layers") or [])
                except docker.errors.ImageNotFound:  # removed since it was listed
                    continue
        return found

    def _untag(self, name: str) -> None:
        with talking(self.engine):
            try:
                self.engine.client.api.remove_image(f"{self.url}/{name}", noprune=True)
            except docker.errors.ImageNotFound:
                return

    def _refuse_foreign(self, name: str) -> None:
        with talking(self.engine):
            try:
                found = self.engine.client.api.inspect_image(name)
            except docker.errors.ImageNotFound:
                return
        if not labels.ours((found.get("Config") or {}).get("Labels")):
            raise NotOurs("bases.not_ours", name=name)


def start(
    engine: Engine | None = None, *, empty: bool = False, lesson: str | None = None
) -> Registry:
    """Start a registry on a free port of 127.0.0.1, or return the one that runs.

    It is Debian's registry program in a container, its storage the container's writable layer: what
    was pushed goes when it is stopped.

    Parameters
    ----------
    empty: put an empty one in the place of one that runs, so that a lesson's pushes tell the same
        story again.
    lesson: the lesson whose clean-up removes it; without one it stays until everything is cleaned.

    Raises
    ------
    EngineFailed: the engine is on another machine, so its 127.0.0.1 is not this one's.
    NotOurs: a container or image of its name exists that the course did not make.
    TimedOut: it did not answer in time.
    DownloadFailed, EngineLost, NoSpace: as for `helpers.bases.busybox`.
    """
    engine = engine or connect()
    if engine.endpoint.remote:
        raise EngineFailed("registry.remote")
    if not empty and (found := _running(engine)) and client.ready(found):
        return Registry(found, CONTAINER, engine)
    make(engine)
    with patient(engine, ANSWER) as api:
        _remove(api, CONTAINER)
        made = api.create_container(
            NAME,
            name=CONTAINER,
            labels=labels.make(lesson, role="registry"),
            host_config=api.create_host_config(port_bindings={PORT: ("127.0.0.1", None)}),
        )["Id"]
        try:
            _start(api, made)
            url = _running(engine) or ""
            until(lambda: client.ready(url), START, "registry.waiting")
        except (CourseError, docker.errors.APIError, KeyboardInterrupt):
            _remove(api, made)
            raise
    return Registry(url, CONTAINER, engine)


def _start(api: docker.APIClient, identifier: str) -> None:
    for attempt in range(TRIES):
        try:
            api.start(identifier)
            return
        except docker.errors.APIError as error:
            taken = "already in use" in str(error) or "already allocated" in str(error)
            if not taken or attempt + 1 == TRIES:
                reason = plain(error.explanation or error)
                raise EngineFailed("registry.start", reason=reason) from None


def _running(engine: Engine) -> str | None:
    """Return where the course's registry listens, None if none runs."""
    with talking(engine):
        try:
            found = engine.client.api.inspect_container(CONTAINER)
        except docker.errors.NotFound:
            return None
    if not labels.ours(found["Config"].get("Labels")):
        raise NotOurs("containers.not_ours", name=CONTAINER)
    bound = (found["NetworkSettings"].get("Ports") or {}).get(f"{PORT}/tcp") or []
    return f"127.0.0.1:{bound[0]['HostPort']}" if bound and found["State"]["Running"] else None


def _remove(api: docker.APIClient, name: str) -> None:
    try:
        api.remove_container(name, force=True, v=True)
    except docker.errors.NotFound:
        return
    except docker.errors.APIError as error:
        if error.status_code != 409:  # it is being removed already
            raise
    gone = lambda: not api.containers(all=True, filters={"name": f"^/?{name}$"})  # noqa: E731
    until(gone, ANSWER, "containers.waiting_removal", name=name)


def _split(name: str) -> tuple[str, str]:
    repository, _, tag = name.partition(":")
    return repository, tag or "latest"


def _settle(lines: Iterable[dict], name: str) -> None:
    """Read a push or a pull to its end.

    Raises
    ------
    EngineFailed: the daemon told of an error.
    NoSpace: the disk of the registry or of the engine is full.
    """
    reasons = [str(line["error"]) for line in lines if "error" in line]
    if any("no space left on device" in reason for reason in reasons):
        raise NoSpace("engine.no_space")
    if reasons:
        raise EngineFailed("registry.refused", name=name, reason=reasons[0])

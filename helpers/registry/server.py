"""The registry's container: started, found again, removed."""

from __future__ import annotations

import io
import secrets
import tarfile
import time

import bcrypt
import docker

from ..engine import Engine, connect, labels, talking
from ..engine.patience import patient, until
from ..engine.starting import start_container
from ..errors import CourseError, EngineFailed, NotOurs
from . import client, logins
from .container import remove
from .image import HTPASSWD, NAME, PORT, STORAGE, make
from .shelf import Registry

__all__ = ["CONTAINER", "USER", "find", "start"]

CONTAINER = "lbl-registry"
USER = "learner"
START = 30  # seconds until the registry must answer
ANSWER = 60  # seconds for the daemon to make, start or remove the container
MODE = f"{labels.NAMESPACE}.registry"  # a label: what the running one was asked to be
GUARD = {
    "REGISTRY_AUTH": "htpasswd",
    "REGISTRY_AUTH_HTPASSWD_REALM": "layer-by-layer",
    "REGISTRY_AUTH_HTPASSWD_PATH": f"/{HTPASSWD}",
}


def start(
    engine: Engine | None = None,
    *,
    empty: bool = False,
    password: bool = False,
    room: str | None = None,
    lesson: str | None = None,
) -> Registry:
    """Start a registry on a free port of 127.0.0.1, or return the one that runs.

    It is Debian's registry program in a container, its storage the container's writable layer: what
    was pushed goes when it is stopped. One that runs and was started with another ``password`` or
    ``room`` is replaced.

    Parameters
    ----------
    empty: put an empty one in the place of one that runs, so that a lesson's pushes tell the same
        story again. What your engine pulled from the old one, and has by no other name, goes too.
    password: it answers nobody who has not logged in (`Registry.login`). The password is made
        anew at each start, and shown nowhere.
    room: how much it can store, as ``"1m"``; by default as much as the engine has.
    lesson: the lesson whose clean-up removes it; without one it stays until everything is cleaned.

    Raises
    ------
    EngineFailed: the engine is on another machine, so its 127.0.0.1 is not this one's; or the
        container did not start.
    NotOurs: a container or image of its name exists that the course did not make.
    TimedOut: it did not answer in time.
    DownloadFailed, EngineLost, NoSpace: as for `helpers.bases.busybox`.
    """
    engine = engine or connect()
    if engine.endpoint.remote:
        raise EngineFailed("registry.remote")
    mode = f"password={password} room={room or ''}"
    key = secrets.token_urlsafe(24) if password else None
    found = _running(engine, mode)
    if found and not empty and client.ready(found):
        if key:
            _protect(engine, CONTAINER, key)
        return Registry(found, CONTAINER, engine, USER if key else None, key, lesson)
    make(engine)
    old = found or _running(engine)  # in whatever mode
    with patient(engine, ANSWER) as api:
        logins.clean(engine)  # whoever logged in did so at the old one
        remove(api, CONTAINER)
        if old:
            _forget(api, old)
        made = _create(api, mode, room, lesson)
        try:
            if key:
                _protect(engine, made, key)
            start_container(api, made, "registry.start")
            url = _running(engine, mode) or ""
            until(lambda: client.ready(url), START, "registry.waiting")
        except (CourseError, docker.errors.APIError, KeyboardInterrupt):
            remove(api, made)
            raise
    return Registry(url, CONTAINER, engine, USER if key else None, key, lesson)


def find(engine: Engine | None = None) -> Registry | None:
    """Return the registry that runs, ``None`` if there is none; nothing is started.

    Raises
    ------
    NotOurs: a container of its name exists that the course did not make.
    EngineLost, EngineNotFound: as `helpers.engine.connect`.
    """
    engine = engine or connect()
    url = _running(engine)
    return (
        Registry(url, CONTAINER, engine, USER if logins.stored(engine, url) else None)
        if url
        else None
    )


def _create(api: docker.APIClient, mode: str, room: str | None, lesson: str | None) -> str:
    marks = labels.make(lesson, role="registry") | {MODE: mode}
    mounts = []
    if room:
        # a volume without a name goes with the container; it is memory, so that it can be small
        options = {"type": "tmpfs", "device": "tmpfs", "o": f"size={room}"}
        driver = docker.types.DriverConfig("local", options)
        mounts.append(docker.types.Mount(f"/{STORAGE}", None, driver_config=driver, labels=marks))
    host = api.create_host_config(
        port_bindings={PORT: ("127.0.0.1", None)},
        mounts=mounts or None,
        log_config={"type": "json-file"},  # its access log is read, whatever the engine's default
    )
    guard = GUARD if "password=True" in mode else {}
    return api.create_container(
        NAME, name=CONTAINER, labels=marks, host_config=host, environment=guard
    )["Id"]


def _forget(api: docker.APIClient, url: str) -> None:
    """Take away the names by which the engine knows images of a registry that is gone."""
    for image in api.images(filters=labels.FILTER):
        for name in image.get("RepoTags") or []:
            if name.startswith(f"{url}/"):
                try:
                    api.remove_image(name)
                except docker.errors.APIError as error:
                    if error.status_code not in (404, 409):  # 409: a container stands on it
                        raise


def _protect(engine: Engine, container: str, password: str) -> None:
    """Put the file with the hash of the password into the container."""
    header = tarfile.TarInfo(HTPASSWD)
    # the least cost: it protects a registry on loopback that lives as long as a lesson
    content = f"{USER}:".encode() + bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)) + b"\n"
    header.size, header.mode = len(content), 0o600
    header.mtime = time.time()  # type: ignore[assignment] - the registry reads a newer file again
    file = io.BytesIO()
    with tarfile.TarFile(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(header, io.BytesIO(content))
    with patient(engine, ANSWER) as api:
        api.put_archive(container, "/", file.getvalue())


def _running(engine: Engine, mode: str | None = None) -> str | None:
    """Return where the course's registry listens, None if none runs (in this mode)."""
    with talking(engine):
        try:
            found = engine.client.api.inspect_container(CONTAINER)
        except docker.errors.NotFound:
            return None
    marks = found["Config"].get("Labels")
    if not labels.ours(marks):
        raise NotOurs("containers.not_ours", name=CONTAINER)
    if mode not in (None, marks.get(MODE, mode)) or not found["State"]["Running"]:
        return None
    bound = (found["NetworkSettings"].get("Ports") or {}).get(f"{PORT}/tcp") or []
    return f"127.0.0.1:{bound[0]['HostPort']}" if bound else None

"""The registry as a lesson uses it: push, pull, log in, look, delete, tidy up."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import docker

from ..engine import Engine
from ..engine.patience import patient
from ..errors import EngineLost, NotFound
from ..messages import text
from ..text import plain
from . import beyond, client, contents, editions, logins, moving, names, platforms, storage
from .client import Access
from .container import ANSWER, remove
from .model import Blob, Index, Manifest
from .moving import Pulled, Pushed

__all__ = ["Registry"]


@dataclass(frozen=True)
class Registry:
    """A registry that runs.

    Fields
    ------
    url: ``127.0.0.1:PORT``; what stands before the first ``/`` of an image's name there. The port
        is another one each time: use the value, do not print it.
    container: the container's name.
    user: who may log in, where it asks for a password.
    """

    url: str = field(repr=False)
    container: str
    engine: Engine = field(repr=False, compare=False)
    user: str | None = field(default=None, repr=False)
    key: str | None = field(default=None, repr=False, compare=False)
    lesson: str | None = field(default=None, repr=False, compare=False)

    def push(self, image: str, to: str | None = None) -> Pushed:
        """Push an image under the name that it has, or as ``to``; print what was sent.

        ``lbl/notes:1`` is ``127.0.0.1:PORT/lbl/notes:1`` there. The second name that a push needs
        is given for the time of the push alone.

        Raises
        ------
        NotFound: no such image on the engine.
        EngineFailed: a name that no image can have, or the registry refused it.
        RegistryDenied: the registry asks for a login.
        NoSpace: the disk of the registry is full.
        EngineLost: daemon or registry went away.
        """
        names.check(image)
        name = ":".join(contents.split(names.check(to or image)))
        self._answers()
        done = moving.push(self.engine, self._access(), self.container, image, name)
        print(done)
        return done

    def pull(self, name: str, to: str | None = None, platform: str | None = None) -> Pulled:
        """Pull ``repository:tag`` and give it that name again; print what was fetched.

        Parameters
        ----------
        name: or ``repository@sha256:…``.
        to: what it is called here; ``repository:by-digest`` if it was pulled by its digest.
        platform: ``"linux/arm64"``; the engine's own by default.

        Raises
        ------
        NotFound: the registry has no such image, or not for this platform.
        NotOurs: an image of that name exists that the course did not make.
        EngineFailed: the name is none, or the pull failed: what came is not what the digest names.
        RegistryDenied: the registry asks for a login.
        EngineLost: daemon or registry went away.
        """
        repository, reference = contents.split(names.check(name, digest=True))
        here = f"{repository}:{'by-digest' if '@' in name else reference}"
        here = ":".join(contents.split(names.check(to))) if to else here
        self._answers()
        found = self.engine, self._access(), self.container
        done = moving.pull(*found, name, here, names.platform(platform))
        print(done)
        return done

    def edition(self, name: str, pages: Sequence[str], architecture: str | None = None) -> None:
        """Make an image on the engine, of BusyBox and one layer more for each page.

        The layer of a page holds the file ``/pages/<page>``, 300 kB that cannot be compressed. It
        is the same in every image made for this registry, and no other registry and no builder has
        it: what is removed from the engine is gone, and a pull fetches it.

        Parameters
        ----------
        pages: words of small letters.
        architecture: ``"amd64"`` or ``"arm64"``; the engine's own by default.

        Raises
        ------
        EngineFailed: the architecture or a name is none that the course knows.
        EngineLost: the registry is gone.
        DownloadFailed, NotOurs, NoSpace: as for `helpers.bases.busybox`.
        """
        with patient(self.engine, ANSWER) as api:
            try:
                secret = api.inspect_container(self.container)["Id"]
            except docker.errors.NotFound:
                reason = text("registry.silent")
                raise EngineLost("registry.lost", url=self.url, reason=reason) from None
        made = editions.edition(self.engine, name, pages, secret, architecture, self.lesson)
        layers = 1 + len(pages)
        key = f"registry.edition.{'one' if layers == 1 else 'many'}"
        print(text(key, name=made, layers=layers))

    def drop(self, image: str) -> None:
        """Remove an image from the engine, as ``docker image rm`` does; none is no error.

        Raises
        ------
        NotOurs: the course did not make it.
        InUse: a container stands on it.
        """
        moving.drop(self.engine, names.check(image))

    def login(self, password: str | None = None) -> None:
        """Log in with ``docker login``, as the one user that the registry knows.

        The login lies in a DOCKER_CONFIG of the course's own until `logout`, `stop` or clean-up.

        Parameters
        ----------
        password: another one than the registry's, to see it refused. It is sent through standard
            input, and printed nowhere.

        Raises
        ------
        RegistryDenied: the password is wrong.
        NotFound: the registry asks for no password.
        EngineFailed: there is no docker client.
        EngineLost: the registry does not answer.
        """
        if self.user is None or self.key is None:
            raise NotFound("registry.open")
        self._answers()
        print(f"$ docker login --username {self.user} --password-stdin {self.url}")
        right = self.key if password is None else password
        logins.login(self.engine, self.url, self.user, right, self.lesson)
        print("Login Succeeded")

    def logout(self) -> None:
        """Forget the login, as ``docker logout`` does."""
        print(f"$ docker logout {self.url}")
        there = logins.forget(self.engine, self.url)
        print(text("registry.logged_out" if there else "registry.not_logged_in"))

    def catalogue(self) -> list[str]:
        """Return ``repository:tag`` of everything in the registry, sorted."""
        return contents.catalogue(self._access())

    def manifest(self, name: str, platform: str | None = None) -> Manifest:
        """Return what the registry tells of ``repository:tag`` or ``repository@sha256:…``.

        Parameters
        ----------
        platform: of an image for several; the engine's own by default.

        Raises
        ------
        NotFound: the registry has no such image, or not for this platform.
        EngineLost: it does not answer.
        RegistryDenied: it asks for a login.
        """
        wanted = names.platform(platform) or f"linux/{self.engine.architecture}"
        return contents.manifest(self._access(), names.check(name, digest=True), wanted)

    def document(self, name: str) -> dict:
        """Return the manifest or the index itself, as the registry sends it.

        Raises
        ------
        NotFound, EngineLost, RegistryDenied: as for `manifest`.
        """
        return json.loads(contents.read(self._access(), names.check(name, digest=True)).content)

    def index(self, name: str) -> Index:
        """Return which manifest a name stands for on each platform.

        Raises
        ------
        NotFound, EngineLost, RegistryDenied: as for `manifest`.
        """
        return contents.index(self._access(), names.check(name, digest=True))

    def join(self, name: str, parts: Sequence[str]) -> Index:
        """Make one name of several images for different platforms, by an index that lists them.

        The same as ``docker buildx imagetools create``, which not every client has.

        Parameters
        ----------
        parts: names in the same repository.

        Raises
        ------
        NotFound: a part is not in the registry.
        EngineFailed: the parts do not fit together.
        EngineLost, RegistryDenied: as for `manifest`.
        """
        shown = " ".join(f"{self.url}/{plain(part)}" for part in parts)
        print(f"$ docker buildx imagetools create -t {self.url}/{plain(name)} {shown}")
        found = platforms.join(self._access(), names.check(name), [names.check(p) for p in parts])
        count = len(found.parts)
        print(text("registry.joined", name=name, count=count, platforms=", ".join(found.platforms)))
        return found

    def beyond_loopback(self, name: str) -> beyond.Refusal:
        """Ask the daemon to pull from the registry's address on the engine's own bridge.

        Nothing becomes reachable by this: the bridge ends in the machine. But it is not loopback.
        """
        return beyond.attempt(self.engine, self.container, names.check(name), self.url)

    def delete(self, name: str) -> storage.Deleted:
        """Delete the manifest that a tag leads to, or that a digest names, with all its tags.

        Raises
        ------
        NotFound, EngineLost, RegistryDenied: as for `manifest`.
        """
        done = storage.delete(self._access(), names.check(name, digest=True))
        print(done)
        return done

    def stored(self) -> storage.Stored:
        """Return what lies in the registry's storage: every blob, asked for or not.

        Raises
        ------
        EngineLost: the container is gone.
        """
        return storage.stored(self.engine, self.container, self.url)

    def collect(self, untagged: bool = False) -> storage.Collected:
        """Collect garbage: remove the blobs that no manifest needs any more.

        Parameters
        ----------
        untagged: whether manifests without a tag go too.

        Raises
        ------
        EngineLost: the container does not run.
        EngineFailed: the collection failed.
        """
        done = storage.collect(self.engine, self.container, self.url, untagged=untagged)
        print(done)
        return done

    def spoil(self, blob: Blob) -> None:
        """Change one byte of a blob in the registry's storage, as a failing disk might.

        Raises
        ------
        NotFound: it is not stored.
        EngineLost: the container is gone.
        """
        storage.spoil(self.engine, self.container, self.url, blob)
        print(text("registry.spoiled"))

    def stop(self) -> None:
        """Remove the registry's container with everything that was pushed to it, and the login."""
        with patient(self.engine, ANSWER) as api:
            remove(api, self.container)
        logins.forget(self.engine, self.url)

    def _access(self) -> Access:
        return Access(self.url, logins.stored(self.engine, self.url) if self.user else None)

    def _answers(self) -> None:
        """Say at once if the registry is down: the daemon tries again and again."""
        if not client.ready(self.url):
            raise EngineLost("registry.lost", url=self.url, reason=text("registry.silent"))

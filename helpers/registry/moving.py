"""Push and pull, with what crossed the wire."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

import docker

from ..bases.archive import remove_if_unused
from ..engine import Engine, talking
from ..engine.own import own_image
from ..engine.patience import patient
from ..errors import CourseError, EngineLost, InUse, NoSpace, NotFound
from ..messages import text
from ..text import plain
from . import client, contents, refusals
from .client import Access
from .model import Manifest, Transfer
from .traffic import Recorder, transfer

__all__ = ["Pulled", "Pushed", "drop", "pull", "push"]

ANSWER = 60  # seconds for the daemon to tell of an image
MOVE = 300  # seconds without a word from the daemon while it pushes or pulls


@dataclass(frozen=True)
class Pushed:
    """What a push sent: of how many layers, how many the registry did not hold yet.

    ``manifest`` is what the registry then held under the name; its digest is not the same on every
    engine. ``transfer`` is what crossed the wire.
    """

    name: str
    layers: int
    sent: int
    manifest: Manifest = field(repr=False)
    transfer: Transfer = field(repr=False, compare=False)

    def _ipython_display_(self) -> None:
        """Show nothing below a cell: `Registry.push` has printed it."""

    def __str__(self) -> str:
        key = f"registry.pushed.{'one' if self.layers == 1 else 'many'}"
        return text(key, name=self.name, layers=self.layers, sent=self.sent)


@dataclass(frozen=True)
class Pulled:
    """What a pull fetched: of how many layers, how many the engine did not hold yet.

    ``platform`` is the one that the image is for; ``transfer`` is what crossed the wire, which may
    be less than ``fetched``: a builder's cache keeps layers of images that were removed.
    """

    name: str
    layers: int
    fetched: int
    platform: str = ""
    manifest: Manifest | None = field(default=None, repr=False)
    transfer: Transfer | None = field(default=None, repr=False, compare=False)

    def _ipython_display_(self) -> None:
        """Show nothing below a cell: `Registry.pull` has printed it."""

    def __str__(self) -> str:
        return text("registry.pulled", name=self.name, layers=self.layers, fetched=self.fetched)


def push(engine: Engine, access: Access, container: str, image: str, to: str) -> Pushed:
    """Push ``image`` as ``to`` (``repository:tag``); see `Registry.push`."""
    repository, tag = contents.split(to)
    there = f"{access.url}/{repository}"
    print(f"$ docker tag {plain(image)} {plain(there)}:{plain(tag)}")
    with talking(engine):
        try:
            engine.client.api.tag(image, there, tag, force=True)
        except docker.errors.NotFound:
            raise NotFound("registry.no_image", name=image) from None
    print(f"$ docker push {plain(there)}:{plain(tag)}")
    try:
        held = _held(access)
        recorder = Recorder(engine, container, access)
        recorder.start()
        with patient(engine, MOVE) as api, _told(lambda said: _error(said, to, access, recorder)):
            lines = api.push(there, tag, stream=True, decode=True, auth_config=_login(access))
            _read(lines, recorder)
        recorder.stop()
    finally:
        _untag(engine, f"{there}:{tag}")
    manifest = contents.manifest(access, f"{repository}:{tag}", _platform(engine, access, to))
    digests = {blob.digest for blob in manifest.layers}
    heard = transfer(recorder, manifest, push=True)
    return Pushed(to, len(manifest.layers), len(digests - held), manifest, heard)


def pull(
    engine: Engine, access: Access, container: str, name: str, to: str, platform: str | None
) -> Pulled:
    """Pull ``name`` and call it ``to`` here; see `Registry.pull`."""
    repository, reference = contents.split(name)
    sign = "@" if "@" in name else ":"
    there = f"{access.url}/{repository}{sign}{reference}"
    option = f"--platform {plain(platform)} " if platform else ""
    print(f"$ docker pull {option}{plain(contents.shown(there))}")
    wanted = platform or f"linux/{engine.architecture}"
    manifest = contents.manifest(access, name, wanted)
    actual = contents.config(access, name, manifest.config)
    if platform and actual != platform:
        raise NotFound("registry.no_platform", name=name, platform=platform, known=actual)
    replaced = own_image(engine, to, "bases.not_ours")
    before = _diff_ids(engine)
    recorder = Recorder(engine, container, access)
    recorder.start()
    refused = lambda said: _error(said, name, access, recorder, wanted)  # noqa: E731
    with patient(engine, MOVE) as api:
        with _told(refused):
            lines = api.pull(
                f"{access.url}/{repository}", reference, stream=True, decode=True,
                platform=platform, auth_config=_login(access),
            )  # fmt: skip
            _read(lines, recorder)
        recorder.stop()
        api.tag(there, *contents.split(to), force=True)
    _untag(engine, there)
    if replaced:
        remove_if_unused(engine, replaced["Id"])
    diff_ids = contents.diff_ids(access, name, manifest.config)
    heard = transfer(recorder, manifest, push=False)
    if platform:
        heard = replace(heard, name=f"{heard.name} ({platform})")
    new = len(set(diff_ids) - before)
    return Pulled(to, len(diff_ids), new, actual, manifest, heard)


@contextlib.contextmanager
def _told(error: Callable[[str], CourseError]) -> Iterator[None]:
    """Turn what the daemon says of a failed push or pull into what ``error`` makes of it."""
    try:
        yield
    except _Failed as failed:
        raise error(str(failed)) from None
    except docker.errors.APIError as failed:
        raise error(str(failed.explanation or failed)) from None


def _read(lines: Iterable[dict], recorder: Recorder) -> None:
    """Read a push or a pull to its end.

    A daemon that meets an error of the registry tries again for a minute; it is not waited for
    where the registry has gone, or its own log says that its disk is full.
    """
    for line in lines:
        if "error" in line:
            raise _Failed(str(line["error"]))
        if str(line.get("status", "")).startswith("Retrying"):
            url = recorder.access.url
            if not client.ready(url):
                raise EngineLost("registry.lost", url=url, reason=text("registry.silent"))
            if "no space left on device" in recorder.log():
                raise NoSpace("registry.full")


class _Failed(Exception):
    """The daemon told of an error in the middle of its answer."""


def _error(
    said: str, name: str, access: Access, recorder: Recorder, platform: str = ""
) -> CourseError:
    found = refusals.error(said, name=name, url=access.url, platform=platform)
    # a registry without room may say so, may say nothing, and may break off; its log is clear
    unclear = found.key in ("engine.no_space", "registry.refused", "registry.lost")
    if unclear and "no space left on device" in recorder.log():
        return NoSpace("registry.full")
    return found


def _login(access: Access) -> dict[str, str] | None:
    return dict(zip(("username", "password"), access.login, strict=True)) if access.login else None


def _platform(engine: Engine, access: Access, name: str) -> str:
    """Return the platform whose manifest is read: the only one, or the engine's own."""
    own = f"linux/{engine.architecture}"
    platforms = contents.index(access, name).platforms
    return own if own in platforms else platforms[0]


def _held(access: Access) -> set[str]:
    """Return the digests of all layers in the registry."""
    return {
        blob.digest
        for name in contents.catalogue(access)
        for manifest in contents.manifests(access, name)
        for blob in manifest.layers
    }


def _diff_ids(engine: Engine) -> set[str]:
    with patient(engine, ANSWER) as api:
        found: set[str] = set()
        for image in api.images(quiet=True, all=True):
            try:
                found |= set(api.inspect_image(image)["RootFS"].get("Layers") or [])
            except docker.errors.ImageNotFound:  # removed since it was listed
                continue
    return found


def drop(engine: Engine, image: str) -> None:
    """Remove an image's name, and the image if it was the last; see `Registry.drop`."""
    print(f"$ docker image rm {plain(image)}")
    if own_image(engine, image, "bases.not_ours") is None:
        return
    with patient(engine, ANSWER) as api:
        try:
            api.remove_image(image)
        except docker.errors.APIError as error:
            if error.status_code != 409:
                raise
            reason = plain(error.explanation or error)
            raise InUse("registry.in_use", name=image, reason=reason) from None


def _untag(engine: Engine, name: str) -> None:
    with talking(engine):
        try:
            engine.client.api.remove_image(name, noprune=True)
        except docker.errors.ImageNotFound:
            return

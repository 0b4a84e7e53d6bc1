"""Images into ECR and out of it with plain docker, and what of them crossed."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field, replace

import docker

from ..engine import Engine, connect, talking
from ..engine.patience import patient
from ..errors import AwsFailed, NotFound
from ..registry import logins, moving
from ..registry.model import FETCHED, HELD, MOUNTED, SENT, THERE, Blob, Crossing, Manifest, Transfer
from ..text import plain
from .targeting import client, current

__all__ = ["Moved", "drop", "login", "logout", "pull", "push"]

MOVE = 300  # seconds without a word from the daemon
LAYERS = (  # the kinds of manifest that an image is asked for
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
# What the daemon says of a layer at the end of a push or a pull.
SAID = {
    "Pushed": SENT,
    "Layer already exists": THERE,
    "Already exists": HELD,
    "Pull complete": FETCHED,
    "Download complete": FETCHED,
}


@dataclass(frozen=True)
class Moved:
    """A push or a pull.

    Fields
    ------
    digest: of the image in the repository.
    transfer: what crossed, layer by layer, for `helpers.figures.wire`.
    """

    name: str
    digest: str = field(repr=False)
    transfer: Transfer = field(repr=False, compare=False)

    def _ipython_display_(self) -> None:
        """Show nothing below a cell: what was done is printed."""


def login(engine: Engine | None = None) -> None:
    """Log docker in at the account's registry, with a token that ECR gives out for twelve hours.

    The login lies in a DOCKER_CONFIG of the course's own and goes with the lesson.

    Raises
    ------
    AwsRefused: no target was chosen.
    RegistryDenied, EngineFailed, EngineLost: as for `helpers.registry.logins.login`.
    """
    engine = engine or connect()
    row = client("ecr").get_authorization_token()["authorizationData"][0]
    user, _, password = base64.b64decode(row["authorizationToken"]).decode().partition(":")
    place = _place(row["proxyEndpoint"])
    print(f"$ aws ecr get-login-password | docker login --username {user} --password-stdin {place}")
    logins.login(engine, place, user, password, current().lesson)


def logout(engine: Engine | None = None) -> None:
    """Remove the login at the account's registry."""
    engine = engine or connect()
    place = _place(client("ecr").get_authorization_token()["authorizationData"][0]["proxyEndpoint"])
    print(f"$ docker logout {place}")
    logins.forget(engine, place)


def push(image: str, uri: str, tag: str, *, engine: Engine | None = None) -> Moved:
    """Push an image of this engine into a repository; print the docker commands.

    Parameters
    ----------
    image: its name here.
    uri: ``repositoryUri`` as ECR returned it.

    Raises
    ------
    NotFound: the engine has no such image.
    AwsFailed: the registry refused it; the message says why, in its own words.
    """
    engine = engine or connect()
    there = f"{uri}:{tag}"
    print(f"$ docker tag {plain(image)} {there}")
    with talking(engine):
        try:
            engine.client.api.tag(image, uri, tag, force=True)
        except docker.errors.NotFound:
            raise NotFound("registry.no_image", name=image) from None
    print(f"$ docker push {there}")
    with patient(engine, MOVE) as api:
        diff_ids = api.inspect_image(there)["RootFS"]["Layers"]
        try:
            lines = api.push(uri, tag, stream=True, decode=True, auth_config=_auth(engine, uri))
            told = _follow(lines, there)
        finally:
            api.remove_image(there, noprune=True)
    manifest = _manifest(uri, tag, engine.architecture)
    crossed = _transfer(manifest, diff_ids, told, push=True)
    return Moved(f"{_name(uri)}:{tag}", manifest.digest, crossed)


def pull(uri: str, reference: str, *, engine: Engine | None = None) -> Moved:
    """Pull an image out of a repository by tag or digest; print the docker command.

    Raises
    ------
    AwsFailed: the registry refused it, or has no such image.
    """
    engine = engine or connect()
    digest = reference.startswith("sha256:")
    shown = f"{uri}@sha256:…" if digest else f"{uri}:{reference}"
    print(f"$ docker pull {shown}")
    with patient(engine, MOVE) as api:
        lines = api.pull(uri, reference, stream=True, decode=True, auth_config=_auth(engine, uri))
        told = _follow(lines, shown)
    manifest = _manifest(uri, reference, engine.architecture)
    crossed = replace(_transfer(manifest, [], told, push=False), name=_name(shown))
    return Moved(_name(shown), manifest.digest, crossed)


def drop(image: str, *, engine: Engine | None = None) -> None:
    """Remove an image's name from this engine, and the image if it was the last; print the command.

    Raises
    ------
    NotOurs, InUse, EngineLost: as for `helpers.registry.Registry.drop`.
    """
    moving.drop(engine or connect(), image)


def _place(endpoint: str) -> str:
    """``https://HOST`` or ``http://HOST:PORT`` as docker names a registry."""
    return endpoint.partition("://")[2] or endpoint


def _name(uri: str) -> str:
    return uri.partition("/")[2]


def _auth(engine: Engine, uri: str) -> dict[str, str]:
    """Return the login that is stored now; the SDK itself would take what it read when it began."""
    found = logins.stored(engine, uri.partition("/")[0])
    return dict(zip(("username", "password"), found, strict=True)) if found else {}


def _follow(lines: object, name: str) -> dict[str, tuple[str, str]]:
    """Read what the daemon says to the end; return the last word on each layer, by its short ID."""
    found: dict[str, tuple[str, str]] = {}
    try:
        for line in lines:  # type: ignore[attr-defined]
            if "error" in line:
                raise AwsFailed("aws.not_moved", name=name, reason=plain(line["error"]).strip())
            said = str(line.get("status", ""))
            mounted = re.match(r"Mounted from (\S+)", said)
            if "id" in line and (mounted or said in SAID):
                state = MOUNTED if mounted else SAID[said]
                found[line["id"]] = (state, mounted[1] if mounted else "")
    except docker.errors.APIError as error:
        reason = plain(error.explanation or error)
        raise AwsFailed("aws.not_moved", name=name, reason=reason) from None
    return found


def _manifest(uri: str, reference: str, architecture: str) -> Manifest:
    """Read the manifest of an image out of ECR; of an index, that for this architecture."""
    name = _name(uri)
    ecr = client("ecr")
    kind = "imageDigest" if reference.startswith("sha256:") else "imageTag"
    row = ecr.batch_get_image(
        repositoryName=name, imageIds=[{kind: reference}], acceptedMediaTypes=list(LAYERS)
    )["images"][0]
    digest = row["imageId"]["imageDigest"]
    body = json.loads(row["imageManifest"])
    if "manifests" in body:
        part = next(
            (m for m in body["manifests"] if m["platform"]["architecture"] == architecture),
            body["manifests"][0],
        )
        child = ecr.batch_get_image(
            repositoryName=name, imageIds=[{"imageDigest": part["digest"]}],
            acceptedMediaTypes=list(LAYERS),
        )  # fmt: skip
        body = json.loads(child["images"][0]["imageManifest"])
    layers = tuple(Blob(one["digest"], one["size"]) for one in body["layers"])
    config = Blob(body["config"]["digest"], body["config"]["size"])
    return Manifest(f"{name}:{reference}", digest, config, layers)


def _transfer(
    manifest: Manifest, diff_ids: list[str], told: dict[str, tuple[str, str]], *, push: bool
) -> Transfer:
    """Put what the daemon said of layers to the layers of the manifest.

    A daemon names a layer by the start of its digest, or, in a push of the classic store, of its
    diff ID. It says nothing of a layer that it need not look at.
    """
    usual = (THERE if push else HELD, "")
    items = []
    for number, layer in enumerate(manifest.layers, start=1):
        names = [layer.digest, *diff_ids[number - 1 : number]]
        said = [told[short] for name in names if (short := _short(name)) in told]
        state, source = said[0] if said else usual
        items.append(Crossing("layer", layer.digest, layer.size, state, number, source))
    return Transfer(manifest.name, push, tuple(items), None, 0)


def _short(digest: str) -> str:
    return digest.removeprefix("sha256:")[:12]

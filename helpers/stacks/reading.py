"""A stack file read and checked: services, and the networks, secrets and configs that they name."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ..components.compose_file import line_of
from ..errors import ComposeFailed, NotFound
from ..text import plain
from .lines import Source, Spot, parse
from .quantities import cpus_of, memory_of
from .schema import check

__all__ = ["NAMES", "Place", "Planned", "Stack", "read"]

NAMES = ("stack.yaml", "stack.yml", "compose.yaml", "compose.yml", "docker-compose.yml")
# https://pkg.go.dev/github.com/distribution/reference, without what only digests need
_IMAGE = re.compile(
    r"(?:[a-zA-Z0-9.-]+(?::\d+)?/)?[a-z0-9._-]+(?:/[a-z0-9._-]+)*"
    r"(?::\w[\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?"
)
_PORT = re.compile(r"(?:(?P<host>\[[^\]]*\]|[^:]*[.a-z][^:]*|):)?(?:(?P<out>[\d-]*):)?"
                   r"(?P<inside>[\d-]+)(?:/(?:tcp|udp|sctp))?")  # fmt: skip
_UNCHANGEABLE = re.compile(r"failed to update (secret|config) (\S+): .*only updates to Labels")
_CONSTRAINT = re.compile(r"\s*(node|engine)\.[\w.-]+\s*(==|!=)\s*\S.*")


class Place(Protocol):
    """Where a stack file lies: a `helpers.scenarios.Scenario`."""

    @property
    def folder(self) -> Path: ...
    @property
    def shown(self) -> str: ...


@dataclass(frozen=True)
class Planned:
    """A service as the file asks for it.

    Fields
    ------
    mode: ``"replicated"``, ``"global"``, or one of the two job modes.
    replicas: None for a global service.
    reserved_cpus, reserved_memory, most_cpus, most_memory: for each task: cores; bytes; 0 where
        nothing is said.
    ports: ``{published: inside}``; 0 where the swarm chooses.
    environment: as the containers get it; a variable without a value is left out.
    networks, secrets, configs: by the names that the file gives them.
    line: of its name in the file.
    """

    name: str
    image: str
    mode: str = "replicated"
    replicas: int | None = 1
    command: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    reserved_cpus: float = 0.0
    reserved_memory: int = 0
    most_cpus: float = 0.0
    most_memory: int = 0
    ports: Mapping[int, int] = field(default_factory=dict, hash=False)
    environment: Mapping[str, str] = field(default_factory=dict, hash=False)
    networks: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    configs: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True)
class Stack:
    """What a stack file asks for.

    Fields
    ------
    path: the file; ``shown``: its folder as a lesson shows it.
    services: in the order of the file.
    secrets, configs: by the name in the file: the name that the swarm knows it by; empty if the
        stack's name is put in front of the file's.
    external: names (the swarm's) of secrets, configs and networks that must be there already.
    """

    path: Path = field(repr=False)
    shown: str
    services: tuple[Planned, ...]
    networks: tuple[str, ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict, hash=False)
    configs: Mapping[str, str] = field(default_factory=dict, hash=False)
    external: tuple[tuple[str, str], ...] = ()
    source: Source = field(default=Source("", ()), repr=False, compare=False)

    @property
    def images(self) -> tuple[str, ...]:
        """Every image that it names, once."""
        return tuple(dict.fromkeys(one.image for one in self.services))

    def service(self, name: str) -> Planned | None:
        """Return the service of that name, or None."""
        return next((one for one in self.services if one.name == name), None)

    def refused(self, output: str) -> ComposeFailed:
        """Return the error for what the docker client said of this file, with its line."""
        if found := _UNCHANGEABLE.search(output):
            return ComposeFailed("stacks.unchangeable", kind=found[1], name=found[2])
        lines = [line.strip() for line in output.splitlines() if line.strip()]
        reason = plain(lines[-1] if lines else "?").replace(str(self.path), self.path.name)
        number = line_of("\n".join(self.source.lines), output)
        if number is None:
            return ComposeFailed("stacks.bad_file", file=self.path.name, reason=reason)
        return self.source.said(number, "", reason)


def read(place: Place | Path | str) -> Stack:
    """Read a stack file and check it.

    Parameters
    ----------
    place: a scenario, a folder, or the file itself.

    Raises
    ------
    NotFound: there is no such file.
    ComposeFailed: the file is wrong; the message names line and key. Beside what is no YAML, an
        unknown key and a value of the wrong kind, these are: a service without an image, a
        network, secret or config that the file does not declare, a file that is missing, a
        reservation above its limit, a port with an address (a swarm ignores that and listens on
        every address of every node).
    """
    path, shown = _file(place)
    source = Source(path.name, tuple(path.read_text("utf-8", "replace").splitlines()))
    whole = parse(source)
    check(source, whole)
    services = whole.get("services")
    if services is None or not services.value:
        raise source.wrong(services.line if services else 1, "services", "no_services")
    declared = {kind: dict((whole.get(kind) or Spot({}, "", 0)).items())
                for kind in ("networks", "secrets", "configs", "volumes")}  # fmt: skip
    external = []
    for kind in ("networks", "secrets", "configs"):
        for name, spot in declared[kind].items():
            if spot.get("external") and spot.get("external").value is not False:
                external.append((kind, _outer_name(name, spot)))
            elif kind != "networks":
                _has_file(source, path.parent, spot)
    planned = tuple(_service(source, name, spot, declared) for name, spot in services.items())
    names = {kind: {name: _outer_name(name, spot, "") for name, spot in declared[kind].items()}
             for kind in ("secrets", "configs")}  # fmt: skip
    return Stack(path, shown, planned, tuple(declared["networks"]), names["secrets"],
                 names["configs"], tuple(external), source)  # fmt: skip


def _file(place: Place | Path | str) -> tuple[Path, str]:
    if isinstance(place, str | Path):
        path = Path(place)
        folder, shown = (path, path.name) if path.is_dir() else (path.parent, path.parent.name)
        if path.is_file():
            return path.resolve(), shown
    else:
        folder, shown = place.folder, place.shown
    found = next((folder / name for name in NAMES if (folder / name).is_file()), None)
    if found is None:
        raise NotFound("stacks.no_file", folder=shown, names=", ".join(NAMES))
    return found.resolve(), shown


def _outer_name(name: str, spot: Spot, otherwise: str | None = None) -> str:
    """Return the name that a swarm knows it by: ``name:`` of it, or of ``external:``."""
    outside = spot.get("external")
    for one in (spot.get("name"), outside.get("name") if outside else None):
        if one is not None:
            return str(one.value)
    return name if outside or otherwise is None else otherwise


def _has_file(source: Source, folder: Path, spot: Spot) -> None:
    given = spot.get("file")
    if given is None:
        if not spot.get("driver"):
            raise source.wrong(spot.line, spot.key, "no_content")
        return
    if not (folder / str(given.value)).is_file():
        raise source.wrong(given.line, given.key, "no_such_file", name=given.value)


def _service(source: Source, name: str, spot: Spot, declared: Mapping[str, dict]) -> Planned:
    image = spot.get("image")
    if image is None:
        built = spot.get("build")
        reason = "only_build" if built else "no_image"
        raise source.wrong(built.line if built else spot.line, spot.key, reason, name=name)
    if not _IMAGE.fullmatch(str(image.value)):
        raise source.wrong(image.line, image.key, "bad_image", name=image.value)
    named = {kind: _named(source, spot, kind, declared[kind])
             for kind in ("networks", "secrets", "configs")}  # fmt: skip
    deploy = spot.get("deploy") or Spot({}, "", 0)
    mode = str(_value(deploy, "mode") or "replicated")
    replicas = _value(deploy, "replicas")
    if mode.startswith("global"):
        if replicas is not None:
            count = deploy.get("replicas")
            raise source.wrong(count.line, count.key, "global_replicas")
        replicas = None
    resources = deploy.get("resources") or Spot({}, "", 0)
    limits, reserved = resources.get("limits"), resources.get("reservations")
    cpus = [cpus_of(_value(one, "cpus")) for one in (reserved, limits)]
    memory = [memory_of(_value(one, "memory")) for one in (reserved, limits)]
    for (asked, most), key in ((cpus, "cpus"), (memory, "memory")):
        if most and asked > most:
            at = reserved.get(key)
            raise source.wrong(at.line, at.key, "above_limit")
    return Planned(
        name=name,
        image=str(image.value),
        mode=mode,
        replicas=1 if replicas is None and not mode.startswith("global") else replicas,
        command=_words(spot.get("command")),
        constraints=_constraints(source, deploy),
        reserved_cpus=cpus[0], most_cpus=cpus[1], reserved_memory=memory[0], most_memory=memory[1],
        ports=_ports(source, spot),
        environment=_environment(spot.get("environment")),
        line=spot.line,
        **named,
    )  # fmt: skip


def _value(spot: Spot | None, name: str) -> object:
    found = spot.get(name) if spot else None
    return found.value if found else None


def _named(source: Source, spot: Spot, kind: str, declared: Mapping) -> tuple[str, ...]:
    """Return what a service names of a kind; raise if the file does not declare it."""
    given = spot.get(kind)
    if given is None:
        return ()
    found = [(name, one) for name, one in given.items()]
    for one in given.parts():
        long_form = one.get("source") if isinstance(one.value, dict) else one
        if long_form is None:
            raise source.wrong(one.line, one.key, "no_source")
        found.append((str(long_form.value), long_form))
    for name, one in found:
        if name not in declared and not (kind == "networks" and name == "default"):
            raise source.wrong(one.line, one.key, f"undeclared.{kind}", name=name)
    return tuple(name for name, _ in found)


def _constraints(source: Source, deploy: Spot) -> tuple[str, ...]:
    placement = deploy.get("placement")
    given = placement.get("constraints") if placement else None
    found = []
    for one in given.parts() if given else []:
        if not isinstance(one.value, str) or not _CONSTRAINT.fullmatch(one.value):
            raise source.wrong(one.line, one.key, "constraint", value=one.value)
        found.append(re.sub(r"\s*(==|!=)\s*", r" \1 ", one.value.strip()))
    return tuple(found)


def _ports(source: Source, spot: Spot) -> dict[int, int]:
    given = spot.get("ports")
    found: dict[int, int] = {}
    for one in given.parts() if given else []:
        if isinstance(one.value, dict):
            inside, out = _value(one, "target"), _value(one, "published") or 0
            address = _value(one, "host_ip")
        else:
            form = _PORT.fullmatch(str(one.value))
            if not form:
                raise source.wrong(one.line, one.key, "port", value=one.value)
            address, out, inside = form["host"], form["out"] or 0, form["inside"]
        if address:
            raise source.wrong(one.line, one.key, "address", address=address)
        if not str(inside).isdigit() or not str(out).isdigit():
            raise source.wrong(one.line, one.key, "port", value=one.plainly())
        if not 0 < int(inside) < 65536 or not 0 <= int(out) < 65536:
            raise source.wrong(one.line, one.key, "port", value=one.plainly())
        found[int(out)] = int(inside)
    return found


def _words(spot: Spot | None) -> tuple[str, ...]:
    if spot is None:
        return ()
    given = spot.value if isinstance(spot.value, str) else [str(one.value) for one in spot.parts()]
    try:
        words = shlex.split(given) if isinstance(given, str) else given
    except ValueError:
        words = [given]
    return tuple(word.replace("$$", "$") for word in words)


def _environment(spot: Spot | None) -> dict[str, str]:
    if spot is None:
        return {}
    pairs = [(name, one.value) for name, one in spot.items()]
    pairs += [tuple(str(one.value).split("=", 1)) for one in spot.parts() if "=" in str(one.value)]
    return {name: _as_text(value) for name, value in pairs if value is not None}


def _as_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)

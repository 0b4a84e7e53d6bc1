"""What is asked of a builder: a context, a Dockerfile in it, and the options of the build."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

import docker

from ..contexts import Snapshot
from ..engine import Engine, talking
from ..errors import BuildFailed, NotFound
from ..images.model import chain_ids
from .dockerfile import base_images
from .plan import Base, Plan, plan

__all__ = ["Context", "Request", "bases_of", "planned"]

# https://docs.docker.com/reference/cli/docker/buildx/build/#build-arg: a shell's variable name
ARGUMENT = re.compile(r"[A-Za-z_]\w*", re.ASCII)


@runtime_checkable
class Context(Protocol):
    """A build context of a lesson, as `helpers.scenarios.start` returns it."""

    @property
    def lesson(self) -> str: ...
    @property
    def folder(self) -> Path: ...
    @property
    def shown(self) -> str: ...


@dataclass(frozen=True)
class Request:
    """One build that is asked for.

    Fields
    ------
    folder, shown: the context, and its path as a lesson shows it.
    lesson: to which its objects belong; None outside of one.
    file: the Dockerfile's path, relative to ``folder``.
    secrets: ``id`` → file, shown as it was given.
    """

    folder: Path
    shown: str
    lesson: str | None = None
    file: str = "Dockerfile"
    args: Mapping[str, str] = field(default_factory=dict)
    target: str | None = None
    no_cache: bool = False
    secrets: Mapping[str, str] = field(default_factory=dict)
    cache_to: tuple[str, ...] = ()
    cache_from: tuple[str, ...] = ()

    @classmethod
    def of(cls, context: Context | Path | str, **options: object) -> Request:
        """Return the request for a scenario or a folder.

        Raises
        ------
        NotFound: no such folder.
        BuildFailed: a build argument has no name that an ARG can have.
        """
        options = {name: value for name, value in options.items() if value}
        for name in options.get("args") or ():
            if not ARGUMENT.fullmatch(name):
                raise BuildFailed("builds.bad_argument", name=name)
        if "args" in options:
            options["args"] = {k: str(v) for k, v in dict(options["args"]).items()}
        if isinstance(context, Context) and not isinstance(context, Path):
            return cls(context.folder, context.shown, context.lesson, **options)
        folder = Path(context).absolute()
        if not folder.is_dir():
            raise NotFound("builds.no_context", folder=context)
        here = Path.cwd()
        shown = folder.relative_to(here).as_posix() if folder.is_relative_to(here) else folder.name
        return cls(folder, shown, None, **options)

    @property
    def dockerfile(self) -> str:
        """The text of the Dockerfile.

        Raises
        ------
        NotFound: the context has none.
        """
        try:
            return (self.folder / self.file).read_text("utf-8", errors="replace")
        except OSError:
            raise NotFound("builds.no_dockerfile", folder=self.shown, file=self.file) from None

    def flags(self) -> list[str]:
        """Return the options as words of a `docker build` command."""
        found = [
            word for name, value in self.args.items() for word in ("--build-arg", f"{name}={value}")
        ]
        found += ["--target", self.target] if self.target else []
        found += ["--no-cache"] if self.no_cache else []
        found += ["-f", self.file] if self.file != "Dockerfile" else []
        found += [w for n, p in self.secrets.items() for w in ("--secret", f"id={n},src={p}")]
        found += [word for value in self.cache_to for word in ("--cache-to", value)]
        return found + [word for value in self.cache_from for word in ("--cache-from", value)]


def bases_of(engine: Engine, dockerfile: str, args: Mapping[str, str]) -> dict[str, Base]:
    """Return what the build takes over from each image that it names and that the engine holds."""
    found: dict[str, Base] = {}
    for name in base_images(dockerfile, args):
        with talking(engine):
            try:
                told = engine.client.api.inspect_image(name)
            except (docker.errors.ImageNotFound, docker.errors.APIError):
                continue
        layers = (told.get("RootFS") or {}).get("Layers") or []
        config = told.get("Config") or {}
        env = tuple(pair.partition("=")[::2] for pair in config.get("Env") or ())
        chain = chain_ids(layers)[-1] if layers else "scratch"
        found[name] = Base(chain, env, config.get("User") or "", config.get("WorkingDir") or "/")
    return found


def planned(
    engine: Engine, request: Request, snapshot: Snapshot, dockerfile: str, *, classic: bool
) -> Plan:
    """Return the steps of a request and what goes into each."""
    return plan(
        dockerfile, snapshot, bases_of(engine, dockerfile, request.args), args=request.args,
        target=request.target, classic=classic, link=engine.store == "containerd",
    )  # fmt: skip

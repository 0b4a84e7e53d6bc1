"""Which of Debian's packages each lesson needs, so that nothing is fetched in class.

A lesson's plan names its base images; what else it needs follows from the helpers it imports. The
names of packages stand where the images are made, and are read from there.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .. import debian
from ..authoring import lesson, model
from ..aws.local import image as aws_image
from ..aws.local import sdk
from ..bases import (
    debian_root,
    etcd_root,
    gcc_root,
    postgres_root,
    python_root,
    redis_root,
)
from ..bases.busybox_root import SUITE
from ..cluster import node_image
from ..debian import source
from ..engine import packages
from ..errors import NotFound
from ..install import server
from ..kubernetes.building import recipe
from ..kubernetes.own import tools
from ..machines import programs as machine
from ..registry import image as registry
from ..stacks import front_image

__all__ = ["LAYERS", "Wanted", "kubernetes_source", "lessons", "needs", "wanted"]

Names = Iterable[str]
# Helpers that bring more than the bases of a lesson's plan: which sets of packages below.
MODULES = {
    "capstone": ("node", "front", "kubernetes"),
    "cluster": ("node",),
    "install": ("server",),
    "kubernetes": ("kubernetes",),
    "machines": ("machines",),
    "stacks": ("front",),
}
# A call on one of these brings more again: an image for every platform, whatever the engine's.
CALLS = {"edition": ("editions",)}
ALWAYS = ("engine", "busybox", "registry")  # lessons 00 and 01 have all of these
# Of these the course keeps a layer (`helpers.bases.keeping`), under a name of its own.
LAYERS = {
    "debian": "debian", "python": "python", "gcc": "gcc", "redis": "redis", "etcd": "etcd",
    "postgres": "postgres", "aws": "aws", "boto3": "boto3", "front": "haproxy", "server": "server",
}  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """Packages of one suite of Debian, and which of `needs` each is for, by the package's name."""

    suite: str
    packages: tuple[debian.Package, ...]
    uses: Mapping[str, tuple[str, ...]]


def lessons(numbers: Iterable[str] = ()) -> tuple[Path, ...]:
    """Return the folders of lessons; of all, if no number is given.

    Raises
    ------
    NotFound: there is no lesson of that number.
    """
    known = {folder.name.partition("-")[0]: folder for folder in lesson.folders()}
    chosen = sorted(set(numbers)) or sorted(known)
    for number in chosen:
        if number not in known:
            raise NotFound("kit.no_lesson", number=number, known=", ".join(sorted(known)))
    return tuple(known[number] for number in chosen)


def needs(folder: Path) -> frozenset[str]:
    """Return the names of what a lesson needs: sets of packages, as `wanted` knows them."""
    plan = model.read(folder / "lesson.toml").requires
    found = {*ALWAYS, *plan.bases, *plan.ready}
    imports, calls = used(lesson.load(folder).original.cells)
    for name in imports:
        found.update(MODULES.get(name, ()))
    for name in calls:
        found.update(CALLS.get(name, ()))
    if found - {*ALWAYS, "node", "editions"}:
        found.add("debian")  # everything else stands on it
    return frozenset(found)


def used(cells: Iterable) -> tuple[set[str], set[str]]:
    """Return the helpers that the code cells of a lesson import, and the methods that they call."""
    found: set[str] = set()
    calls: set[str] = set()
    for cell in cells:
        if cell.kind != "code":
            continue
        for node in ast.walk(ast.parse(cell.text)):
            if isinstance(node, ast.ImportFrom) and node.module == "helpers":
                found.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("helpers."):
                found.add(str(node.module).split(".")[1])
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                calls.add(node.func.attr)
    return found, calls


def wanted(names: Iterable[str], architecture: str, *, compiler: bool) -> list[Wanted]:
    """Return the packages behind names that `needs` gives, for engines of an architecture.

    Parameters
    ----------
    compiler: whether Kubernetes will be compiled on the other machine, which needs the compiler.

    Raises
    ------
    DownloadFailed: an index could not be fetched, or a package is in it no more.
    """
    index = debian.load(SUITE, architecture)
    newest = debian.load(packages.FLAVOURS[packages.NEWEST].suite, architecture)
    base = debian_root.contents(index)
    engine = packages.FLAVOURS[packages.NEWEST]

    def plain(*wanted: str) -> list[debian.Package]:
        return [index.package(name) for name in wanted]

    def standing(*wanted: str) -> list[debian.Package]:
        return index.closure(wanted, without=base)

    makers: Mapping[str, Callable[[], list[debian.Package]]] = {
        "engine": lambda: plain(*packages.HOST_TOOLS.values(), *packages.LIBRARIES.values()),
        "busybox": lambda: plain("busybox-static"),
        "editions": lambda: plain("busybox-static"),
        "registry": lambda: plain(*registry.PACKAGES),
        "debian": lambda: plain(*base),
        "python": lambda: [*standing(*python_root.PACKAGES), *plain(*python_root.STACK)],
        "gcc": lambda: standing(*gcc_root.PACKAGES),
        "redis": lambda: standing(*redis_root.PACKAGES),
        "etcd": lambda: standing(*etcd_root.PACKAGES),
        "postgres": lambda: standing(*postgres_root.PACKAGES),
        "front": lambda: standing(*front_image.PACKAGES),
        "aws": lambda: standing(*aws_image.COMPILED),
        "boto3": lambda: standing(*sdk.PACKAGES),
        "node": lambda: plain(*node_image.TOOLS, *registry.PACKAGES),
        "server": lambda: [*standing(*server.WANTED), *server.offered(index)],
        "machines": lambda: _machines(index, architecture),
        "kubernetes": lambda: plain(*tools.PACKAGES, *(recipe.TOOLCHAIN if compiler else ())),
    }
    found: dict[str, debian.Package] = {}
    uses: dict[str, tuple[str, ...]] = {}
    for name in sorted(names):
        for package in makers[name]():
            found[package.name] = package
            uses[package.name] = tuple(dict.fromkeys((*uses.get(package.name, ()), name)))
    fresh = [newest.package(n) for n in dict.fromkeys((*engine.daemon, *engine.client))]
    return [
        Wanted(SUITE, tuple(found.values()), uses),
        Wanted(engine.suite, tuple(fresh), {package.name: ("engine",) for package in fresh}),
    ]


def _machines(index: debian.Index, guest: str) -> list[debian.Package]:
    image = index.package(machine.KERNELS[guest]).depends[0][0]
    qemu = index.closure([machine.PACKAGES[guest]], without=machine.WITHOUT)
    return [*qemu, index.package(image)]


def kubernetes_source() -> source.Source:
    """Return the source package that Kubernetes is compiled from."""
    return source.source("kubernetes", recipe.SUITE)

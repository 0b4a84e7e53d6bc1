"""The steps of the build: toolchain and source unpacked, one file generated, five programs made.

It is done as Debian and the project's own makefiles do it, but for GOPATH mode without them: they
need rsync, jq and more. Everything lies in a working folder, so that nothing of a Go installation
of the learner's is used or changed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

from ... import debian
from ...debian.source import fetch_source, source
from ...engine.packages import architecture
from ...errors import KubernetesFailed, NoSpace
from ...messages import text
from ...paths import writable
from ...text import plain
from . import recipe

__all__ = ["make"]

SPACE = 2_500_000_000  # bytes that the working folder grows to, with some to spare
PACKAGES = 1830  # that a build from nothing compiles, for the percentage that is told
NICENESS = 10
GENERATED = "pkg/generated/openapi"
TAG = re.compile(r"^// *\+k8s:openapi-gen=", re.MULTILINE)
TAGGED = ("pkg", "cmd", "plugin", "vendor/k8s.io")
UNTAGGED = ("code-generator", "sample-apiserver")
NEEDLESS = ("test", "CHANGELOG", "cluster", "docs", "LICENSES")

Line = Callable[[str], None]


def make(work: Path, programs: Path, progress: Line) -> None:
    """Build the programs into the folder ``programs``, whole or not at all.

    What an interrupted build has done is not done again: it lies in ``work``, which goes in the
    end.

    Raises
    ------
    DownloadFailed: a package could not be fetched.
    NoSpace: the disk is too full.
    KubernetesFailed: the compiler gave up.
    """
    writable(work)
    there = sum(f.stat().st_size for f in work.rglob("*") if f.is_file() and not f.is_symlink())
    if shutil.disk_usage(work).free + there < SPACE:
        raise NoSpace("kubernetes.space", folder=work, needed=SPACE // 10**9 + 1)
    _once(work / "go", lambda part: _toolchain(part, progress))
    tree = work / "gopath" / "src" / "k8s.io" / "kubernetes"
    _once(tree, lambda part: _source(part, progress))
    build = _Build(work, tree)
    if not (tree / GENERATED / "zz_generated.openapi.go").exists():
        progress(text("kubernetes.build.generating"))
        build.generate()
    made = work / f"bin.{os.getpid()}"
    packages = [f"./cmd/{name}" for name in recipe.NAMES]
    build.go(["build", "-v", *recipe.flags(), "-o", f"{made}/", *packages], _percent(progress))
    shutil.rmtree(programs, ignore_errors=True)
    made.rename(programs)
    shutil.rmtree(work)


def _once(folder: Path, fill: Callable[[Path], None]) -> None:
    """Fill a folder unless a finished one is there."""
    if folder.exists():
        return
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    fill(part)
    part.rename(folder)


def _toolchain(part: Path, progress: Line) -> None:
    debs = debian.fetch(recipe.TOOLCHAIN, recipe.SUITE, architecture(), progress=progress)
    progress(text("kubernetes.build.unpacking"))
    debian.unpack(debs, part)


def _source(part: Path, progress: Line) -> None:
    found = source("kubernetes", recipe.SUITE)
    size = sum(size for _, _, size in found.files) / 1e6
    progress(text("kubernetes.build.source", version=found.version, size=f"{size:.0f}"))
    (archive,) = [path for path in fetch_source(found) if ".orig.tar" in path.name]
    with tarfile.open(archive) as files:
        for member in files:
            _, _, name = member.name.partition("/")
            if name and name.partition("/")[0] not in NEEDLESS:
                member.name = name
                if hasattr(tarfile, "tar_filter"):
                    files.extract(member, part, filter="tar")
                else:  # the archive's sum is Debian's
                    files.extract(member, part)
    for patch in recipe.PATCHES:
        path = part / patch.file
        before = path.read_text()
        if before.count(patch.before) != 1:
            raise KubernetesFailed("kubernetes.build.changed", file=patch.file)
        path.write_text(before.replace(patch.before, patch.after))


class _Build:
    """Go, with an environment that holds nothing of the learner's."""

    def __init__(self, work: Path, tree: Path) -> None:
        self.work, self.tree = work, tree
        self.root = work / "go" / "usr" / "lib" / "go-1.19"
        temporary = writable(work / "tmp")
        self.environment = {
            "PATH": f"{self.root / 'bin'}:/usr/bin:/bin",
            "HOME": str(work), "GOROOT": str(self.root), "GOPATH": str(work / "gopath"),
            "GOCACHE": str(work / "cache"), "GOTMPDIR": str(temporary), "GOENV": "off",
            "GO111MODULE": "off", "CGO_ENABLED": "0",  # static programs, and no C compiler needed
            "GOGC": "off",  # the compiler collects no garbage below this limit: faster
            "GOMEMLIMIT": "1400MiB",
        }  # fmt: skip

    def go(self, words: list[str], line: Line = lambda line: None) -> None:
        self.run([str(self.root / "bin" / "go"), *words], line)

    def run(self, command: list[str], line: Line = lambda line: None) -> None:
        """Run a command in the tree at low priority.

        Raises
        ------
        KubernetesFailed: it failed; the message holds its last lines.
        """
        process = subprocess.Popen(
            command, cwd=self.tree, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        )  # fmt: skip
        os.setpriority(os.PRIO_PROCESS, process.pid, NICENESS)
        last: list[str] = []
        try:
            assert process.stdout is not None
            for said in process.stdout:
                last = [*last[-11:], said.rstrip()]
                line(said)
            status = process.wait()
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
        if status:
            if any("no space left on device" in said for said in last):
                raise NoSpace("kubernetes.space", folder=self.work, needed=SPACE // 10**9 + 1)
            tail = plain("\n".join(last))
            raise KubernetesFailed("kubernetes.build.failed", status=status, tail=tail)

    def generate(self) -> None:
        """Make the one generated file that the source lacks: the description of the API's types.

        The generator also writes down where the types break the project's rules. That list must be
        the one in the source: then it saw exactly what it should see.
        """
        generator = self.work / "openapi-gen"
        package = "./vendor/k8s.io/kube-openapi/cmd/openapi-gen"
        self.go(["build", *recipe.flags(), "-o", str(generator), package])
        folders = sorted({f"k8s.io/kubernetes/{found}" for found in self._tagged()})
        report = self.work / "violations"
        self.run([
            str(generator), "-i", ",".join(folders), "-p", f"k8s.io/kubernetes/{GENERATED}",
            "-O", "zz_generated.openapi", "-r", str(report),
            "-h", "vendor/k8s.io/code-generator/hack/boilerplate.go.txt",
        ])  # fmt: skip
        known = self.tree / "api" / "api-rules" / "violation_exceptions.list"
        if report.read_text() != known.read_text():
            (self.tree / GENERATED / "zz_generated.openapi.go").unlink(missing_ok=True)
            raise KubernetesFailed("kubernetes.build.changed", file=GENERATED)

    def _tagged(self) -> Iterator[str]:
        """The packages whose types are part of the API, each by its path in the tree."""
        for top in TAGGED:
            for place, below, names in os.walk(self.tree / top, followlinks=True):
                below[:] = [name for name in below if name not in UNTAGGED]
                sources = (Path(place, name) for name in names if name.endswith(".go"))
                if any(TAG.search(path.read_text("utf-8", "replace")) for path in sources):
                    yield str(Path(place).relative_to(self.tree))


def _percent(progress: Line) -> Line:
    """Return what counts the compiler's lines, one a package, and tells every tenth of the way."""
    seen, told = 0, 0

    def line(_: str) -> None:
        nonlocal seen, told
        seen += 1
        percent = min(100 * seen // PACKAGES, 100) // 10 * 10
        if percent > told:
            told = percent
            progress(text("kubernetes.build.compiling", percent=percent))

    progress(text("kubernetes.build.compiling", percent=0))
    return line

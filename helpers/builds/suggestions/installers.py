"""Which manifest files the commands that install packages read."""

from __future__ import annotations

import json
import posixpath
import re

from .commands import SYSTEM, Needs, Place, Unknown

__all__ = ["CACHES", "install"]

# pip's options that take the next word. https://pip.pypa.io/en/stable/cli/pip_install/
PIP_VALUES = {
    "-i", "--index-url", "--extra-index-url", "--trusted-host", "--timeout", "--retries",
    "--progress-bar", "--platform", "--python-version", "--prefix", "-t", "--target", "--root",
    "--cache-dir", "--log", "--proxy", "--upgrade-strategy", "--only-binary", "--no-binary",
}  # fmt: skip
# Scripts of a package.json that run during an installation and may read any source file.
NPM_SCRIPTS = {"preinstall", "install", "postinstall", "prepare", "prepublish", "preprepare"}
# What package managers keep for the next installation, which no container will do: the folder, what
# the command is called by, and what removes it afterwards.
CACHES = {
    "apt": ("var/lib/apt/lists", r"\bapt(-get)?\s", "rm -rf /var/lib/apt/lists/*"),
    "pip": ("root/.cache/pip", r"\bpip[\d.]*\s+install\b", ""),
    "npm": ("root/.npm", r"\bnpm\s+(ci|i|install)\b", "npm cache clean --force"),
    "apk": ("var/cache/apk", r"\bapk\s+add\b", ""),
    "dnf": ("var/cache/dnf", r"\bdnf\s+", "dnf clean all"),
    "yum": ("var/cache/yum", r"\byum\s+", "yum clean all"),
}


def install(name: str, rest: list[str], place: Place) -> Needs | None:
    """Return what an installation needs; None if this is not a package manager that is known.

    Raises
    ------
    Unknown: it is one, and may read more than its manifest.
    """
    if name in ("python", "python3") and rest[:2] == ["-m", "pip"]:
        name, rest = "pip", rest[2:]
    if name == "uv" and rest[:1] == ["pip"]:
        name, rest = "pip", rest[1:]
    plain = [word for word in rest if not word.startswith("-")]
    if name in SYSTEM:
        return _system(plain, place)
    if re.fullmatch(r"pip[\d.]*", name):
        return _pip(rest, place)
    if name in ("npm", "pnpm", "yarn"):
        return _node(name, plain, place)
    if (name, plain) == ("go", ["mod", "download"]):
        return _with(place, ["go.mod"], ["go.sum"], {"go.mod": r"=>\s*\.{0,2}/"})
    if name in ("bundle", "bundler") and plain[:1] in (["install"], []):
        return _with(place, ["Gemfile"], ["Gemfile.lock"], {"Gemfile": r"gemspec|path|eval|File"})
    if name == "composer" and plain[:1] == ["install"]:
        if not {"--no-scripts", "--no-autoloader"} <= set(rest):
            raise Unknown  # both look at the sources
        return _with(place, ["composer.json"], ["composer.lock"], {"composer.json": r'"path"'})
    if name == "mvn" and [w for w in plain if w.startswith("dependency:")] == plain and plain:
        return _with(place, ["pom.xml"], [], {"pom.xml": r"<modules>|<relativePath>\s*[^<\s]"})
    if name == "poetry" and plain == ["install"] and "--no-root" in rest:
        return _with(place, ["pyproject.toml"], ["poetry.lock"], {"pyproject.toml": r"path\s*="})
    if name == "uv" and plain == ["sync"] and "--no-install-project" in rest:
        return _with(place, ["pyproject.toml"], ["uv.lock"], {"pyproject.toml": r"path\s*=|work"})
    return None


def _system(plain: list[str], place: Place) -> Needs:
    for word in plain[1:]:
        if "/" in word or place.path(word) in place.files:
            raise Unknown  # a package file
    return Needs(installs=plain[:1] != ["update"])


def _pip(rest: list[str], place: Place) -> Needs:
    if rest[:1] != ["install"]:
        raise Unknown
    found = Needs(installs=True)
    words = iter(rest[1:])
    for word in words:
        option, sign, value = word.partition("=")
        if re.fullmatch(r"-[qvUI]*[rc]|--requirement|--constraint", option):
            _requirements(place.path(_plain(value if sign else next(words, ""))), place, found)
        elif option in PIP_VALUES:
            value = value if sign else next(words, "")
            if option in ("-t", "--target", "--prefix", "--root"):
                found.changes.add(place.path(_plain(value)))
        elif option in ("-e", "--editable", "-f", "--find-links"):
            raise Unknown
        elif word.startswith(("-r", "-c")) and not word.startswith("--"):
            _requirements(place.path(_plain(word[2:])), place, found)
        elif not word.startswith("-"):
            path = place.path(_plain(word))
            if "/" in word or word == "." or path in place.files or place.holds(path):
                raise Unknown  # it is built from a folder or a file
    return found


def _requirements(path: str, place: Place, found: Needs) -> None:
    """A requirements file, and those that it names in turn."""
    if path in found.reads:
        return
    if path not in place.files:
        if place.holds(path):
            raise Unknown
        return  # of the base image, or of another step: that one stays where it is
    found.reads.add(path)
    text = place.text(path)
    if text is None:
        raise Unknown
    for line in re.sub(r"\\\r?\n", " ", text).splitlines():
        line = re.sub(r"(^|\s)#.*", "", line).strip()
        if match := re.match(r"(?:-r|--requirement|-c|--constraint)[ =]?\s*(\S+)", line):
            _requirements(posixpath.normpath(f"{posixpath.dirname(path)}/{match[1]}"), place, found)
        elif re.match(r"-e\b|--editable|-f\b|--find-links|[./]", line) or re.search(
            r"@\s*(file:|\.)|^file:", line
        ):
            raise Unknown


def _node(name: str, plain: list[str], place: Place) -> Needs:
    if plain[:2] in (["config", "set"], ["cache", "clean"]):
        return Needs()
    known = {"npm": (["ci"], ["install"], ["i"]), "pnpm": (["install"], ["i"])}
    if plain not in known.get(name, (["install"], [])):
        raise Unknown  # a script of the package's own, or packages that are named
    manifest = place.path("package.json")
    try:
        told = json.loads(place.text(manifest) or "")
    except ValueError:
        raise Unknown from None
    if not isinstance(told, dict) or told.get("workspaces"):
        raise Unknown
    if NPM_SCRIPTS & set(told.get("scripts") or ()) or re.search(
        r'"(file|link|portal|workspace):', json.dumps(told)
    ):
        raise Unknown
    if any(path.startswith(place.path(".yarn") + "/") for path in place.files):
        raise Unknown
    beside = [
        ".npmrc", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", ".yarnrc", ".yarnrc.yml",
        "pnpm-lock.yaml",
    ]  # fmt: skip
    found = _with(place, ["package.json"], beside, {})
    found.changes.add(place.path("node_modules"))
    return found


def _with(place: Place, manifests: list[str], beside: list[str], more: dict[str, str]) -> Needs:
    """Return the need of manifest files in the working directory.

    Parameters
    ----------
    manifests: those without which it does not work.
    beside: those that are read if they are there.
    more: expressions that tell, in a manifest, that other files are read.
    """
    found = Needs(installs=True)
    for name in (*manifests, *beside):
        path = place.path(name)
        if path in place.files:
            text = place.text(path)
            if text is None or (name in more and re.search(more[name], text)):
                raise Unknown
            found.reads.add(path)
        elif name in manifests:
            raise Unknown
    return found


def _plain(word: str) -> str:
    if not word or re.search(r"[$*?\[~]", word):
        raise Unknown
    return word

"""What a compose file says, as Compose itself understands it; and where in it an error lies."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..containers.publishing import ports_of
from ..errors import ComposeFailed, ContainerFailed, NotFound
from ..text import plain
from .client import invoke

__all__ = ["NAMES", "ComposeFile", "read"]

NAMES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
LIMIT = 60.0  # seconds for a look at the file
PROJECT = re.compile(r"lbl-\d\d-[a-z0-9_-]+")
_NO_PLUGIN = (
    "is not a docker command",
    "unknown command: docker compose",
    "unknown shorthand flag",
)


@dataclass(frozen=True)
class ComposeFile:
    """An application as its compose file describes it.

    Fields
    ------
    project: its name; what it makes is called ``<project>-…`` and ``<project>_…``.
    images: the image of each service, by the service's name.
    fixed: the ports of this machine that it asks for by number.
    """

    project: str
    images: Mapping[str, str] = field(hash=False)
    fixed: tuple[str, ...]


def read(folder: Path, environment: Mapping[str, str]) -> ComposeFile:
    """Let Compose read the file of a folder (`docker compose config`), and check what it says.

    Raises
    ------
    NotFound: the docker client or its plug-in compose is missing, or the folder has no such file.
    ComposeFailed: the file is wrong; the message names the line.
    ContainerFailed: it publishes a port to other machines, which the course refuses.
    """
    path = next((folder / name for name in NAMES if (folder / name).is_file()), None)
    if path is None:
        raise NotFound("components.no_compose_file", folder=folder.name, names=", ".join(NAMES))
    said = invoke(["compose", "config", "--format", "json"], environment, LIMIT, folder)
    if said.exit_code:
        output = said.output.replace(f"{path}:", f"{path.name}:").strip()
        if any(words in output for words in _NO_PLUGIN):
            raise NotFound("components.no_compose")
        raise _wrong(path, output)
    found = json.loads(said.output[: said.output.rindex("}") + 1])  # a warning may stand behind it
    project = str(found.get("name", ""))
    if not PROJECT.fullmatch(project):
        raise ComposeFailed("components.project_name", name=project, file=path.name)
    fixed = []
    for service in (found.get("services") or {}).values():
        for port in service.get("ports") or []:
            number = str(port.get("published") or "")
            _on_loopback(path.name, port.get("host_ip") or "", number, port.get("target"))
            fixed += [number] if number else []
    images = {
        plain(name): plain(service.get("image") or "")
        for name, service in (found.get("services") or {}).items()
    }
    return ComposeFile(project, images, tuple(fixed))


def _on_loopback(file: str, address: str, number: str, target: object) -> None:
    given = f"{address}:{number}:{target}" if address else f"{number}:{target}"
    first = number.partition("-")[0]  # a range: 8461-8463
    try:
        ports_of([f"{address}:{first}:{target}"])
    except ContainerFailed:
        instead = f"127.0.0.1:{number}:{target}"
        raise ContainerFailed("components.compose_port", port=given, file=file, instead=instead)\
            from None  # fmt: skip


def _wrong(path: Path, output: str) -> ComposeFailed:
    content = path.read_text("utf-8", "replace")
    number = line_of(content, output)
    reason = _reason(output)
    if number is None:
        return ComposeFailed("components.bad_file", file=path.name, reason=reason)
    shown = plain(content.splitlines()[number - 1].strip())
    return ComposeFailed(
        "components.bad_line", file=path.name, line=number, shown=shown, reason=reason
    )


def _reason(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    told = [line for line in lines if not line.endswith("error(s):")]
    reason = (told or lines or [""])[0]
    reason = re.sub(r"^validating \S*?([^/\s]+): ", "", reason)
    return re.sub(r"^yaml: line \d+: ", "", reason.removesuffix(": invalid compose project"))


def line_of(content: str, output: str) -> int | None:
    """Return the number of the line that an error of Compose is about; None if it does not tell."""
    lines = content.splitlines()
    if "tab character" in output:  # the reader tells the line above
        return next((n for n, line in enumerate(lines, 1) if re.match(r" *\t", line)), None)
    if found := re.search(r"\bline (\d+)", output):
        return _nearest(lines, int(found[1]))
    # services.web additional properties 'prots' not allowed; 'services[web].healthcheck.interval'
    extra = r"services(?:\.|\[)([\w.-]+?)\]?((?:\.\w+)*) .*?'(\w+)' not allowed"
    if found := re.search(extra, output):
        return _path(lines, ["services", found[1], *found[2].split(".")[1:], found[3]])
    if found := re.search(r"services(?:\.|\[)([\w-]+)\]?((?:\.\w+)+)", output):
        return _path(lines, ["services", found[1], *found[2].split(".")[1:]])
    named = r"(?:volume|network|service|hostPort:?) \"?([\w.-]+)\"?"
    for name in reversed(re.findall(named, output)):
        for number, line in enumerate(lines, start=1):
            defined = re.match(rf"\s*{re.escape(name)}:\s*$", line)
            if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", line) and (
                not defined or "depends on" in output
            ):
                return number
    return None


def _nearest(lines: list[str], number: int) -> int | None:
    """A YAML reader tells where it stopped, counted from the block's begin: skip empty lines."""
    if not lines:
        return None
    number = min(max(number, 1), len(lines))
    while number > 1 and not lines[number - 1].strip():
        number -= 1
    return number


def _path(lines: list[str], keys: list[str]) -> int | None:
    at = 0
    for key in keys:
        for place in range(at, len(lines)):
            if re.match(rf"\s*(- )?{re.escape(key)}\s*:", lines[place]):
                at = place
                break
        else:
            return at + 1 if at else None
    return at + 1

"""The preflight: what is there, what is missing, what to type next, which lessons that affects."""

from __future__ import annotations

import platform
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

from ..errors import CourseError
from ..messages import text
from ..paths import home
from ..text import escape, plain, size
from .connection import Engine, connect, talking
from .private import reasons_against

__all__ = ["Finding", "Report", "doctor"]

NEEDED_API = (1, 41)  # Engine 20.10, the oldest that the course is tested on
NEEDED_DISK = 5 * 10**9  # bytes: base images, lesson images and build cache of the whole course
MARKS = {"good": "✓", "note": "·", "bad": "✗"}


@dataclass(frozen=True)
class Finding:
    """One line of the preflight.

    Parameters
    ----------
    topic: a key below ``doctor.topic`` of the messages.
    state: ``"good"``, ``"note"`` (works, but differs) or ``"bad"``.
    value: what was found, as the machine says it.
    advice: what it means and the next command to type.
    lessons: the lessons that are affected; empty for none.
    """

    topic: str
    state: str
    value: str
    advice: str = ""
    lessons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """The findings of a preflight, best read as a table."""

    findings: tuple[Finding, ...]

    @property
    def ready(self) -> bool:
        """Whether lessons can run."""
        return all(finding.state != "bad" for finding in self.findings)

    @property
    def verdict(self) -> str:
        return text("doctor.ready" if self.ready else "doctor.not_ready")

    def __str__(self) -> str:
        names = [text(f"doctor.topic.{f.topic}") for f in self.findings]
        lines = []
        for name, finding in zip(names, self.findings, strict=True):
            lines.append(f"{MARKS[finding.state]} {name}: {finding.value}")
            lines += [f"    {line}" for line in _advice(finding)]
        return "\n".join([*lines, self.verdict])

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        rows = "".join(
            f"<tr><td>{MARKS[f.state]}&nbsp;{escape(text('doctor.state.' + f.state))}</td>"
            f"<th scope='row'>{escape(text(f'doctor.topic.{f.topic}'))}</th>"
            f"<td style='text-align:left'>{escape(f.value)}"
            + "".join(f"<br>{escape(line)}" for line in _advice(f))
            + "</td></tr>"
            for f in self.findings
        )
        table = f"<table>{rows}</table><p><strong>{escape(self.verdict)}</strong></p>"
        return {"text/plain": str(self), "text/html": table}


def _advice(finding: Finding) -> list[str]:
    lines = finding.advice.splitlines()
    if finding.lessons:
        lines.append(text("doctor.lessons", lessons=", ".join(finding.lessons)))
    return lines


def doctor(engine: Engine | None = None, *, start: bool = False) -> Report:
    """Look at this machine and its daemon, and change nothing.

    Parameters
    ----------
    engine: the daemon to look at; the one that `connect` finds if it is left out.
    start: whether a private engine may be started when none answers.
    """
    findings = [Finding("machine", "good", f"{platform.system()} {platform.machine()}")]
    try:
        engine = engine or connect(start=start)
        findings += _daemon(engine)
    except CourseError as error:
        advice = f"{error.why}\n{error.next}"
        findings.append(Finding("daemon", "bad", error.what, advice, ("00", "01")))
        findings.append(_private())
    findings.append(_kubernetes())
    findings += _disk(engine)
    return Report(tuple(findings))


def _daemon(engine: Engine) -> Iterator[Finding]:
    place = text(f"doctor.source.{engine.endpoint.source}", url=engine.endpoint.url)
    if engine.endpoint.private:
        place = text("doctor.source.course", url=engine.endpoint.url)
    yield Finding("daemon", "good", f"Docker Engine {plain(engine.version)}, {place}")
    yield from _place(engine)
    api = tuple(int(part) for part in engine.api_version.split("."))
    old = api < NEEDED_API
    advice = text("doctor.old_api") if old else ""
    lessons = ("00", "01") if old else ()
    yield Finding("api", "bad" if old else "good", engine.api_version, advice, lessons)
    known = engine.store in ("overlay2", "containerd")
    yield Finding(
        "store",
        "good" if known else "note",
        plain(engine.store),
        "" if known else text("doctor.other_store"),
    )
    yield _client(engine)
    yield _builder(engine)
    with talking(engine):
        version = str(engine.info.get("CgroupVersion", "1"))
    yield Finding("cgroup", "good", f"v{version}")


def _place(engine: Engine) -> Iterator[Finding]:
    """Say what differs when the daemon is not on the learner's own machine."""
    if engine.endpoint.remote:
        yield Finding("place", "note", text("doctor.remote"), text("doctor.remote_differs"))
    elif engine.desktop:
        yield Finding("place", "note", text("doctor.desktop"), text("doctor.desktop_differs"))


def _client(engine: Engine) -> Finding:
    environment = engine.environment()
    client = shutil.which("docker", path=environment["PATH"])
    if not client:
        return Finding("client", "note", text("doctor.none"), text("doctor.no_client"))
    return Finding("client", "good", _says(["docker", "--version"], environment))


def _builder(engine: Engine) -> Finding:
    environment = engine.environment()
    if not shutil.which("docker", path=environment["PATH"]):
        return Finding("builder", "note", text("doctor.classic"), text("doctor.no_buildx"))
    found = _says(["docker", "buildx", "version"], environment)
    if not found:
        return Finding("builder", "note", text("doctor.classic"), text("doctor.no_buildx"))
    return Finding("builder", "good", f"BuildKit, {found}")


def _says(command: list[str], environment: dict[str, str]) -> str:
    """Return the first line that a program prints about itself; empty if it fails."""
    try:
        answer = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return plain(answer.stdout.strip().split("\n")[0])


def _private() -> Finding:
    reasons = reasons_against()
    if not reasons:
        return Finding("private", "good", text("doctor.private_possible"))
    return Finding("private", "note", text(f"{reasons[0]}.why"), text(f"{reasons[0]}.next"))


def _kubernetes() -> Finding:
    """Whether the course's own cluster can run: it needs a private engine, and built programs."""
    from ..kubernetes import building  # it stands on this package

    if reasons_against():
        value, advice = text("doctor.kubernetes_elsewhere"), text("doctor.kubernetes_yours")
        return Finding("kubernetes", "note", value, advice, ("10", "16"))
    if building.programs() is None:
        value, advice = text("doctor.kubernetes_missing"), text("doctor.kubernetes_build")
        return Finding("kubernetes", "note", value, advice, ("10", "16"))
    value = text("doctor.kubernetes_built", version=building.VERSION)
    return Finding("kubernetes", "good", value)


def _disk(engine: Engine | None) -> Iterator[Finding]:
    """The course's own folder, and the daemon's if it can be seen from here."""
    places = {"disk_course": home()}
    if engine and engine.root_dir:
        places["disk_engine"] = engine.root_dir
    for topic, folder in places.items():
        free = shutil.disk_usage(folder).free
        enough = free >= NEEDED_DISK
        advice = "" if enough else text("doctor.little_disk", needed=size(NEEDED_DISK))
        value = text("doctor.free", size=size(free))
        yield Finding(topic, "good" if enough else "note", value, advice, () if enough else ("01",))

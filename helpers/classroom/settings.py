"""What an instructor decides about a class, kept in one file of the class's folder."""

from __future__ import annotations

import ipaddress
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from ..errors import CourseError
from ..paths import home, writable

__all__ = ["ClassroomError", "Settings", "classes", "place"]

NAME = re.compile(r"[a-z][a-z0-9]{0,11}")  # short: it is part of a socket's path
MIB, GIB = 1 << 20, 1 << 30
LEAST_MEMORY = 1 * GIB  # JupyterLab, a kernel and an engine: see benchmarks/README.md
LEAST_DISK = 1 * GIB
LEAST_PIDS = 300


class ClassroomError(CourseError):
    """A class cannot be made, started or changed as it was asked for."""


@dataclass(frozen=True)
class Settings:
    """A class.

    Parameters
    ----------
    name: of the class, at most 12 small letters and digits, a letter first.
    address: of this machine, where the front door listens; loopback for a trial.
    port: of the front door.
    memory, disk: bytes that one learner gets, everything of them together.
    cpus: processors that one learner gets; they share those that others leave idle.
    pids: processes and threads that one learner gets.
    idle: minutes after which the server of a learner who does nothing is stopped; 0: never.
    language: ``"en"`` or ``"zh-CN"``, the notebooks that are opened first.
    lessons: numbers of those that learners do; what they need is in the class's image.
    """

    name: str
    address: str = "127.0.0.1"
    port: int = 8443
    memory: int = 2 * GIB
    disk: int = 6 * GIB
    cpus: float = 2.0
    pids: int = 1500
    idle: int = 90
    language: str = "en"
    lessons: tuple[str, ...] = ("00", "01", "02", "03", "04")

    def check(self) -> Settings:
        """Return these settings if they can be.

        Raises
        ------
        ClassroomError: one of them cannot.
        NotFound: there is no such lesson.
        """
        if not NAME.fullmatch(self.name):
            raise ClassroomError("classroom.name", name=self.name)
        try:
            ipaddress.ip_address(self.address)
        except ValueError:
            raise ClassroomError("classroom.address", address=self.address) from None
        if not 1 <= self.port <= 65535:
            raise ClassroomError("classroom.port", port=self.port)
        for what, have, least in (
            ("memory", self.memory, LEAST_MEMORY),
            ("disk", self.disk, LEAST_DISK),
            ("pids", self.pids, LEAST_PIDS),
        ):
            if have < least:
                raise ClassroomError(f"classroom.least_{what}", have=_size(what, have),
                                     least=_size(what, least))  # fmt: skip
        if not self.cpus >= 0.1:
            raise ClassroomError("classroom.cpus", cpus=self.cpus)
        if self.lessons:
            from ..kit import wanted  # much, and the hub needs none of it

            wanted.lessons(self.lessons)
        return self

    @property
    def folder(self) -> Path:
        """Where the class is kept on this machine; nobody but its owner may look into it."""
        return place(self.name)

    @property
    def url(self) -> str:
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"https://{host}:{self.port}/"

    def write(self) -> None:
        writable(self.folder).chmod(0o700)
        (self.folder / "settings.json").write_text(json.dumps(asdict(self), indent=1))

    @classmethod
    def read(cls, name: str) -> Settings:
        """Return the settings of a class that was made before.

        Raises
        ------
        ClassroomError: there is no such class, or its file cannot be understood.
        """
        if not NAME.fullmatch(name):
            raise ClassroomError("classroom.name", name=name)
        path = place(name) / "settings.json"
        try:
            said = json.loads(path.read_text())
            if "lessons" in said:  # an older version of the course did not keep them
                said["lessons"] = tuple(said["lessons"])
            return cls(**said).check()
        except FileNotFoundError:
            raise ClassroomError("classroom.unknown", name=name) from None
        except (ValueError, TypeError):
            raise ClassroomError("classroom.damaged", file=path) from None


def place(name: str) -> Path:
    """Return the folder of a class."""
    return home() / "classrooms" / name


def classes() -> list[str]:
    """Return the names of the classes on this machine."""
    return sorted(path.parent.name for path in (home() / "classrooms").glob("*/settings.json"))


def _size(what: str, number: int) -> str:
    return str(number) if what == "pids" else f"{number / GIB:.1f} GiB"

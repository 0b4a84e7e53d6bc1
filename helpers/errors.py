"""The exceptions of the course: each says what happened, why, and the next thing to type."""

from __future__ import annotations

from .messages import text


class CourseError(Exception):
    """Base of every error that a learner may see.

    Parameters
    ----------
    key: message key below ``errors`` of the catalogue, for example ``"engine.none_found"``.
        The catalogue holds ``<key>.what``, ``<key>.why`` and ``<key>.next``.
    **values: what the messages' ``{fields}`` stand for. They are untrusted: control sequences are
        stripped.

    The text is looked up when it is shown, so that it is in the language of the notebook.
    """

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values

    @property
    def what(self) -> str:
        return text(f"{self.key}.what", **self.values)

    @property
    def why(self) -> str:
        return text(f"{self.key}.why", **self.values)

    @property
    def next(self) -> str:
        return text(f"{self.key}.next", **self.values)

    def __str__(self) -> str:
        return text("errors.layout", what=self.what, why=self.why, next=self.next)

    def _render_traceback_(self) -> list[str]:
        """What Jupyter shows instead of a traceback: no library's insides, no local paths."""
        return [f"{type(self).__name__}: {self}"]


class EngineNotFound(CourseError):
    """No daemon answers anywhere a user would expect one."""


class EngineDenied(CourseError):
    """A daemon is there and refuses this user."""


class EngineLost(CourseError):
    """The daemon went away in the middle of a call."""


class EngineFailed(CourseError):
    """A private engine could not be made or started."""


class NotFound(CourseError):
    """An image, a container or an exercise of that name does not exist."""


class BadArchive(CourseError):
    """An archive is truncated, corrupt, or claims what no archive may claim."""


class NoSpace(CourseError):
    """The disk is full."""


class NotWritable(CourseError):
    """A folder that the course needs cannot be written."""


class BuildFailed(CourseError):
    """An image could not be built."""


class DownloadFailed(CourseError):
    """A package could not be fetched or did not match its checksum."""


class NotOurs(CourseError):
    """The object carries no label of the course, so the course will not touch it."""


class LabFailed(CourseError):
    """JupyterLab, or the environment it runs in, could not be made or started."""


class TimedOut(CourseError):
    """What was awaited did not happen in time; the message names it."""


class ContainerFailed(CourseError):
    """A container could not be started, or a command could not be run in it."""


class InUse(CourseError):
    """A volume or a network cannot go, or be made anew: a container still uses it."""


class VolumeFailed(CourseError):
    """A volume could not be made, or what lies in it could not be read or written."""


class NetworkFailed(CourseError):
    """A network could not be made, or a container could not be put into it."""


class RegistryDenied(CourseError):
    """A registry asks for a login, or refuses the one it was given."""


class MachineFailed(CourseError):
    """A virtual machine could not be made or started, or it ended."""


class ComposeFailed(CourseError):
    """A compose file is wrong, or Compose could not do what it says."""


class ManifestFailed(CourseError):
    """A Kubernetes manifest is wrong, or an API server refused what it says."""


class KubernetesFailed(CourseError):
    """A Kubernetes cluster could not be made or reached, or did not do what was asked."""


class ClusterFailed(CourseError):
    """A cluster could not be made, a node of it does not answer, or it has no leader."""


class AwsFailed(CourseError):
    """The local AWS could not be started or reached, or what a lesson asked of AWS failed."""


class AwsRefused(CourseError):
    """Real AWS was about to be used without the learner's explicit word."""


class ClassFailed(CourseError):
    """A class could not be joined, or its instructor's view could not be started."""

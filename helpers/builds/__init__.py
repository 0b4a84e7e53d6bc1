"""Build images, as `docker build` does."""

from .run import Build, run

__all__ = ["Build", "run"]

"""Named starting points of build cells: a context as the course ships it, and its base images."""

from .clutter import clutter
from .start import Scenario, start

__all__ = ["Scenario", "clutter", "start"]

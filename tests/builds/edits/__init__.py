"""The table of edits that `helpers.builds.explain` is held to."""

from . import cache, files, stages, texts, values
from .bench import BASE, TAG, Bench, Edit

__all__ = ["BASE", "EDITS", "TAG", "Bench", "Edit"]

EDITS = [*files.EDITS, *texts.EDITS, *values.EDITS, *stages.EDITS, *cache.EDITS]

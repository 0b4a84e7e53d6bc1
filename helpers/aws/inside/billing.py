"""Cost Explorer says no: nothing costs anything here, and figures are not made up.

MiniStack has no such service, and answers with an error that does not say so.
"""

from __future__ import annotations

from . import extra

__all__ = ["install"]


def install() -> None:
    """Refuse every operation of Cost Explorer by its name."""
    extra.add_service("ce", "AWSInsightsIndexService", {})

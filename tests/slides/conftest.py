"""The browser of the pages that need no JupyterLab."""

from tests.widgets.conftest import browser

__all__ = ["browser"]

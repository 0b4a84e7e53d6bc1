"""How JupyterLab looks on a projector: settings and style of its own, no extension.

The page is opened under ``/doc``, where JupyterLab shows one document without tabs and panels.
"""

from __future__ import annotations

__all__ = ["LETTERS", "SETTINGS", "STYLE"]

LETTERS = "24px"  # of text and code; a window of 1080 pixels has 45 of them, one above the other

SETTINGS = {"@jupyterlab/statusbar-extension:plugin": {"visible": False}}
# Letters go by the theme's own variables (its setting for them has no effect as a default in 4.6);
# those of tables go by that of the menus.
# Figures have the width of a page on a desk; on a wall they take what there is. Prompts say when a
# cell ran, which nobody in the back row asks.
STYLE = f"""\
body {{ --jp-code-font-size: {LETTERS}; --jp-content-font-size1: {LETTERS}; }}
body .jp-RenderedHTMLCommon table {{ font-size: 0.9em; }}
.jp-OutputArea-output figure img {{ width: min(100%, 1238px); height: auto; }}
.jp-InputPrompt, .jp-OutputPrompt {{ min-width: 0; width: 0; visibility: hidden; }}
"""

"""JupyterHub's pages in the class's language.

JupyterHub speaks English only and lets others put templates in front of its own
(https://jupyterhub.readthedocs.io/en/stable/howto/templates.html). Those here are its own with
their words replaced, made anew when the hub starts: so they fit the JupyterHub that is installed.
What a newer one says differently stays English, and a test tells. Not translated: the page of
tokens, which a class does not need, and the instructor's ``/hub/admin``, a program of its own.
"""

from __future__ import annotations

import re
from pathlib import Path

from ...messages import catalogue

__all__ = ["PAGES", "make", "said", "translated"]

PAGES = (
    "404", "error", "home", "login", "logout", "not_running", "page", "spawn_pending",
    "stop_pending",
)  # fmt: skip
# Where a page shows what JupyterHub said, `said` of the template's variables translates it.
SHOWN = {
    "login": ("{{ login_error }}", "{{ said.get(login_error, login_error) }}"),
    "error": ("{{ status_message }}", "{{ said.get(status_message, status_message) }}"),
    "spawn_pending": (
        "JSON.parse(e.data);",
        "JSON.parse(e.data);\n        "
        "evt.message = ({{ said | tojson }})[evt.message] || evt.message;",
    ),
}


def make(own: Path, folder: Path, language: str) -> None:
    """Write the pages into ``folder``, made from JupyterHub's.

    Parameters
    ----------
    own: the folder of JupyterHub's templates.
    language: ``"en"`` or ``"zh"``.
    """
    for page in PAGES:
        source = (own / f"{page}.html").read_text("utf-8")
        (folder / f"{page}.html").write_text(translated(page, source, language), "utf-8")


def translated(page: str, source: str, language: str) -> str:
    """Return a template with its words replaced."""
    if page in SHOWN:
        source = source.replace(*SHOWN[page])
    if not (words := _words(page, language)):
        return source
    # in one go, the longest first: what was replaced is not looked at again
    longest = sorted(words, key=len, reverse=True)
    return re.sub("|".join(map(re.escape, longest)), lambda found: words[found[0]], source)


def said(language: str) -> dict[str, str]:
    """Return what JupyterHub says, and how that is said in ``language``."""
    return _words("said", language)


def _words(part: str, language: str) -> dict[str, str]:
    prefix = f"hub.{part}."
    return {v["en"]: v[language] for key, v in catalogue().items() if key.startswith(prefix)}

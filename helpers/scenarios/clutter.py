"""What a folder collects while people work in it: put into a scenario's context, and taken back."""

from __future__ import annotations

from ..bases.archive import room
from ..messages import text
from ..text import size
from .restore import note_written
from .start import Scenario

__all__ = ["clutter"]

PASSWORD = "correct-horse-battery"
# A stand-in for a history: a real one could not lie in the course's own repository.
THINGS = {
    ".git/HEAD": b"ref: refs/heads/main\n",
    ".git/config": b"[core]\n\trepositoryformatversion = 0\n",
    ".git/objects/pack/history.pack": bytes(6_000_000),
    ".env": f"DB_PASSWORD={PASSWORD}\n".encode(),
    "notes/todo.txt": b"tidy up this folder\n",
    "venv/lib/module.py": b"# a library that is installed for this machine\n" * 40_000,
}


def clutter(scenario: Scenario) -> None:
    """Add a version history, a file with a password, notes and a virtual environment; print them.

    They are what the course wrote, so the next `scenarios.start` takes them away without a word.

    Raises
    ------
    NoSpace: the disk is full.
    """
    print(text("scenarios.clutter", folder=scenario.shown))
    with room(scenario.folder):
        for name, content in THINGS.items():
            path = scenario.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            note_written(scenario.folder, path)
            print(f"  {name} ({size(len(content))})")

"""Where an application shall run: questions, rules, and a result that explains itself."""

from .decided import decide, decision
from .judging import choose, questions
from .listing import ask
from .model import PLATFORMS, Choice, Reason, Verdict

__all__ = [
    "PLATFORMS",
    "Choice",
    "Reason",
    "Verdict",
    "ask",
    "choose",
    "decide",
    "decision",
    "questions",
]

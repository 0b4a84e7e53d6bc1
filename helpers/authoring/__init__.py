"""The authoring pipeline: ``lessons/`` (text, code, plan) → ``notebooks/`` (executed)."""

from . import check, machine, model
from .build import build
from .fields import LessonError, Words
from .lesson import Lesson, folders, load, load_all
from .model import Plan
from .notebook import Edition, assemble, editions

__all__ = [
    "Edition",
    "Lesson",
    "LessonError",
    "Plan",
    "Words",
    "assemble",
    "build",
    "check",
    "editions",
    "folders",
    "load",
    "load_all",
    "machine",
    "model",
]

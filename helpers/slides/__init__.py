"""Slides of a lesson: one HTML file that needs nothing else, made from the executed notebook."""

from .build import build
from .deck import Slide, deck

__all__ = ["Slide", "build", "deck"]

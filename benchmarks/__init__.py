"""Measured comparisons of the helpers with other ways to the same end: ``python -m benchmarks``."""

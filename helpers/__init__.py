"""Helpers of the course Layer by Layer: talk to a real Docker daemon and draw what happened."""

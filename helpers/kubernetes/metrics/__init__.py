"""A metrics API for clusters that have none: what the HorizontalPodAutoscaler asks."""

from .installing import NAMESPACE, available, install, remove

__all__ = ["NAMESPACE", "available", "install", "remove"]

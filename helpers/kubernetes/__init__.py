"""Kubernetes: a cluster of the course's own, and the use of any other that the learner has."""

from .cluster import Cluster
from .connecting import connect, find
from .manifests import read
from .mapping import mapping

__all__ = ["Cluster", "connect", "find", "mapping", "read"]

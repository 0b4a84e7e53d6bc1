"""A cluster of several nodes on one machine: Docker Swarm, each node a real engine."""

from .cluster import Answer, Cluster
from .making import down, find, up, use
from .model import Node, Service, Task, View

__all__ = ["Answer", "Cluster", "Node", "Service", "Task", "View", "down", "find", "up", "use"]

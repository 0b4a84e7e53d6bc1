"""EKS: the control plane of a cluster, kubectl as one of its users, images from ECR."""

from .control_plane import ready
from .publishing import publish
from .roles import service_role, subnets
from .users import connect, role

__all__ = ["connect", "publish", "ready", "role", "service_role", "subnets"]

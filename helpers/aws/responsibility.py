"""Who looks after what: AWS's shared responsibility model for four of its services.

Sources: "Shared Responsibility Model" (aws.amazon.com/compliance/shared-responsibility-model):
AWS has everything from the host's operating system and the virtualization layer down to the
buildings; the customer has, for EC2, the guest operating system, what is installed on it and the
security groups; for S3, the data and who may do what with them. "Overview of Amazon RDS" (RDS user
guide): operating system and database software are AWS's. "AWS Fargate security considerations"
(ECS developer guide): the machine below a task is AWS's, the image is the customer's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..errors import AwsFailed
from ..messages import text

__all__ = ["DUTIES", "MODEL", "SERVICES", "Model", "Sorted", "sort"]

SERVICES = ("ec2", "fargate", "rds", "s3")
# Each duty, and the services for which it is the customer's. From the building upwards.
DUTIES: dict[str, tuple[str, ...]] = {
    "hardware": (),
    "hypervisor": (),
    "guest-os": ("ec2",),
    "software": ("ec2", "fargate"),
    "network-access": SERVICES,
    "permissions": SERVICES,
    "data": SERVICES,
}


@dataclass(frozen=True)
class Model:
    """For `helpers.figures.responsibility`: duty → the services for which it is yours."""

    services: tuple[str, ...]
    yours: dict[str, tuple[str, ...]]


MODEL = Model(SERVICES, DUTIES)


@dataclass(frozen=True)
class Sorted:
    """What somebody thinks is theirs, held against the model.

    Fields
    ------
    wrong: (service, duty) that the model gives to the other side.
    """

    wrong: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        total = len(SERVICES) * len(DUTIES)
        if not self.wrong:
            return text("primer.sorted.right", count=total)
        lines = [text("primer.sorted.some", right=total - len(self.wrong), count=total)]
        for service in SERVICES:
            duties = [duty for one, duty in self.wrong if one == service]
            if duties:
                lines.append(text("primer.sorted.row", service=text(f"primer.service.{service}"),
                                  duties=", ".join(duties)))  # fmt: skip
        return "\n".join(lines)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": str(self)}


def sort(**yours: Iterable[str]) -> Sorted:
    """Hold what you think is yours against AWS's model.

    Parameters
    ----------
    **yours: for each service (``ec2``, ``fargate``, ``rds``, ``s3``) the duties that you think are
        yours; all others are AWS's. A service that is left out has none of yours.

    Raises
    ------
    AwsFailed: there is no such service or duty.
    """
    given = {service: set(duties) for service, duties in yours.items()}
    for service, duties in given.items():
        if service not in SERVICES:
            raise AwsFailed("primer.no_service", name=service, known=", ".join(SERVICES))
        if odd := sorted(duties - DUTIES.keys()):
            raise AwsFailed("primer.no_duty", name=odd[0], known=", ".join(DUTIES))
    wrong = [(service, duty) for service in SERVICES for duty, owners in DUTIES.items()
             if (service in owners) != (duty in given.get(service, set()))]  # fmt: skip
    return Sorted(tuple(wrong))

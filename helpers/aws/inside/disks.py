"""Volumes of EBS: each is attached to one instance at a time, in its own Availability Zone.

Wraps ``AttachVolume``, which would let a second instance take a volume away from the first. No
disk comes of it: a volume is a record.
Source: AttachVolume in the Amazon EC2 API reference, and its error codes.
"""

from __future__ import annotations

from typing import Any

from ministack.services import ec2

__all__ = ["install"]


def install() -> None:
    """Let MiniStack refuse what EC2 refuses."""
    ec2._ACTION_MAP["AttachVolume"] = _checked(ec2._attach_volume)


def _checked(original: Any) -> Any:
    def attach(given: dict) -> Any:
        number, machine = ec2._p(given, "VolumeId"), ec2._p(given, "InstanceId")
        volume, instance = ec2._volumes.get(number), ec2._instances.get(machine)
        if volume is None or instance is None:
            return original(given)
        if volume.get("Attachments"):
            return ec2._error("VolumeInUse", f"{number} is already attached to an instance", 400)
        if volume.get("AvailabilityZone") != instance["Placement"]["AvailabilityZone"]:
            return ec2._error(
                "InvalidVolume.ZoneMismatch",
                f"The volume '{number}' is not in the same availability zone as instance "
                f"'{machine}'", 400,
            )  # fmt: skip
        return original(given)

    return attach

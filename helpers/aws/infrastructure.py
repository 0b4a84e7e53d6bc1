"""Machines, disks, shared files and the rights of machines: how they are found and removed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import botocore.exceptions

from ..engine.patience import until
from .finding import Thing, marks, pages, thing
from .targeting import client

__all__ = ["FIND", "REMOVE"]

GONE = 600.0  # seconds until a machine has ended, or has let go of a disk
ALIVE = ("pending", "running", "stopping", "stopped")


def _machines() -> Iterator[Thing]:
    wanted = [{"Name": "instance-state-name", "Values": list(ALIVE)}]
    for row in pages("ec2", "describe_instances", "Reservations", Filters=wanted):
        for one in row["Instances"]:
            tags = marks(one.get("Tags"))
            yield from thing("ec2 instance", one["InstanceId"], tags, tags.get("Name", ""))


def _images() -> Iterator[Thing]:
    for row in pages("ec2", "describe_images", "Images", Owners=["self"]):
        yield from thing("machine image", row["ImageId"], marks(row.get("Tags")),
                         row.get("Name") or "")  # fmt: skip


def _volumes() -> Iterator[Thing]:
    for row in pages("ec2", "describe_volumes", "Volumes"):
        if row["State"] not in ("deleting", "deleted"):
            tags = marks(row.get("Tags"))
            yield from thing("ebs volume", row["VolumeId"], tags, tags.get("Name", ""))


def _file_systems() -> Iterator[Thing]:
    for row in pages("efs", "describe_file_systems", "FileSystems"):
        if row["LifeCycleState"] not in ("deleting", "deleted"):
            tags = marks(row.get("Tags"))
            yield from thing("efs file system", row["FileSystemId"], tags, tags.get("Name", ""))


def _profiles() -> Iterator[Thing]:
    for row in pages("iam", "list_instance_profiles", "InstanceProfiles"):
        yield from thing("instance profile", row["InstanceProfileName"], marks(row.get("Tags")))


def _policies() -> Iterator[Thing]:
    for row in pages("iam", "list_policies", "Policies", Scope="Local"):
        yield from thing("iam policy", row["Arn"], marks(row.get("Tags")), row["PolicyName"])


@contextlib.contextmanager
def _unless(*codes: str) -> Iterator[None]:
    """Pass over an error of AWS that says what is wanted anyway: the thing has gone."""
    try:
        yield
    except botocore.exceptions.ClientError as error:
        if error.response["Error"]["Code"] not in codes:
            raise


def _terminate(found: Thing) -> None:
    ec2 = client("ec2")
    given = {"InstanceIds": [found.name]}

    def ended() -> bool:
        rows = ec2.describe_instances(**given)["Reservations"]
        return all(one["State"]["Name"] == "terminated" for row in rows for one in row["Instances"])

    with _unless("InvalidInstanceID.NotFound"):
        ec2.terminate_instances(**given)
        until(ended, GONE, "aws.inventory.waiting")


def _deregister(found: Thing) -> None:
    client("ec2").deregister_image(ImageId=found.name)


def _drop_volume(found: Thing) -> None:
    ec2 = client("ec2")

    def dropped() -> bool:
        try:
            ec2.delete_volume(VolumeId=found.name)
        except botocore.exceptions.ClientError as error:
            if error.response["Error"]["Code"] != "VolumeInUse":
                raise
            return False
        return True

    # what a machine's end has not detached, or deleted, already
    with _unless("IncorrectState", "InvalidVolume.NotFound"):
        (row,) = ec2.describe_volumes(VolumeIds=[found.name])["Volumes"]
        for one in row["Attachments"]:
            ec2.detach_volume(VolumeId=found.name, InstanceId=one["InstanceId"])
    with _unless("InvalidVolume.NotFound"):
        until(dropped, GONE, "aws.inventory.waiting")


def _drop_files(found: Thing) -> None:
    efs = client("efs")
    doors: Callable[[], list[Any]] = lambda: list(  # noqa: E731
        pages("efs", "describe_mount_targets", "MountTargets", FileSystemId=found.name)
    )
    for row in doors():
        efs.delete_mount_target(MountTargetId=row["MountTargetId"])
    until(lambda: not doors(), GONE, "aws.inventory.waiting")
    efs.delete_file_system(FileSystemId=found.name)


def _drop_profile(found: Thing) -> None:
    iam = client("iam")
    given = {"InstanceProfileName": found.name}
    with _unless("NoSuchEntity"):
        for role in iam.get_instance_profile(**given)["InstanceProfile"]["Roles"]:
            iam.remove_role_from_instance_profile(**given, RoleName=role["RoleName"])
        iam.delete_instance_profile(**given)


def _drop_policy(found: Thing) -> None:
    iam, arn = client("iam"), {"PolicyArn": found.name}
    told = iam.list_entities_for_policy(**arn)
    for row in told["PolicyUsers"]:
        iam.detach_user_policy(**arn, UserName=row["UserName"])
    for row in told["PolicyRoles"]:
        iam.detach_role_policy(**arn, RoleName=row["RoleName"])
    for row in told["PolicyGroups"]:
        iam.detach_group_policy(**arn, GroupName=row["GroupName"])
    for row in iam.list_policy_versions(**arn)["Versions"]:
        if not row["IsDefaultVersion"]:
            iam.delete_policy_version(**arn, VersionId=row["VersionId"])
    iam.delete_policy(**arn)


# In the order in which they can be removed.
FIND: dict[str, Callable[[], Iterator[Thing]]] = {
    "ec2 instance": _machines,
    "machine image": _images,
    "ebs volume": _volumes,
    "efs file system": _file_systems,
    "instance profile": _profiles,
    "iam policy": _policies,
}
REMOVE: dict[str, Callable[[Thing], None]] = {
    "ec2 instance": _terminate,
    "machine image": _deregister,
    "ebs volume": _drop_volume,
    "efs file system": _drop_files,
    "instance profile": _drop_profile,
    "iam policy": _drop_policy,
}

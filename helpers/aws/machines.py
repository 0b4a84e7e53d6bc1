"""Virtual machines of EC2: an image for them, their start, what they wrote while they started."""

from __future__ import annotations

from typing import Any

import botocore.exceptions

from ..bases import boto3
from ..engine import connect, labels
from ..engine.patience import until
from ..text import plain
from .targeting import client, current

__all__ = ["console", "machine", "machine_image"]

BOOT = 600.0  # seconds for a machine to have run its script; a real one takes minutes
MARK = "lesson: "  # what a line begins with that is for the learner; a console has many others
LOCAL = "boto3:1"  # the image, without the course's prefix
# "Find the latest AMI using Systems Manager" in the Amazon EC2 user guide
NEWEST = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"


def machine_image() -> str:
    """Return the ID of an image for machines.

    In a real account that is the newest Amazon Linux 2023. The local AWS starts containers for
    machines, and their image is ``lbl/boto3:1``, which is made and registered there if need be.

    Raises
    ------
    EngineFailed, DownloadFailed, …: as for `helpers.bases.boto3`.
    """
    chosen = current()
    if chosen.real:
        return client("ssm").get_parameter(Name=NEWEST)["Parameter"]["Value"]
    boto3(connect())
    ec2, name = client("ec2"), f"lbl-{chosen.lesson or '00'}-image"
    for row in ec2.describe_images(Owners=["self"])["Images"]:
        if row.get("Name") == name:
            return row["ImageId"]
    return ec2.register_image(Name=name, ImageLocation=LOCAL)["ImageId"]


def machine(name: str, *, script: str = "", profile: str | None = None, zone: str = "a") -> str:
    """Start the smallest usual machine (t3.micro), and return its ID once it runs.

    A machine of that name that an earlier run of the cell left is terminated first. Like
    everything that starts, it is tagged with the course's marks.

    Parameters
    ----------
    name: its tag ``Name``.
    script: what it runs as root when it starts for the first time (*user data*).
    profile: the instance profile whose role its programs get.
    zone: the letter of the Availability Zone.

    Raises
    ------
    TimedOut: it did not start in time, or EC2 did not get to know the profile.
    """
    ec2, chosen = client("ec2"), current()
    for number in _running(name):
        ec2.terminate_instances(InstanceIds=[number])
    marks = {"Name": name, **labels.make(chosen.lesson)}
    tags = [{"Key": key, "Value": value} for key, value in marks.items()]
    given: dict[str, Any] = {
        "ImageId": machine_image(), "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1,
        "Placement": {"AvailabilityZone": f"{chosen.region}{zone}"}, "UserData": script,
        # a token first, then the question: the second version of the metadata service alone
        "MetadataOptions": {"HttpTokens": "required", "HttpEndpoint": "enabled"},
        "TagSpecifications": [{"ResourceType": "instance", "Tags": tags},
                              {"ResourceType": "volume", "Tags": tags}],
    }  # fmt: skip
    if profile:
        given["IamInstanceProfile"] = {"Name": profile}
    print(f"$ aws ec2 run-instances --instance-type t3.micro --iam-instance-profile {profile} …"
          if profile else "$ aws ec2 run-instances --instance-type t3.micro …")  # fmt: skip

    def started() -> str | None:
        try:
            return ec2.run_instances(**given)["Instances"][0]["InstanceId"]
        except botocore.exceptions.ClientError as error:
            # EC2 hears of a new instance profile some seconds after IAM has made it
            if "Instance Profile" not in str(error):
                raise
            return None

    number = until(started, BOOT, "primer.waiting_machine", name=name)
    until(lambda: _state(number) == "running", BOOT, "primer.waiting_machine", name=name)
    return number


def _running(name: str) -> list[str]:
    rows = client("ec2").describe_instances(Filters=[
        {"Name": "tag:Name", "Values": [name]},
        {"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]},
    ])["Reservations"]  # fmt: skip
    return [one["InstanceId"] for row in rows for one in row["Instances"]]


def _state(number: str) -> str:
    rows = client("ec2").describe_instances(InstanceIds=[number])["Reservations"]
    return rows[0]["Instances"][0]["State"]["Name"]


def console(number: str) -> None:
    """Wait until a machine's script has ended, and print what it wrote for you.

    Of everything on its console those are the lines that begin with ``lesson: ``; the last one of
    them says ``done``.

    Raises
    ------
    TimedOut: the script did not end in time.
    """
    for line in until(lambda: _told(number), BOOT, "primer.waiting_script"):
        print(plain(line))


def _told(number: str) -> list[str] | None:
    shown = client("ec2").get_console_output(InstanceId=number).get("Output") or ""
    # on a real console each line has the time and a program's name in front
    lines = [line.partition(MARK)[2].strip() for line in shown.splitlines() if MARK in line]
    return lines[:-1] if lines and lines[-1] == "done" else None

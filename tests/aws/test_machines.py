"""EC2's machines: their role reaches them as in EC2; they, disks and rights go at the end."""

from __future__ import annotations

import json

import pytest

from helpers import aws, bases
from helpers.aws import Target
from helpers.aws.holdings import take as inventory

pytestmark = pytest.mark.daemon
# What an SDK asks, without one: the first version of the service, then the second.
SCRIPT = """\
#!/bin/sh
python3 - <<'END'
import json, urllib.error, urllib.request

def ask(path, method="GET", **headers):
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(f"http://169.254.169.254/latest/{path}", method=method,
                                     headers=names)
    try:
        return urllib.request.urlopen(request, timeout=5).read().decode()
    except urllib.error.HTTPError as error:
        return error.code

roles = "meta-data/iam/security-credentials/"
print("lesson:", ask(roles), ask(roles, X_aws_ec2_metadata_token="guessed"))
token = ask("api/token", "PUT", X_aws_ec2_metadata_token_ttl_seconds="60")
given = {"X_aws_ec2_metadata_token": token}
role = ask(roles, **given)
print("lesson:", role, ask(roles + "another", **given))
if role != 404:
    print("lesson:", json.loads(ask(roles + role, **given))["Type"])
    import boto3
    s3 = boto3.client("s3")
    for bucket in ("lbl-one", "lbl-two"):
        try:
            print("lesson:", s3.get_object(Bucket=bucket, Key="a")["Body"].read().decode())
        except Exception as error:
            print("lesson:", error.response["Error"]["Code"])
END
echo "lesson: done"
"""


@pytest.fixture
def buckets(cloud: Target) -> Target:
    assert cloud.local
    bases.boto3(cloud.local.engine)
    s3 = aws.client("s3")
    for name in ("lbl-one", "lbl-two"):
        s3.create_bucket(Bucket=name)
        s3.put_object(Bucket=name, Key="a", Body=name.encode())
    return cloud


def _said(number: str, capsys: pytest.CaptureFixture) -> list[str]:
    capsys.readouterr()
    aws.console(number)
    return capsys.readouterr().out.splitlines()


def test_a_machine_has_what_its_role_may(buckets: Target, capsys: pytest.CaptureFixture) -> None:
    allowed = {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::lbl-one/*"}
    profile = aws.instance_profile("lbl-13-reader", allowed)
    assert aws.instance_profile("lbl-13-reader", allowed) == profile
    number = aws.machine("lbl-13-one", script=SCRIPT, profile=profile)
    assert _said(number, capsys) == [
        "401 401", "lbl-13-reader 404", "AWS-HMAC", "lbl-one", "AccessDenied"
    ]  # fmt: skip
    without = aws.machine("lbl-13-two", script=SCRIPT)
    assert _said(without, capsys) == ["401 401", "404 404"]
    # a role that does not trust EC2 is not handed out
    other = json.dumps(aws.client("iam").get_role(RoleName=profile)["Role"][
        "AssumeRolePolicyDocument"]).replace("ec2.", "ecs-tasks.")  # fmt: skip
    aws.client("iam").update_assume_role_policy(RoleName=profile, PolicyDocument=other)
    number = aws.machine("lbl-13-one", script=SCRIPT.replace("if role != 404", "if False"))
    assert _said(number, capsys) == ["401 401", "404 404"]


def test_disks_files_and_rights_go_at_the_end(buckets: Target) -> None:
    ec2, iam = aws.client("ec2"), aws.client("iam")
    one, two = aws.machine("lbl-13-one"), aws.machine("lbl-13-two")
    near, far = (ec2.create_volume(AvailabilityZone=f"us-east-1{letter}", Size=1)["VolumeId"]
                 for letter in "ab")  # fmt: skip
    device = {"Device": "/dev/sdf"}
    attach = lambda volume, number: aws.outcome(  # noqa: E731
        ec2.attach_volume, VolumeId=volume, InstanceId=number, **device
    )
    assert attach(near, one) == "OK"
    assert attach(near, two) == "VolumeInUse"
    assert attach(far, two) == "InvalidVolume.ZoneMismatch"
    aws.client("efs").create_file_system(CreationToken="files")
    aws.instance_profile("lbl-13-reader", {"Action": "s3:GetObject", "Resource": "*"})
    rule = {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}
    made = iam.create_policy(PolicyName="lbl-13-list", PolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": [rule]}))["Policy"]["Arn"]  # fmt: skip
    iam.attach_role_policy(RoleName="lbl-13-reader", PolicyArn=made)
    kinds = {thing.kind for thing in inventory().things}
    assert kinds >= {"ec2 instance", "machine image", "ebs volume", "efs file system",
                     "instance profile", "iam policy"}  # fmt: skip
    assert not aws.clean_up().things
    assert not [row for row in ec2.describe_instances()["Reservations"]
                if row["Instances"][0]["State"]["Name"] != "terminated"]  # fmt: skip


def test_a_user_s_key_is_good_for_what_is_allowed(buckets: Target) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="lbl-13-ana")
    first = aws.client("s3", **aws.key("lbl-13-ana"))
    second = aws.client("s3", **aws.key("lbl-13-ana"))
    read = {"Bucket": "lbl-one", "Key": "a"}
    assert aws.outcome(second.get_object, **read) == "AccessDenied"
    rule = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    iam.put_user_policy(UserName="lbl-13-ana", PolicyName="all", PolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": [rule]}))  # fmt: skip
    assert aws.outcome(second.get_object, **read) == "OK"
    assert aws.outcome(first.get_object, **read) == "InvalidAccessKeyId"  # it was deleted
    url = second.generate_presigned_url("get_object", Params=read)
    assert aws.ask(url) == (200, "lbl-one")
    assert "X-Amz-Signature" in url  # the old kind is refused for new buckets
    assert aws.ask(url.replace("lbl-one", "lbl-two")) == (403, "")

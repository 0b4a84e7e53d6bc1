#!/bin/sh
# What this machine does when it starts for the first time.
# The lines that begin with "lesson:" are for you.
python3 -c "import boto3" 2>/dev/null || { dnf install -qy python3-pip; pip3 install -q boto3; }
python3 - <<'END'
import boto3
from botocore.exceptions import ClientError

where = {"region_name": "${REGION}"}
s3 = boto3.client("s3", **where)
who = boto3.client("sts", **where).get_caller_identity()["Arn"].split("/")[1]
print("lesson: I am", who)
for name, bucket in (("its own", "${OWN}"), ("the other", "${OTHER}")):
    try:
        answer = s3.get_object(Bucket=bucket, Key="public/note")
        print("lesson:", name, "bucket:", answer["Body"].read().decode())
    except ClientError as error:
        print("lesson:", name, "bucket:", error.response["Error"]["Code"])
END
echo "lesson: done"

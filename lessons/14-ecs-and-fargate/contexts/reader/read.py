"""Read a public and a private note out of a bucket, and try to change one."""

import os

import boto3
from botocore.exceptions import ClientError

s3 = boto3.client("s3")
bucket = os.environ["BUCKET"]


def attempt(what, call, **given):
    try:
        answer = call(Bucket=bucket, **given)
        print(what, "→", answer["Body"].read().decode() if "Body" in answer else "done")
    except ClientError as error:
        print(what, "→", error.response["Error"]["Code"])


print("I am", boto3.client("sts").get_caller_identity()["Arn"].split("/")[1])
attempt("read public/note", s3.get_object, Key="public/note")
attempt("read private/note", s3.get_object, Key="private/note")
attempt("write public/note", s3.put_object, Key="public/note", Body=b"changed")

"""A cluster of EKS as one of its users sees it: kubeconfig, and tokens that `aws` makes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import botocore.exceptions
import yaml

from ...engine import connect as connect_engine
from ...engine.patience import until
from ...errors import AwsFailed
from ...kubernetes import own, spaces
from ...kubernetes.api import Api
from ...kubernetes.cluster import Cluster
from ...kubernetes.versions import Version
from ...paths import home, writable
from ...text import plain
from .. import command
from ..targeting import client, current
from ..trusting import trusted

__all__ = ["connect", "role"]

TOKEN = Path(__file__).with_name("token.py")
LIMIT = 60  # seconds for `aws eks update-kubeconfig`
KNOWN = 30.0  # seconds for a new role to be one that can be taken on
SESSION = "learner"


def connect(name: str, role: str | None = None, *, namespace: str | None = None) -> Cluster:
    """Return a cluster to work in with kubectl, as who calls AWS or as a role.

    ``aws eks update-kubeconfig`` writes the kubeconfig file, in a folder of the course's own. In it
    stands no password but a command, ``aws eks get-token``, which makes a token when one is needed.
    The course keeps each token for ten minutes; kubectl alone would have one made by every command.

    Parameters
    ----------
    name: of the cluster.
    role: ARN of a role to take on; without one, who you are.
    namespace: in which the work happens; ``lbl-16`` for lesson 16. It is made if you may.

    Raises
    ------
    AwsRefused: no target was chosen.
    AwsFailed: there is no such cluster, or it is not active yet.
    ClientError: the role cannot be taken on.
    KubernetesFailed: the cluster does not answer.
    """
    chosen = current()
    space = namespace or f"lbl-{chosen.lesson or '16'}"
    given = command.environment()
    file = _folder() / f"{name}.yaml"
    # a role need not have the right to ask for the cluster's address: it takes the same file
    written = yaml.safe_load(file.read_text()) if role and file.exists() else _written(name, given)
    version = client("eks").describe_cluster(name=name)["cluster"]["version"]
    if role:
        given |= _taken_on(role)
    # the token is signed for AWS's own address, and nothing is sent there to make it
    given.pop("AWS_ENDPOINT_URL", None)
    mine = {key: given[key] for key in given if key.startswith("AWS_")}
    key = sha256(given["AWS_ACCESS_KEY_ID"].encode()).hexdigest()[:16]
    file = _folder() / f"{name}-{key}.yaml"
    config = _with_memory(written, file.with_suffix(".token"))
    _write(file, yaml.safe_dump(config))
    engine = chosen.local.engine if chosen.local else connect_engine()
    api = Api.of_config(_with_environment(config, mine), name)
    running = own.running(engine) if chosen.local else None
    cluster = Cluster(
        api, name, space, Version.of(f"v{version}.0"), (), False, engine, file,
        running.kubectl if running else None, environment=tuple(mine.items()),
    )  # fmt: skip
    if role is None:
        spaces.make(api, space, chosen.lesson or "16")
        if running:
            _let_pull(cluster)
    return cluster


def role(name: str) -> str:
    """Make a role that who calls AWS may take on, and that has no rights in AWS; return its ARN."""
    chosen = current()
    return trusted(name, {"AWS": f"arn:{chosen.partition}:iam::{chosen.account}:root"})


def _folder() -> Path:
    return writable(home() / "eks")


def _write(file: Path, content: str) -> None:
    part = file.with_suffix(f".{os.getpid()}.part")
    part.touch(0o600)
    part.write_text(content)
    part.replace(file)


def _written(name: str, given: dict[str, str]) -> dict[str, Any]:
    """Let `aws` write a kubeconfig, and return what stands in it."""
    file = _folder() / f"{name}.yaml"
    file.unlink(missing_ok=True)
    words = ["eks", "update-kubeconfig", "--name", name, "--alias", name]
    print(f"$ aws {plain(' '.join(words))}", flush=True)
    done = subprocess.run(
        [sys.executable, "-m", "awscli", *words], env={**given, "KUBECONFIG": str(file)},
        capture_output=True, stdin=subprocess.DEVNULL, timeout=LIMIT, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise AwsFailed("eks.no_config", name=name, reason=plain(done.stderr.strip()))
    file.chmod(0o600)
    return yaml.safe_load(file.read_text())


def _taken_on(role: str) -> dict[str, str]:
    """Take on a role; one that was made just now is not known everywhere in AWS at once."""
    sts = client("sts")

    def look() -> dict | None:
        try:
            return sts.assume_role(RoleArn=role, RoleSessionName=SESSION)["Credentials"]
        except botocore.exceptions.ClientError as error:
            if error.response["Error"]["Code"] != "AccessDenied" or not current().real:
                raise
            return None

    found = until(look, KNOWN, "eks.waiting_role")
    return {
        "AWS_ACCESS_KEY_ID": found["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": found["SecretAccessKey"],
        "AWS_SESSION_TOKEN": found["SessionToken"],
    }


def _with_memory(config: dict[str, Any], file: Path) -> dict[str, Any]:
    """Return the kubeconfig with a command that keeps the token of the one that `aws` wrote."""
    users = []
    for one in config["users"]:
        call = one["user"]["exec"]
        made = {
            **call,
            "command": sys.executable,
            "args": ["-S", str(TOKEN), str(file), sys.executable, "-m", "awscli", *call["args"]],
        }
        users.append({**one, "user": {"exec": made}})
    return {**config, "users": users}


def _with_environment(config: dict[str, Any], given: dict[str, str]) -> dict[str, Any]:
    """Return the same with the credentials in it; that one is never written down."""
    rows = [{"name": key, "value": value} for key, value in given.items()]
    users = [
        {**one, "user": {"exec": {**one["user"]["exec"], "env": rows}}} for one in config["users"]
    ]
    return {**config, "users": users}


def _let_pull(cluster: Cluster) -> None:
    """Let the pods of the namespace pull from the account's ECR.

    In AWS the role of a node does that. The local node has no role, so the namespace gets the same
    token that docker logs in with.
    """
    row = client("ecr").get_authorization_token()["authorizationData"][0]
    place = row["proxyEndpoint"].partition("//")[2]
    content = json.dumps({"auths": {place: {"auth": row["authorizationToken"]}}})
    spaces.put(cluster.api, f"{cluster.core}/secrets", {
        "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/dockerconfigjson",
        "metadata": {"name": "ecr"}, "stringData": {".dockerconfigjson": content},
    })  # fmt: skip
    cluster.api.call(
        "PATCH", f"{cluster.core}/serviceaccounts/default", {"imagePullSecrets": [{"name": "ecr"}]},
        kind="application/strategic-merge-patch+json",
    )  # fmt: skip

"""Images that manifests name, from this machine to ECR, where nodes of AWS find them."""

from __future__ import annotations

import re

from ... import bases
from ...kubernetes.manifests import Folder
from ..images import login, push
from ..targeting import client, current

__all__ = ["publish"]

# The line of an image, and the line after it that forbids to pull it.
IMAGE = re.compile(r"^(?P<before>\s*(?:- )?image:\s*)(?P<name>\S+)\s*$", re.MULTILINE)
NEVER = re.compile(r"^\s*imagePullPolicy:\s*Never\s*\n", re.MULTILINE)


def publish(place: Folder) -> None:
    """Push every image that the manifests of a folder name, and let them name the one in ECR.

    Each image gets a repository ``lbl-NN/…``, which is made if it is missing. What changes in the
    files is printed: the names of images, and ``imagePullPolicy: Never``, which goes.

    Parameters
    ----------
    place: a scenario with manifests.

    Raises
    ------
    AwsRefused: no target was chosen.
    NotFound: this machine has no such image.
    AwsFailed, RegistryDenied: ECR refused the login or a push.
    """
    contents = {file.name: file.read_text("utf-8") for file in sorted(place.folder.glob("*.yaml"))}
    names = sorted({m["name"] for one in contents.values() for m in IMAGE.finditer(one)})
    wanted = [name for name in names if name.startswith("lbl/")]
    login()
    moved = {name: _moved(name) for name in wanted}
    for file, content in contents.items():
        new = IMAGE.sub(lambda m: m["before"] + moved.get(m["name"], m["name"]), content)
        if new != content:
            place.write(file, NEVER.sub("", new))
            for name in wanted:
                if name in content:
                    print(f"{file}: {name} → …/{moved[name].partition('/')[2]}")
            if NEVER.search(new):
                print(f"{file}: imagePullPolicy: Never → –")


def _moved(name: str) -> str:
    if name in bases.MAKERS:
        bases.MAKERS[name]()
    short, _, tag = name.partition("/")[2].partition(":")
    repository = f"lbl-{current().lesson or '16'}/{short}"
    ecr = client("ecr")
    try:
        uri = ecr.create_repository(repositoryName=repository)["repository"]["repositoryUri"]
    except ecr.exceptions.RepositoryAlreadyExistsException:
        row = ecr.describe_repositories(repositoryNames=[repository])["repositories"][0]
        uri = row["repositoryUri"]
    push(name, uri, tag or "latest")
    return f"{uri}:{tag or 'latest'}"

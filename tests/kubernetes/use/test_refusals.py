"""What old and new servers say of a manifest, word for word, brought back to its line."""

from __future__ import annotations

import pytest

from helpers import messages, paths
from helpers.kubernetes import read
from helpers.kubernetes.refusals import complaints, explained

SHOP = paths.ROOT / "lessons/10-kubernetes/contexts/shop"

# As kubectl and API server 1.20 (Debian's) and 1.32 printed them; the folder is shortened.
OLD_FIELD = (
    'error: error validating "/x/web.yaml": error validating data: '
    'ValidationError(Deployment.spec): unknown field "replica" in '
    "io.k8s.api.apps.v1.DeploymentSpec; if you choose to ignore these errors, turn validation "
    "off with --validate=false"
)
NEW_FIELD = (
    'Error from server (BadRequest): error when creating "/x/web.yaml": Deployment in version '
    '"v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.replica"'
)
OLD_TYPE = (
    'error: error validating "/x/web.yaml": error validating data: '
    "ValidationError(Deployment.spec.replicas): invalid type for "
    'io.k8s.api.apps.v1.DeploymentSpec.replicas: got "string", expected "integer"; if you choose '
    "to ignore these errors, turn validation off with --validate=false"
)
NEW_TYPE = (
    'Error from server (BadRequest): error when creating "/x/web.yaml": Deployment in version '
    '"v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field '
    "DeploymentSpec.spec.replicas of type int32"
)
LABELS = (
    'The Deployment "web" is invalid: spec.template.metadata.labels: Invalid value: '
    'map[string]string{"app":"web"}: `selector` does not match template `labels`'
)
SEVERAL = (
    'The Deployment "db" is invalid: \n'
    '* spec.template.spec.containers[0].image: Required value\n'
    '* spec.replicas: Invalid value: -1: must be greater than or equal to 0'
)  # fmt: skip
KIND = (
    'error: unable to recognize "/x/web.yaml": no matches for kind "Deploymnt" in version "apps/v1"'
)


@pytest.mark.parametrize(
    ("said", "file", "line", "path", "reason"),
    [
        (OLD_FIELD, "web.yaml", 5, "spec.replica", 'unknown field "replica"'),
        (NEW_FIELD, "web.yaml", 5, "spec.replica", 'unknown field "replica"'),
        (OLD_TYPE, "web.yaml", 6, "spec.replicas", "invalid type"),
        (NEW_TYPE, "web.yaml", 6, "spec.replicas", "int32 wanted, not string"),
        (LABELS, "web.yaml", 15, "spec.template.metadata.labels", "does not match"),
        (SEVERAL, "db.yaml", 18, "spec.template.spec.containers[0].image", "Required value"),
    ],
)
def test_a_refusal_leads_to_its_line(
    said: str, file: str, line: int, path: str, reason: str
) -> None:
    documents = read(SHOP)
    error = explained(said, documents)
    assert error.key == "kubernetes_use.refused_line"
    assert (error.values["file"], error.values["path"]) == (file, path)
    assert reason in str(error.values["reason"])
    content = (SHOP / file).read_text("utf-8").splitlines()
    assert error.values["line"] == line
    assert content[line - 1].strip()[:80] == error.values["shown"]


def test_old_and_new_servers_give_the_same_words() -> None:
    documents = read(SHOP)
    with messages.speaking("en"):
        assert str(explained(OLD_FIELD, documents)) == str(explained(NEW_FIELD, documents))


def test_an_unknown_kind_is_named() -> None:
    assert complaints(KIND)[0].kind == "Deploymnt"
    assert complaints(KIND)[0].path == "kind"


@pytest.mark.parametrize("said", ["", "error: \x1b[31mno\x07", "Unable to connect to the server"])
def test_other_words_are_passed_on_without_control_sequences(said: str) -> None:
    error = explained(said, read(SHOP))
    assert "\x1b" not in str(error)

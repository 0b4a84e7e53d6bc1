"""What is kept of a request: names for IDs, the call's meaning, and no secret."""

from __future__ import annotations

import json

import pytest

from helpers.components.calls import MEANINGS, meaning
from helpers.components.framing import request_head
from helpers.components.naming import HIDDEN, exchanges, named, redacted
from helpers.components.proxy import Heard
from helpers.messages import catalogue

ID = "f915139ab43d85d29abe9322f12c835ae44a63f25bde7a75fc6b67daf8c2f00b"


def heard(head: str, body: object = None, **fields: object) -> Heard:
    raw = (head.replace("\n", "\r\n") + "\r\n\r\n").encode()
    one = Heard(request_head(raw), began=1.0, wall=0.0)
    one.asked = b"" if body is None else json.dumps(body).encode()
    one.status = 200
    for name, value in fields.items():
        setattr(one, name, value)
    return one


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (f"/containers/{ID}/start", "/containers/{container}/start"),
        (f"/exec/{ID}/json", "/exec/{exec}/json"),
        (f"/images/sha256:{ID}/json", "/images/{image}/json"),
        ("/containers/lbl-06-here/json", "/containers/lbl-06-here/json"),
        ("/containers/json", "/containers/json"),
        ("/containers/deadbeef/json", "/containers/deadbeef/json"),  # a name: too short for an ID
    ],
)
def test_ids_become_names(path, shown):
    assert named(path) == shown


def test_the_version_is_left_out_and_the_rest_is_kept():
    (found,) = exchanges([heard("POST /v1.51/containers/create?name=x HTTP/1.1")])
    assert (found.method, found.path, found.query) == ("POST", "/containers/create", {"name": "x"})
    assert found.meaning == "create"


def test_headers_are_not_kept():
    secret = "c2VjcmV0"
    head = f"POST /v1.51/images/a/push HTTP/1.1\nX-Registry-Auth: {secret}\nAuthorization: {secret}"
    (found,) = exchanges([heard(head)])
    assert secret not in repr(found) and secret not in str(found.body)


def test_a_login_leaves_nothing_of_its_body():
    body = {"username": "ann", "password": "open-sesame", "serveraddress": "127.0.0.1"}
    (found,) = exchanges([heard("POST /v1.51/auth HTTP/1.1\nContent-Type: application/json", body)])
    assert found.body is None and found.meaning == "login"


def test_secrets_in_a_body_are_taken_out():
    body = {
        "Image": "a", "Env": ["KEY=open-sesame", "EMPTY"], "Labels": {"registry-token": "t0ken"},
        "HostConfig": {"Deep": [{"IdentityToken": "t0ken", "Memory": 3}]}, "Password": None,
    }  # fmt: skip
    found = redacted(body)
    assert "open-sesame" not in str(found) and "t0ken" not in str(found)
    assert found["Env"] == [f"KEY={HIDDEN}", "EMPTY"]
    assert found["HostConfig"]["Deep"] == [{"IdentityToken": HIDDEN, "Memory": 3}]
    assert found["Password"] is None  # an empty field hides nothing


def test_a_secret_in_a_query():
    (found,) = exchanges([heard("GET /x?token=abc&tail=1 HTTP/1.1")])
    assert found.query == {"token": HIDDEN, "tail": "1"}


def test_what_docker_says_is_made_plain():
    (found,) = exchanges([heard("GET /containers/%1b%5b2Jx/json HTTP/1.1")])
    assert found.path == "/containers/x/json"


def test_waiting_calls_are_told_from_long_answers():
    waits = heard(f"POST /v1.51/containers/{ID}/wait HTTP/1.1", streamed=True)
    long_ = heard("GET /v1.51/containers/json HTTP/1.1", streamed=True)
    open_ = heard(f"POST /v1.51/containers/{ID}/attach HTTP/1.1", upgraded=True)
    assert [e.kind for e in exchanges([waits, long_, open_])] == ["stream", "answer", "both ways"]


def test_a_body_that_is_cut_off_is_no_body():
    one = heard("POST /x HTTP/1.1\nContent-Type: application/json")
    one.asked = b'{"Image": "a'
    assert exchanges([one])[0].body is None


@pytest.mark.parametrize(
    ("method", "path", "registry", "found"),
    [
        ("HEAD", "/_ping", False, "ping"),
        ("POST", "/images/127.0.0.1:5000/lbl/a/push", False, "push"),
        ("DELETE", "/containers/x", False, "remove"),
        ("GET", "/v2/", True, "registry_base"),
        ("HEAD", "/v2/lbl/a/blobs/sha256:1", True, "registry_has"),
        ("PUT", "/v2/lbl/a/manifests/1", True, "registry_store"),
        ("POST", "/v2/lbl/a/blobs/uploads/", True, "registry_upload"),
        ("GET", "/swarm", False, "other"),
    ],
)
def test_meanings(method, path, registry, found):
    assert meaning(method, path, registry=registry) == found


def test_every_meaning_has_words():
    assert all(f"components.call.{name}" in catalogue() for name in MEANINGS)

"""The API without the client: what it may ask, and what it may change."""

from __future__ import annotations

import pytest

from helpers import components
from helpers.engine import labels
from helpers.errors import ContainerFailed, NotFound, NotOurs

from .conftest import HERE


def test_a_container_by_hand(engine, image, capsys):
    body = {"Image": image, "Cmd": ["sleep", "60"]}
    for _ in range(2):  # a cell that is run again replaces it
        made = components.call("POST", f"/containers/create?name={HERE}", body, engine=engine)
        assert made.status == 201
    for word, status in (("start", 204), ("pause", 204), ("pause", 409)):
        path = f"/containers/{HERE}/{word}"
        assert components.call("POST", path, engine=engine).status == status
    found = components.call("GET", f"/containers/{HERE}/json", engine=engine)
    assert found.body["State"]["Status"] == "paused"
    assert labels.ours(found.body["Config"]["Labels"])
    out = capsys.readouterr().out
    assert out.startswith("$ curl --unix-socket docker.sock -X POST -H 'Content-Type: ")
    assert "409 Conflict: " in out
    assert components.call("DELETE", f"/containers/{HERE}?force=1", engine=engine).status == 204


def test_what_is_not_there_is_the_daemons_to_tell(engine, image, capsys):
    assert components.call("POST", "/containers/lbl-06-no/start", engine=engine).status == 404
    assert components.call("GET", "/nothing", engine=engine).status == 404
    assert components.call("GET", "containers/json", engine=engine).status == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/containers/prune"),
        ("POST", "/images/prune"),
        ("DELETE", "/images/lbl/busybox:1"),
        ("POST", "/build/prune"),
        ("POST", "/volumes/create"),
        ("POST", "/containers/x/exec"),
        ("PUT", "/containers/x/archive"),
        ("DELETE", "/containers/x/start"),
        ("POST", "/containers/x"),
    ],
)
def test_everything_else_is_refused(engine, image, method, path):
    with pytest.raises(NotOurs):
        components.call(method, path, engine=engine)


def test_ports_and_foreign_images(engine, image):
    ports = {"Image": image, "HostConfig": {"PortBindings": {"80/tcp": [{"HostPort": "80"}]}}}
    with pytest.raises(ContainerFailed):
        components.call("POST", "/containers/create", ports, engine=engine)
    with pytest.raises(NotFound, match="nothing:1"):
        components.call("POST", "/containers/create", {"Image": "nothing:1"}, engine=engine)

"""An application of two services on a real daemon, and every way in which it may not start."""

from __future__ import annotations

import shutil
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from helpers import bases, components
from helpers.components import client, compose_file
from helpers.engine import cleanup, labels
from helpers.errors import ComposeFailed, ContainerFailed, EngineFailed, NotFound
from helpers.paths import ROOT

SHIPPED = ROOT / "lessons/06-components/contexts/visits"
PROJECT = "lbl-06-visits"
IMAGE = "lbl/06-visits:1"
TAG = "lbl/06-visits"


@dataclass(frozen=True)
class Place:
    folder: Path
    shown: str = "contexts/06-visits"

    def change(self, *pairs: str) -> None:
        text = (SHIPPED / "compose.yaml").read_text()
        for old, new in zip(pairs[::2], pairs[1::2], strict=True):
            assert old in text
            text = text.replace(old, new, 1)  # twice: either may be told first
        (self.folder / "compose.yaml").write_text(text)


@pytest.fixture(scope="module")
def page(engine):
    """The image of the page; built by a container, so that the builder learns nothing."""
    api = engine.client.api
    made = api.create_container(bases.python(engine), labels=labels.make("06"))["Id"]
    with pytest.MonkeyPatch.context():
        subprocess.run(
            ["docker", "cp", f"{SHIPPED}/.", f"{made}:/app"],
            env=engine.environment(), check=True, capture_output=True, timeout=60,
        )  # fmt: skip
    api.commit(made, TAG, "1", conf={"Cmd": ["python", "app.py"], "WorkingDir": "/app"})
    api.remove_container(made)
    yield IMAGE
    cleanup.clean(engine, lesson="06")


@pytest.fixture
def place(page, tmp_path):
    shutil.copy(SHIPPED / "compose.yaml", tmp_path)
    return Place(tmp_path)


@pytest.fixture
def app(engine, place, capsys):
    found = components.application(place, engine)
    yield found
    place.change()
    found.down(volumes=True)


def states(app):
    return [(one.name, one.state, one.health) for one in app.members()]


def test_up_ask_scale_restart_down_and_up_again(engine, app, capsys):
    app.up()
    well = "running", "healthy"
    assert states(app) == [(f"{PROJECT}-db-1", *well), (f"{PROJECT}-web-1", *well)]
    assert app.ask().output == "visit 1\n"
    app.up(web=3)
    assert [app.ask(number=n).output for n in (1, 2, 3)] == ["visit 2\n", "visit 3\n", "visit 4\n"]
    ports = [place for one in app.members() for place in one.ports.values()]
    assert len(set(ports)) == 3 and all(p.startswith("127.0.0.1:") for p in ports)
    app.restart("db")
    assert app.ask().output == "visit 5\n"
    assert sorted(app.logs("web").lines)[0].startswith("web-1  | / 200 visit")
    app.down()
    assert app.members() == () and app.volumes() == (f"{PROJECT}_data",)
    app.up()
    assert app.ask().output == "visit 6\n"
    app.down(volumes=True)
    assert app.volumes() == ()
    out = capsys.readouterr().out
    for line in (
        "contexts/06-visits $ docker compose up --detach --wait\n",
        "contexts/06-visits $ docker compose up --detach --wait --scale web=3\n",
        "contexts/06-visits $ docker compose restart db\n",
        "contexts/06-visits $ docker compose down\n",
        f"Still there: the volume {PROJECT}_data\n",
    ):
        assert line in out


def test_what_is_printed_does_the_same_when_typed(engine, place, app, capsys):
    for words in (["up", "--detach", "--wait"], ["ps"], ["down", "--volumes"]):
        done = subprocess.run(
            ["docker", "compose", *words], env=engine.environment(), cwd=place.folder,
            capture_output=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        if words[0] == "up":
            assert len(app.members()) == 2


def test_a_new_beginning_and_the_lessons_cleanup_leave_nothing(engine, place, app, capsys):
    app.up()
    app.ask()
    again = components.application(place, engine)
    assert again.members() == () and again.volumes() == ()
    again.up()
    assert again.ask().output == "visit 1\n"
    for one in again.members():
        found = engine.client.api.inspect_container(one.name)["Config"]["Labels"]
        assert labels.ours(found) and found["com.docker.compose.project"] == PROJECT
    api = engine.client.api
    api.tag(IMAGE, "keep", "1")  # the image is still needed by other tests
    try:
        cleanup.clean(engine, lesson="06")
        assert again.members() == () and again.volumes() == ()
        assert not api.networks(names=[f"{PROJECT}_default"])
    finally:
        api.tag("keep:1", TAG, "1")
        api.remove_image("keep:1")


@pytest.mark.parametrize(
    ("old", "new", "line", "shown"),
    [
        ("ports:", "prots:", 9, "prots:"),
        ("      DATABASE: db", "     - DATABASE: [", 9, "ports:"),
        ("interval: 1s", "interval: soon", 13, "interval: soon"),
        ("- data:/data", "- dta:/data", 23, "- dta:/data"),
        ("user: redis", "\tuser: redis", 21, "user: redis"),
        ('"127.0.0.1::8000"', '"127.0.0.1:99999:8000"', 10, '- "127.0.0.1:99999:8000"'),
        ("      db:\n", "      database:\n", 16, "database:"),
    ],
)
def test_an_error_in_the_file_is_told_with_its_line(engine, place, capsys, old, new, line, shown):
    place.change(old, new)
    with pytest.raises(ComposeFailed) as caught:
        components.application(place, engine)
    assert caught.value.key == "components.bad_line"
    told = caught.value.values["line"]
    assert abs(told - line) <= (1 if "[" in new else 0)
    assert str(place.folder) not in str(caught.value)
    if "[" not in new:
        assert shown in caught.value.what


def test_an_error_without_a_line(engine, place):
    (place.folder / "compose.yaml").write_text("")
    with pytest.raises(ComposeFailed, match="empty compose file"):
        components.application(place, engine)


def test_no_file(engine, place):
    (place.folder / "compose.yaml").unlink()
    with pytest.raises(NotFound, match="no compose file"):
        components.application(place, engine)


@pytest.mark.parametrize(
    "port", ["8461:8000", "0.0.0.0:8461:8000", "8000", "8461-8463:8000", "[::]:8461:8000"]
)
def test_a_port_for_everybody_is_refused(engine, place, port):
    place.change("127.0.0.1::8000", port)
    with pytest.raises(ContainerFailed, match="to other machines"):
        components.application(place, engine)


def test_a_name_that_clean_up_would_not_know(engine, place):
    place.change(f"name: {PROJECT}", "name: shop")
    with pytest.raises(ComposeFailed, match="name: lbl-06-visits"):
        components.application(place, engine)


def test_a_port_that_is_taken(engine, place, app, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        place.change("127.0.0.1::8000", f"127.0.0.1:{port}:8000")
        with pytest.raises(ContainerFailed) as caught:
            app.up()
    assert caught.value.key == "components.port_taken" and str(port) in caught.value.what


def test_a_service_that_does_not_get_healthy(engine, place, app, capsys):
    place.change("ask.py", "nask.py", "retries: 10", "retries: 2")
    with pytest.raises(ContainerFailed) as caught:
        app.up()
    assert caught.value.key == "components.unhealthy"
    assert f"{PROJECT}-web-1" in caught.value.what and "nask.py" in caught.value.why


def test_a_service_that_ends(engine, place, app, capsys):
    place.change("init: true", 'command: ["python", "-c", "1/0"]')
    with pytest.raises(ContainerFailed) as caught:
        app.up()
    assert caught.value.key == "components.ended" and "ZeroDivisionError" in caught.value.why


def test_an_image_that_is_missing(engine, place, app, capsys):
    place.change(IMAGE, "lbl/06-nothing:1")
    with pytest.raises(NotFound) as caught:
        app.up()
    assert caught.value.key == "components.no_service_image" and "web" in caught.value.what


def test_asking_what_is_not_published(engine, place, app, capsys):
    with pytest.raises(NotFound, match="published port"):
        app.ask()
    app.up()
    with pytest.raises(NotFound, match="container 2 of the service web"):
        app.ask(number=2)
    with pytest.raises(NotFound):
        app.ask(service="db")


def test_the_database_is_gone(engine, place, app, capsys):
    app.up()
    engine.client.api.stop(f"{PROJECT}-db-1", timeout=1)
    assert app.ask().output == "the database does not answer\n"


def test_no_client_and_no_compose(engine, place, monkeypatch):
    answer = client.Answer("docker: 'compose' is not a docker command.\n", 1)
    monkeypatch.setattr(compose_file, "invoke", lambda *_, **__: answer)
    with pytest.raises(NotFound, match="does not know the command compose"):
        components.application(place, engine)
    monkeypatch.undo()
    monkeypatch.setattr(client.shutil, "which", lambda *_, **__: None)
    with pytest.raises(NotFound, match="docker client is not installed"):
        components.application(place, engine)


def test_a_daemon_on_another_machine_is_not_asked_on_this_ones_loopback(engine, app, monkeypatch):
    monkeypatch.setattr(type(engine.endpoint), "remote", property(lambda _: True))
    with pytest.raises(EngineFailed):
        app.ask()

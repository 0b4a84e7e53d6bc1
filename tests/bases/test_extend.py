"""The base images on top of Debian's: pip and gcc do what a Dockerfile asks of them."""

from __future__ import annotations

import pytest

from helpers import bases, builds, containers, images
from helpers.bases import debian_root, extend
from helpers.engine import cleanup, inventory, labels
from helpers.errors import EngineFailed

REQUIREMENTS = "flask==2.2.2\ngunicorn==20.1.0\njinja2==3.1.2\nwerkzeug==2.2.2\n"
SERVICE = """\
FROM lbl/python:3
WORKDIR /app
COPY requirements.txt .
RUN pip install -r requirements.txt
"""
PROGRAM = """\
FROM lbl/gcc:12 AS build
COPY hello.c .
RUN gcc -static -O2 hello.c -o /hello
FROM scratch
COPY --from=build /hello /hello
ENTRYPOINT ["/hello"]
"""
HELLO = '#include <stdio.h>\nint main(void) { printf("%d\\n", 6 * 7); return 0; }\n'
# content bytes of the one layer more
LARGEST = {bases.python: 13_000_000, bases.gcc: 95_000_000, bases.redis: 8_500_000,
           bases.postgres: 75_000_000}  # fmt: skip


@pytest.fixture(params=LARGEST, ids=lambda maker: maker.__name__)
def maker(request, engine):
    request.param(engine)
    return request.param


def _built(engine, folder, tag, files):
    for name, content in files.items():
        (folder / name).write_text(content)
    return builds.run(folder, tag, engine)


@pytest.fixture
def gone(engine):
    yield
    for tag in ("lbl/test-service:1", "lbl/test-program:1"):
        if engine.client.images.list(tag):
            engine.client.images.remove(tag, force=True)


def test_pip_installs_pinned_packages_without_a_network(engine, tmp_path, gone, capsys):
    files = {"Dockerfile": SERVICE, "requirements.txt": REQUIREMENTS}
    _built(engine, tmp_path, "lbl/test-service:1", files)
    check = "import flask, markupsafe._speedups; print(flask.__version__)"
    done = containers.run("lbl/test-service:1", ["python", "-c", check], engine=engine)
    assert done.output == "2.2.2\n"
    command = ["sh", "-c", "pip check && gunicorn --version && flask --version"]
    done = containers.run("lbl/test-service:1", command, engine=engine)
    assert done.exit_code == 0, done.output
    assert "No broken requirements found." in done.output
    # what pip itself is made of is in no layer of the build
    top = images.read("lbl/test-service:1", engine).layers[-1]
    files = [entry.path for entry in top.entries if entry.kind == "file"]
    assert [path for path in files if not path.startswith("usr/local/")] == []


def test_a_static_program_needs_nothing_else(engine, tmp_path, gone, capsys):
    _built(engine, tmp_path, "lbl/test-program:1", {"Dockerfile": PROGRAM, "hello.c": HELLO})
    done = containers.run("lbl/test-program:1", engine=engine)
    assert done.output == "42\n"
    image = images.read("lbl/test-program:1", engine)
    assert len(image.layers) == 1 and image.layers[0].size < 1_500_000


def test_one_layer_more_than_debian_and_the_course_s_label(engine, maker):
    found = engine.client.api.inspect_image(maker(engine))
    base = engine.client.api.inspect_image(bases.debian(engine))
    layers = found["RootFS"]["Layers"]
    assert layers[:-1] == base["RootFS"]["Layers"]
    assert labels.ours(found["Config"]["Labels"])
    assert images.read(maker(engine), engine).layers[-1].size < LARGEST[maker]


def test_every_package_is_configured(engine, maker, capsys):
    script = "dpkg --audit; dpkg-query -W -f '${db:Status-Abbrev}\\n' | sort -u; ls /tmp /var/log"
    done = containers.run(maker(engine), ["sh", "-c", script], engine=engine)
    assert done.output.split() == ["ii", "/tmp:", "/var/log:", "apt"]


def test_a_second_call_makes_nothing(engine, maker, monkeypatch, capsys):
    name = maker(engine)
    before = engine.client.api.inspect_image(name)["Id"]
    capsys.readouterr()
    monkeypatch.setattr(extend, "_container", lambda *_: pytest.fail("it was made again"))
    assert maker(engine) == name
    assert engine.client.api.inspect_image(name)["Id"] == before
    assert capsys.readouterr().out == ""


def test_a_package_that_fails_is_said_and_nothing_is_left(engine, monkeypatch, capsys):
    bases.python(engine)
    before = inventory.take(engine)
    monkeypatch.setattr("helpers.bases.python_root.present", lambda *_: False)
    monkeypatch.setattr(extend, "SCRIPT", "echo dpkg: error; exit 2 # {epoch}{excluded}{debs}")
    with pytest.raises(EngineFailed, match="dpkg: error"):
        bases.python(engine)
    after = inventory.take(engine)
    assert before.ours == after.ours and not before.foreign_changes(after)


def test_packages_that_debian_has_renewed_are_renewed_here(engine, monkeypatch):
    held = {"libc6": "0", "libgcc-s1": "0", "gcc-12-base": "0", "not-there-any-more": "1"}
    asked = []
    monkeypatch.setattr(extend.packages, "fetch", lambda names, *_: asked.extend(names))
    index = extend.packages.load(debian_root.SUITE, engine.architecture)
    fixed = held | {"libcrypt1": index.package("libcrypt1").version}
    extend._fetch(["libc6-dev"], engine.architecture, fixed)
    assert {"libc6", "libc6-dev"} <= set(asked) and "libcrypt1" not in asked


def test_cleaning_up_removes_them(engine, maker):
    name = maker(engine)
    assert name in _names(engine)
    cleanup.clean(engine)
    assert not _names(engine) & set(bases.MAKERS)


def _names(engine):
    return {name for thing in inventory.take(engine).ours for name in thing.names}

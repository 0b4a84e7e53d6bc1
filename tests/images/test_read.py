"""Reading from a real engine: every way gives the same image, and each layer is read once."""

from __future__ import annotations

import contextlib
import dataclasses
import shutil
import socket
import subprocess
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from helpers import bases, images
from helpers.engine import Endpoint, Engine, labels
from helpers.errors import EngineFailed, EngineLost, NotFound
from helpers.images import archive, index, metadata, reading
from helpers.images.index import Index

from . import make, plain
from .make import Made, Member

pytestmark = pytest.mark.daemon
NOTHING = Index(None)
BASE = make.tar([Member("bin", "dir", mode=0o755), Member("bin/tool", content=b"t" * 70_000)])
EMPTY = make.tar([])
APP = [make.tar([Member(f"app{n}", content=b"a" * n)]) for n in range(4)]
HISTORY = [
    {"created_by": "ADD base / # buildkit", "comment": "buildkit.dockerfile.v0"},
    {"created_by": "RUN /bin/sh -c true # buildkit"},
    {"created_by": "ENV A=<b>\x1b[31m", "empty_layer": True},
    {"created_by": "COPY app / # buildkit"},
]
CONFIG = {"Env": ["A=b"], "Entrypoint": ["/bin/tool"], "Cmd": ["x"], "User": "1:2",
          "WorkingDir": "/w", "ExposedPorts": {"80/tcp": {}}, "Volumes": {"/v": {}},
          "Labels": {**labels.make(), "odd": "é <b>"}}  # fmt: skip


def name(number: int) -> str:
    return f"lbl-test/read{number}:1"


@pytest.fixture(scope="module")
def family(engine: Engine):
    """Four images on one base; the second layer of each has 0 bytes."""
    made = [Made([BASE, EMPTY, app], (name(n),), HISTORY, CONFIG) for n, app in enumerate(APP)]
    make.load(engine, made)
    yield [name(n) for n in range(len(APP))]
    for n in range(len(APP)):
        engine.client.api.remove_image(name(n), force=True)


@pytest.fixture
def no_save(monkeypatch) -> None:
    def saving(*_):
        raise AssertionError("nothing should be saved")

    monkeypatch.setattr(reading, "saving", saving)


def own_files_closed(monkeypatch) -> None:
    """The client may not read the engine's data root."""
    monkeypatch.setattr(Engine, "root_dir", None)


@pytest.fixture
def read_layers(monkeypatch) -> list[int]:
    """How many entries each layer has that is read out of a stream."""
    found: list[int] = []
    real = archive.read_layer

    def counted(stream, head):
        entries = real(stream, head)
        found.append(len(entries))
        return entries

    monkeypatch.setattr(archive, "read_layer", counted)
    return found


def test_the_save_stream_tells_everything(engine: Engine, family) -> None:
    image = images.read(family[3], engine, through="save", known=NOTHING)
    assert [layer.size for layer in image.layers] == [70_000, 0, 3]
    assert [layer.step.instruction for layer in image.layers] == [
        "ADD base /", "RUN true", "COPY app /",
    ]  # fmt: skip
    assert image.tags == (family[3],)
    assert image.id == engine.client.api.inspect_image(family[3])["Id"]
    config = image.config
    assert (config.entrypoint, config.cmd, config.env) == (("/bin/tool",), ("x",), ("A=b",))
    assert (config.user, config.workdir) == ("1:2", "/w")
    assert (config.exposed, config.volumes) == (("80/tcp",), ("/v",))
    assert config.labels["odd"] == "é <b>"
    assert [entry.path for entry in image.layers[0].entries] == ["bin", "bin/tool"]


def test_every_way_gives_the_same_image(engine: Engine, family, tmp_path: Path) -> None:
    saved = images.read(family[1], engine, through="save", known=NOTHING)
    assert images.read(family[1], engine, known=NOTHING) == saved
    assert images.read(family[1], engine, through="container", known=NOTHING) == saved
    known = Index(tmp_path)
    for _ in range(2):
        assert images.read(family[1], engine, known=known) == saved
    assert images.read(saved.id, engine, known=known) == dataclasses.replace(saved, name=saved.id)
    path = tmp_path / "image.tar"
    with path.open("wb") as file:
        file.writelines(engine.client.api.get_image(family[1]))
    archived = images.read(path)
    assert (archived.layers, archived.history, archived.config) == (
        saved.layers, saved.history, saved.config,
    )  # fmt: skip


@pytest.mark.usefixtures("no_save")
def test_the_engines_own_files_need_no_save(engine: Engine, family) -> None:
    if engine.store != "containerd":
        assert len(images.read(family[0], engine, through="container", known=NOTHING).layers) == 3
    if engine.root_dir:
        assert len(images.read(family[0], engine, known=NOTHING).layers) == 3
    role = {"label": "org.layer-by-layer.role=metadata"}
    assert engine.client.api.containers(all=True, filters=role) == []


def test_a_known_image_needs_no_save(engine: Engine, family, tmp_path: Path, request) -> None:
    known = Index(tmp_path)
    first = images.read_many(family, engine, through="save", known=known)
    request.getfixturevalue("no_save")
    assert images.read_many(family, engine, through="save", known=known) == first


def test_known_layers_and_the_api_are_enough_where_they_are_certain(
    engine: Engine, tmp_path: Path, monkeypatch
) -> None:
    """An image whose layers are known and whose config is not: inspect and history tell it."""
    certain = Made([BASE, APP[3]], ("lbl-test/certain:1",), [HISTORY[0], *HISTORY[2:]], CONFIG)
    make.load(engine, [certain])
    try:
        known = Index(tmp_path)
        saved = images.read("lbl-test/certain:1", engine, through="save", known=known)
        for path in tmp_path.glob("*.image"):
            path.unlink()
        own_files_closed(monkeypatch)
        monkeypatch.setattr(reading, "saving", lambda *_: pytest.fail("saved"))
        assert images.read("lbl-test/certain:1", engine, known=known) == saved
    finally:
        engine.client.api.remove_image("lbl-test/certain:1", force=True)


def test_an_image_without_history(engine: Engine, tmp_path: Path, monkeypatch) -> None:
    """In the containerd store the API then gives null for its history."""
    make.load(engine, [Made([BASE], ("lbl-test/untold:1",))])
    try:
        known = Index(tmp_path)
        saved = images.read("lbl-test/untold:1", engine, through="save", known=known)
        for path in tmp_path.glob("*.image"):
            path.unlink()
        own_files_closed(monkeypatch)
        assert images.read("lbl-test/untold:1", engine, known=known) == saved
        assert saved.history == ()
    finally:
        engine.client.api.remove_image("lbl-test/untold:1", force=True)


def test_the_api_is_not_trusted_where_it_is_ambiguous(
    engine: Engine, family, tmp_path: Path, monkeypatch, read_layers
) -> None:
    """A layer of 0 bytes: the API cannot tell it from a step without a layer."""
    known = Index(tmp_path)
    saved = images.read(family[2], engine, through="save", known=known)
    for path in tmp_path.glob("*.image"):
        path.unlink()
    own_files_closed(monkeypatch)
    read_layers.clear()
    assert images.read(family[2], engine, known=known) == saved
    assert read_layers == []  # what was known is passed over in the stream


def test_several_images_read_each_layer_once(engine: Engine, family, read_layers) -> None:
    together = images.read_many(family, engine, through="save", known=NOTHING)
    assert sorted(read_layers) == [0, 1, 1, 1, 1, 2]
    assert together == tuple(
        images.read(one, engine, through="save", known=NOTHING) for one in family
    )
    assert together[0].layers[0].entries is together[1].layers[0].entries


def test_a_new_image_on_known_layers_reads_only_its_own(
    engine: Engine, family, tmp_path: Path, read_layers
) -> None:
    known = Index(tmp_path)
    images.read(family[0], engine, through="save", known=known)
    read_layers.clear()
    images.read(family[1], engine, through="save", known=known)
    assert read_layers == [1]


def test_one_image_under_two_names(engine: Engine, family) -> None:
    engine.client.api.tag(family[0], "lbl-test/second", "name")
    try:
        one, two = images.read_many([family[0], "lbl-test/second:name"], engine, known=NOTHING)
        assert one.tags == two.tags == (family[0], "lbl-test/second:name")
        assert (one.id, one.layers) == (two.id, two.layers)
    finally:
        engine.client.api.remove_image("lbl-test/second:name")


def test_a_damaged_note_is_no_error(engine: Engine, family, monkeypatch) -> None:
    saved = images.read(family[0], engine, through="save", known=NOTHING)
    real = metadata.Local.files
    for damage in (
        lambda data: data[: len(data) // 2],
        lambda data: b"rubbish",
        lambda data: data[:-30] + bytes(30),
    ):

        def damaged(self, path, damage=damage):
            return {key: damage(data) for key, data in real(self, path).items()}

        monkeypatch.setattr(metadata.Local, "files", damaged)
        monkeypatch.setattr(archive.Folder, "_file", lambda *_: None)
        assert images.read(family[0], engine, known=NOTHING) == saved


def test_a_missing_name_suggests_near_ones(engine: Engine, family) -> None:
    with pytest.raises(NotFound) as caught:
        images.read("lbl-test/raed1:1", engine)
    assert "lbl-test/read1:1" in str(caught.value)
    for odd in (
        "",
        "UPPER CASE",
        "<b>",
        "a b",
        "../x:",
        "sha256:0000000000000000",  # shorter ones may be the beginning of one
        "\x1b[31m",
        "nothing/like-it",
    ):
        with pytest.raises(NotFound) as caught:
            images.read_many([odd], engine)
        assert "\x1b" not in str(caught.value)


class Cut:
    """A Unix socket in front of the engine that goes away after some bytes."""

    def __init__(self, folder: Path, engine: Engine, count: int) -> None:
        self.path = str(folder / "cut.sock")
        self.goal, self.left = str(engine.endpoint.socket), count
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        with (
            contextlib.suppress(OSError),
            self.listener.accept()[0] as line,
            socket.socket(socket.AF_UNIX) as there,
        ):
            there.connect(self.goal)
            there.sendall(line.recv(1 << 16))
            while self.left and (data := there.recv(min(self.left, 4096))):
                line.sendall(data)
                self.left -= len(data)
        self.listener.close()


@pytest.mark.parametrize("count", [0, 20, 600, 5000, 60_000])
def test_an_engine_that_dies_in_the_middle_is_told(engine: Engine, family, tmp_path, count) -> None:
    cut = Cut(tmp_path, engine, count)
    dying = SimpleNamespace(
        endpoint=Endpoint(f"unix://{cut.path}", "argument"), client=engine.client,
        api_version=engine.api_version, store=engine.store, root_dir=None,
    )  # fmt: skip
    known = Index(tmp_path)
    with pytest.raises(EngineLost):
        images.read(family[0], dying, through="save", known=known)
    assert list(tmp_path.glob("*.layer")) == []


DOCKERFILE = """
FROM {base}
RUN mkdir -p /d/sub /e && echo 1 >/d/a && echo 2 >/d/sub/b && ln /d/a /d/hard && ln -s a /d/soft \
 && head -c 200000 /dev/zero >/e/big && mkfifo /d/pipe && mknod /d/null c 1 3 && chmod 4755 /d/a
RUN true
RUN rm -rf /e
RUN rm -rf /d/sub && echo now-a-file >/d/sub && mv /d/soft /d/moved
ENV X=1
RUN rm -rf /d && mkdir /d && echo new >/d/new && chown 7:8 /d/new
COPY odd* /odd/
CMD ["sh"]
"""


@pytest.mark.parametrize("builder", ["classic", "buildkit"])
def test_a_built_image_is_what_its_export_says(engine: Engine, tmp_path, builder) -> None:
    base = bases.busybox(engine)
    (tmp_path / "Dockerfile").write_text(DOCKERFILE.format(base=base))
    (tmp_path / "odd ü\t<b>").write_text("x")
    tag = f"lbl-test/built-{builder}:1"
    if builder == "classic":
        list(
            engine.client.api.build(
                path=str(tmp_path), tag=tag, rm=True, nocache=True, labels=labels.make()
            )
        )
    else:
        environment = engine.environment()
        docker = shutil.which("docker", path=environment["PATH"])
        command = [docker, "build", "-q", "-t", tag, "--label", labels.COURSE, str(tmp_path)]
        if docker is None or engine.version.startswith("20."):
            pytest.skip("no BuildKit client")
        subprocess.run(command, env=environment, check=True, capture_output=True)
    container = None
    try:
        image = images.read(tag, engine, through="save", known=NOTHING)
        container = engine.client.api.create_container(tag)["Id"]
        export = b"".join(engine.client.api.export(container))
        assert plain.merged(image) == plain.exported(export)
        assert images.read(tag, engine, known=NOTHING) == image
        made = [step.instruction.split()[0] for step in image.history if step.layer]
        # The classic builder makes no layer of `RUN true`, BuildKit one of 0 bytes.
        runs = 4 if builder == "classic" else 5
        assert made[-6:][::-1] == ["COPY", *["RUN"] * runs, "BusyBox"][:6]
        assert any(item.path == "e/big" and item.deleted for item in images.waste(image).items)
        assert images.waste(image).wasted >= 200_000
    finally:
        if container:
            engine.client.api.remove_container(container)
        engine.client.api.remove_image(tag, force=True)


def test_a_sparse_file_has_its_size_or_the_engine_refuses_it(engine: Engine, tmp_path) -> None:
    if plain.GNU_TAR is None:
        pytest.skip("no tar program here")
    with (tmp_path / "sparse").open("wb") as file:
        file.seek(1_000_000)
        file.write(b"end")
    command = [plain.GNU_TAR, "-cS", "--format=posix", "-C", str(tmp_path), "sparse"]
    data = subprocess.run(command, check=True, capture_output=True).stdout
    tag = "lbl-test/sparse:1"
    make.load(engine, [Made([data], (tag,))])
    try:
        image = images.read(tag, engine, known=NOTHING)
        assert [(e.path, e.size) for e in image.layers[0].entries] == [("sparse", 1_000_003)]
    except EngineFailed as refused:  # the classic store cannot give such a layer back
        assert engine.store != "containerd"
        assert "verify layer data" in refused.why
    finally:
        engine.client.api.remove_image(tag, force=True)


def test_the_default_index_is_the_courses_own(
    engine: Engine, family, tmp_path, monkeypatch
) -> None:
    monkeypatch.setenv("LAYER_BY_LAYER_HOME", str(tmp_path))
    images.read(family[0], engine)
    assert len(list((tmp_path / "layers").glob("*.layer"))) == 3
    assert index.default().folder == tmp_path / "layers"

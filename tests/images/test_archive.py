"""Archives on disk and layouts: every shape that they come in, and the broken ones."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from pathlib import Path

import pytest
import zstandard

from helpers import images
from helpers.errors import BadArchive, NotFound
from helpers.images import archive, streams
from helpers.messages import speaking

from . import make
from .make import Made, Member

BASE = make.tar([Member("bin", "dir", mode=0o755), Member("bin/sh", content=b"s" * 2000)])
TOP = make.tar([Member("notes.txt", content=b"hello"), Member("bin/.wh.sh")])
EMPTY = make.tar([])
HISTORY = [
    {"created_by": "/bin/sh -c #(nop) ADD file:1 in / ", "comment": ""},
    {"created_by": "ENV A=b # buildkit", "empty_layer": True, "comment": "buildkit.dockerfile.v0"},
    {"created_by": "RUN /bin/sh -c true # buildkit"},
    {"created_by": '/bin/sh -c #(nop)  CMD ["sh"]', "empty_layer": True},
    {"created_by": "COPY notes.txt / # buildkit"},
]
NOTES = Made([BASE, EMPTY, TOP], ("notes:1",), HISTORY, {"Cmd": ["sh"], "Env": ["A=b"]})


def saved(folder: Path, data: bytes, name: str = "made.tar") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def summary(image: images.Image) -> tuple:
    layers = [(layer.diff_id, layer.chain_id, list(layer.entries)) for layer in image.layers]
    return layers, image.history, image.config, image.id


def forms(folder: Path) -> dict[str, Path]:
    """One image in every form."""
    classic = make.docker_archive([NOTES])
    found = {
        "classic": saved(folder, classic, "a.tar"),
        "manifest first": saved(folder, make.docker_archive([NOTES], manifest_first=True), "b.tar"),
        "classic.tar.gz": saved(folder, gzip.compress(classic), "c.tar.gz"),
        "first.tar.gz": saved(
            folder, gzip.compress(make.docker_archive([NOTES], manifest_first=True)), "d.tgz"
        ),
        "classic.tar.zst": saved(folder, zstandard.compress(classic), "e.tar.zst"),
    }
    for how in ("oci", "gzip", "zstd"):
        files = make.layout([Made(**{**NOTES.__dict__, "how": how})])
        found[f"{how} folder"] = make.as_folder(files, folder / how)
        found[f"{how} tar"] = saved(folder, make.as_tar(files), f"{how}.tar")
        backwards = make.as_tar(dict(reversed(files.items())))
        found[f"{how} stream"] = saved(folder, gzip.compress(backwards), f"{how}.tar.gz")
    return found


def test_every_form_gives_the_same_image(tmp_path: Path) -> None:
    found = {form: images.read(path) for form, path in forms(tmp_path).items()}
    expected = summary(found["classic"])
    assert [form for form, image in found.items() if summary(image) != expected] == []
    assert {image.tags for image in found.values()} == {("notes:1",)}
    assert found["classic"].name == "notes:1"
    assert images.read(str(tmp_path / "a.tar")) == found["classic"]


def test_history_is_mapped_by_empty_layer_and_never_by_size(tmp_path: Path) -> None:
    image = images.read(saved(tmp_path, make.docker_archive([NOTES])))
    assert [(step.instruction, step.layer) for step in image.history] == [
        ("ADD file:1 in /", 1),
        ("ENV A=b", None),
        ("RUN true", 2),
        ('CMD ["sh"]', None),
        ("COPY notes.txt /", 3),
    ]
    assert [layer.size for layer in image.layers] == [2000, 0, 5]
    assert [layer.step.instruction for layer in image.layers][1] == "RUN true"
    assert image.config.cmd == ("sh",)
    assert image.config.env == ("A=b",)


def test_history_shorter_or_longer_than_the_layers(tmp_path: Path) -> None:
    none = images.read(saved(tmp_path, make.docker_archive([Made([BASE, TOP])])))
    assert (none.history, [layer.step for layer in none.layers]) == ((), [None, None])
    more = Made([BASE], history=[{"created_by": "a"}, {"created_by": "b"}])
    image = images.read(saved(tmp_path, make.docker_archive([more])))
    assert [step.layer for step in image.history] == [1, None]


def test_an_old_archive_with_links_between_layers(tmp_path: Path) -> None:
    config = Made([BASE, BASE]).document
    digits = make.digest(config)[7:]
    manifest = [
        {
            "Config": f"{digits}.json",
            "RepoTags": ["old:1"],
            "Layers": ["a/layer.tar", "b/layer.tar"],
        }
    ]
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as made:
        for path, content in {
            "a/json": b"{}", "a/VERSION": b"1.0", "a/layer.tar": BASE, f"{digits}.json": config,
            "manifest.json": json.dumps(manifest).encode(),
        }.items():  # fmt: skip
            info = tarfile.TarInfo(path)
            info.size = len(content)
            made.addfile(info, io.BytesIO(content))
        link = tarfile.TarInfo("b/layer.tar")
        link.type, link.linkname = tarfile.SYMTYPE, "../a/layer.tar"
        made.addfile(link)
    for path in (
        saved(tmp_path, data.getvalue()),
        saved(tmp_path, gzip.compress(data.getvalue()), "o.tgz"),
    ):
        image = images.read(path)
        assert [len(layer.entries) for layer in image.layers] == [2, 2]


def nested(images_: list[Made]) -> dict[str, bytes]:
    """A layout whose index.json leads to an index of platforms, attestations among them."""
    files = make.layout([Made(**{**one.__dict__, "tags": ()}) for one in images_])
    listed = json.loads(files["index.json"])["manifests"]
    statement = b'{"_type": "https://in-toto.io/Statement/v0.1"}'
    files["blobs/" + make.digest(statement).replace(":", "/")] = statement
    about = json.dumps(
        {"schemaVersion": 2, "config": make.descriptor(b"{}", "x"), "layers": []}
    ).encode()
    files["blobs/" + make.digest(about).replace(":", "/")] = about
    listed.append(make.descriptor(about, "application/vnd.oci.image.manifest.v1+json") | {
        "platform": {"os": "unknown", "architecture": "unknown"},
        "annotations": {"vnd.docker.reference.type": "attestation-manifest"},
    })  # fmt: skip
    kind = "application/vnd.oci.image.index.v1+json"
    inner = json.dumps({"schemaVersion": 2, "mediaType": kind, "manifests": listed}).encode()
    files["blobs/" + make.digest(inner).replace(":", "/")] = inner
    outer = make.descriptor(inner, kind) | {
        "annotations": {"io.containerd.image.name": "docker.io/library/multi:1"}
    }
    files["index.json"] = json.dumps({"schemaVersion": 2, "manifests": [outer]}).encode()
    return files


def test_platforms_are_chosen_and_attestations_passed_over(tmp_path: Path) -> None:
    both = [Made([BASE], architecture="amd64"), Made([BASE, TOP], architecture="arm64")]
    path = saved(tmp_path, make.as_tar(nested(both)))
    assert len(images.read(path, platform="linux/arm64").layers) == 2
    assert len(images.read(path, platform="linux/amd64").layers) == 1
    assert images.read(path).tags == ("multi:1",)
    assert "linux/amd64, linux/arm64" in error(path, platform="linux/riscv64").why


def test_a_platform_that_is_listed_and_not_held_is_passed_over(tmp_path: Path) -> None:
    files = nested([Made([BASE], architecture="amd64"), Made([TOP], architecture="arm64")])
    del files["blobs/" + make.digest(TOP).replace(":", "/")]
    image = images.read(saved(tmp_path, make.as_tar(files)))
    assert image.config.architecture == "amd64"
    del files["blobs/" + make.digest(BASE).replace(":", "/")]
    assert error(saved(tmp_path, make.as_tar(files))).key == "images.incomplete"


def test_one_of_several_images_is_named_by_its_tag(tmp_path: Path) -> None:
    both = [Made([BASE], ("one:1", "uno:1")), Made([BASE, TOP], ("two:latest",))]
    for data in (make.docker_archive(both), make.as_tar(make.layout(both))):
        path = saved(tmp_path, data)
        assert images.read(path, tag="uno:1").tags == ("one:1", "uno:1")
        assert len(images.read(path, tag="two").layers) == 2
        assert error(path).values["tags"] == "one:1, uno:1, two:latest"
        assert error(path, tag="three").key == "images.no_tag"


def error(path: Path, **how) -> BadArchive:
    with pytest.raises(BadArchive) as caught:
        images.read(path, **how)
    for language in ("en", "zh"):
        with speaking(language):
            assert str(caught.value).count("\n") == 2
    return caught.value


def test_every_truncation_is_told(tmp_path: Path) -> None:
    for form, path in forms(tmp_path).items():
        if not path.is_file():
            continue
        data = path.read_bytes().rstrip(b"\0")
        for share in (0.05, 0.3, 0.6, 0.9):
            cut = saved(tmp_path, data[: int(len(data) * share)], "cut" + "".join(path.suffixes))
            assert error(cut).key in (
                "images.truncated", "images.incomplete", "images.corrupt", "images.no_image",
            ), (form, share)  # fmt: skip


def test_a_flipped_byte_is_told_or_harmless(tmp_path: Path) -> None:
    path = forms(tmp_path)["gzip tar"]
    data = bytearray(path.read_bytes())
    sound = summary(images.read(path))
    told = 0
    for at in range(0, len(data), 97):
        data[at] ^= 0x55
        damaged = saved(tmp_path, bytes(data), "flipped.tar")
        data[at] ^= 0x55
        try:
            assert summary(images.read(damaged)) == sound
        except BadArchive:
            told += 1
    assert told > 20


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"", "images.no_image"),
        (b"not a tar at all" * 100, "images.corrupt"),
        (b"\x1f\x8b" + b"rubbish" * 100, "images.corrupt"),
        (b"\x28\xb5\x2f\xfd" + b"rubbish" * 100, "images.corrupt"),
        (make.as_tar({"bin/sh": b"an exported file system"}), "images.no_image"),
        (make.as_tar({"manifest.json": b"{nonsense"}), "images.corrupt"),
        (make.as_tar({"manifest.json": b"[]"}), "images.no_image"),
        (make.as_tar({"manifest.json": b"[3]"}), "images.corrupt"),
        (make.as_tar({"manifest.json": b'[{"Config": "../../etc/passwd"}]'}), "images.incomplete"),
        (make.as_tar({"index.json": b'{"manifests": [{"digest": "../../x"}]}'}), "images.corrupt"),
        (make.as_tar({"index.json": b'{"manifests": 3}'}), "images.corrupt"),
    ],
)
def test_what_is_no_image_is_told(tmp_path: Path, data: bytes, key: str) -> None:
    assert error(saved(tmp_path, data)).key == key


def layout_with(change) -> dict[str, bytes]:
    """A layout whose manifest ``change`` has been at."""
    files = make.layout([Made([BASE])])
    index = json.loads(files["index.json"])
    old = "blobs/" + index["manifests"][0]["digest"].replace(":", "/")
    manifest = json.loads(files.pop(old))
    change(manifest)
    data = json.dumps(manifest).encode()
    files["blobs/" + make.digest(data).replace(":", "/")] = data
    index["manifests"][0] |= {"digest": make.digest(data), "size": len(data)}
    files["index.json"] = json.dumps(index).encode()
    return files


def test_foreign_media_types_are_named(tmp_path: Path) -> None:
    def helm(manifest) -> None:
        manifest["config"]["mediaType"] = "application/vnd.cncf.helm.config.v1+json"

    def windows(manifest) -> None:
        manifest["layers"][0]["mediaType"] = (
            "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
        )

    def encrypted(manifest) -> None:
        manifest["layers"][0]["mediaType"] += "+encrypted"

    for change, kind in ((helm, "helm"), (windows, "foreign"), (encrypted, "encrypted")):
        folder = make.as_folder(layout_with(change), tmp_path / kind)
        found = error(folder)
        assert (found.key, kind in found.why) == ("images.foreign", True)


def test_an_index_that_leads_to_itself_ends(tmp_path: Path) -> None:
    kind = "application/vnd.oci.image.index.v1+json"
    inner = json.dumps({"mediaType": kind, "manifests": []}).encode()
    for _ in range(12):
        inner_files = {"blobs/" + make.digest(inner).replace(":", "/"): inner}
        outer = json.dumps(
            {"mediaType": kind, "manifests": [make.descriptor(inner, kind)]}
        ).encode()
        make.as_folder(inner_files, tmp_path)
        inner = outer
    (tmp_path / "index.json").write_bytes(inner)
    assert error(tmp_path).key == "images.too_many"


def test_a_damaged_document_is_told_by_its_digest(tmp_path: Path) -> None:
    files = make.layout([NOTES])
    path = "blobs/" + make.digest(NOTES.document).replace(":", "/")
    files[path] = files[path].replace(b"A=b", b"A=c")
    found = error(make.as_folder(files, tmp_path))
    assert (found.key, found.values["reason"]) == ("images.corrupt", path)


def test_a_layer_that_reaches_outside_is_refused(tmp_path: Path) -> None:
    for how in ("oci", "gzip", "zstd"):
        bad = Made([make.tar([Member("../../etc/cron.d/x")])], how=how)
        assert error(saved(tmp_path, make.as_tar(make.layout([bad])))).key == "images.outside"
    found = error(saved(tmp_path, make.docker_archive([bad])))
    assert "../../etc/cron.d/x" in found.why


def test_a_layer_folder_cannot_lead_out_of_its_layout(tmp_path: Path) -> None:
    files = make.layout([Made([BASE])])
    folder = make.as_folder(files, tmp_path / "layout")
    blob = folder / "blobs" / make.digest(BASE).replace(":", "/")
    blob.unlink()
    (tmp_path / "outside").write_bytes(BASE)
    blob.symlink_to(tmp_path / "outside")
    assert error(folder).key == "images.incomplete"


def test_a_bomb_is_defused(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(streams.Unpacked, "room", 1 << 20)
    huge = make.tar([Member("zeros", content=bytes(4 << 20))])
    for how in ("gzip", "zstd"):
        path = saved(tmp_path, make.as_tar(make.layout([Made([huge], how=how)])))
        assert error(path).key == "images.absurd"


def test_an_archive_of_too_many_entries_is_refused(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(archive, "MAX_ENTRIES", 10)
    many = Made([make.tar(Member(f"f{n}-{layer}") for n in range(6)) for layer in range(2)])
    assert error(saved(tmp_path, gzip.compress(make.docker_archive([many])), "m.tgz")).key == (
        "images.too_many"
    )


def test_a_layer_in_an_unknown_compression_is_told(tmp_path: Path) -> None:
    files = make.layout([Made([BASE])])
    files["blobs/" + make.digest(BASE).replace(":", "/")] = b"\xfd7zXZ\0" + bytes(range(200)) * 9
    assert error(make.as_folder(files, tmp_path)).key == "images.not_a_layer"


def test_several_gzip_members_and_zstd_frames_are_one_layer(tmp_path: Path) -> None:
    half = len(BASE) // 2
    for how, pack in (("gzip", gzip.compress), ("zstd", zstandard.compress)):
        files = make.layout([Made([BASE], how=how)])
        blob = pack(BASE[:half]) + pack(BASE[half:])
        old = "blobs/" + make.digest(make.packed(BASE, how)).replace(":", "/")
        files[old] = blob  # layers are not hashed again, so the old name will do
        image = images.read(make.as_folder(files, tmp_path / how))
        assert len(image.layers[0].entries) == 2


def test_missing_files_are_told() -> None:
    for name in ("./nowhere.tar", "/nowhere/else.tar", "~/nowhere.tar", Path("nowhere")):
        with pytest.raises(NotFound) as caught:
            images.read(name)
        assert caught.value.key == "images.no_file"


def test_an_image_without_layers(tmp_path: Path) -> None:
    image = images.read(saved(tmp_path, make.docker_archive([Made([])])))
    assert (image.layers, image.size, len(images.tree.merged(image))) == ((), 0, 0)


def test_untrusted_values_of_odd_types_do_no_harm(tmp_path: Path) -> None:
    odd = Made([BASE], history=["x", {"created_by": 7}], config={"Cmd": "sh", "Env": 3,
               "Labels": [1], "Volumes": "x", "ExposedPorts": {"80/tcp": None}})  # fmt: skip
    image = images.read(saved(tmp_path, make.docker_archive([odd])))
    assert image.config.cmd == ("sh",)
    assert (image.config.env, image.config.labels, image.config.volumes) == ((), {}, ())
    assert image.config.exposed == ("80/tcp",)
    assert [step.instruction for step in image.history] == ["7"]

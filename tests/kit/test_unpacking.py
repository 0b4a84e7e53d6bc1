"""A small kit used as a learner would, under a Python without packages, and by an attacker."""

from __future__ import annotations

import ast
import json
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from helpers import messages
from helpers.errors import BadArchive
from helpers.kit import manifest
from helpers.kit.checking import verify
from helpers.kit.manifest import NAME, Target
from helpers.paths import ROOT

from ..conftest import missing
from .conftest import LOCK, Learner, make


def again(kit: Path, target: Path, change) -> Path:
    """Copy a kit member by member; ``change`` gets the members' bytes by name, and may do all."""
    with zipfile.ZipFile(kit) as old:
        members = {name: old.read(name) for name in old.namelist()}
    change(members)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in members.items():
            new.writestr(name, data)
    return target


def edited(members: dict[str, bytes], edit) -> None:
    data = json.loads(members[NAME])
    edit(data)
    members[NAME] = json.dumps(data).encode()


def test_a_bare_python_unpacks_it_and_makes_the_course_find_everything(kit: Path, learner: Learner):
    done = learner.run(kit)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"cd {learner.course}" in done.stdout
    for name in ("Makefile", "helpers/__main__.py", "requirements.lock"):
        assert (learner.course / name).read_bytes() == (ROOT / name).read_bytes()
    assert (learner.home / "debian/test-amd64.Packages.kit").exists()
    assert (learner.home / "debian/pool/app_1.0-1_amd64.deb").stat().st_size == 70_000
    assert (learner.home / f"wheels/{LOCK[:16]}/.whole").exists()
    assert os.access(learner.home / "kubernetes/1.20.2-0123abcd/kubelet", os.X_OK)
    assert not [name for name in learner.files() if name.endswith(".part")]


def test_the_words_are_also_in_chinese(kit: Path, learner: Learner):
    done = learner.run(kit, "--check", LANG="zh_CN.UTF-8", PYTHONUTF8="1")
    assert "离线包完整" in done.stdout
    assert not learner.course.exists()


def test_a_second_run_writes_nothing_anew(kit: Path, learner: Learner):
    learner.run(kit)
    deb = learner.home / "debian/pool/app_1.0-1_amd64.deb"
    before, inode = learner.files(), deb.stat().st_ino
    (learner.home / "debian/pool/torn_1_amd64.deb.7.part").touch()  # of somebody else
    (learner.course / "Makefile").write_text("torn")
    assert learner.run(kit).returncode == 0
    assert deb.stat().st_ino == inode
    assert (learner.course / "Makefile").read_bytes() == (ROOT / "Makefile").read_bytes()
    assert before <= learner.files()


@pytest.mark.parametrize("share", [0.02, 0.5, 0.999])
def test_a_kit_that_was_cut_off_is_refused(kit: Path, tmp_path: Path, share: float):
    torn = tmp_path / "torn.pyz"
    data = kit.read_bytes()
    torn.write_bytes(data[: int(len(data) * share)])
    with messages.speaking("en"), pytest.raises(BadArchive, match="cut off"):
        verify(torn)


@pytest.mark.parametrize("other", ["nowhere.pyz", "."])
def test_no_kit_at_all_is_told(other: str, tmp_path: Path):
    with messages.speaking("en"), pytest.raises(BadArchive, match="cannot be read"):
        verify(tmp_path / other)


def test_a_changed_file_is_named_and_not_put_in_place(kit: Path, learner: Learner, tmp_path: Path):
    name = "home/debian/pool/app_1.0-1_amd64.deb"
    changed = again(kit, tmp_path / "bad.pyz", lambda m: m.update({name: bytes(70_000)}))
    done = learner.run(changed)
    assert done.returncode == 1 and name in done.stderr and "Traceback" not in done.stderr
    assert not (learner.home / "debian/pool/app_1.0-1_amd64.deb").exists()
    assert not list(learner.home.rglob("*.part"))
    assert not (learner.home / f"wheels/{LOCK[:16]}/.whole").exists()  # nobody believes it
    assert learner.run(kit).returncode == 0  # the original mends it


def test_a_flipped_bit_in_the_archive_is_found(kit: Path, tmp_path: Path):
    with zipfile.ZipFile(kit) as archive:
        member = archive.getinfo("home/debian/pool/app_1.0-1_amd64.deb")
    data = bytearray(kit.read_bytes())
    data[member.header_offset + 5_000] ^= 1
    (tmp_path / "bad.pyz").write_bytes(data)
    with messages.speaking("en"), pytest.raises(BadArchive, match="damaged: home/debian/pool/app"):
        verify(tmp_path / "bad.pyz")


@pytest.mark.parametrize("path", [
    "course/../../evil", "../evil", "/tmp/evil", "home/../evil", "home/debian/../../evil",
    "home/.ssh/authorized_keys", "course/c:evil", "course/a\\..\\evil", "course/nul.txt",
    "course/.git/hooks/post-checkout", "course/.venv/bin/python", "course/evil.", "course//evil",
    "home/evil", "course/\u202egpj.evil", "course/a\nb",
])  # fmt: skip
def test_no_path_leads_out(path: str, kit: Path, tmp_path: Path):
    """The manifest names it too, so only the path itself is wrong."""
    with messages.speaking("en"), pytest.raises(BadArchive, match="no kit may write"):
        verify(again(kit, tmp_path / "bad.pyz", _moved(path)))


def _moved(path: str):
    def change(members: dict[str, bytes]) -> None:
        members[path] = members.pop("course/Makefile")
        edited(members, lambda m: [f.update(path=path) for f in m["files"]
                                   if f["path"] == "course/Makefile"])  # fmt: skip

    return change


def test_nothing_is_written_of_a_kit_with_such_a_path(kit: Path, learner: Learner, tmp_path: Path):
    done = learner.run(again(kit, tmp_path / "bad.pyz", _moved("course/../../evil")))
    assert done.returncode == 1 and "no kit may write" in done.stderr
    assert "Traceback" not in done.stderr
    assert learner.files() <= {"their-home/.layer-by-layer"}
    assert not list(tmp_path.rglob("evil"))


def test_what_the_manifest_does_not_name_is_refused(kit: Path, learner: Learner, tmp_path: Path):
    added = again(kit, tmp_path / "bad.pyz", lambda m: m.update({"course/evil.py": b""}))
    done = learner.run(added)
    assert done.returncode == 1 and "course/evil.py" in done.stderr
    assert learner.files() <= {"their-home/.layer-by-layer"}


def test_what_it_lacks_is_named(kit: Path, tmp_path: Path):
    less = again(kit, tmp_path / "bad.pyz", lambda m: m.pop("course/Makefile"))
    with messages.speaking("en"), pytest.raises(BadArchive, match="course/Makefile"):
        verify(less)


def test_a_link_is_no_file(kit: Path, tmp_path: Path):
    target = tmp_path / "bad.pyz"
    shutil.copy(kit, target)
    with zipfile.ZipFile(kit) as old, zipfile.ZipFile(target, "w") as new:
        for member in old.infolist():
            if member.filename == "course/Makefile":
                member.external_attr = (stat.S_IFLNK | 0o777) << 16
            new.writestr(member, old.read(member.filename))
    with messages.speaking("en"), pytest.raises(BadArchive, match="course/Makefile"):
        verify(target)


@pytest.mark.parametrize("content", [
    b"", b"[]", b"{}", b'{"format": 2}', b"\xff", b"[" * 100_000,
    b'{"format": 1, "files": [{"path": 1}], "targets": []}',
])  # fmt: skip
def test_a_manifest_of_another_form_is_refused(content: bytes, kit: Path, tmp_path: Path):
    bad = again(kit, tmp_path / "bad.pyz", lambda m: m.update({NAME: content}))
    with messages.speaking("en"), pytest.raises(BadArchive, match="manifest"):
        verify(bad)


@pytest.mark.parametrize(("target", "word"), [
    (Target("3.99", manifest.here().system, manifest.here().machine), "python3.99 KIT"),
    (Target(manifest.here().python, "linux", "s390x"), "not for this machine"),
    (Target(manifest.here().python, "windows", "x86_64"), "not for this machine"),
])  # fmt: skip
def test_another_python_or_machine_is_told_before_anything_is_written(
    target: Target, word: str, learner: Learner, tmp_path: Path
):
    done = learner.run(make(tmp_path, targets=(target,)))
    assert done.returncode == 1 and word in done.stderr and str(target) in done.stderr
    assert learner.files() <= {"their-home/.layer-by-layer"}


def test_a_folder_with_something_else_is_left_alone(kit: Path, learner: Learner):
    learner.course.mkdir()
    (learner.course / "thesis.txt").write_text("mine")
    done = learner.run(kit)
    assert done.returncode == 1 and "something else" in done.stderr
    assert [p.name for p in learner.course.iterdir()] == ["thesis.txt"]


def test_a_clone_with_the_same_packages_is_kept_as_it_is(kit: Path, learner: Learner):
    learner.course.mkdir()
    shutil.copy(ROOT / "requirements.lock", learner.course)
    done = learner.run(kit)
    assert done.returncode == 0 and "was not changed" in done.stdout
    assert [p.name for p in learner.course.iterdir()] == ["requirements.lock"]
    assert (learner.home / "debian/pool/app_1.0-1_amd64.deb").exists()
    (learner.course / "requirements.lock").write_text("other==1")
    assert "other Python packages" in learner.run(kit).stderr


def test_a_full_disk_loses_nothing(kit: Path, learner: Learner):
    """On a disk of a size that the kit outgrows half way; with more room it goes on."""
    if sys.platform != "linux" or os.geteuid() != 0:
        missing("only root can mount a small disk")
    learner.home.mkdir()
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from helpers.kit import unpacking;"
        "unpacking._room = lambda *_: None; sys.exit(unpacking.main(sys.argv[2], []))"
    )
    script = (
        f'mount -t tmpfs -o size=400k none "{learner.home}" && '
        '"$@"; a=$?; find "$LAYER_BY_LAYER_HOME" -name "*.part" >&2; '
        'mount -o remount,size=40m "$LAYER_BY_LAYER_HOME"; "$@"; exit $((10 * a + $?))'
    )
    # as large as the disk: what comes first in the kit fits, and this does not
    large = learner.folder.parent / "large"
    large.mkdir()
    big = make(large, lessons=("00", "01"))
    again(big, large / "big.pyz", _grow)
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, "sh", sys.executable, "-I", "-S", "-c", code,
         str(ROOT), str(large / "big.pyz")],
        cwd=learner.folder, capture_output=True, text=True, timeout=120,
        env={"PATH": os.environ["PATH"], "LAYER_BY_LAYER_HOME": str(learner.home),
             "LANG": "C.UTF-8"},
    )  # fmt: skip
    assert done.returncode == 10, done.stderr  # 1 at first, 0 with more room
    assert "The disk is full" in done.stderr and "Traceback" not in done.stderr
    assert ".part" not in done.stderr
    assert "The kit is unpacked" in done.stdout


def _grow(members: dict[str, bytes]) -> None:
    import hashlib

    name, data = "home/debian/pool/app_1.0-1_amd64.deb", bytes(3_000_000)
    members[name] = data
    checksum = hashlib.sha256(data).hexdigest()
    edited(members, lambda m: [f.update(size=len(data), sha256=checksum) for f in m["files"]
                               if f["path"] == name])  # fmt: skip


def test_too_little_room_is_said_before_anything_is_written(kit, learner, tmp_path):
    def change(members: dict[str, bytes]) -> None:
        # no file that large can be in the test: it is promised, which is refused even earlier
        edited(members, lambda m: m["files"][0].update(size=10**15))

    done = learner.run(again(kit, tmp_path / "bad.pyz", change))
    assert done.returncode == 1 and "damaged" in done.stderr
    from helpers.kit import unpacking

    with messages.speaking("en"), pytest.raises(unpacking.NoSpace, match="Nothing was written"):
        file = manifest.File("home/debian/x", 10**15, "0" * 64, "packages")
        unpacking._room([(file, tmp_path / "x")], tmp_path, 0)


def test_it_imports_nothing_but_the_standard_library():
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import helpers.kit.unpacking"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", ["helpers/kit/entry.py", "helpers/preflight/probe.py"])
def test_an_old_python_can_read_what_it_runs(name: str):
    ast.parse((ROOT / name).read_text("utf-8"), feature_version=(3, 6))


def test_an_old_python_says_what_it_needs(kit: Path, learner: Learner):
    """How its grammar is kept to is tested above; here one runs it, where there is one."""
    names = [f"python3.{minor}" for minor in range(6, 11)]
    works = [n for n in names if shutil.which(n)
             and subprocess.run([n, "-V"], capture_output=True).returncode == 0]  # fmt: skip
    if not works:
        pytest.skip("no Python between 3.6 and 3.10 here")
    real = subprocess.run([works[0], "-c", "import sys; print(sys.executable)"],
                          capture_output=True, text=True, check=True).stdout.strip()  # fmt: skip
    done = learner.run(kit, "--check", python=real, PATH="")
    assert done.returncode == 1 and "too old" in done.stderr and "3.11" in done.stderr

"""Which machine is started and how: the leanest board, and the processor only after a proof."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helpers.errors import MachineFailed
from helpers.machines import acceleration, programs
from helpers.machines.command import Files, board, said, words
from helpers.machines.programs import Qemu


class Fake(Qemu):
    """A QEMU that is asked nothing."""

    version = "9.9"  # type: ignore[assignment]
    boards = frozenset({"microvm", "pc", "virt"})  # type: ignore[assignment]


QEMU = Fake("qemu-system-x86_64", ("qemu",))
FILES = Files("amd64", Path("/k/vmlinuz-6"), Path("/r/root.gz"))


@pytest.fixture(autouse=True)
def own_home(monkeypatch, tmp_path):
    monkeypatch.setenv("LAYER_BY_LAYER_HOME", str(tmp_path))
    monkeypatch.setattr(acceleration, "architecture", lambda: "amd64")
    monkeypatch.setattr(acceleration.platform, "system", lambda: "Linux")
    monkeypatch.setattr(acceleration, "KVM", tmp_path)  # something that may be opened


def probing(monkeypatch, outcome: str) -> list[str]:
    tried: list[str] = []

    def probe(_qemu, _files, accelerator: str) -> str:
        tried.append(accelerator)
        return outcome

    monkeypatch.setattr(acceleration, "_probe", probe)
    return tried


def test_microvm_where_there_is_one_else_a_pc():
    assert board(QEMU, "amd64", "tcg").name == "microvm"
    old = type("Old", (Fake,), {"boards": frozenset({"pc"})})("q", ("q",))
    assert board(old, "amd64", "tcg").name == "pc"
    assert board(QEMU, "arm64", "tcg").name == "virt"


def test_a_machine_has_no_way_out():
    found = words(QEMU, board(QEMU, "amd64", "tcg"), FILES)
    assert found[found.index("-nic") + 1] == "none" and "-nodefaults" in found
    assert not {"-netdev", "-net", "-drive", "-virtfs", "-fsdev", "-monitor", "-vnc"} & set(found)


def test_the_command_that_is_shown_holds_no_path_of_this_computer():
    own, rest = said(QEMU, board(QEMU, "amd64", "tcg"), FILES)
    assert "/" not in own + " ".join(rest)


@pytest.mark.parametrize(
    ("outcome", "accelerator"), [("proved", "kvm"), ("hangs", "tcg"), ("fails", "tcg")]
)
def test_kvm_is_used_only_if_a_start_proved_it(monkeypatch, outcome, accelerator):
    probing(monkeypatch, outcome)
    found = acceleration.choose(QEMU, FILES)
    assert (found.board.accelerator, found.why, found.probed) == (accelerator, outcome, True)


def test_the_answer_is_remembered_until_the_host_starts_anew(monkeypatch):
    tried = probing(monkeypatch, "hangs")
    acceleration.choose(QEMU, FILES)
    again = acceleration.choose(QEMU, FILES)
    assert (len(tried), again.probed, again.why) == (1, False, "hangs")
    monkeypatch.setattr(acceleration, "_since", lambda: "another run of the host")
    acceleration.choose(QEMU, FILES)
    assert len(tried) == 2


def test_a_broken_memory_is_no_reason_to_fail(monkeypatch, tmp_path):
    probing(monkeypatch, "proved")
    (tmp_path / "machines").mkdir()
    (tmp_path / "machines" / "acceleration.json").write_text("{")
    assert acceleration.choose(QEMU, FILES).board.accelerator == "kvm"
    assert json.loads((tmp_path / "machines" / "acceleration.json").read_text())["since"]


def test_without_a_device_nothing_is_tried(monkeypatch):
    tried = probing(monkeypatch, "proved")
    monkeypatch.setattr(acceleration, "KVM", Path("/nonexistent/kvm"))
    assert acceleration.choose(QEMU, FILES).why == "no_device"
    arm = Files("arm64", FILES.kernel, FILES.root)
    assert acceleration.choose(QEMU, arm).why == "other_processor"
    assert tried == []


@pytest.mark.parametrize(
    ("system", "said"),
    [("Darwin", "brew install qemu"), ("Windows", "WSL 2"), ("Linux", "apt install qemu")],
)
def test_a_missing_qemu_is_told_with_the_way_to_get_one(monkeypatch, system, said):
    def refused(*_: object, **__: object) -> None:
        raise programs.DownloadFailed("debian.missing", name="qemu-system-x86", suite="bookworm")

    monkeypatch.setattr(programs.platform, "system", lambda: system)
    monkeypatch.setattr(programs.shutil, "which", lambda name: None)
    monkeypatch.setattr(programs.debian, "fetch", refused)
    monkeypatch.delenv(programs.VARIABLE, raising=False)
    with pytest.raises(MachineFailed) as caught:
        programs.qemu("amd64")
    assert said in caught.value.next


def test_a_download_that_fails_leaves_the_qemu_on_path(monkeypatch):
    def refused(*_: object, **__: object) -> None:
        raise programs.DownloadFailed("debian.missing", name="qemu-system-x86", suite="bookworm")

    monkeypatch.setattr(programs.debian, "fetch", refused)
    monkeypatch.setattr(programs.shutil, "which", lambda name: f"/opt/{name}")
    monkeypatch.delenv(programs.VARIABLE, raising=False)
    assert programs.qemu("amd64").command == ("/opt/qemu-system-x86_64",)


def test_a_program_that_is_no_qemu_is_refused(monkeypatch):
    monkeypatch.setenv(programs.VARIABLE, "/bin/false")
    with pytest.raises(MachineFailed, match="does not work"):
        _ = programs.qemu("amd64").boards


def test_an_architecture_without_a_kernel():
    with pytest.raises(MachineFailed, match="riscv64"):
        programs.qemu("riscv64")

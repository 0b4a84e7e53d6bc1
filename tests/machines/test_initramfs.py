"""The archive that a kernel unpacks: its format byte by byte, and what gets into it."""

from __future__ import annotations

import gzip
import io
import shutil
import subprocess
import tarfile

import pytest

from helpers.machines.cpio import CHARACTER, FILE, CpioWriter, Node
from helpers.machines.initramfs import INIT, pack


def parsed(data: bytes) -> dict[str, tuple[int, bytes, tuple[int, int]]]:
    """Read an archive as buffer-format.rst of the kernel describes it."""
    found, at = {}, 0
    while True:
        assert data[at : at + 6] == b"070701" and at % 4 == 0
        fields = [int(data[at + 6 + 8 * n : at + 14 + 8 * n], 16) for n in range(13)]
        mode, size, device, length = fields[1], fields[6], (fields[9], fields[10]), fields[11]
        name = data[at + 110 : at + 110 + length - 1].decode()
        start = at + 110 + length
        start += -start % 4
        at = start + size + -size % 4
        if name == "TRAILER!!!":
            assert at == len(data)
            return found
        found[name] = (mode, data[start : start + size], device)


def archive(*members: tuple[tarfile.TarInfo, bytes]) -> tarfile.TarFile:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        for member, content in members:
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    file.seek(0)
    return tarfile.open(fileobj=file, mode="r|")


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", mode: int = 0o644):
    found = tarfile.TarInfo(name)
    found.type, found.linkname, found.mode, found.mtime = kind, link, mode, 7
    return found


def sample() -> bytes:
    return pack(
        archive(
            (member(".dockerenv"), b""),
            (member("bin", tarfile.DIRTYPE, mode=0o755), b""),
            (member("bin/one", mode=0o4755), b"program"),
            (member("bin/two", tarfile.LNKTYPE, "bin/one"), b""),
            (member("bin/three", tarfile.SYMTYPE, "one"), b""),
            (member(".hidden"), b"x"),
            (member("etc", tarfile.DIRTYPE, mode=0o755), b""),
            (member("etc/hosts"), b"127.0.0.1 of the container"),
            (member("dev", tarfile.DIRTYPE, mode=0o755), b""),
            (member("dev/console"), b""),
        )
    )


def test_the_files_are_there_and_what_the_engine_puts_beside_them_is_not():
    found = parsed(gzip.decompress(sample()))
    assert found["bin/one"][:2] == (FILE | 0o4755, b"program")
    assert found["bin/two"][1] == b"program"  # a second name of a file
    assert found["bin/three"][:2] == (0o120777, b"one")
    assert found[".hidden"][1] == b"x"
    assert not {".dockerenv", "dockerenv", "etc/hosts"} & found.keys()


def test_a_machine_gets_a_console_a_first_program_and_its_places():
    found = parsed(gzip.decompress(sample()))
    assert found["dev/console"] == (CHARACTER | 0o600, b"", (5, 1))
    assert found["init"][:2] == (FILE | 0o755, INIT.encode())
    assert {"dev", "proc", "sys", "tmp"} <= found.keys()
    names = list(found)
    assert all(names.index(name.rpartition("/")[0]) < names.index(name) for name in names
               if "/" in name)  # fmt: skip


def test_the_same_files_give_the_same_bytes():
    assert sample() == sample()


@pytest.mark.skipif(not shutil.which("cpio"), reason="no cpio here")
def test_cpio_reads_it():
    file = io.BytesIO()
    writer = CpioWriter(file)
    writer.add(Node("a", FILE | 0o644, b"12345"))
    writer.close()
    done = subprocess.run(["cpio", "-it"], input=file.getvalue(), capture_output=True, check=True)
    assert done.stdout == b"a\n"

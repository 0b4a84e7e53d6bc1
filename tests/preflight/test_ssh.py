"""A real ssh server, Debian's, unpacked and private: on 127.0.0.1, with keys of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers import debian
from helpers.engine.packages import architecture
from helpers.preflight import hosts

from ..conftest import missing

pytestmark = pytest.mark.sweep
# What the server is linked with, where the host may not have it.
PACKAGES = ("openssh-server", "openssh-client", "libwrap0", "libnsl2", "libtirpc3", "libcbor0.8",
            "libfido2-1", "libedit2", "libbsd0", "libmd0")  # fmt: skip
SERVER = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
PidFile none
AuthorizedKeysFile {folder}/learner.pub
PasswordAuthentication no
UsePAM no
StrictModes no
PermitRootLogin prohibit-password
"""
# Of each setting ssh takes the first that it meets.
CLIENT = """\
Host closed
    IdentityFile {folder}/stranger
Host room unknown
    IdentityFile {folder}/learner
Host unknown
    UserKnownHostsFile {folder}/nobody
Host refused
    HostName 127.0.0.1
    Port 9
Host room unknown closed
    HostName 127.0.0.1
    Port {port}
    User root
    IdentitiesOnly yes
    UserKnownHostsFile {folder}/known
    GlobalKnownHostsFile none
    StrictHostKeyChecking yes
"""
# The server wants a user and a folder of its own: they exist in its mount namespace alone.
START = """\
mount --bind "$1/passwd" /etc/passwd && mount -t tmpfs none /run && mkdir -m 755 /run/sshd &&
exec "$1/tree/usr/sbin/sshd" -D -e -f "$1/sshd_config"
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    if sys.platform != "linux" or os.geteuid() != 0:
        missing("only root can start an ssh server for root")
    folder = tmp_path_factory.mktemp("ssh")
    tree = folder / "tree"
    debian.unpack(debian.fetch(PACKAGES, architecture=architecture()), tree)
    libraries = os.pathsep.join(str(p) for p in sorted(tree.glob("**/lib/*-linux-gnu")))
    variables = {**os.environ, "LD_LIBRARY_PATH": libraries}
    for name in ("host", "learner", "stranger"):
        subprocess.run(
            [tree / "usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name],
            env=variables, check=True,
        )  # fmt: skip
    passwd = Path("/etc/passwd").read_text()
    if "\nsshd:" not in passwd:
        passwd += "sshd:x:65000:65534::/run/sshd:/usr/sbin/nologin\n"
    (folder / "passwd").write_text(passwd)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (folder / "sshd_config").write_text(SERVER.format(port=port, folder=folder))
    (folder / "ssh_config").write_text(CLIENT.format(port=port, folder=folder))
    key = (folder / "host.pub").read_text()
    (folder / "known").write_text(f"[127.0.0.1]:{port} {key}")
    client = folder / "bin/ssh"
    client.parent.mkdir()
    client.write_text(
        f'#!/bin/sh\nexport LD_LIBRARY_PATH="{libraries}"\n'
        f'exec "{tree}/usr/bin/ssh" -F "{folder}/ssh_config" "$@"\n'
    )
    client.chmod(0o755)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", START, "sh", str(folder)],
            env=variables, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + 20
        while not _listens(port):  # the server listens
            assert time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.05)
        yield folder
    finally:
        process.terminate()
        process.wait(20)


def _listens(port: int) -> bool:
    with socket.socket() as talk:
        return talk.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def ssh(server: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", f"{server / 'bin'}{os.pathsep}{os.environ['PATH']}")
    return server


def test_the_probe_goes_over_real_ssh(ssh: Path) -> None:
    answer = hosts.ask("room")
    assert answer.failure == "", (answer, (ssh / "log").read_text())
    assert answer.facts["machine"]["system"] == "Linux"
    assert answer.facts["engine"]["sockets"] == []  # /run of its mount namespace
    assert abs(answer.skew) <= answer.doubt


@pytest.mark.parametrize(("host", "failure"), [
    ("unknown", "key"), ("closed", "denied"), ("refused", "refused"),
    ("nonesuch.invalid", "name"),
])  # fmt: skip
def test_what_real_ssh_says_is_understood(ssh: Path, host: str, failure: str) -> None:
    assert hosts.ask(host).failure == failure

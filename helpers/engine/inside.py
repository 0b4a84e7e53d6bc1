"""The first process of a private engine's namespaces; runs as ``python inside.py CONFIG``.

It is started by `helpers.engine.private` in a process and a mount namespace of its own. It makes a
network namespace, connects that to the outside with slirp4netns (a user-mode network stack: no
rule, bridge or address appears on the host), and runs dockerd. When it ends the kernel takes down
everything with it: dockerd, containerd, shims, containers, mounts and the network.

It uses the standard library alone, so that it starts under any Python.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

CLONE_NEWNET = 0x40000000  # <linux/sched.h>
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000  # <linux/mount.h>
SIOCSIFFLAGS, IFF_UP, IFF_RUNNING = 0x8914, 0x1, 0x40  # <linux/if.h>
CONTAINERS = "lbl-containers"  # the user below whose numbers a remapped engine's containers run
SEEN = Path("/run/lbl-engine")  # where a remapped engine sees its data, see `_way_for_containers`
NAME_SERVER = "10.0.2.3"  # slirp4netns(1): its forwarder to the host's resolver

_libc = ctypes.CDLL(None, use_errno=True)


def _mount(source: str, target: str, kind: str = "", flags: int = 0, data: str = "") -> None:
    encoded = (source.encode(), target.encode(), kind.encode() or None)
    if _libc.mount(*encoded, flags, data.encode() or None):
        number = ctypes.get_errno()
        raise OSError(number, f"mount {source} on {target}: {os.strerror(number)}")


def _own_network(run: Path, ports: list[int]) -> None:
    """Leave the host's network; both network namespaces stay reachable as files below ``run``."""
    for name in ("net-host", "net-own"):
        (run / name).touch()
    _mount("/proc/self/ns/net", str(run / "net-host"), flags=MS_BIND)
    if _libc.unshare(CLONE_NEWNET):
        number = ctypes.get_errno()
        raise OSError(number, f"unshare: {os.strerror(number)}")
    _mount("/proc/self/ns/net", str(run / "net-own"), flags=MS_BIND)
    # dockerd reads it when it starts; no other network than the new one is changed
    Path("/proc/sys/net/ipv4/ip_local_port_range").write_text("{} {}".format(*ports))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        fcntl.ioctl(probe, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP | IFF_RUNNING))


def _private_places(config: dict) -> None:
    """Give dockerd a /run, /etc/docker and /etc/resolv.conf that the host does not see."""
    if config["writes_etc"]:
        upper, work = (Path(config["run"]) / name for name in ("etc", "etc-work"))
        for folder in (upper, work):
            folder.mkdir(exist_ok=True)
        _mount("overlay", "/etc", "overlay", data=f"lowerdir=/etc,upperdir={upper},workdir={work}")
    if config.get("ids"):
        _user_of_containers(*config["ids"])
    resolver = os.path.realpath("/etc/resolv.conf")
    own = Path(config["run"]) / "resolv.conf"
    own.write_text(f"nameserver {NAME_SERVER}\n")
    # A tmpfs over /run hides the host's; on many hosts resolv.conf is a link into it.
    _mount("tmpfs", "/run", "tmpfs", data="mode=755")
    if config["uplink"]:
        if resolver.startswith("/run/"):
            Path(resolver).parent.mkdir(parents=True, exist_ok=True)
            Path(resolver).touch()
        if Path(resolver).exists():
            _mount(str(own), resolver, flags=MS_BIND)
    if config.get("ids"):
        _way_for_containers(Path(config["run"]).parent)
    # what another engine of the host keeps here is not for this one
    for folder in ("/etc/docker", "/opt/containerd"):
        if Path(folder).is_dir():
            _mount("tmpfs", folder, "tmpfs", data="mode=755")


def _user_of_containers(first: int, count: int) -> None:
    """Name the user whose numbers containers get (dockerd asks for one that exists; subuid(5))."""
    for name, line in (
        ("passwd", f"{CONTAINERS}:x:{first}:{first}::/nonexistent:/bin/false\n"),
        ("group", f"{CONTAINERS}:x:{first}:\n"),
    ):
        path = Path("/etc", name)
        kept = [x for x in path.read_text().splitlines(True) if not x.startswith(f"{CONTAINERS}:")]
        path.write_text("".join(kept) + line)
    for name in ("subuid", "subgid"):
        Path("/etc", name).write_text(f"{CONTAINERS}:{first}:{count}\n")


def _way_for_containers(folder: Path) -> None:
    """Show data and state of a remapped engine where everybody may pass.

    Its containers are nobody on the host, and nobody may pass through a home folder that is its
    owner's alone, as ``/root`` mostly is: dockerd refuses such a data root. The rights of the
    folders above stay as they are.
    """
    SEEN.mkdir()
    SEEN.chmod(0o711)  # whatever the umask made of it
    for name in ("data", "x"):
        (SEEN / name).mkdir()
        _mount(str(folder / name), str(SEEN / name), flags=MS_BIND)
        (SEEN / name).chmod(0o711)


def _uplink(config: dict, log: int) -> subprocess.Popen[bytes]:
    """Connect the network namespace to the outside; return slirp4netns once it is ready."""
    run = Path(config["run"])
    ready, tell = os.pipe()
    command = [
        config["nsenter"], f"--net={run / 'net-host'}", config["slirp4netns"],
        "--configure", "--mtu=65520", "--disable-host-loopback",
        f"--ready-fd={tell}", "--netns-type=path", str(run / "net-own"), "tap0",
    ]  # fmt: skip
    process = subprocess.Popen(command, pass_fds=(tell,), stdout=log, stderr=log)
    os.close(tell)
    os.set_blocking(ready, False)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if os.read(ready, 1):
                break
        except BlockingIOError:
            time.sleep(0.02)
    os.close(ready)
    return process


def main(path: str) -> int:
    config = json.loads(Path(path).read_text())
    log = os.open(config["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    _mount("none", "/", flags=MS_REC | MS_PRIVATE)
    _own_network(Path(config["run"]), config["ports"])
    _private_places(config)
    if config["uplink"]:
        _uplink(config, log)
    daemon = subprocess.Popen(config["dockerd"], stdin=subprocess.DEVNULL)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: daemon.terminate())
    # As the first process of its namespace it inherits every orphan: reap them all.
    while True:
        pid, status = os.wait()
        if pid == daemon.pid:
            return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

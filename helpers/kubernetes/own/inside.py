"""The cluster's programs in a private engine's namespaces; runs as ``python inside.py CONFIG``.

`helpers.kubernetes.own` starts it with ``nsenter`` beside dockerd (`helpers.engine.inside`). It
gives the programs places that the host does not see, starts them, starts again what ends, and
forwards ports of 127.0.0.1 of the host into the engine's network. When the namespaces end, the
kernel ends everything in them.

It uses the standard library alone, so that it starts under any Python.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

CLONE_NEWNET = 0x40000000  # <linux/sched.h>
MS_BIND, MS_REC = 0x1000, 0x4000  # <linux/mount.h>
# What the kubelet wants of the kernel (pkg/util/sysctl), and would set for the whole machine.
WANTED = {
    "vm/overcommit_memory": "1", "vm/panic_on_oom": "0", "kernel/panic": "10",
    "kernel/panic_on_oops": "1", "kernel/keys/root_maxkeys": "1000000",
    "kernel/keys/root_maxbytes": "25000000",
}  # fmt: skip
CONTROLLERS = ("cpu", "cpuset", "memory", "hugetlb", "pids")  # pkg/kubelet/cm
AGAIN = 0.5  # seconds after which a program that ended is started again
READY = 120  # seconds for the API server to answer

_libc = ctypes.CDLL(None, use_errno=True)


def _mount(source: str, target: str, kind: str = "", flags: int = 0, data: str = "") -> None:
    encoded = (source.encode(), target.encode(), kind.encode() or None)
    if _libc.mount(*encoded, flags, data.encode() or None):
        number = ctypes.get_errno()
        raise OSError(number, f"mount {source} on {target}: {os.strerror(number)}")


def _places(config: dict) -> None:
    """Make what the programs write, or would change, their own."""
    state = Path(config["state"])
    state.mkdir(parents=True)
    for place in ("/var/lib", "/var/log"):  # kubelet, cni: folders that no flag names
        upper, work = (state / f"{place.replace('/', '-')}{part}" for part in ("", "-work"))
        upper.mkdir()
        work.mkdir()
        kept = state / "kept"
        home = Path(config["home"])
        inside = home.is_relative_to(place)
        if inside:  # the engine's own data, which must stay what it is
            kept.mkdir(exist_ok=True)
            _mount(str(home), str(kept), flags=MS_BIND | MS_REC)
        data = f"lowerdir={place},upperdir={upper},workdir={work}"
        _mount("overlay", place, "overlay", data=data)
        if inside:
            _mount(str(kept), str(home), flags=MS_BIND | MS_REC)
    for name, value in WANTED.items():
        shown = state / name.replace("/", "-")
        shown.write_text(f"{value}\n")
        if Path("/proc/sys", name).exists():
            _mount(str(shown), f"/proc/sys/{name}", flags=MS_BIND)


def _groups(name: str) -> None:
    """Make the control group that the kubelet puts its own below, with every controller."""
    base = Path("/sys/fs/cgroup")
    if (base / "cgroup.controllers").exists():
        _unified(base, name)
        return
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        front, _, back = line.partition(" - ")
        if back.split()[0] == "cgroup":
            Path(front.split()[4], name.strip("/")).mkdir(parents=True, exist_ok=True)


def _unified(base: Path, name: str) -> None:
    """Do the same in version 2, where each level hands controllers down (cgroups(7)).

    The kubelet starts only if its group has all of `CONTROLLERS` that the kernel has. runc enables
    them in the same way for the group of any container.
    """
    there = (base / "cgroup.controllers").read_text().split()
    wanted = " ".join(f"+{one}" for one in there if one in CONTROLLERS)
    place = base
    for part in name.strip("/").split("/"):
        with contextlib.suppress(OSError):  # the kubelet's log will say what is missing
            (place / "cgroup.subtree_control").write_text(wanted)
        place /= part
        place.mkdir(exist_ok=True)


def _network(config: dict) -> None:
    Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
    for words in config["rules"]:
        subprocess.run(["iptables", "--wait", *words], check=True)


def _enter(namespace: str) -> None:
    handle = os.open(namespace, os.O_RDONLY)
    try:
        if _libc.setns(handle, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"setns {namespace}")
    finally:
        os.close(handle)


def _listeners(config: dict) -> dict[int, socket.socket]:
    """Return sockets that listen on free ports of 127.0.0.1 of the host, by the port inside."""
    _enter(config["net_host"])
    try:
        found = {}
        for port, wanted in config["forwards"]:
            listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", wanted))
            except OSError:  # somebody else has it by now
                listener.bind(("127.0.0.1", 0))
            listener.listen(128)
            found[port] = listener
        return found
    finally:
        _enter(config["net_own"])


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while block := await reader.read(1 << 16):
            writer.write(block)
            await writer.drain()
        writer.write_eof()  # half-close: the other direction may still carry an answer
    except OSError:
        writer.transport.abort()


async def _serve(listener: socket.socket, address: str, port: int) -> None:
    lines = set()  # asyncio itself forgets a task whose client is gone, and it would be collected

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines.add(task := asyncio.current_task())
        try:
            there, back = await asyncio.open_connection(address, port)
            await asyncio.gather(_copy(reader, back), _copy(there, writer))
            back.close()
        except OSError:
            writer.transport.abort()
        finally:
            writer.close()
            lines.discard(task)

    async with await asyncio.start_server(one, sock=listener) as server:
        await server.serve_forever()


async def _keep(name: str, command: list[str], logs: str) -> None:
    """Run a program, and run it again whenever it ends, until the cluster does."""
    while True:
        with Path(logs, f"{name}.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/"
            )
        try:
            status = await process.wait()
        except asyncio.CancelledError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            raise
        print(f"{name} ended: {status}", flush=True)
        await asyncio.sleep(AGAIN)


async def _answers(config: dict) -> None:
    """Wait until the API server is ready for the others: they would give up and start again."""
    context = ssl.create_default_context(cafile=config["authority"])
    context.load_cert_chain(*config["identity"])

    def look() -> bool:
        try:
            with urllib.request.urlopen(config["ready"], timeout=5, context=context) as answer:
                return answer.status == 200
        except OSError:
            return False

    deadline = time.monotonic() + READY
    while not await asyncio.to_thread(look) and time.monotonic() < deadline:
        await asyncio.sleep(0.1)


async def _main(config: dict, listeners: dict[int, socket.socket]) -> None:
    loop = asyncio.get_running_loop()
    done = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, done.set)

    async def programs() -> None:
        first = [_keep(n, c, config["logs"]) for n, c in config["store"].items()]
        running = [asyncio.create_task(one) for one in first]
        await _answers(config)
        rest = [_keep(n, c, config["logs"]) for n, c in config["rest"].items()]
        await asyncio.gather(*running, *rest)

    work = [asyncio.create_task(programs())]
    work += [
        asyncio.create_task(_serve(listener, config["address"], port))
        for port, listener in listeners.items()
    ]
    ports = {str(port): listener.getsockname()[1] for port, listener in listeners.items()}
    part = Path(config["told"] + ".part")
    part.write_text(json.dumps(ports))
    part.replace(config["told"])
    await done.wait()
    for task in work:
        task.cancel()
    await asyncio.gather(*work, return_exceptions=True)


def main(path: str) -> int:
    config = json.loads(Path(path).read_text())
    _groups(config["group"])
    _places(config)
    _network(config)
    asyncio.run(_main(config, _listeners(config)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

"""dockerd's userland proxy for a private engine; runs as ``docker-proxy`` does.

A published port of a private engine exists in the engine's own network namespace. This program
starts Docker's real proxy there, and also listens on **127.0.0.1 of the host**, whatever address
the port was published on: the learner reaches it, another machine does not. One port may be the
*door* of a class, which listens on the address that its instructor named.

It uses the standard library alone, so that it starts under any Python.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys

CLONE_NEWNET = 0x40000000  # <linux/sched.h>
STATUS = 3  # the pipe on which dockerd waits for "0\n" or "1\n" and a reason


def _enter(namespace: str) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    handle = os.open(namespace, os.O_RDONLY)
    try:
        if libc.setns(handle, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"setns {namespace}")
    finally:
        os.close(handle)


def _listen_on_host(host: str, own: str, address: str, port: int) -> socket.socket:
    """Return a socket that listens in the host's network, seen from the own one."""
    _enter(host)
    try:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(128)
        return listener
    finally:
        _enter(own)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while block := await reader.read(1 << 16):
            writer.write(block)
            await writer.drain()
        writer.write_eof()  # half-close: the other direction may still carry an answer
    except OSError:  # reset, for example because nothing listens in the container: pass it on
        writer.transport.abort()


async def _serve(listener: socket.socket, target: tuple[str, int]) -> None:
    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection(*target)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_copy(reader, back), _copy(there, writer))
        for stream in (back, writer):
            stream.close()

    server = await asyncio.start_server(one, sock=listener)
    async with server:
        await server.serve_forever()


def main(proxy: str, host: str, own: str, door: str, arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prefix_chars="-")
    for name in ("proto", "host-ip"):
        parser.add_argument(f"-{name}", default="")
    parser.add_argument("-host-port", type=int, default=0)
    known, _ = parser.parse_known_args(arguments)
    address = known.host_ip or "0.0.0.0"
    there, _, port = door.rpartition(":")
    outside = there if str(known.host_port) == port else "127.0.0.1"
    listener = None
    if known.proto == "tcp" and ":" not in address:
        try:
            listener = _listen_on_host(host, own, outside, known.host_port)
        except OSError as error:
            os.write(
                STATUS, f"1\n{outside}:{known.host_port} on the host: {error.strerror}".encode()
            )
            return 1
    inherited = [
        fd for fd in range(3, 16) if _is_open(fd) and fd != (listener and listener.fileno())
    ]
    child = subprocess.Popen([proxy, *arguments], pass_fds=inherited)
    # dockerd reads the pipe to its end: it must not stay open here.
    with contextlib.suppress(OSError):
        os.close(STATUS)

    def stop(*_: object) -> None:
        child.terminate()
        child.wait(timeout=5)
        os._exit(0)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    if listener is None:
        return child.wait()
    target = ("127.0.0.1" if address == "0.0.0.0" else address, known.host_port)
    asyncio.run(_serve(listener, target))
    return 0


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:5], sys.argv[5:]))

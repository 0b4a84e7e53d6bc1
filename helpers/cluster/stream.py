"""A connection that is a command in a container: begun, framed as Docker frames it, ended."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from ..components.client import program
from ..engine import Engine

__all__ = ["BLOCK", "DIAL", "Stream", "by_client", "hijacked"]

DIAL = ("docker", "system", "dial-stdio")
BLOCK = 1 << 16
STDOUT = 1  # of a frame (Docker Engine API, "attach to a container", stream format)


@dataclass
class Stream:
    """A connection to an engine: what is written to ``into`` arrives there."""

    out: asyncio.StreamReader
    into: asyncio.StreamWriter
    framed: bool
    process: asyncio.subprocess.Process | None = None

    @property
    def alive(self) -> bool:
        return not self.out.at_eof() and not self.into.is_closing()

    async def copy_to(self, writer: asyncio.StreamWriter) -> None:
        while True:
            size = BLOCK
            kind = STDOUT
            if self.framed:
                header = await self.out.readexactly(8)
                kind, size = header[0], int.from_bytes(header[4:], "big")
            while size:
                block = await self.out.read(min(size, BLOCK))
                if not block:
                    return
                if kind == STDOUT:
                    writer.write(block)
                    await writer.drain()
                size = size - len(block) if self.framed else 0

    def close(self) -> None:
        self.into.close()
        if self.process and self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()


async def hijacked(local: Path, container: str) -> Stream:
    """Begin the command over the API, on a connection that then carries its input and output."""
    reader, writer = await asyncio.open_unix_connection(str(local))
    try:
        wanted = {"AttachStdin": True, "AttachStdout": True, "AttachStderr": True, "Cmd": DIAL}
        made = await _ask(reader, writer, f"/containers/{quote(container)}/exec", wanted)
        start = {"Detach": False, "Tty": False}
        await _ask(reader, writer, f"/exec/{json.loads(made)['Id']}/start", start, upgrade=True)
    except BaseException:
        writer.close()
        raise
    return Stream(reader, writer, True)


async def _ask(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    path: str,
    body: dict,
    upgrade: bool = False,
) -> bytes:
    sent = json.dumps(body).encode()
    lines = [f"POST {path} HTTP/1.1", "Host: docker", "Content-Type: application/json",
             f"Content-Length: {len(sent)}"]  # fmt: skip
    if upgrade:
        lines += ["Connection: Upgrade", "Upgrade: tcp"]
    writer.write("\r\n".join([*lines, "", ""]).encode() + sent)
    await writer.drain()
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    status = int(head.split()[1])
    if status not in (101, 200, 201):
        raise EOFError(head)
    if upgrade:
        return b""
    if "transfer-encoding: chunked" in head:
        whole = b""
        while size := int(await reader.readline(), 16):
            whole += await reader.readexactly(size)
            await reader.readline()
        await reader.readline()
        return whole
    return await reader.readexactly(int(head.split("content-length:")[1].split()[0]))


async def by_client(engine: Engine, container: str) -> Stream:
    """Begin the command with the docker client: TLS, SSH and named pipes are its business."""
    environment = engine.environment()
    process = await asyncio.create_subprocess_exec(
        program(environment), "exec", "-i", container, *DIAL, env=environment,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdin and process.stdout
    return Stream(process.stdout, process.stdin, False, process)

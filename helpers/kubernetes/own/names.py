"""The cluster's name server: services by name, read from the API; runs as ``python names.py …``.

Kubernetes comes with none of its own: clusters install CoreDNS, which Debian does not have. What
this one answers is in `zone`; what is not of the cluster is asked of the host's resolver.

It uses the standard library alone, so that it starts under any Python.
"""

from __future__ import annotations

import json
import socket
import ssl
import struct
import sys
import threading
import time
import urllib.request

from zone import Zone, answer, failed  # beside this file, whose folder Python looks in first

UPSTREAM = 5  # seconds for the host's resolver
LARGEST = 512  # bytes of an answer over UDP (RFC 1035 §2.3.4)
AGAIN = 0.5  # seconds between two attempts to reach the API


class _Server:
    def __init__(self, config: dict) -> None:
        self.zone = Zone(config["domain"])
        self.address = (config["address"], 53)
        self.upstream = (config["upstream"], 53)
        self.url = config["url"]
        self.context = ssl.create_default_context(cafile=config["authority"])
        self.context.load_cert_chain(*config["identity"])

    def follow(self, kind: str) -> None:
        """List, then watch, for ever: after a lost connection from the beginning."""
        while True:
            try:
                with self._get(kind) as reply:
                    found = json.load(reply)
                self.zone.replace(kind, found["items"])
                version = found["metadata"]["resourceVersion"]
                with self._get(f"{kind}?watch=1&resourceVersion={version}") as reply:
                    for line in reply:
                        event = json.loads(line)
                        if event["type"] == "ERROR":
                            break
                        self.zone.change(kind, event["type"], event["object"])
            except (OSError, ValueError, KeyError) as error:
                print(f"{kind}: {error}", flush=True)
            time.sleep(AGAIN)  # a pause between two attempts, not a wait for a state

    def _get(self, what: str):
        address = f"{self.url}/api/v1/{what}"
        return urllib.request.urlopen(address, timeout=3600, context=self.context)

    def _reply(self, question: bytes, limit: int | None) -> bytes:
        own = answer(self.zone, question, limit)
        if own is not None:
            return own
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
                other.settimeout(UPSTREAM)
                other.sendto(question, self.upstream)
                return other.recv(4096)
        except OSError:
            return failed(question)

    def datagrams(self) -> None:
        own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        own.bind(self.address)

        def one(question: bytes, sender: tuple[str, int]) -> None:
            try:
                own.sendto(self._reply(question, LARGEST), sender)
            except (OSError, IndexError, struct.error) as error:  # not a question: no answer
                print(error, flush=True)

        while True:
            threading.Thread(target=one, args=own.recvfrom(4096), daemon=True).start()

    def streams(self) -> None:
        own = socket.create_server(self.address, reuse_port=False)

        def one(line: socket.socket) -> None:
            with line:
                line.settimeout(UPSTREAM)
                try:
                    (size,) = struct.unpack("!H", line.recv(2, socket.MSG_WAITALL))
                    found = self._reply(line.recv(size, socket.MSG_WAITALL), None)
                    line.sendall(struct.pack("!H", len(found)) + found)
                except (OSError, IndexError, struct.error) as error:
                    print(error, flush=True)

        while True:
            threading.Thread(target=one, args=(own.accept()[0],), daemon=True).start()


def main(written: str) -> None:
    server = _Server(json.loads(written))
    work = [threading.Thread(target=server.follow, args=(k,)) for k in server.zone.objects]
    work += [threading.Thread(target=target) for target in (server.datagrams, server.streams)]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()


if __name__ == "__main__":
    main(sys.argv[1])

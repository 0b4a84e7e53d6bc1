"""Users of AWS in the cluster: whose a token is, and what its access policies allow.

Runs as ``python iam.py …`` beside the API server, which asks here about every token that it does
not know itself (webhook token authentication). In EKS an authenticator of AWS does this. Here the
question goes on to the local AWS, if the cluster was given to one: it checks the signature in the
token, and finds the access entry. Its access policies become roles of Kubernetes and their
bindings; in EKS an authorizer of its own evaluates them.

It also leads 127.0.0.1:PORT of the node to the local AWS at the same port of this machine, so that
the node can pull from its registry.

It uses the standard library alone, so that it starts under any Python.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import socket
import ssl
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CLONE_NEWNET = 0x40000000  # <linux/sched.h>
ANSWER = 10  # seconds for one request
LOOK = 0.5  # seconds between two looks at what the course has told
RBAC = "/apis/rbac.authorization.k8s.io/v1"
PLURAL = {
    "ClusterRole": "clusterroles", "ClusterRoleBinding": "clusterrolebindings",
    "RoleBinding": "rolebindings",
}  # fmt: skip
MARK = "ministack.org/eks-access-policy=true"  # on the bindings: those that are no longer wanted go

_libc = ctypes.CDLL(None, use_errno=True)


class _Iam:
    def __init__(self, config: dict) -> None:
        self.config = config
        self.context = ssl.create_default_context(cafile=config["authority"])
        self.context.load_cert_chain(*config["identity"])
        self.applied = ""  # what was written last
        self.lock = threading.Lock()

    def told(self) -> dict | None:
        """Return which AWS knows the users, None if none does."""
        try:
            return json.loads(Path(self.config["told"]).read_text())
        except (OSError, ValueError):
            return None

    def review(self, asked: dict) -> dict:
        """Answer a TokenReview."""
        status = {"authenticated": False}
        told = self.told()
        if told:
            try:
                names = [one["metadata"]["name"] for one in self.api("/api/v1/namespaces")["items"]]
                found = self.aws(told, {"do": "review", "review": asked, "namespaces": names})
                with self.lock:
                    self.write(found["objects"])
                status = found["status"]
            except (OSError, ValueError, KeyError) as error:
                print(f"review: {error}", flush=True)
        return {"apiVersion": asked.get("apiVersion"), "kind": "TokenReview", "status": status}

    def write(self, objects: list[dict]) -> None:
        """Make roles and bindings what they shall be."""
        wanted = json.dumps(objects, sort_keys=True)
        if wanted == self.applied:
            return
        for one in objects:
            place = self.place(one)
            with contextlib.suppress(urllib.error.HTTPError):
                self.api(place, one, "POST")  # 409: it is there
                continue
            self.api(f"{place}/{one['metadata']['name']}", one, "PUT")
        keep = {f"{self.place(one)}/{one['metadata']['name']}" for one in objects}
        for kind in ("ClusterRoleBinding", "RoleBinding"):
            query = urllib.parse.urlencode({"labelSelector": MARK})
            for row in self.api(f"{RBAC}/{PLURAL[kind]}?{query}")["items"]:
                path = f"{self.place({**row, 'kind': kind})}/{row['metadata']['name']}"
                if path not in keep:
                    self.api(path, method="DELETE")
        self.applied = wanted

    @staticmethod
    def place(one: dict) -> str:
        space = one["metadata"].get("namespace")
        return f"{RBAC}{f'/namespaces/{space}' if space else ''}/{PLURAL[one['kind']]}"

    def api(self, path: str, content: dict | None = None, method: str | None = None) -> dict:
        data = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(
            self.config["url"] + path, data, {"Content-Type": "application/json"}, method=method
        )
        with urllib.request.urlopen(request, timeout=ANSWER, context=self.context) as reply:
            return json.load(reply)

    def aws(self, told: dict, content: dict) -> dict:
        """Ask the local AWS, which listens on 127.0.0.1 of this machine, not of the node."""
        found: list = []

        def ask() -> None:
            try:
                self.outside()
                body = json.dumps({"secret": told["secret"], **content}).encode()
                request = urllib.request.Request(told["url"], body, method="POST")
                direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
                with direct.open(request, timeout=ANSWER) as reply:
                    found.append(json.load(reply))
            except (OSError, ValueError) as error:
                found.append(error)

        thread = threading.Thread(target=ask)  # a network is a thread's own
        thread.start()
        thread.join()
        if isinstance(found[0], Exception):
            raise OSError(str(found[0]))
        return found[0]

    def outside(self) -> None:
        """Let this thread use the network of this machine."""
        handle = os.open(self.config["net_host"], os.O_RDONLY)
        try:
            if _libc.setns(handle, CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns")
        finally:
            os.close(handle)

    def lead(self) -> None:
        """Lead the node's 127.0.0.1:PORT to the local AWS, whichever there is."""
        port, listener = 0, None
        while True:
            told = self.told()
            wanted = urllib.parse.urlsplit(told["url"]).port if told else 0
            if wanted != port:
                if listener:
                    with contextlib.suppress(OSError):
                        listener.shutdown(socket.SHUT_RDWR)  # who waits in accept() is woken
                    listener.close()
                port, listener = wanted, None
                if wanted:
                    with contextlib.suppress(OSError):
                        listener = socket.create_server(("127.0.0.1", wanted))
                        work = threading.Thread(
                            target=self.accept, args=(listener, wanted), daemon=True
                        )
                        work.start()
            time.sleep(LOOK)  # between two looks; nothing is waited for

    def accept(self, listener: socket.socket, port: int) -> None:
        with contextlib.suppress(OSError):  # it was closed
            while True:
                near, _ = listener.accept()
                threading.Thread(target=self.join, args=(near, port), daemon=True).start()

    def join(self, near: socket.socket, port: int) -> None:
        try:
            self.outside()
            far = socket.create_connection(("127.0.0.1", port), ANSWER)
        except OSError:
            near.close()
            return
        far.settimeout(None)
        back = threading.Thread(target=_copy, args=(far, near), daemon=True)
        back.start()
        _copy(near, far)
        back.join()
        near.close()
        far.close()


def _copy(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while block := one.recv(1 << 16):
            other.sendall(block)
    with contextlib.suppress(OSError):
        other.shutdown(socket.SHUT_WR)


def main(written: str) -> None:
    iam = _Iam(json.loads(written))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            try:
                asked = json.loads(self.rfile.read(size))
            except ValueError:
                self.send_error(400)
                return
            content = json.dumps(iam.review(asked)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing: tokens are in what is asked."""

    threading.Thread(target=iam.lead, daemon=True).start()
    ThreadingHTTPServer(("127.0.0.1", iam.config["port"]), Handler).serve_forever()


if __name__ == "__main__":
    main(sys.argv[1])

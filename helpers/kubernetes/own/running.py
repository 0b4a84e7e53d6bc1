"""The course's cluster while it runs: what one needs to use it."""

from __future__ import annotations

import json
import os
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import docker

from ...engine import Engine, connect
from ...engine.patience import patient
from ...errors import KubernetesFailed, NotFound
from ...text import plain
from .node import Node
from .plan import API, CONTEXT

__all__ = ["Running"]

ANSWER = 30  # seconds for one request
COPY = 600  # seconds for an image to get from one engine into the other
LOADED = "loaded.json"


@dataclass(frozen=True)
class Running:
    """A running cluster of the course's own.

    Parameters
    ----------
    node: the private engine that it runs in.
    kubeconfig: the file by which kubectl and the Python client reach it.
    kubectl: Debian's kubectl of the same version.
    ports: for the API server and each reachable node port, the port on 127.0.0.1.
    """

    node: Node
    kubeconfig: Path
    kubectl: Path
    ports: dict[int, int]

    @property
    def context(self) -> str:
        """The name of its context in the kubeconfig file."""
        return CONTEXT

    @property
    def url(self) -> str:
        """The API server's address."""
        return f"https://127.0.0.1:{self.ports[API]}"

    @property
    def engine(self) -> Engine:
        """The engine that its pods' containers run in."""
        return connect(self.node.url)

    def port(self, number: int) -> str:
        """Return where a node port is reached on this machine: ``http://127.0.0.1:…``.

        Raises
        ------
        NotFound: that node port is not forwarded; the message names those that are.
        """
        if number not in self.ports:
            known = ", ".join(str(port) for port in sorted(self.ports) if port != API)
            raise NotFound("kubernetes.node_port", number=number, known=known)
        return f"http://127.0.0.1:{self.ports[number]}"

    def load(self, images: Iterable[str], engine: Engine | None = None) -> list[str]:
        """Copy images of an engine into the cluster's, as ``kind load docker-image`` does.

        What the cluster's engine holds already is not copied. Returns the names that were copied.

        Parameters
        ----------
        engine: where they are; the one that `connect` finds if it is left out.

        Raises
        ------
        NotFound: the engine has no such image.
        EngineLost, NoSpace: as `helpers.engine.talking`.
        """
        engine = engine or connect()
        copied = []
        with patient(engine, COPY) as source, patient(self.engine, COPY) as target:
            for name in images:
                wanted = name if ":" in name.rpartition("/")[2] else f"{name}:latest"
                found = _identity(source, wanted)
                if found is None:
                    raise NotFound("kubernetes.no_image", name=name)
                if (found, _identity(target, wanted)) != self._loaded().get(wanted, (None, None)):
                    for _ in target.load_image(source.get_image(wanted), quiet=True):
                        pass
                    self._remember(wanted, found, _identity(target, wanted))
                    copied.append(name)
        return copied

    def _loaded(self) -> dict[str, tuple[str, str]]:
        """By name: the ID in the engine that an image came from, and the one that it has here.

        An image has another ID in the containerd store than in the classic one.
        """
        try:
            found = json.loads((self.node.folder / LOADED).read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return {name: (there, here) for name, (there, here) in found.items()}

    def _remember(self, name: str, there: str, here: str | None) -> None:
        known = {**self._loaded(), name: (there, here)}
        part = self.node.folder / f"{LOADED}.{os.getpid()}.part"
        part.write_text(json.dumps(known))
        part.replace(self.node.folder / LOADED)

    def ask(self, path: str, content: dict | None = None, method: str | None = None) -> dict:
        """Send a request to the API server as its administrator; return the answer.

        Raises
        ------
        KubernetesFailed: it refused, or did not answer.
        """
        data = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(
            f"{self.url}{path}", data, {"Content-Type": "application/json"}, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=ANSWER, context=self._tls) as reply:
                return json.load(reply)
        except urllib.error.HTTPError as error:
            reason = plain(json.load(error).get("message", error.reason))
            raise KubernetesFailed("kubernetes.refused", status=error.code, reason=reason) from None
        except (OSError, ValueError) as error:
            raise KubernetesFailed("kubernetes.silent", reason=plain(str(error))) from None

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        keys = self.node.place / "certificates"
        found = ssl.create_default_context(cafile=str(keys / "ca.crt"))
        found.load_cert_chain(keys / "admin.crt", keys / "admin.key")
        return found

    def logs(self, program: str, lines: int = 12) -> str:
        """Return the end of what one of the cluster's programs said, for example ``"kubelet"``."""
        path = self.node.place / "logs" / f"{program}.log"
        if not path.exists():
            return ""
        return plain("\n".join(path.read_text(errors="replace").splitlines()[-lines:]))


def _identity(api: docker.APIClient, name: str) -> str | None:
    try:
        return str(api.inspect_image(name)["Id"])
    except docker.errors.ImageNotFound:
        return None

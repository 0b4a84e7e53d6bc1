"""The keys and certificates of a cluster, made by OpenSSL for one start of it.

Kubernetes knows a caller by the certificate it shows: CN is the user, O its groups
(https://v1-20.docs.kubernetes.io/docs/setup/best-practices/certificates/).
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from ...errors import KubernetesFailed
from ...text import plain
from .tools import Tools

__all__ = ["Certificates"]

DAYS = "365"
LIMIT = 60  # seconds for one certificate; it takes a hundredth of that
EXTENSIONS = "[req]\ndistinguished_name = none\n[none]\n"


class Certificates:
    """A folder of keys and certificates: ``<name>.key`` and ``<name>.crt``.

    Parameters
    ----------
    folder: where they lie; readable by their owner alone.
    tools: where OpenSSL lies.
    """

    def __init__(self, folder: Path, tools: Tools) -> None:
        self.folder = folder
        self._openssl = str(tools.openssl)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        config = folder / "openssl.cnf"
        config.write_text(EXTENSIONS)
        self._environment = {
            **os.environ, "OPENSSL_CONF": str(config), "LD_LIBRARY_PATH": tools.libraries,
        }  # fmt: skip

    def key(self, name: str) -> str:
        return str(self.folder / f"{name}.key")

    def certificate(self, name: str) -> str:
        return str(self.folder / f"{name}.crt")

    def authority(self, name: str) -> None:
        """Make a certificate authority."""
        self._make(name, f"/CN=layer-by-layer {name}", [
            "-addext", "basicConstraints=critical,CA:TRUE",
            "-addext", "keyUsage=critical,digitalSignature,keyCertSign,cRLSign",
        ])  # fmt: skip

    def client(self, name: str, user: str, groups: Sequence[str] = (), by: str = "ca") -> None:
        """Make the certificate by which ``user`` is known, signed by the authority ``by``."""
        subject = "".join(f"/O={group}" for group in groups) + f"/CN={user}"
        self._make(name, subject, [*self._signed(by), "-addext", "extendedKeyUsage=clientAuth"])

    def server(self, name: str, names: Sequence[str], addresses: Sequence[str]) -> None:
        """Make the certificate of a server that is reached by these names and addresses."""
        places = [*(f"DNS:{n}" for n in names), *(f"IP:{a}" for a in addresses)]
        self._make(name, f"/CN={name}", [
            *self._signed("ca"), "-addext", "extendedKeyUsage=serverAuth",
            "-addext", f"subjectAltName={','.join(places)}",
        ])  # fmt: skip

    def _signed(self, by: str) -> list[str]:
        return [
            "-CA", self.certificate(by), "-CAkey", self.key(by),
            "-addext", "basicConstraints=critical,CA:FALSE",
            "-addext", "keyUsage=critical,digitalSignature",
        ]  # fmt: skip

    def _make(self, name: str, subject: str, options: list[str]) -> None:
        command = [
            self._openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:prime256v1", "-noenc", "-sha256", "-days", DAYS, "-subj", subject,
            "-keyout", self.key(name), "-out", self.certificate(name), *options,
        ]  # fmt: skip
        try:
            done = subprocess.run(
                command, env=self._environment, capture_output=True, text=True, timeout=LIMIT,
                check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            raise KubernetesFailed("kubernetes.certificate", reason=str(error)) from None
        if done.returncode:
            raise KubernetesFailed("kubernetes.certificate", reason=plain(done.stderr.strip()))

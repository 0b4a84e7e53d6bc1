"""One request to the instructor's machine, which has to show the certificate of the code."""

from __future__ import annotations

import contextlib
import hmac
import http.client
import json
import socket
import ssl
import threading
from dataclasses import dataclass

from ..errors import ClassFailed
from . import code as codes
from .code import Code

__all__ = ["Answer", "post"]

_STEP = 5.0  # seconds to connect, as many for TLS
LIMIT = 6.0  # seconds for question and answer
_MOST = 4096  # bytes of an answer


@dataclass(frozen=True)
class Answer:
    """An HTTP status, and the class's title where the answer names it."""

    status: int
    title: str = ""


def post(code: Code, path: str, body: bytes, limit: float = LIMIT) -> Answer:
    """Send a body and return the answer, in at most sixteen seconds.

    Parameters
    ----------
    limit: seconds for question and answer, once the connection stands.

    Raises
    ------
    ClassFailed: nobody answers there, or another machine does (then nothing was sent).
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # No authority and no name: the fingerprint below decides, before anything is sent.
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    link = http.client.HTTPSConnection(code.host, code.port, timeout=_STEP, context=context)
    # A machine that answers byte by byte never lets a single read time out.
    watch = threading.Timer(limit, _cut, (link,))
    watch.daemon = True
    try:
        link.connect()
        watch.start()
        shown = codes.fingerprint(link.sock.getpeercert(binary_form=True) or b"")
        if not hmac.compare_digest(shown, code.fingerprint):
            raise ClassFailed("classview.other_machine", host=code.host, port=code.port)
        headers = {"Authorization": f"Bearer {code.secret}", "Content-Type": "application/json"}
        link.request("POST", path, body, headers)
        answer = link.getresponse()
        return Answer(answer.status, _title(answer.read(_MOST)))
    except (OSError, UnicodeError, http.client.HTTPException) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        where = {"host": code.host, "port": code.port}
        raise ClassFailed("classview.unreachable", reason=reason, **where) from None
    finally:
        watch.cancel()
        link.close()


def _cut(link: http.client.HTTPSConnection) -> None:
    with contextlib.suppress(OSError, AttributeError):  # it ended at this very moment
        link.sock.shutdown(socket.SHUT_RDWR)


def _title(body: bytes) -> str:
    try:
        found = json.loads(body)
        return str(found["class"])[:80]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""

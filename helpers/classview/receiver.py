"""The instructor's machine listens: for learners with TLS and the code, for the view on loopback.

Two servers in one process. Learners' has two addresses, ``/report`` and ``/erase``, and answers
nothing but the class's title; the view's has names in it, is on 127.0.0.1 whatever is asked for,
and needs a token.
"""

from __future__ import annotations

import errno
import hmac
import ipaddress
import logging
import ssl
import time
from collections import deque

from tornado import netutil, web
from tornado.httpserver import HTTPServer
from tornado.iostream import IOStream

from ..errors import ClassFailed, CourseError
from . import contract, page
from .classes import Class
from .limits import Buckets
from .store import Store

__all__ = ["Receiver", "checked"]

LOOPBACK = "127.0.0.1"
MOST_LINKS = 300  # connections that are open at once
PATIENCE = 10  # seconds for a request's head, and for its body
_BUFFER = 65_536  # bytes
_ERASED = 1000  # learners


def checked(address: str) -> str:
    """Return an address that learners may reach this machine by.

    Raises
    ------
    ClassFailed: it is no IP address, or it is all of them at once.
    """
    try:
        found = ipaddress.ip_address(address.strip("[]"))
    except ValueError:
        raise ClassFailed("classview.bad_address", address=address[:60]) from None
    if found.is_unspecified or found.is_multicast:
        raise ClassFailed("classview.bad_address", address=address[:60])
    return str(found)


class Receiver:
    """The servers of one class; `start` and `stop` belong into a running event loop.

    Parameters
    ----------
    addresses: of this machine, where learners report to.
    """

    def __init__(
        self, found: Class, store: Store, addresses: tuple[str, ...] = (LOOPBACK,)
    ) -> None:
        self.found, self.store = found, store
        self.addresses = tuple(dict.fromkeys(map(checked, addresses)))
        self.buckets = Buckets()
        # A report that was on its way when its learner asked to be forgotten must not come back.
        self.erased: deque[str] = deque(maxlen=_ERASED)
        self._servers: list[_Server] = []

    @property
    def url(self) -> str:
        """Return where the view is."""
        return f"http://{LOOPBACK}:{self.found.view_port}/{self.found.token}/"

    def start(self) -> None:
        """Begin to listen.

        Raises
        ------
        ClassFailed: an address is not of this machine, or a port is taken.
        """
        for name in ("tornado.access", "tornado.general"):  # any stranger's mistake would be a line
            logging.getLogger(name).setLevel(logging.CRITICAL)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.minimum_version = ssl.TLSVersion.TLSv1_2
        tls.load_cert_chain(self.found.identity)
        handed = {"receiver": self}
        reports = _application([("/report", _Report, handed), ("/erase", _Erase, handed)])
        view = _application([(r"/([\w-]{1,80})/(part|page\.css|page\.js|)", _View, handed)])
        try:
            for address in self.addresses:
                self._listen(reports, address, self.found.port, tls)
            self._listen(view, LOOPBACK, self.found.view_port, None)
        except ClassFailed:
            self._close()
            raise

    def _listen(
        self, application: web.Application, address: str, port: int, tls: ssl.SSLContext | None
    ) -> None:
        server = _Server(
            application, ssl_options=tls, idle_connection_timeout=PATIENCE, body_timeout=PATIENCE,
            max_body_size=contract.MOST_BYTES, max_header_size=8192, chunk_size=16_384,
            max_buffer_size=_BUFFER,
        )  # fmt: skip
        try:
            server.add_sockets(netutil.bind_sockets(port, address))
        except (OSError, OverflowError) as error:
            key = "classview.no_address"
            if getattr(error, "errno", None) in (errno.EADDRINUSE, errno.EACCES):
                key = "classview.port_taken"
            raise ClassFailed(key, address=address, port=port, name=self.found.name) from None
        self._servers.append(server)

    def _close(self) -> None:
        for server in self._servers:
            server.stop()

    async def stop(self) -> None:
        """Listen no more, and end the connections that are open."""
        self._close()
        for server in self._servers:
            await server.close_all_connections()
        self._servers.clear()


def _application(handlers: list[tuple]) -> web.Application:
    handed = handlers[0][2]
    return web.Application(handlers, default_handler_class=_Nothing, default_handler_args=handed)


class _Server(HTTPServer):
    """One that hangs up on whoever comes when too many connections are open."""

    links = 0

    def handle_stream(self, stream: IOStream, address: tuple) -> None:
        if self.links >= MOST_LINKS:
            stream.close()
            return
        self.links += 1
        super().handle_stream(stream, address)

    def on_close(self, server_conn: object) -> None:
        self.links -= 1
        super().on_close(server_conn)


class _Handler(web.RequestHandler):
    """What both servers have in common: few words to whoever asks for something else."""

    def initialize(self, receiver: Receiver) -> None:
        self.receiver = receiver

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Content-Type-Options", "nosniff")

    def write_error(self, status_code: int, **_: object) -> None:
        self.finish("")


class _Nothing(_Handler):
    def prepare(self) -> None:
        raise web.HTTPError(404)


class _Told(_Handler):
    """A learner's machine asks: it has to know the code, and must not ask too often."""

    def prepare(self) -> None:
        if not self.receiver.buckets.take(self.request.remote_ip or ""):
            raise web.HTTPError(429)
        shown = self.request.headers.get("Authorization", "").encode()
        wanted = f"Bearer {self.receiver.found.secret}".encode()
        if not hmac.compare_digest(shown, wanted):
            raise web.HTTPError(401)

    def report(self) -> contract.Report:
        """Return what was told."""
        try:
            return contract.read(self.request.body)
        except ValueError:
            raise web.HTTPError(400) from None


class _Report(_Told):
    def post(self) -> None:
        report = self.report()
        if report.seat in self.receiver.erased:
            raise web.HTTPError(401)
        try:
            self.receiver.store.hear(report, time.time())
        except ClassFailed:
            raise web.HTTPError(409) from None
        except CourseError:
            raise web.HTTPError(503) from None
        self.write({"class": self.receiver.found.name})


class _Erase(_Told):
    def post(self) -> None:
        seat = self.report().seat
        self.receiver.erased.append(seat)
        self.receiver.store.erase(seat)
        self.write({"class": self.receiver.found.name})


class _View(_Handler):
    """The instructor's browser asks."""

    def prepare(self) -> None:
        # Another site's page cannot read this one by giving 127.0.0.1 a name of its own.
        host = self.request.host.rpartition(":")[0] or self.request.host
        token = self.path_args[0].encode()
        right = hmac.compare_digest(token, self.receiver.found.token.encode())
        if not right or host not in (LOOPBACK, "localhost"):
            raise web.HTTPError(404)

    def set_default_headers(self) -> None:
        super().set_default_headers()
        self.set_header("Content-Security-Policy", page.POLICY)
        self.set_header("Referrer-Policy", "no-referrer")

    def get(self, _token: str, what: str) -> None:
        if what in page.FILES:
            self.set_header("Content-Type", page.FILES[what])
            self.write(page.read(what))
            return
        chosen = page.Choice.of(
            self.get_query_argument("language", ""), self.get_query_argument("names", "")
        )
        overview = self.receiver.store.overview(self.receiver.found.name, time.time())
        self.set_header("Content-Type", "text/html; charset=utf-8")
        if what == "part":
            self.write(page.part(overview, chosen))
        else:
            codes = [self.receiver.found.code(address) for address in self.receiver.addresses]
            self.write(page.whole(overview, chosen, codes))

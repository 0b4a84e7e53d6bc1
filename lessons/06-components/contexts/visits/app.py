"""A page that counts its visits. The number is not kept here but in the database, Redis."""

import os
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def ask(command):
    """Send Redis one command and return its answer, without the ``:`` or ``+`` in front."""
    with socket.create_connection((os.environ["DATABASE"], 6379), timeout=2) as database:
        database.sendall(command.encode() + b"\r\n")
        return database.recv(100).decode().strip()[1:]


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            if self.path == "/health":
                self.answer(200, ask("PING"))
            else:
                self.answer(200, "visit " + ask("INCR visits"))
        except OSError:
            self.answer(503, "the database does not answer")

    def answer(self, status, text):
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode() + b"\n")
        if self.path != "/health":
            print(self.path, status, text, flush=True)

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("", 8000), Page).serve_forever()

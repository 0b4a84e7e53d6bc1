"""A page of a shop. It says who answers, and counts its visits in a database, Redis.

Everything that may differ from place to place comes from outside: environment variables, a secret
(the password of the database) and a config (the greeting).
"""

import json
import os
import signal
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

SECRET = Path(os.environ.get("PASSWORD_FILE", "/run/secrets/password"))
CONFIG = Path(os.environ.get("GREETING_FILE", "/etc/page/greeting"))
SICK = Path("/tmp/sick")  # while this file exists, the page says that it is not well
LONGEST = 3  # seconds that a request may still take after SIGTERM


def content(file):
    return file.read_text().strip() if file.exists() else None


def visits():
    """Count one visit, and return how many there were. None: no database, or it does not answer."""
    try:
        with socket.create_connection((os.environ["DATABASE"], 6379), timeout=2) as database:
            login = f"AUTH {content(SECRET)}" if SECRET.exists() else "PING"
            database.sendall(f"{login}\r\nINCR visits\r\n".encode())
            answers = database.makefile("r")
            answers.readline()  # that of the login
            return int(answers.readline().removeprefix(":"))
    except (KeyError, OSError, ValueError):
        return None


def work(milliseconds):
    """Keep a processor busy for a while."""
    end = time.thread_time() + min(milliseconds, 2000) / 1000
    while time.thread_time() < end:
        pass


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        url = urlsplit(self.path)
        if url.path == "/health":
            self.answer(503 if SICK.exists() else 200, {"well": not SICK.exists()})
            return
        if url.path == "/work":
            work(int(parse_qs(url.query).get("ms", ["50"])[0]))
        known = url.path in ("/", "/work", "/who")
        self.answer(200 if known else 404, {
            "version": os.environ.get("VERSION", "?"),
            "replica": socket.gethostname(),
            "node": os.environ.get("NODE", "?"),
            "greeting": content(CONFIG),
            "visits": visits() if url.path == "/" else None,
        })

    def answer(self, status, said):
        body = json.dumps(said, ensure_ascii=False).encode() + b"\n"
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *values):
        if self.path != "/health":
            print(format % values, flush=True)


class Server(ThreadingHTTPServer):
    daemon_threads = False  # so that server_close waits for the requests that were begun
    request_queue_size = 128


server = Server(("", 8000), Page)


def stop(*_):
    """SIGTERM: take no new request, answer those that were begun, then end."""
    threading.Thread(target=server.shutdown).start()
    last = threading.Timer(LONGEST, os._exit, [0])
    last.daemon = True
    last.start()


signal.signal(signal.SIGTERM, stop)
signal.signal(signal.SIGINT, stop)
print("version", os.environ.get("VERSION", "?"), "listens on port 8000", flush=True)
server.serve_forever(poll_interval=0.1)
server.server_close()

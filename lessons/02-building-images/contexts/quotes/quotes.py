"""A service on port 9000: / gives a quote and counts the visit, /status says whether it can."""

import itertools
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

VISITS = Path("/var/lib/quotes/visits")
QUOTES = itertools.cycle(["Less is more.", "Well begun is half done.", "Look before you leap."])


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/":
            VISITS.write_text(f"{int(VISITS.read_text()) + 1}\n")
            self.reply(200, next(QUOTES))
        elif self.path == "/status":
            self.reply(200 if VISITS.exists() else 503, f"visits: {VISITS.exists()}")
        else:
            self.reply(404, "not here")

    def reply(self, status, text):
        self.send_response(status)
        self.end_headers()
        self.wfile.write(f"{text}\n".encode())


VISITS.write_text("0\n")
HTTPServer(("", 9000), Answer).serve_forever()

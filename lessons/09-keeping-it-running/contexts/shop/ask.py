"""Is the page in this container well? Exit code 1 unless it says so."""

import socket
import sys

with socket.create_connection(("127.0.0.1", 8000), timeout=8) as page:
    page.sendall(b"GET /health HTTP/1.0\r\n\r\n")
    sys.exit(b" 200 " not in page.recv(100))

"""Is the service in this container well? Exit code 1 unless it says so."""

import urllib.request

urllib.request.urlopen("http://127.0.0.1:8000/health", timeout=2)

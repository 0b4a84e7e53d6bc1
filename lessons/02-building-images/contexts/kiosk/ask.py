"""Ask the service in this container for a page. Exit code 1 unless it answers that all is well."""

import sys
import time
import urllib.error
import urllib.request


def ask(path):
    for _ in range(100):  # 10 seconds: a service needs a moment to start
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:8000{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            time.sleep(0.1)
    return 0, "no answer\n"


status, text = ask(sys.argv[1])
print(text, end="")
sys.exit(status != 200)

"""Ask the service on port 9000 of this container for a page: python ask.py /status"""

import sys
import time
import urllib.error
import urllib.request

for left in reversed(range(50)):  # 5 seconds: a service needs a moment to start
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:9000{sys.argv[1]}", timeout=5) as answer:
            print(answer.read().decode(), end="")
            break
    except urllib.error.HTTPError as error:
        sys.exit(str(error))
    except OSError as error:  # nobody listens yet
        if not left:
            sys.exit(str(error))
        time.sleep(0.1)

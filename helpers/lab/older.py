"""What a Python that is too old can still do: find a newer one, or say where to get it.

Everything here runs under Python 3.6.
"""

import json
import locale
import os
import re
import shutil
import subprocess
import sys

NEWER = ("python3.14", "python3.13", "python3.12", "python3.11")
LEAST = "3.11"


def move_on(arguments):
    """Run the same command under a newer Python and return its exit status; else say what to do."""
    command = newer()
    if command:
        return subprocess.call(command + ["-m", "helpers"] + list(arguments))  # noqa: RUF005
    version = "%d.%d.%d" % sys.version_info[:3]  # noqa: UP031
    sys.stderr.write(words("too_old").format(version=version, least=LEAST) + "\n")
    return 1


def newer():
    """Return the command of a Python that is new enough, or ``None``."""
    for name in NEWER:
        path = shutil.which(name)
        if path and _answers([path]):
            return [path]
    uv = shutil.which("uv")
    if uv:
        # uv fetches a Python if the machine has none; that too belongs into the course's folder.
        command = [uv, "run", "--no-project", "--python", ">=" + LEAST, "--", "python"]
        if _answers(command):
            return command
    return None


def _answers(command):
    check = ["-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
    return subprocess.call(command + check, stderr=subprocess.DEVNULL) == 0


def words(name):
    """Return a message of the catalogue without a parser for TOML, which came with Python 3.11."""
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120
    path = os.path.join(here, "messages", "lab.toml")  # noqa: PTH118
    wanted = os.environ.get("LAYER_BY_LAYER_LANGUAGE") or os.environ.get("LANG", "")
    language = "zh" if wanted.lower().startswith("zh") else "en"
    if "utf" not in locale.getpreferredencoding(False).lower():
        language = "en"
    with open(path, encoding="utf-8") as file:  # noqa: PTH123
        lines = file.read()
    table = lines.split("[%s]" % name)[1]  # noqa: UP031
    found = re.search(r'^%s = ("(?:[^"\\]|\\.)*")$' % language, table, re.M)  # noqa: UP031
    return json.loads(found.group(1))

"""What Python runs first in a kit: ``python3 layer-by-layer.kit.pyz``.

It lies in the archive as ``__main__.py``. It starts under the Python of a bare system, so nothing
here is newer than Python 3.6: it lays the few modules that unpack the rest into a temporary folder,
and hands over to them, or to a newer Python.
"""

import os
import re
import subprocess
import sys
import tempfile
import zipfile

# The modules that need nothing but the standard library, and their messages.
NEEDED = re.compile(
    r"course/(helpers/(__init__|errors|text)\.py|helpers/(kit|lab)/\w+\.py"
    r"|helpers/messages/(__init__\.py|(errors|kit|lab)\.toml))"
)


def main(archive, arguments):
    """Unpack what unpacks, and run it; return its exit status."""
    with tempfile.TemporaryDirectory(prefix="layer-by-layer-") as folder:
        with zipfile.ZipFile(archive) as kit:
            for name in kit.namelist():
                if NEEDED.fullmatch(name):
                    kit.extract(name, folder)
        sys.path.insert(0, os.path.join(folder, "course"))
        sys.dont_write_bytecode = True
        if sys.version_info < (3, 11):  # noqa: UP036
            from helpers.lab import older

            command = older.newer()
            if command:
                return subprocess.call(command + [archive] + arguments)  # noqa: RUF005
            version = "%d.%d.%d" % sys.version_info[:3]  # noqa: UP031
            sys.stderr.write(older.words("too_old").format(version=version, least="3.11") + "\n")
            return 1
        from helpers.kit.unpacking import main as unpack

        return unpack(archive, arguments)


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[0]), sys.argv[1:]))

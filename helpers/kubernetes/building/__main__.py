"""``python -m helpers.kubernetes.building``: what `begin` starts in the background."""

import sys

from ...errors import CourseError
from . import build


def main() -> int:
    try:
        build(lambda line: print(line, flush=True))
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

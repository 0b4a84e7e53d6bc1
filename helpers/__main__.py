"""``python -m helpers COMMAND``: what ``make COMMAND`` runs, on machines with and without make.

It starts under the Python of a bare system, so nothing here is newer than Python 3.6 or outside the
standard library; the course's environment is made before anything else is imported.
"""

import sys

if __name__ == "__main__":
    if sys.version_info < (3, 6):  # noqa: UP036
        sys.exit("Layer by Layer needs Python 3.11 or newer.")
    if sys.version_info < (3, 11):  # noqa: UP036
        from .lab.older import move_on as main
    else:
        from .lab.bootstrap import main
    sys.exit(main(sys.argv[1:]))

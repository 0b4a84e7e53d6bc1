"""The offline kit: one file from which a machine without a network gets through every lesson.

A kit is a zip archive that Python can run (`zipapp`'s form): ``python3 layer-by-layer.kit.pyz``
unpacks it, with nothing installed but Python itself. It holds

* the course, the files of this clone that git knows;
* the wheels that ``requirements.lock`` names, for the platforms and Python versions chosen;
* Debian's signed indexes and the packages of the engine, the base images and the lessons;
* base images' layers that this machine has kept, and the programs of Kubernetes if it built them;
* ``manifest.json``: the size, the SHA-256 and the purpose of each file.

Everything goes where the course looks for it anyway, below the course's own folder; an index that
came with a kit is not asked for again (`helpers.debian.index`).

The modules that run on the other machine (`entry`, `unpacking`, `checking`, `manifest`) need
nothing but the standard library; nothing else may be imported here.
"""

from __future__ import annotations

import argparse
from pathlib import Path

__all__ = ["command"]


def command(options: argparse.Namespace) -> int:
    """Carry out ``python -m helpers kit``."""

    def say(line: str) -> None:
        print(line, flush=True)

    if options.what == "check":
        from .checking import verify

        verify(Path(options.file), say)
    else:
        from . import making, wheels

        pythons = wheels.parse(options.python, options.platform)
        making.make(Path(options.file), lessons=options.lessons, pythons=pythons,
                    layers=not options.no_layers, say=say)  # fmt: skip
    return 0

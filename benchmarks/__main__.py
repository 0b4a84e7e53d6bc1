"""Run comparisons on private engines of their own and write their table into README.md."""

from __future__ import annotations

import argparse
import sys

from helpers.engine import Engine, connect
from helpers.engine.private import STORES, Private

from . import forests, material, reading, report, tracing

# A comparison: (engine, say) → results, one for each subject. Later ones are added here.
BENCHMARKS = {
    "save": reading.save,
    "fast": reading.fast,
    "known": reading.known,
    "deletions": reading.deletions,
    "family": reading.family,
    "forest": forests.forest,
    "tracing": tracing.tracing,
}


def main(arguments: list[str] | None = None) -> int:
    """Run what was asked for; each result is stored as soon as it is there."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=BENCHMARKS, default=list(BENCHMARKS))
    parser.add_argument("--store", nargs="+", choices=STORES, default=list(STORES))
    parser.add_argument("--report", action="store_true", help="only write the table again")
    parser.add_argument("--clean", action="store_true", help="remove the engines and their images")
    asked = parser.parse_args(arguments)
    if asked.clean:
        for store in STORES:
            private(store).remove()
        material.remove_scratch()
        return 0
    if not asked.report:
        for store in asked.store:
            _run(store, asked.only)
    report.write()
    return 0


def private(store: str) -> Private:
    """Return the benchmarks' own engine: nothing else runs there, and its images stay."""
    return Private("bench" if store == "overlay2" else f"bench-{store}", store=store)


def _run(store: str, names: list[str]) -> None:
    place = private(store)
    ran = place.running
    engine: Engine = connect(place.start(_say))
    try:
        for name in names:
            for result in BENCHMARKS[name](engine, _say):
                result.write()
                report.write()
    finally:
        engine.close()
        if not ran:
            place.stop()


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())

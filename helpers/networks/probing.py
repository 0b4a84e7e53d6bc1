"""Connect to a port from inside a container's network, as often as asked, all at the same time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .. import bases
from ..containers.lifecycle import delete
from ..containers.quietly import quietly
from ..engine import Engine, labels
from ..engine.patience import patient

__all__ = ["Probe", "probe"]

CONNECT = 2  # seconds that BusyBox's nc waits for a connection
LOOKUP = 3  # seconds for the name to be looked up once more
LIMIT = 60.0  # seconds for all of it
NO_PROGRAM = (126, 127)
# `-e true` hangs up as soon as somebody answers. A name that no server answers for costs all of
# the time for the connection: whether it was known is then asked separately.
SCRIPT = f"""
one() {{
  said=$(timeout {CONNECT + 2} nc -w {CONNECT} "$2" "$3" -e true 2>&1 </dev/null); code=$?
  case $code$said in 0*|*refused*|*address*|*nreachable*|*"o route"*) ;; *)
    timeout {LOOKUP} ping -c 1 -W 1 "$2" 2>&1 | grep -q "^PING .*(" || said="bad address" ;;
  esac
  echo "$1|$code|$said"
}}
number=0
while [ $# -gt 0 ]; do one $number "$1" "$2" & number=$((number + 1)); shift 2; done
wait
"""


@dataclass(frozen=True)
class Probe:
    """One connection to try: a name or an address, and a TCP port."""

    host: str
    port: int


def probe(engine: Engine, source: str, identifier: str, probes: Sequence[Probe]) -> list[str]:
    """Return for each probe why it came to its end, as `helpers.networks.Reach` has it.

    The commands run in the container itself. One without BusyBox's nc and ping is given company: a
    container of the course in the same network namespace, which has the same interfaces, routes,
    ports, and the same file with the name servers.

    Raises
    ------
    ContainerFailed: the container does not run.
    TimedOut, EngineLost: no end in time, or the daemon went away.
    """
    words = [part for one in probes for part in (one.host, str(one.port))]
    inside = ["sh", "-c", SCRIPT, "probe", *words]
    if _has_nc(engine, source, identifier):
        output = quietly(engine, source, inside, LIMIT, identifier)[1]
    else:
        with _company(engine, source, identifier) as beside:
            output = quietly(engine, source, inside, LIMIT, beside)[1]
    answers = dict.fromkeys(range(len(probes)), "silent")
    for line in output.splitlines():
        number, _, rest = line.partition("|")
        code, _, said = rest.partition("|")
        if number.isdigit() and int(number) in answers:
            answers[int(number)] = _why(code, said.lower())
    return list(answers.values())


def _why(code: str, said: str) -> str:
    if code == "0":
        return "answered"
    if "refused" in said:
        return "refused"
    if "bad address" in said:
        return "unknown"
    if "unreachable" in said or "no route" in said:
        return "no_way"
    return "silent"


def _has_nc(engine: Engine, source: str, identifier: str) -> bool:
    look = ["sh", "-c", "nc --help 2>&1 | grep -q -e '-e PROG' && type ping timeout grep"]
    code, output = quietly(engine, source, look, LIMIT, identifier)
    return code == 0 and "OCI runtime" not in output


@contextlib.contextmanager
def _company(engine: Engine, source: str, identifier: str) -> Iterator[str]:
    """Lend a container in the network namespace of another one."""
    body = {
        "Image": bases.busybox(engine),
        "Cmd": ["sleep", "120"],
        "StopSignal": "KILL",
        "Labels": labels.make(labels.named(source), role="probe"),
        "HostConfig": {"NetworkMode": f"container:{identifier}"},
    }
    with patient(engine, LIMIT) as api:
        made = api.create_container_from_config(body)["Id"]
    try:
        with patient(engine, LIMIT) as api:
            api.start(made)
        yield made
    finally:
        delete(engine, made)

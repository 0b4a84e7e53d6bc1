"""Facts about a machine held against what the lessons need: each finding with its weight.

Facts come from another machine and may be anything: what is not of the expected form counts as not
known, and every value is stripped of control sequences before it is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..engine.doctor import NEEDED_API, doctor
from ..engine.packages import LEAST_GLIBC
from ..kit.manifest import Target
from ..messages import text
from ..text import plain, size
from .facts import Facts
from .model import Answer, Finding, Machine, Needs

__all__ = ["judge", "with_doctor"]

LEAST_PYTHON = [3, 11]
PROCESSORS = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "arm64"}
SKEW = 30.0  # seconds; more, and times in logs and pictures confuse
TLS = 300.0  # seconds; more, and certificates and tokens are refused
# Of the doctor's topics, those that the probe answers as well.
PROBED = {"machine", "cgroup", "disk_course"}


def judge(host: str, answer: Answer, need: Needs) -> Machine:
    """Return the findings about one machine, in a fixed order."""
    if answer.failure:
        key = f"preflight.unreachable.{answer.failure}"
        value = text(f"{key}.is")
        if answer.said:
            value = text("preflight.said", what=value, said=answer.said)
        advice = text(f"{key}.do", host=host)
        return Machine(host, (Finding("preflight.topic.reach", "stops", value, advice),))
    findings: list[Finding] = []
    facts = Facts(answer.facts)
    for topic, look in LOOKS.items():
        try:
            found = list(look(facts, need, answer))
        except (KeyError, TypeError, ValueError, IndexError, AttributeError):
            found = [("note", text("preflight.unknown"), "")]
        findings += [
            Finding(f"preflight.topic.{topic}", weight, plain(value).replace("\n", " "), advice)
            for weight, value, advice in found
        ]
    return Machine(host, tuple(findings))


def with_doctor(machine: Machine) -> Machine:
    """Put what the doctor says about this machine's daemon in the place of what the probe saw."""
    report = doctor()
    private = any(f.topic == "private" and f.state == "good" for f in report.findings)
    found = []
    for one in report.findings:
        if one.topic in PROBED:
            continue
        startable = one.topic == "daemon" and private
        weight = "good" if startable else {"bad": "stops"}.get(one.state, one.state)
        advice = one.advice if weight != "good" else ""
        found.append(Finding(f"doctor.topic.{one.topic}", weight, one.value, advice))
    kept = [f for f in machine.findings if f.topic != "preflight.topic.engine"]
    return Machine(machine.host, (*kept, *found))


Found = Iterator[tuple[str, str, str]]


def _python(facts: Facts, need: Needs, _: Answer) -> Found:
    python = facts["python"]
    version = [int(part) for part in python["version"]]
    shown = ".".join(map(str, version))
    newer = [str(name) for name in python["newer"]]
    wanted = [f"python{t.python}" for t in _targets(facts, need)] if need.kit else newer
    if need.kit and f"python{version[0]}.{version[1]}" not in wanted:
        other = next((name for name in newer if name in wanted), None)
        if other:
            yield "note", shown, text("preflight.python.other", python=other)
        else:
            fits = text("preflight.comma").join(str(target) for target in need.kit.targets)
            yield "stops", shown, text("preflight.python.kit", fits=fits, version=shown)
    elif version[:2] < LEAST_PYTHON and (newer or python["uv"]):
        other = newer[0] if newer else "uv"
        yield "note", shown, text("preflight.python.other", python=other)
    elif version[:2] < LEAST_PYTHON:
        yield "stops", shown, text("preflight.python.old")
    elif not python["venv"] and not python["uv"]:
        yield "stops", shown, text("preflight.python.no_venv", version=f"3.{version[1]}")
    else:
        yield "good", shown, ""


def _targets(facts: Facts, need: Needs) -> list[Target]:
    machine = facts["machine"]
    here = (str(machine["system"]).lower(), PROCESSORS.get(str(machine["processor"]).lower()))
    return [t for t in (need.kit.targets if need.kit else ()) if (t.system, t.machine) == here]


def _machine(facts: Facts, need: Needs, _: Answer) -> Found:
    machine = facts["machine"]
    shown = " ".join(str(machine[key]) for key in ("name", "system", "processor")).strip()
    if str(machine["processor"]).lower() not in PROCESSORS:
        yield "stops", shown, text("preflight.machine.processor")
    elif machine["system"] not in ("Linux", "Darwin", "Windows"):
        yield "stops", shown, text("preflight.machine.system")
    elif facts.linux and not _new_glibc(machine["libc"]):
        weight = "note" if facts.answers else "stops"
        yield weight, shown, text("preflight.machine.libc")
    else:
        yield "good", shown, ""
    cpus = int(machine["cpus"])
    if cpus < 2:
        yield "hurts", text("preflight.machine.cpus", count=cpus), text("preflight.machine.slow")


def _new_glibc(libc: list[str]) -> bool:
    version = tuple(int(part) for part in libc[1].split(".")[:2]) if libc[0] == "glibc" else ()
    return version >= LEAST_GLIBC


def _memory(facts: Facts, need: Needs, _: Answer) -> Found:
    total, free = facts["memory"]["total"], facts["memory"]["available"]
    advice = text("preflight.memory.advice", needed=size(need.memory))
    shown = text("preflight.memory.shown", total=size(total),
                 free="?" if free is None else size(free))  # fmt: skip
    if total < need.memory:
        yield "stops", shown, advice
    elif free is not None and free < need.memory:
        yield "hurts", shown, text("preflight.memory.close", needed=size(need.memory))
    else:
        yield "good", shown, ""


def _disk(facts: Facts, need: Needs, _: Answer) -> Found:
    place, free = facts["disk"]["course"]
    if free < 0:
        yield "stops", text("preflight.disk.closed", place=place), text("preflight.disk.other")
        return
    shown = text("preflight.disk.shown", free=size(free), place=place)
    if free < need.disk:
        yield "stops", shown, text("preflight.disk.advice", needed=size(need.disk))
    else:
        yield "good", shown, ""


def _engine(facts: Facts, need: Needs, _: Answer) -> Found:
    answers, engine = facts.answers, facts["engine"]
    denied = any(one["answer"] == "denied" for one in engine["sockets"])
    if answers:
        shown = f"Docker Engine {answers['Version']}"
        api = tuple(int(part) for part in answers["ApiVersion"].split("."))
        if api < NEEDED_API:
            yield "stops", shown, text("doctor.old_api")
        else:
            yield "good", shown, ""
    elif engine["DOCKER_HOST"]:
        yield "note", text("preflight.engine.elsewhere"), text("preflight.engine.look")
    elif facts.private:
        yield "good", text("preflight.engine.private"), ""
    elif denied:
        yield "stops", text("preflight.engine.denied"), text("preflight.engine.join")
    elif facts.linux:
        yield "stops", text("preflight.engine.none"), text("preflight.engine.linux")
    else:
        yield "hurts", text("preflight.engine.none"), text("preflight.engine.desktop")


def _kernel(facts: Facts, need: Needs, _: Answer) -> Found:
    """Cgroups, modules and devices: only a Linux whose kernel will run the containers has them."""
    engine = facts["engine"]
    if not facts.linux:
        yield "good", text("preflight.kernel.desktop"), ""
        return
    lacks = {
        ("stops", "no_cgroup", "mount"): not engine["cgroup"],
        ("stops", "no_overlay", "load"): not engine["overlay"],
        ("note", "no_tun", "uplink"): not facts.answers and not engine["tun"],
        ("note", "no_ipvs", "proxy"): "node" in need.sets and not engine["ipvs"],
        ("note", "no_kvm", "emulated"): "machines" in need.sets and not engine["kvm"],
    }
    for (weight, what, advice), lacking in lacks.items():
        if lacking:
            yield weight, text(f"preflight.kernel.{what}"), text(f"preflight.kernel.{advice}")
    if not any(lacks.values()):
        yield "good", text("preflight.kernel.shown", cgroup=engine["cgroup"]), ""


def _ports(facts: Facts, need: Needs, _: Answer) -> Found:
    if not facts["ports"]["any"]:
        yield "stops", text("preflight.ports.none"), text("preflight.ports.loopback")
    elif not facts["ports"]["8888"]:
        yield "note", text("preflight.ports.taken"), text("preflight.ports.next")
    else:
        yield "good", "127.0.0.1", ""


def _browser(facts: Facts, need: Needs, _: Answer) -> Found:
    if facts["browser"]:
        yield "good", facts["browser"], ""
    else:
        yield "hurts", text("preflight.browser.none"), text("preflight.browser.advice")


def _clock(facts: Facts, need: Needs, answer: Answer) -> Found:
    off = max(0.0, abs(answer.skew) - answer.doubt)
    direction = "ahead" if answer.skew > 0 else "behind"
    shown = text(f"preflight.clock.{direction}", seconds=round(off))
    if off > TLS:
        yield "hurts", shown, text("preflight.clock.tls")
    elif off > SKEW:
        yield "hurts", shown, text("preflight.clock.set")
    else:
        yield "good", text("preflight.clock.right"), ""


def _network(facts: Facts, need: Needs, _: Answer) -> Found:
    names = {"pypi": "PyPI", "debian": "Debian"}
    closed = {names[k]: str(v) for k, v in facts["network"].items() if v != "ok" and k in names}
    told = [text("preflight.line", topic=name, value=why) for name, why in closed.items()]
    if not closed and facts["network"]:
        yield "good", "PyPI, Debian", ""
        return
    shown = text("preflight.comma").join(told) or text("preflight.unknown")
    if facts["kit"]:
        yield "good", text("preflight.network.unpacked"), ""
    elif need.kit:
        yield "note", shown, text("preflight.network.bring")
    else:
        yield "stops", shown, text("preflight.network.none")


def _proxy(facts: Facts, need: Needs, _: Answer) -> Found:
    if facts["proxy"]:
        yield "note", ", ".join(map(str, facts["proxy"])), text("preflight.proxy.advice")


Look = Callable[[Facts, Needs, Answer], Found]
LOOKS: dict[str, Look] = {
    "machine": _machine,
    "python": _python,
    "memory": _memory,
    "disk": _disk,
    "engine": _engine,
    "kernel": _kernel,
    "ports": _ports,
    "network": _network,
    "proxy": _proxy,
    "browser": _browser,
    "clock": _clock,
}

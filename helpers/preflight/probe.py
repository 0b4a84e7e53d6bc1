"""Looks at the machine it runs on, and prints what it found as one line of JSON; changes nothing.

Over ssh it is read from standard input (``ssh HOST python3 -``), so nothing of the course has to be
there. It runs under Python 3.6 and newer, with the standard library alone. It judges nothing: that
is `helpers.preflight.judging`.
"""

import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import time

NEWER = ("python3.14", "python3.13", "python3.12", "python3.11")
BROWSERS = ("xdg-open", "firefox", "firefox-esr", "chromium", "chromium-browser", "google-chrome")
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
ANSWER = 5  # seconds for a server or a daemon to answer


def main(asked):
    """Print the facts between two marks, since a login may print words of its own."""
    facts = {}
    for name, look in sorted(LOOKS.items()):
        try:
            facts[name] = look(asked)
        except Exception as error:  # one question that fails is no reason to ask no other
            facts[name] = None
            facts.setdefault("failed", []).append("%s: %s" % (name, error))
    mark = asked.get("mark", "")
    sys.stdout.write("\n%s%s%s\n" % (mark, json.dumps(facts), mark))
    sys.stdout.flush()


def machine(_):
    return {
        "system": platform.system(), "processor": platform.machine(),
        "kernel": platform.release(), "name": _distribution(), "cpus": _cpus(),
        "libc": list(getattr(platform, "libc_ver", lambda: ("", ""))()),
        "root": hasattr(os, "geteuid") and os.geteuid() == 0,
    }  # fmt: skip


def _cpus():
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count()


def _distribution():
    try:
        with open("/etc/os-release", encoding="utf-8") as file:
            lines = dict(line.rstrip("\n").split("=", 1) for line in file if "=" in line)
        return lines.get("PRETTY_NAME", "").strip('"')
    except OSError:
        return ""


def python(_):
    found = {name: shutil.which(name) for name in NEWER}
    return {
        "version": list(sys.version_info[:3]),
        "venv": _runs([sys.executable, "-c", "import venv, ensurepip"]),
        "newer": [name for name, path in found.items() if path and _runs([path, "-V"])],
        "uv": _runs(["uv", "--version"]),
    }


def _runs(command):
    try:
        return subprocess.call(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, timeout=20,
        ) == 0  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return False


def memory(_):
    """Total and available bytes; available is None where the system does not say."""
    if os.path.exists("/proc/meminfo"):
        with open("/proc/meminfo", encoding="ascii") as file:
            lines = dict(line.split(":", 1) for line in file)
        sizes = {name: int(value.split()[0]) * 1024 for name, value in lines.items()}
        return {"total": sizes["MemTotal"], "available": sizes.get("MemAvailable")}
    if platform.system() == "Darwin":
        said = subprocess.check_output(["sysctl", "-n", "hw.memsize"], timeout=20)
        return {"total": int(said), "available": None}
    if platform.system() == "Windows":
        import ctypes

        class Status(ctypes.Structure):
            _fields_ = [("length", ctypes.c_ulong), ("load", ctypes.c_ulong)] + [
                (name, ctypes.c_ulonglong) for name in ("total", "free", "b", "c", "d", "e", "f")
            ]

        status = Status(length=ctypes.sizeof(Status))
        ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))
        return {"total": status.total, "available": status.free}
    return None


def disk(_):
    """Free bytes where the course's own folder, and a clone in the home folder, will lie."""
    home = os.path.expanduser("~")
    place = _course()
    return {"course": [place, _free(place)], "home": [home, _free(home)]}


def _course():
    """The course's folder, as `helpers.lab.bootstrap.home` finds it."""
    home = os.path.expanduser("~")
    chosen = os.environ.get("LAYER_BY_LAYER_HOME")
    if chosen:
        return chosen
    if platform.system() == "Windows":
        base = os.environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local")
        return os.path.join(base, "layer-by-layer", "layer-by-layer", "Cache")
    if platform.system() == "Darwin":
        return os.path.join(home, "Library", "Caches", "layer-by-layer")
    base = os.environ.get("XDG_CACHE_HOME", "").strip() or os.path.join(home, ".cache")
    return os.path.join(base, "layer-by-layer")


def _free(path):
    while not os.path.isdir(path) and os.path.dirname(path) != path:
        path = os.path.dirname(path)
    if not os.access(path, os.W_OK):
        return -1
    return shutil.disk_usage(path).free


def kit(_):
    """Whether an offline kit was unpacked here, to its end."""
    wheels = os.path.join(_course(), "wheels")
    if not os.path.isdir(wheels):
        return False
    places = [os.path.join(wheels, name, ".whole") for name in os.listdir(wheels)]
    return any(os.path.exists(place) for place in places)


def engine(_):
    """Which daemon answers on the usual sockets, and whether one could be started."""
    found = []
    for path in _sockets():
        found.append({"path": path, "answer": _daemon(path)})
        if isinstance(found[-1]["answer"], dict):
            break
    tools = {name: bool(_which(name)) for name in ("unshare", "nsenter", "dockerd", "docker")}
    return {
        "sockets": found, "tools": tools, "DOCKER_HOST": bool(os.environ.get("DOCKER_HOST")),
        "cgroup": _cgroup(), "overlay": _module("overlay", "overlay"), "ipvs": _ipvs(),
        "tun": os.path.exists("/dev/net/tun"), "kvm": os.access("/dev/kvm", os.R_OK | os.W_OK),
    }  # fmt: skip


def _sockets():
    places = ["/var/run/docker.sock"]
    named = os.environ.get("DOCKER_HOST", "")
    if named.startswith("unix://"):
        places.insert(0, named[len("unix://") :])
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime:
        places.append(os.path.join(runtime, "docker.sock"))
    places.append(os.path.expanduser("~/.docker/run/docker.sock"))
    return [place for place in places if os.path.exists(place)]


def _daemon(path):
    """Ask GET /version over a socket; return the answer, or a word for what went wrong."""
    if not hasattr(socket, "AF_UNIX"):
        return "unknown"
    talk = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    talk.settimeout(ANSWER)
    try:
        talk.connect(path)
        talk.sendall(b"GET /version HTTP/1.0\r\nHost: docker\r\n\r\n")
        said = b""
        while len(said) < 1 << 16:
            block = talk.recv(1 << 14)
            if not block:
                break
            said += block
        told = json.loads(said.split(b"\r\n\r\n", 1)[1].decode("utf-8"))
        return {name: str(told.get(name, ""))[:80] for name in ("Version", "ApiVersion", "Arch")}
    except PermissionError:
        return "denied"
    except (OSError, ValueError, IndexError, AttributeError):
        return "silent"
    finally:
        talk.close()


def _which(name):
    system = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
    return shutil.which(name, path=system)


def _cgroup():
    if os.path.exists("/sys/fs/cgroup/cgroup.controllers"):
        return 2
    return 1 if os.path.isdir("/sys/fs/cgroup") else 0


def _ipvs():
    return True if os.path.exists("/proc/net/ip_vs") else _module("ip_vs", None)


def _module(name, system):
    """Whether the kernel has a file system or a module, or can load it."""
    if system and os.path.exists("/proc/filesystems"):
        with open("/proc/filesystems", encoding="ascii") as file:
            if system in file.read().split():
                return True
    for listed in ("modules.dep", "modules.builtin"):
        path = os.path.join("/lib/modules", platform.release(), listed)
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                if "/%s.ko" % name in file.read():
                    return True
    return False


def ports(_):
    """Whether a program may listen on 127.0.0.1, and whether JupyterLab's usual port is free."""
    result = {}
    for key, number in (("any", 0), ("8888", 8888)):
        talk = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            talk.bind(("127.0.0.1", number))
            result[key] = True
        except OSError:
            result[key] = False
        finally:
            talk.close()
    return result


def browser(_):
    if platform.system() in ("Darwin", "Windows"):
        return "system"
    return next((name for name in BROWSERS if shutil.which(name)), "")


def clock(_):
    return time.time()


def network(asked):
    """Ask each address; a word for what came of it: ``ok``, or the reason."""
    import ssl
    import urllib.error
    import urllib.request

    result = {}
    for name, address in asked.get("addresses", {}).items():
        request = urllib.request.Request(address, method="HEAD")
        request.add_header("User-Agent", "layer-by-layer-preflight")
        try:
            urllib.request.urlopen(request, timeout=ANSWER).close()
            result[name] = "ok"
        except urllib.error.HTTPError as error:
            result[name] = "ok" if error.code < 500 else "HTTP %d" % error.code
        except (OSError, ssl.SSLError, ValueError) as error:
            result[name] = str(getattr(error, "reason", error))[:200] or "?"
    return result


def proxy(_):
    """The names of the variables; never their values, which may hold a password."""
    return sorted(name for name in PROXIES if os.environ.get(name))


LOOKS = {
    "browser": browser, "clock": clock, "disk": disk, "engine": engine, "kit": kit,
    "machine": machine, "memory": memory, "network": network, "ports": ports, "proxy": proxy,
    "python": python,
}  # fmt: skip

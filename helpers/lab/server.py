"""One JupyterLab: with settings of its own, on 127.0.0.1 only, its token kept."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from ..errors import LabFailed
from ..paths import writable

__all__ = ["Server", "configure", "environment", "running", "start", "stop"]

ADDRESS = "127.0.0.1"
PORT = 8888  # the first that is tried; Jupyter takes the next free one
START = 120  # seconds until JupyterLab must answer
TRIES = 3  # Jupyter finds a free port and then takes it: another one may be quicker
STOP = 20  # seconds for kernels and terminals to end

# Where Jupyter, IPython and matplotlib would otherwise write below the user's home.
PLACES = {
    "JUPYTER_CONFIG_DIR": "config",
    "JUPYTER_DATA_DIR": "data",
    "JUPYTER_RUNTIME_DIR": "runtime",
    "JUPYTERLAB_SETTINGS_DIR": "settings",
    "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    "IPYTHONDIR": "ipython",
    "MPLCONFIGDIR": "matplotlib",
}
# What the learner should not meet: news and update pop-ups, both of which ask the internet.
OVERRIDES = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
    },
}


@dataclass(frozen=True)
class Server:
    """A running JupyterLab: its address with and without the token, and its process."""

    base: str
    token: str
    root: Path
    pid: int

    def url(self, notebook: str = "", prefix: str = "lab") -> str:
        """Return the address that opens ``notebook`` (a path below the root), token included."""
        tree = f"/tree/{urllib.parse.quote(notebook)}" if notebook else ""
        return f"{self.base}{prefix}{tree}?token={self.token}"

    def answers(self) -> bool:
        """Whether it answers requests now."""
        request = urllib.request.Request(
            f"{self.base}api/status", headers={"Authorization": f"token {self.token}"}
        )
        # A proxy named in the environment is not for 127.0.0.1.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False


def environment(folder: Path, base: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the variables for JupyterLab: ``base`` with all of Jupyter's places below ``folder``.

    Variables of a surrounding Jupyter (its token, its ports) are left out. The programs of the
    course's environment come first on PATH, for terminals.
    """
    source = os.environ if base is None else base
    variables = {k: v for k, v in source.items() if not k.startswith(("JUPYTER", "JPY_"))}
    for name, below in PLACES.items():
        variables[name] = str(writable(folder / below))
    scripts = str(Path(sys.executable).parent)
    variables["PATH"] = os.pathsep.join([scripts, variables.get("PATH", os.defpath)])
    # IPython would warn about its history in a read-only place, and debugpy about frozen modules.
    variables["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    return variables


def start(
    root: Path,
    folder: Path,
    base: Mapping[str, str] | None = None,
    overrides: Mapping[str, object] | None = None,
    exposed: bool = False,
    css: str = "",
) -> tuple[Server, subprocess.Popen[bytes]]:
    """Start JupyterLab on the files below ``root``; return once it answers.

    Parameters
    ----------
    folder: where its settings, its runtime files and its log lie.
    base: environment variables for the server, its kernels and its terminals.
    overrides: JupyterLab settings beside those of the course.
    exposed: let the page's scripts reach the application (``window.jupyterapp``), for tests.
    css: style rules for the page.

    Raises
    ------
    LabFailed: it ended or did not answer in time; the message holds the end of its log.
    """
    variables = environment(folder, base)
    configure(root, folder, {**OVERRIDES, **(overrides or {})}, exposed, css)
    log = folder / "jupyterlab.log"
    for _ in range(TRIES):
        process = _begin(root, log, variables)
        deadline = time.monotonic() + START
        while time.monotonic() < deadline and process.poll() is None:
            server = running(folder)
            if server and server.answers():
                return server, process
            time.sleep(0.1)
        stop(process)
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-12:])
        if "no available port" not in tail:
            break
    raise LabFailed("lab.start_failed", log=log, tail=tail)


def _begin(root: Path, log: Path, variables: Mapping[str, str]) -> subprocess.Popen[bytes]:
    options = (
        {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        if sys.platform == "win32"
        # Ctrl-C is for the command that waits: Jupyter itself would ask back on the terminal.
        else {"start_new_session": True}
    )
    with log.open("wb") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "jupyterlab"],
            env=variables, cwd=root, stdin=subprocess.DEVNULL, stdout=file, stderr=file, **options,
        )  # fmt: skip


def running(folder: Path) -> Server | None:
    """Return the JupyterLab whose settings lie in ``folder``, if it is running."""
    for path in sorted((folder / PLACES["JUPYTER_RUNTIME_DIR"]).glob("jpserver-*.json")):
        with contextlib.suppress(OSError, ValueError, KeyError):
            info = json.loads(path.read_text())
            if psutil.pid_exists(info["pid"]):
                return Server(info["url"], info["token"], Path(info["root_dir"]), info["pid"])
    return None


def stop(process: subprocess.Popen[bytes] | Server) -> None:
    """End JupyterLab with its kernels and terminals; nothing happens if it has ended."""
    try:
        found = psutil.Process(process.pid)
        family = [found, *found.children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    # On SIGTERM Jupyter shuts its kernels down by itself; on Windows there is no such signal.
    with contextlib.suppress(psutil.NoSuchProcess):
        found.send_signal(signal.SIGTERM)
    if isinstance(process, subprocess.Popen):
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP)
    _, alive = psutil.wait_procs(family, timeout=STOP)
    for straggler in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            straggler.kill()


def configure(
    root: Path,
    folder: Path,
    overrides: Mapping[str, object],
    exposed: bool = False,
    css: str = "",
) -> None:
    """Write the settings of a JupyterLab on the files below ``root``; parameters as for `start`."""
    config = writable(folder / PLACES["JUPYTER_CONFIG_DIR"])
    settings = {
        "ServerApp": {
            "ip": ADDRESS,
            "port": PORT,
            "open_browser": False,
            "root_dir": str(root),
            "allow_root": True,  # the address is loopback and the token is kept
            "terminado_settings": _terminal(),
        },
        # The catalogue of extensions would ask PyPI.
        "LabApp": {
            "extension_manager": "readonly",
            "news_url": None,
            "expose_app_in_browser": exposed,
            "custom_css": bool(css),
        },
        # Looking for language servers runs npm, which writes below the user's home.
        "LanguageServerManager": {"autodetect": False, "node_roots": []},
    }
    (config / "jupyter_server_config.json").write_text(json.dumps(settings, indent=1))
    (writable(config / "custom") / "custom.css").write_text(css, "utf-8")
    labconfig = writable(config / "labconfig")
    (labconfig / "default_setting_overrides.json").write_text(json.dumps(overrides, indent=1))


def _terminal() -> dict[str, object]:
    # Jupyter opens a login shell, and /etc/profile would set PATH anew: no docker of the course.
    if sys.platform == "win32":
        return {}
    shell = os.environ.get("SHELL") or shutil.which("bash") or "/bin/sh"
    return {"shell_command": [shell, "-i"]}

"""The agent of an external instance: ``python -m inside.agent`` beside an engine of its own.

It stands for Amazon's SSM and ECS agents. It shows its activation once, then asks once a second
what its instance shall run, runs it on the engine beside it, and reports how it is. Nothing calls
it: it opens no port but one on its own loopback, by which its engine pulls from the registry (ECR)
under the address that a task definition names.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
import socketserver
import threading
import time
import urllib.error
import urllib.request
from typing import Any

import docker
from docker import errors

__all__ = ["main"]

PAUSE = 1.0  # seconds between two calls
PATIENCE = 5  # seconds for a container to end before it is killed; Amazon's agent gives it 30
# Labels of what it runs, as Amazon's own agent sets them.
TASK, NAME = "com.amazonaws.ecs.task-arn", "com.amazonaws.ecs.container-name"
LINES = 200  # of a container's log, at most, in one report
_log = logging.getLogger("agent")


class Agent:
    """One agent.

    Parameters
    ----------
    home: the address of AWS, ``http://lbl-aws:4566``.
    engine: the engine that it runs tasks on.
    """

    def __init__(self, home: str, engine: docker.DockerClient) -> None:
        self.home, self.engine = home, engine
        self.token = ""
        self.login: list[str] = []
        self.begun: set[str] = set()  # tasks that were started, or tried to
        self.failed: dict[str, str] = {}  # task → why it could not be started
        self.told: dict[str, float] = {}  # container → until when its log was reported
        self.leaving: set[str] = set()  # containers that are being stopped

    def call(self, **data: Any) -> dict:
        """Send one request and return what is said."""
        request = urllib.request.Request(
            f"{self.home}/_course/agent", json.dumps(data).encode(),
            {"Content-Type": "application/json"})  # fmt: skip
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def register(self, **activation: Any) -> None:
        """Show the activation; ends the program if it is refused."""
        info = self.engine.info()
        room = {"cpu": info["NCPU"] * 1024, "memory": info["MemTotal"] >> 20}
        try:
            said = self.call(do="register", **{**room, **activation})
        except urllib.error.HTTPError as error:
            raise SystemExit(json.load(error).get("message", "refused")) from None
        self.token = said["token"]
        print(f"registered as {said['instance']}", flush=True)

    def round(self) -> None:
        """Report how all tasks are, and start and stop what shall be different."""
        report = self.report()
        said = self.call(token=self.token, tasks=report)
        self.login = said["login"]
        forward(said["door"], self.home)
        wanted = said["tasks"]
        for arn in set(self.failed) - set(wanted):
            del self.failed[arn]
        present = self.present()
        for arn, containers in present.items():
            if arn not in wanted:
                rows = (report.get(arn) or {}).get("containers") or {}
                for one in containers:
                    # what has ended is kept until that was reported
                    told = rows.get(one.labels[NAME]) or {}
                    self._end(one, removed=told.get("status") == "STOPPED")
        self.begun &= wanted.keys()
        for arn, order in wanted.items():
            # a task whose container somebody removed has ended, and is not begun again
            if arn not in present and arn not in self.begun:
                self.begun.add(arn)
                self._start(arn, order)

    def present(self) -> dict[str, list[Any]]:
        """Return the containers of each task that is on the engine."""
        found: dict[str, list[Any]] = {}
        for one in self.engine.containers.list(all=True, filters={"label": TASK}):
            found.setdefault(one.labels[TASK], []).append(one)
        return found

    def report(self) -> dict[str, dict]:
        """Return how each task is."""
        found: dict[str, dict] = {
            arn: {"status": "STOPPED", "failed": True, "reason": why}
            for arn, why in self.failed.items()
        }
        for arn, containers in self.present().items():
            rows = {}
            for one in containers:
                with contextlib.suppress(errors.NotFound):
                    one.reload()
                    rows[one.labels[NAME]] = self._row(one)
            over = any(row["status"] == "STOPPED" for row in rows.values())
            found[arn] = {"status": "STOPPED" if over else "RUNNING", "containers": rows}
        return found

    def _row(self, one: Any) -> dict:
        state = one.attrs["State"]
        ended = state["Status"] in ("exited", "dead")
        since = self.told.get(one.id, 0.0)
        lines = one.logs(since=since or None, tail=LINES, timestamps=True).decode(errors="replace")
        fresh = [line for line in lines.splitlines() if _stamp(line) > since]
        if fresh:
            self.told[one.id] = _stamp(fresh[-1])
        bindings = [
            {"bindIP": bound["HostIp"], "hostPort": int(bound["HostPort"]),
             "containerPort": int(inside.partition("/")[0]), "protocol": inside.partition("/")[2]}
            for inside, ports in (one.attrs["NetworkSettings"].get("Ports") or {}).items()
            for bound in ports or ()
        ]  # fmt: skip
        return {"status": "STOPPED" if ended else "RUNNING", "id": one.id[:12],
                "exit": state["ExitCode"] if ended else None, "bindings": bindings,
                "lines": [line.partition(" ")[2] for line in fresh]}  # fmt: skip

    def _start(self, arn: str, order: dict) -> None:
        made = []
        try:
            for one in order["containers"]:
                self._pull(one["image"])
                options = dict(one["options"])
                options["ulimits"] = [
                    docker.types.Ulimit(**u) for u in options.get("ulimits") or []
                ]
                marks = {**order["labels"], TASK: arn, NAME: one["name"]}
                made.append(self.engine.containers.run(
                    one["image"], one["command"], detach=True, environment=one["environment"],
                    ports={k: tuple(v) for k, v in one["ports"].items()} or None,
                    name=f"ecs-{order['family']}-{one['name']}-{arn[-8:]}",
                    labels=marks, **options))  # fmt: skip
        except (errors.APIError, errors.ImageNotFound) as error:
            _log.warning("%s: %s", arn, error)
            why = getattr(error, "explanation", None) or str(error)
            self.failed[arn] = f"CannotStartContainerError: {why}"
            for one in made:
                self._end(one, removed=True)

    def _pull(self, image: str) -> None:
        with contextlib.suppress(errors.ImageNotFound):
            self.engine.images.get(image)
            return
        login = {"username": self.login[0], "password": self.login[1]}
        self.engine.images.pull(image, auth_config=login)

    def _end(self, one: Any, *, removed: bool) -> None:
        """Stop a container, or remove it, beside the rounds: it may take its time."""
        if one.id not in self.leaving:
            self.leaving.add(one.id)
            threading.Thread(target=self._leave, args=(one, removed), daemon=True).start()

    def _leave(self, one: Any, removed: bool) -> None:
        with contextlib.suppress(errors.APIError):
            if removed:
                one.remove(force=True, v=True)
                self.told.pop(one.id, None)
            else:
                one.stop(timeout=PATIENCE)
        self.leaving.discard(one.id)


def _stamp(line: str) -> float:
    """Seconds since 1970 of a line's time stamp, ``2026-01-02T03:04:05.123456789Z``."""
    from datetime import datetime

    word = line.partition(" ")[0]
    try:
        whole = datetime.fromisoformat(word[:19] + "+00:00").timestamp()
        return whole + float(f"0{word[19:-1]}" if len(word) > 20 else 0)
    except ValueError:
        return 0.0


_open: dict[str, socketserver.ThreadingTCPServer] = {}


def forward(door: str, home: str) -> None:
    """Lead ``127.0.0.1:PORT`` of this machine to AWS, so that its engine pulls from there."""
    if door in _open:
        return
    host, _, port = home.removeprefix("http://").partition(":")

    class Carry(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection((host, int(port or 80)), timeout=10) as there:
                there.settimeout(None)
                back = threading.Thread(target=_copy, args=(there, self.request), daemon=True)
                back.start()
                _copy(self.request, there)
                back.join()

    address, _, number = door.partition(":")
    socketserver.ThreadingTCPServer.allow_reuse_address = True
    _open[door] = socketserver.ThreadingTCPServer((address, int(number)), Carry)
    _open[door].daemon_threads = True
    threading.Thread(target=_open[door].serve_forever, daemon=True).start()


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while block := source.recv(1 << 16):
            sink.sendall(block)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def main() -> None:
    """Register, and go round until the container is stopped."""
    agent = Agent(os.environ["COURSE_HOME"], docker.from_env(timeout=60))
    agent.register(id=os.environ["ACTIVATION_ID"], code=os.environ["ACTIVATION_CODE"],
                   cluster=os.environ["ECS_CLUSTER"])  # fmt: skip
    while True:
        try:
            agent.round()
        except (OSError, ValueError, errors.DockerException) as error:
            # cut off: tasks go on, and it reports again as soon as it can
            _log.warning("%s", error)
        time.sleep(PAUSE)


if __name__ == "__main__":
    main()

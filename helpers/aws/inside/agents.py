"""ECS Anywhere: agents of external instances, which call in.

MiniStack runs a task of launch type EXTERNAL on its own daemon, with no instance at all. Here it
waits in the record of its instance until that instance's agent (`helpers.aws.inside.agent`) comes
for it, runs it on another engine, and reports what became of it.

Amazon's agent speaks a protocol of its own over a WebSocket. The course's agent sends one request a
second instead: who it is and how its tasks are; the answer says which tasks it shall have.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import ecs

from . import activations, fields, instances
from .ending import asking, end
from .instances import INSTANCES, Instance
from .owned import TOKEN, USER
from .placing import placed
from .settings import DOOR, door

__all__ = ["PATH", "answer", "install"]

PATH = "/_course/agent"
SILENT = 5.0  # seconds without a call, after which an agent counts as disconnected
STOPPED = "STOPPED"
KILLED = 137  # what a container ends with that is removed by force


@dataclass
class Agent:
    """One agent: the instance it speaks for, and when it was heard last."""

    arn: str
    heard: float = field(default_factory=time.monotonic)


_agents: dict[str, Agent] = {}  # by the agent's own token
_orders: dict[str, dict] = {}  # task ARN → what its agent shall run


def install() -> None:
    """Put this into MiniStack's ECS."""
    ecs._start_task_worker = _waiting(ecs._start_task_worker)
    ecs._stop_task = ecs._ACTION_MAP["StopTask"] = asking(ecs._stop_task)
    reset = ecs.reset

    def whole() -> None:
        reset()
        for store in (_agents, _orders):
            store.clear()

    ecs.reset = whole
    threading.Thread(target=_listen, daemon=True, name="course-agents").start()


def answer(body: bytes) -> tuple[int, dict]:
    """Answer one call of an agent; returns the HTTP status and what to say."""
    try:
        data = json.loads(body)
    except ValueError:
        return 400, {"message": "no JSON"}
    if data.get("do") == "register":
        return _admit(data)
    agent = _agents.get(data.get("token") or "")
    instance = INSTANCES.get(agent.arn) if agent else None
    if agent is None or instance is None:
        return 401, {"message": "no agent of an instance that is registered"}
    agent.heard = time.monotonic()
    instance.connected = True
    with request_scope(instance.account, instance.region):
        reports = data.get("tasks") or {}
        for arn, report in reports.items():
            _take(arn, report)
        _miss(instance, reports)
        return 200, {"tasks": _wanted(instance), "login": [USER, TOKEN], "door": door()}


def _admit(data: dict) -> tuple[int, dict]:
    """Let a machine in that shows an activation, and register it in its cluster."""
    try:
        number, found = activations.admit(str(data.get("id") or ""), str(data.get("code") or ""))
    except activations.NotAdmitted as error:
        return 403, {"message": str(error)}
    resource = lambda name, value: {"name": name, "type": "INTEGER", "integerValue": value}  # noqa: E731
    with request_scope(found.account, found.region):
        status, _, said = instances._register({
            "cluster": data.get("cluster") or "default",
            "instanceIdentityDocument": json.dumps({"instanceId": number}),
            "totalResources": [resource("CPU", int(data.get("cpu") or 0)),
                               resource("MEMORY", int(data.get("memory") or 0))],
            "attributes": [{"name": "ecs.os-type", "value": "linux"},
                           {"name": "ecs.capability.external"}],
            "tags": [{"key": one["Key"], "value": one["Value"]} for one in found.tags],
        })  # fmt: skip
    told = json.loads(said)
    if status != 200:
        return status, {"message": told.get("message", "refused")}
    token = secrets.token_urlsafe(32)
    _agents[token] = Agent(told["containerInstance"]["containerInstanceArn"])
    return 200, {"token": token, "instance": number}


def _listen() -> None:
    """Tell which agents have not been heard of for a while."""
    while True:
        time.sleep(SILENT / 3)
        for agent in list(_agents.values()):
            instance = INSTANCES.get(agent.arn)
            if instance and time.monotonic() - agent.heard > SILENT:
                instance.connected = False


def _waiting(original: Any) -> Any:
    """Hold a task for its agent instead of starting it here."""

    def work(task: dict, td: dict, overrides: list, client: Any) -> None:
        placed(task["taskArn"]).wait(10)
        if task.get("launchType") != "EXTERNAL":
            original(task, td, overrides, client)
            return
        if found := ecs._services.get(_service_of(task)):
            # which image it is, its agent finds out; MiniStack would wait for its own daemon's word
            ecs._deployment_for_task(found, task)["_image_resolution_disabled"] = True
        if ecs._mark_task_pending(task["taskArn"], task):
            _orders[task["taskArn"]] = _order(task, td, overrides)

    return work


def _service_of(task: dict) -> str:
    """Return the key of the service that a task belongs to, or one that no service has."""
    cluster = ecs._cluster_name_from_arn(task.get("clusterArn", ""))
    kind, _, name = task.get("group", "").partition(":")
    return f"{cluster}/{name}" if kind == "service" else ""


def _order(task: dict, td: dict, overrides: list) -> dict:
    """Return what an agent needs to run a task: the containers as the daemon's API takes them."""
    found = []
    for cdef in td["containerDefinitions"]:
        given = ecs._container_override_for(overrides, cdef["name"])
        env = {one["name"]: one["value"] for one in cdef.get("environment") or []}
        env.update(ecs._resolve_container_secrets(cdef))
        env.update({one["name"]: one["value"] for one in given.get("environment") or []})
        options = fields.options(cdef, td)
        options.pop("labels", None)
        options["ulimits"] = [dict(one) for one in options.get("ulimits") or []]
        found.append({
            "name": cdef["name"], "image": cdef["image"], "environment": env,
            "command": given.get("command") or cdef.get("command"),
            "ports": {f"{m['containerPort']}/{m.get('protocol', 'tcp')}":
                      (DOOR, m.get("hostPort") or None) for m in cdef.get("portMappings") or []},
            "options": options,
            "log": bool(ecs._awslogs_config(cdef, "", "")),
        })  # fmt: skip
    labels = {
        "com.amazonaws.ecs.cluster": task["clusterArn"],
        "com.amazonaws.ecs.task-definition-family": td["family"],
        "com.amazonaws.ecs.task-definition-version": str(td["revision"]),
    }
    return {"containers": found, "family": td["family"], "labels": labels}


def _wanted(instance: Instance) -> dict[str, dict]:
    """Return the tasks that an instance shall have, by ARN."""
    return {task["taskArn"]: _orders[task["taskArn"]] for task in instances.tasks_on(instance)
            if task["taskArn"] in _orders and task.get("desiredStatus") != "STOPPED"}  # fmt: skip


def _take(arn: str, report: dict) -> None:
    """Write down how a task is, as its agent says."""
    task = ecs._tasks.get(arn)
    td = ecs._task_defs.get(task["taskDefinitionArn"].rpartition("/")[2]) if task else None
    if task is None or td is None:
        return
    for row, cdef in zip(task["containers"], td["containerDefinitions"], strict=False):
        told = (report.get("containers") or {}).get(row["name"]) or {}
        row["lastStatus"] = told.get("status", row["lastStatus"])
        row["runtimeId"] = told.get("id") or row.get("runtimeId")
        row["networkBindings"] = told.get("bindings") or row["networkBindings"]
        if told.get("exit") is not None:
            row["exitCode"] = told["exit"]
        config = ecs._awslogs_config(cdef, arn.rpartition("/")[2], told.get("id") or "")
        if config and told.get("lines") and ecs._ensure_awslogs_stream(config):
            for line in told["lines"]:
                ecs._emit_awslogs_event(config, line)
    if report["status"] == "RUNNING" and task["lastStatus"] != "RUNNING":
        ecs._mark_task_activating(arn, task)
        ecs._mark_task_running(arn, task)
        key = _service_of(task)
        if key in ecs._services:
            ecs._schedule_service_deployment_completion(
                key.partition("/")[0], key, get_account_id(), get_region(), healthy_task=task
            )
    elif report["status"] == STOPPED and task["lastStatus"] != STOPPED:
        _orders.pop(arn, None)
        code = "TaskFailedToStart" if report.get("failed") else "EssentialContainerExited"
        reason = report.get("reason") or "Essential container in task exited"
        end(task, reason, code)


def _miss(instance: Instance, reports: dict) -> None:
    """End tasks that an agent does not have any more: somebody removed their containers there."""
    for task in instances.tasks_on(instance):
        arn = task["taskArn"]
        asked = task.get("desiredStatus") == STOPPED
        if arn not in reports and (asked or task["lastStatus"] == "RUNNING"):
            _orders.pop(arn, None)
            end(task, "Essential container in task exited", "EssentialContainerExited",
                None if asked else KILLED)  # fmt: skip

"""ECS Anywhere: activations, and agents of external instances, which call in.

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

from ministack.core.responses import (
    error_response_json,
    get_account_id,
    get_region,
    json_response,
    request_scope,
)
from ministack.services import ecs, ssm

from . import fields, instances
from .extra import add_operations
from .instances import INSTANCES, Instance
from .owned import TOKEN, USER
from .placing import placed
from .settings import DOOR, door

__all__ = ["PATH", "answer", "install"]

PATH = "/_course/agent"
SILENT = 5.0  # seconds without a call, after which an agent counts as disconnected
LASTS = 24 * 3600  # seconds: "the default value is 24 hours" (CreateActivation, API reference)
ENDED = ("STOPPED",)


@dataclass
class Activation:
    """What a machine shows to be let in, and how often it may."""

    code: str
    role: str
    limit: int
    expires: float
    account: str
    region: str
    name: str = ""
    used: int = 0


@dataclass
class Agent:
    """One agent: the instance it speaks for, and when it was heard last."""

    arn: str
    heard: float = field(default_factory=time.monotonic)


_activations: dict[str, Activation] = {}
_agents: dict[str, Agent] = {}  # by the agent's own token
_orders: dict[str, dict] = {}  # task ARN → what its agent shall run


def install() -> None:
    """Put this into MiniStack's SSM and ECS."""
    add_operations(ssm, {
        "CreateActivation": _create,
        "DescribeActivations": _describe,
        "DeleteActivation": _delete,
        "DescribeInstanceInformation": _information,
    })  # fmt: skip
    ecs._start_task_worker = _waiting(ecs._start_task_worker)
    reset = ecs.reset

    def whole() -> None:
        reset()
        for store in (_activations, _agents, _orders):
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
        for arn, report in (data.get("tasks") or {}).items():
            _take(arn, report)
        return 200, {"tasks": _wanted(instance), "login": [USER, TOKEN], "door": door()}


def _create(data: dict) -> Any:
    if not data.get("IamRole"):
        return error_response_json("ValidationException", "IamRole is required", 400)
    limit = data.get("RegistrationLimit", 1)
    if not 1 <= limit <= 1000:
        return error_response_json(
            "ValidationException", "RegistrationLimit must be 1 to 1000", 400
        )
    until = data.get("ExpirationDate") or time.time() + LASTS
    number = f"{secrets.token_hex(4)}-{secrets.token_hex(2)}-{secrets.token_hex(2)}-" \
             f"{secrets.token_hex(2)}-{secrets.token_hex(6)}"  # fmt: skip
    made = Activation(
        code=secrets.token_urlsafe(15)[:20],
        role=data["IamRole"],
        limit=limit,
        expires=float(until),
        account=get_account_id(),
        region=get_region(),
        name=data.get("DefaultInstanceName", ""),
    )
    _activations[number] = made
    return json_response({"ActivationId": number, "ActivationCode": made.code})


def _mine() -> list[tuple[str, Activation]]:
    here = (get_account_id(), get_region())
    return [(key, one) for key, one in _activations.items() if (one.account, one.region) == here]


def _describe(_data: dict) -> Any:
    rows = [{"ActivationId": key, "IamRole": one.role, "RegistrationLimit": one.limit,
             "RegistrationsCount": one.used, "ExpirationDate": one.expires,
             "Expired": time.time() > one.expires, "DefaultInstanceName": one.name}
            for key, one in _mine()]  # fmt: skip
    return json_response({"ActivationList": rows})


def _delete(data: dict) -> Any:
    if data.get("ActivationId") not in dict(_mine()):
        return error_response_json("InvalidActivationId", "The activation ID isn't valid.", 400)
    del _activations[data["ActivationId"]]
    return json_response({})


def _information(_data: dict) -> Any:
    here = (get_account_id(), get_region())
    rows = [
        {
            "InstanceId": one.number,
            "PingStatus": "Online" if one.connected else "ConnectionLost",
            "ResourceType": "ManagedInstance",
            "PlatformType": "Linux",
        }
        for one in INSTANCES.values()
        if one.external and (one.account, one.region) == here
    ]
    return json_response({"InstanceInformationList": rows})


def _admit(data: dict) -> tuple[int, dict]:
    """Let a machine in that shows an activation, and register it in its cluster."""
    found = _activations.get(data.get("id") or "")
    if found is None or not secrets.compare_digest(found.code, str(data.get("code") or "")):
        return 403, {"message": "InvalidActivation: the activation ID or code is not valid"}
    if time.time() > found.expires:
        return 403, {"message": "InvalidActivation: the activation has expired"}
    if found.used >= found.limit:
        return 403, {"message": "InvalidActivation: the activation was used as often as it may be"}
    number = f"mi-{secrets.token_hex(9)[:17]}"
    resource = lambda name, value: {"name": name, "type": "INTEGER", "integerValue": value}  # noqa: E731
    with request_scope(found.account, found.region):
        status, _, said = instances._register({
            "cluster": data.get("cluster") or "default",
            "instanceIdentityDocument": json.dumps({"instanceId": number}),
            "totalResources": [resource("CPU", int(data.get("cpu") or 0)),
                               resource("MEMORY", int(data.get("memory") or 0))],
            "attributes": [{"name": "ecs.os-type", "value": "linux"}],
        })  # fmt: skip
    told = json.loads(said)
    if status != 200:
        return status, {"message": told.get("message", "refused")}
    found.used += 1
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
        if ecs._mark_task_pending(task["taskArn"], task):
            _orders[task["taskArn"]] = _order(task, td, overrides)

    return work


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
    return {"containers": found, "family": td["family"]}


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
    elif report["status"] in ENDED and task["lastStatus"] not in ENDED:
        _orders.pop(arn, None)
        code = "TaskFailedToStart" if report.get("failed") else "EssentialContainerExited"
        reason = report.get("reason") or "Essential container in task exited"
        ecs._mark_task_stopped(arn, task, reason, code)

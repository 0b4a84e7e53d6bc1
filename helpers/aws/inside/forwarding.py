"""A load balancer's requests: to healthy targets in turn, and answered before a target is gone.

MiniStack picks a target at random and stops a task while it still answers. Here a target that is
taken out of its group gets no new request and is *draining* until those under way are over, or the
group's deregistration delay is; then ECS stops its task. One without requests goes at once
("Deregistration delay", user guide for Application Load Balancers).
"""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from typing import Any

from ministack.core.concurrency import spawn_background
from ministack.core.responses import StreamingResponse
from ministack.services import alb, ecs

from .settings import door
from .targets import health_of, healthy, port_of

__all__ = ["install"]

DELAY = 300.0  # seconds, if a group says nothing else
EMPTY = b"<html><head><title>503 Service Temporarily Unavailable</title></head></html>"
Target = tuple[str, str, int]  # the group's ARN, the address and the port

_turn = itertools.count()
_change = threading.Condition()
_open: Counter[Target] = Counter()  # requests under way; only with _change held


def install() -> None:
    """Put this into MiniStack's load balancers and its ECS."""
    alb._ACTION_MAP["DescribeTargetHealth"] = _describe
    alb._ACTION_MAP["CreateLoadBalancer"] = _here(alb._create_lb)
    alb._forward_to_tg = _forward(alb._forward_to_tg)
    ecs._cleanup_task_resources = _when_answered(ecs._cleanup_task_resources)


def _here(original: Any) -> Any:
    """A load balancer's name leads to this server, as the learner reaches it."""

    def create(params: dict) -> Any:
        known = set(alb._lbs)
        answer = original(params)
        for arn in set(alb._lbs) - known:
            made = alb._lbs[arn]
            # the listener's port has no part in it: all load balancers share this server's port
            made["DNSName"] = f"{door()}/_alb/{made['LoadBalancerName']}"
            return alb._xml(200, "CreateLoadBalancer",
                            f"<LoadBalancers>{alb._lb_xml(made)}</LoadBalancers>")  # fmt: skip
        return answer

    return create


def _choose(arn: str, group: dict) -> tuple[dict, Target] | None:
    """Choose a target and count the request as under way, in one step.

    Whoever takes a target out of its group and then looks at what is under way has seen it all.
    """
    with _change:
        if not (targets := healthy(arn, group)):
            return None
        chosen = targets[next(_turn) % len(targets)]
        key = (arn, str(chosen["Id"]), port_of(chosen, group))
        _open[key] += 1
        return chosen, key


def _over(key: Target) -> None:
    with _change:
        _open[key] -= 1
        if not _open[key]:
            del _open[key]
        _change.notify_all()


def _forward(original: Any) -> Any:
    async def forward(
        arn: str, method: str, path: str, headers: dict, body: bytes, query: dict,
        raw_query: str | None = None, raw_path: str | None = None,
    ) -> Any:  # fmt: skip
        group = alb._tgs.get(arn)
        if group is None or group.get("TargetType", "instance") == "lambda":
            return await original(arn, method, path, headers, body, query, raw_query, raw_path)
        found = _choose(arn, group)
        if found is None:
            return 503, {"Content-Type": "text/html", "Server": "awselb/2.0"}, EMPTY
        chosen, key = found
        streams = False
        try:
            status, fields, answer = await alb._proxy_http_target(
                chosen, group, method, raw_path or path, headers, body, query, raw_query
            )
            if streams := isinstance(answer, StreamingResponse):
                answer = StreamingResponse(_until_sent(answer.runner, key))
            return status, fields, answer
        finally:
            if not streams:
                _over(key)

    return forward


def _until_sent(original: Any, key: Target) -> Any:
    async def run(send: Any, receive: Any) -> None:
        try:
            await original(send, receive)
        finally:
            _over(key)

    return run


def _when_answered(original: Any) -> Any:
    """A task's containers end when what was sent to them is answered."""

    def clean(task: dict, *rest: Any) -> None:
        mine = _under_way(str(ecs._task_ip(task)))
        if not mine:
            original(task, *rest)
            return
        delay = max(_delay(arn) for arn, _, _ in mine)

        def later() -> None:
            with _change:
                _change.wait_for(lambda: not mine & _open.keys(), delay)
            original(task, *rest)

        spawn_background(later, thread_name="course-draining")

    return clean


def _under_way(address: str) -> set[Target]:
    with _change:
        return {key for key in _open if key[1] == address}


def _delay(arn: str) -> float:
    rows = {row["Key"]: row["Value"] for row in alb._tg_attrs.get(arn, [])}
    return float(rows.get("deregistration_delay.timeout_seconds", DELAY))


def _describe(params: dict) -> Any:
    arn = alb._p(params, "TargetGroupArn")
    group = alb._tgs.get(arn)
    if group is None:
        return alb._error("TargetGroupNotFound", f"Target group '{arn}' not found.")
    asked = {one["Id"] for one in alb._parse_targets_param(params)}
    states = {}
    with _change:
        for key in _open:
            if key[0] == arn:
                states[key[1:]] = "draining", "Target.DeregistrationInProgress"
    for one in alb._targets.get(arn, []):
        health = health_of(arn, one, group)
        states[str(one["Id"]), port_of(one, group)] = health.state, health.reason
    rows = []
    for (address, port), (state, reason) in states.items():
        if asked and address not in asked:
            continue
        why = f"<Reason>{reason}</Reason>" if state != "healthy" else ""
        rows.append(
            f"<member><Target><Id>{address}</Id><Port>{port}</Port></Target>"
            f"<HealthCheckPort>{port}</HealthCheckPort>"
            f"<TargetHealth><State>{state}</State>{why}</TargetHealth></member>"
        )
    whole = f"<TargetHealthDescriptions>{''.join(rows)}</TargetHealthDescriptions>"
    return alb._xml(200, "DescribeTargetHealth", whole)

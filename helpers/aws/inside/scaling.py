"""Application Auto Scaling for ECS services, which MiniStack does not have."""

from __future__ import annotations

import time
from typing import Any

from ministack.core.responses import (
    error_response_json,
    get_account_id,
    get_region,
    json_response,
    new_uuid,
)
from ministack.services import ecs

from .extra import add_service
from .tracking import DIMENSION, METRICS, SCALED, Key, Scaled, service_of, watch

__all__ = ["install"]


def install() -> None:
    """Answer the calls, and start the thread that looks."""
    add_service("application-autoscaling", "AnyScaleFrontendService", {
        "RegisterScalableTarget": _register,
        "DeregisterScalableTarget": _deregister,
        "DescribeScalableTargets": _targets,
        "PutScalingPolicy": _put,
        "DeleteScalingPolicy": _delete,
        "DescribeScalingPolicies": _policies,
        "DescribeScalingActivities": _activities,
    })  # fmt: skip
    reset = ecs.reset

    def whole() -> None:
        reset()
        SCALED.clear()

    ecs.reset = whole
    watch()


def _key(data: dict) -> Key:
    return get_account_id(), get_region(), data.get("ResourceId", "")


def _refused(data: dict) -> Any:
    if data.get("ServiceNamespace") != "ecs" or data.get("ScalableDimension") != DIMENSION:
        return error_response_json(
            "ValidationException", "The course's local AWS scales services of ECS only.", 400
        )
    return None


def _unknown(data: dict) -> Any:
    return error_response_json(
        "ObjectNotFoundException",
        f"No scalable target registered for service namespace: {data.get('ServiceNamespace')}, "
        f"resource ID: {data.get('ResourceId')}, scalable dimension: "
        f"{data.get('ScalableDimension')}", 400,
    )  # fmt: skip


def _register(data: dict) -> Any:
    if refused := _refused(data):
        return refused
    if service_of(data.get("ResourceId", "")) is None:
        return error_response_json(
            "ValidationException", f"ECS service doesn't exist: {data.get('ResourceId')}", 400
        )
    known = SCALED.get(_key(data))
    least = data.get("MinCapacity", known.least if known else None)
    most = data.get("MaxCapacity", known.most if known else None)
    if least is None or most is None or not 0 <= least <= most:
        return error_response_json(
            "ValidationException", "Minimum capacity cannot be greater than maximum capacity.", 400
        )
    if known:
        known.least, known.most = least, most
    else:
        SCALED[_key(data)] = Scaled(least, most)
    arn = (f"arn:aws:application-autoscaling:{get_region()}:{get_account_id()}:scalable-target/"
           f"{new_uuid().replace('-', '')[:12]}")  # fmt: skip
    return json_response({"ScalableTargetARN": arn})


def _deregister(data: dict) -> Any:
    if SCALED.pop(_key(data), None) is None:
        return _unknown(data)
    return json_response({})


def _mine() -> list[tuple[str, Scaled]]:
    here = (get_account_id(), get_region())
    return [(key[2], one) for key, one in SCALED.items() if key[:2] == here]


def _targets(data: dict) -> Any:
    wanted = data.get("ResourceIds")
    rows = [{"ServiceNamespace": "ecs", "ResourceId": name, "ScalableDimension": DIMENSION,
             "MinCapacity": one.least, "MaxCapacity": one.most, "CreationTime": one.created,
             "RoleARN": f"arn:aws:iam::{get_account_id()}:role/aws-service-role/ecs.application-"
                        "autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService"}
            for name, one in _mine() if not wanted or name in wanted]  # fmt: skip
    return json_response({"ScalableTargets": rows})


def _put(data: dict) -> Any:
    if refused := _refused(data):
        return refused
    found = SCALED.get(_key(data))
    if found is None:
        return _unknown(data)
    rule = data.get("TargetTrackingScalingPolicyConfiguration") or {}
    metric = (rule.get("PredefinedMetricSpecification") or {}).get("PredefinedMetricType")
    if data.get("PolicyType") != "TargetTrackingScaling" or metric not in METRICS:
        return error_response_json(
            "ValidationException",
            "The course's local AWS knows target tracking on these metrics: " + ", ".join(METRICS),
            400,
        )
    if not 0 < float(rule.get("TargetValue") or 0) <= 100:
        return error_response_json("ValidationException", "TargetValue must be 0 to 100.", 400)
    name = data["PolicyName"]
    arn = (f"arn:aws:autoscaling:{get_region()}:{get_account_id()}:scalingPolicy:{new_uuid()}:"
           f"resource/ecs/{data['ResourceId']}:policyName/{name}")  # fmt: skip
    found.policies[name] = {
        "PolicyARN": found.policies.get(name, {}).get("PolicyARN", arn), "PolicyName": name,
        "ServiceNamespace": "ecs", "ResourceId": data["ResourceId"],
        "ScalableDimension": DIMENSION, "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": rule, "CreationTime": time.time(),
    }  # fmt: skip
    return json_response({"PolicyARN": found.policies[name]["PolicyARN"], "Alarms": []})


def _delete(data: dict) -> Any:
    found = SCALED.get(_key(data))
    if found is None or found.policies.pop(data.get("PolicyName", ""), None) is None:
        return _unknown(data)
    return json_response({})


def _policies(data: dict) -> Any:
    rows = [row for name, one in _mine() if data.get("ResourceId") in (None, name)
            for row in one.policies.values()]  # fmt: skip
    return json_response({"ScalingPolicies": rows})


def _activities(data: dict) -> Any:
    rows = [row for name, one in _mine() if data.get("ResourceId") in (None, name)
            for row in one.activities]  # fmt: skip
    return json_response({"ScalingActivities": rows})

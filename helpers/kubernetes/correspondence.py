"""Which place in a stack file, in manifests and in ECS's files says the same."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LONG", "POD", "RULES", "Rule"]

POD = "spec.template.spec."
BOX = f"{POD}containers[0]."
# What is left out of a path in ECS's files: it would be the same in each line, or only long.
C = "containerDefinitions[0]."
LONG = (
    C,
    "deploymentConfiguration.",
    "serviceConnectConfiguration.",
    "TargetTrackingScalingPolicyConfiguration.",
)


@dataclass(frozen=True)
class Rule:
    """A subject, and where each of the three says it.

    ``stack``: paths in the stack file, ``*`` for any name; ``kinds``: kind and path of an object,
    the path empty for the object as such; ``ecs``: end of a file's name and path in it. The first
    that is there counts.
    """

    subject: str
    stack: tuple[str, ...]
    kinds: tuple[tuple[str, str], ...]
    ecs: tuple[str, str] | None = None


RULES = (
    Rule("unit", ("services.web",), (("Deployment", ""),), ("service", "serviceName")),
    Rule("image", ("services.web.image",), (("Deployment", f"{BOX}image"),), ("task", f"{C}image")),
    Rule(
        "replicas",
        ("services.web.deploy.replicas",),
        (("Deployment", "spec.replicas"),),
        ("service", "desiredCount"),
    ),
    Rule(
        "global",
        ("services.*.deploy.mode",),
        (("DaemonSet", ""),),
        ("service", "schedulingStrategy"),
    ),
    Rule(
        "name",
        ("services.web",),
        (("Service", ""),),
        ("service", "serviceConnectConfiguration.services[0].discoveryName"),
    ),
    Rule(
        "environment",
        ("services.web.environment",),
        (("Deployment", f"{BOX}env"),),
        ("task", f"{C}environment"),
    ),
    Rule("config", ("configs.*",), (("ConfigMap", ""),), ("task", f"{C}secrets[1].name")),
    Rule(
        "secret",
        ("secrets.*",),
        (("Secret", ""), ("Deployment", f"{POD}volumes[1].secret")),
        ("task", f"{C}secrets[0].name"),
    ),
    Rule(
        "health",
        ("services.web.healthcheck.test",),
        (("Deployment", f"{BOX}livenessProbe"),),
        ("task", f"{C}healthCheck.command"),
    ),
    Rule("traffic", (), (("Deployment", f"{BOX}readinessProbe"),), ("service", "loadBalancers")),
    Rule(
        "start",
        ("services.web.healthcheck.start_period",),
        (("Deployment", f"{BOX}startupProbe"),),
        ("task", f"{C}healthCheck.startPeriod"),
    ),
    Rule(
        "reservation",
        ("services.web.deploy.resources.reservations",),
        (("Deployment", f"{BOX}resources.requests"),),
        ("task", f"{C}memoryReservation"),
    ),
    Rule(
        "limit",
        ("services.web.deploy.resources.limits",),
        (("Deployment", f"{BOX}resources.limits"),),
        ("task", f"{C}memory"),
    ),
    Rule(
        "place",
        ("services.*.deploy.placement.constraints",),
        (("Deployment", f"{POD}nodeSelector"),),
        ("service", "placementConstraints[0].expression"),
    ),
    Rule(
        "grace",
        ("services.web.stop_grace_period",),
        (("Deployment", f"{POD}terminationGracePeriodSeconds"),),
        ("task", f"{C}stopTimeout"),
    ),
    Rule(
        "update",
        ("services.web.deploy.update_config.order",),
        (("Deployment", "spec.strategy.rollingUpdate"),),
        ("service", "deploymentConfiguration.minimumHealthyPercent"),
    ),
    Rule(
        "failure",
        ("services.web.deploy.update_config.failure_action",),
        (),
        ("service", "deploymentConfiguration.deploymentCircuitBreaker"),
    ),
    Rule(
        "scaling",
        (),
        (("HorizontalPodAutoscaler", ""),),
        ("scaling", "TargetTrackingScalingPolicyConfiguration.TargetValue"),
    ),
    Rule("rights", (), (("Role", ""),), ("task", "taskRoleArn")),
    Rule("quota", (), (("ResourceQuota", "spec.hard"),)),
)

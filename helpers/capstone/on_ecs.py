"""The page on Amazon ECS: on Fargate, or on machines of a cluster."""

from __future__ import annotations

import contextlib
import io
import secrets
from typing import Any

from .. import aws
from ..aws.services import FrontDoor
from ..engine.patience import until
from ..errors import NotFound, TimedOut
from ..healing.model import Load
from .model import HIDDEN, MISSING, PLAIN, Copy, State
from .place import Folder, Place

__all__ = ["OnEc2", "OnEcs", "OnFargate"]

CLUSTER, SERVICE, REPOSITORY, LOG = "lbl-17", "page", "lbl-17/page", "lbl-17"
PARAMETER, ROLE = "/lbl-17/key", "lbl-17-execution"
PORT, HEALTH = 8000, "/health"
WELL = 60.0  # seconds for ECS to know the health of all tasks
SIZE = (1024, 1024)  # of a machine of the local AWS: CPU units, MiB


class OnEcs(Place):
    """What Fargate, EC2 and machines elsewhere have in common: one cluster, one service."""

    launch = ""
    draft = "17.ecs"

    def begin(self) -> None:
        """Make cluster, repository, role, key and door; what an earlier run left goes first."""
        ecs = aws.client("ecs")
        known = ecs.describe_clusters(clusters=[CLUSTER])["clusters"]
        if any(one["status"] == "ACTIVE" for one in known):
            with contextlib.redirect_stdout(io.StringIO()):
                aws.clean_up("17")
        print(f"$ aws ecs create-cluster --cluster-name {CLUSTER}")
        ecs.create_cluster(clusterName=CLUSTER)
        print(f"$ aws ecr create-repository --repository-name {REPOSITORY}")
        made = aws.client("ecr").create_repository(repositoryName=REPOSITORY)["repository"]
        print(f"$ aws ssm put-parameter --type SecureString --name {PARAMETER} --value …")
        aws.client("ssm").put_parameter(
            Name=PARAMETER, Value=secrets.token_urlsafe(16), Type="SecureString"
        )
        chosen = aws.current()
        key = f"arn:{chosen.partition}:ssm:{chosen.region}:{chosen.account}:parameter{PARAMETER}"
        role = aws.execution_role(ROLE, secrets=[key])
        aws.login(self.engine)
        self._remember(kept={"uri": made["repositoryUri"], "key": key, "role": role})
        self._way_in()

    def _way_in(self) -> None:
        door = aws.front_door(CLUSTER, port=PORT, path=HEALTH)
        kept = {"address": door.address, "group": door.group, "security": door.security}
        self._remember(kept={**self.record.kept, **kept})

    @property
    def door(self) -> FrontDoor:
        kept = self.record.kept
        return FrontDoor(kept["address"], kept["group"], kept["security"])

    def state(self) -> State:
        service = self._service()
        ecs = aws.client("ecs")
        definition = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])
        whole = definition["taskDefinition"]
        one = whole["containerDefinitions"][0]
        checked = bool(one.get("healthCheck"))
        copies = tuple(
            Copy(self._healthy(task, checked), _tag(_image(task, whole))) for task in self._tasks()
        )
        tag = _tag(one["image"])
        return State(
            self.platform, service["desiredCount"], copies,
            identity=f"{service['serviceArn']} {service.get('createdAt')}",
            same_image=self._pulls(one["image"], tag),
            limited=bool(whole.get("memory") or one.get("memory")),
            checked=checked,
            key=_key(one),
        )  # fmt: skip

    def _push(self, image: str, tag: str) -> str:
        moved = aws.push(image, self.record.kept["uri"], tag, engine=self.engine)
        self._remember(kept={**self.record.kept, f"digest.{tag}": moved.digest})
        return f"{self.record.kept['uri']}:{tag}"

    def _deploy(self, description: Folder) -> None:
        ecs, kept = aws.client("ecs"), self.record.kept
        values = {"IMAGE": f"{kept['uri']}:1", "ROLE": kept["role"], "KEY": kept["key"],
                  "LAUNCH": self.launch, "REGION": aws.current().region}  # fmt: skip
        task = aws.fill(description.show("task.json"), **values)
        service = aws.fill(description.show("service.json"), **values)
        print(f"$ aws ecs register-task-definition --cli-input-json file://{description.shown}/…")
        made = ecs.register_task_definition(**task)["taskDefinition"]["taskDefinitionArn"]
        service = {**service, **self._network(), "taskDefinition": made}
        if self._running() is None:
            print(f"$ aws ecs create-service --cluster {CLUSTER} --service-name {SERVICE} …")
            ecs.create_service(**service)
        else:
            print(f"$ aws ecs update-service --cluster {CLUSTER} --service {SERVICE} …")
            once = ("launchType", "serviceName", "loadBalancers")  # cannot be changed
            changes = {key: value for key, value in service.items() if key not in once}
            ecs.update_service(service=SERVICE, **changes)
        self._settle()

    def _network(self) -> dict[str, Any]:
        door = self.door
        return {"networkConfiguration": door.network, "loadBalancers": door.to("page", PORT)}

    def _ask(self) -> int:
        self.door.ask()
        return self.door.answering()

    def _kill(self) -> None:
        for task in self._tasks()[:1]:
            print(f"$ aws ecs stop-task --cluster {CLUSTER} --task …")
            aws.client("ecs").stop_task(cluster=CLUSTER, task=task["taskArn"], reason="trial")
        self._settle()

    def _update(self, image: str, tag: str) -> Load:
        ecs = aws.client("ecs")
        before = self._service()["taskDefinition"]
        whole = ecs.describe_task_definition(taskDefinition=before)["taskDefinition"]
        shape = ecs.meta.service_model.operation_model("RegisterTaskDefinition").input_shape
        wanted = {key: value for key, value in whole.items() if key in shape.members}
        wanted["containerDefinitions"] = [
            {**one, "image": image} if place == 0 else one
            for place, one in enumerate(whole["containerDefinitions"])
        ]
        made = ecs.register_task_definition(**wanted)["taskDefinition"]["taskDefinitionArn"]
        self._remember(kept={**self.record.kept, "before": before})
        return self._roll(made)

    def _back(self) -> Load:
        return self._roll(self.record.kept.get("before") or self._service()["taskDefinition"])

    def _roll(self, definition: str) -> Load:
        load = aws.update(CLUSTER, SERVICE, self.door, taskDefinition=definition)
        self._settle()
        return load

    def _remove(self) -> None:
        aws.clean_up("17")

    def _service(self) -> dict:
        found = self._running()
        if found is None:
            raise NotFound("capstone.not_deployed", platform=self.platform)
        return found

    def _running(self) -> dict | None:
        ecs = aws.client("ecs")
        try:
            rows = ecs.describe_services(cluster=CLUSTER, services=[SERVICE])["services"]
        except ecs.exceptions.ClusterNotFoundException:
            return None
        return next((row for row in rows if row["status"] == "ACTIVE"), None)

    def _tasks(self) -> list[dict]:
        ecs = aws.client("ecs")
        arns = ecs.list_tasks(cluster=CLUSTER, serviceName=SERVICE)["taskArns"]
        rows = ecs.describe_tasks(cluster=CLUSTER, tasks=arns)["tasks"] if arns else []
        return [row for row in rows if row["lastStatus"] != "STOPPED"]

    def _settle(self) -> None:
        """Wait for the service, and for what ECS's own health checks say of its tasks."""
        aws.steady(CLUSTER, SERVICE)
        with contextlib.suppress(TimedOut):  # then `state` says that one is not well
            until(
                lambda: all(one.well for one in self.state().copies), WELL, "capstone.waiting_well"
            )

    def _healthy(self, task: dict, checked: bool) -> bool:
        return task["lastStatus"] == "RUNNING" and (
            not checked or task.get("healthStatus") == "HEALTHY"
        )

    def _pulls(self, image: str, tag: str) -> bool | None:
        """Whether what lies in the repository under a tag is what was pushed from here."""
        row = aws.client("ecr").batch_get_image(
            repositoryName=REPOSITORY, imageIds=[{"imageTag": tag}]
        )["images"]
        digest = row[0]["imageId"]["imageDigest"] if row else None
        there = image == f"{self.record.kept['uri']}:{tag}"
        same = self._same(tag)
        return same and there and digest == self.record.kept.get(f"digest.{tag}")


class OnFargate(OnEcs):
    """Tasks on machines that nobody sees."""

    platform, launch = "fargate", "FARGATE"


class OnEc2(OnEcs):
    """Tasks on machines of the cluster."""

    platform, launch = "ec2", "EC2"

    def begin(self) -> None:
        """As on Fargate; the local AWS gets two machines, which are records."""
        super().begin()
        ecs = aws.client("ecs")
        if aws.current().real:
            if not ecs.list_container_instances(cluster=CLUSTER)["containerInstanceArns"]:
                raise NotFound("capstone.no_machines", cluster=CLUSTER)
            return
        cpu, memory = SIZE
        for _ in range(2):
            print(f"$ aws ecs register-container-instance --cluster {CLUSTER} …")
            ecs.register_container_instance(cluster=CLUSTER, totalResources=[
                {"name": "CPU", "type": "INTEGER", "integerValue": cpu},
                {"name": "MEMORY", "type": "INTEGER", "integerValue": memory},
            ])  # fmt: skip


def _key(container: dict) -> str:
    if any(one["name"] == "KEY" for one in container.get("environment") or []):
        return PLAIN
    named = any(one["name"] == "KEY" for one in container.get("secrets") or [])
    return HIDDEN if named else MISSING


def _image(task: dict, newest: dict) -> str:
    """The image of a task: as it says itself, else as its own revision of the definition does."""
    said = task["containers"][0].get("image")
    if said:
        return said
    own = newest
    if task["taskDefinitionArn"] != newest["taskDefinitionArn"]:
        own = aws.client("ecs").describe_task_definition(
            taskDefinition=task["taskDefinitionArn"])["taskDefinition"]  # fmt: skip
    return own["containerDefinitions"][0]["image"]


def _tag(image: str) -> str:
    return image.rpartition("/")[2].partition("@")[0].partition(":")[2]

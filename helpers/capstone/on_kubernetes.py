"""The page on Kubernetes: on the course's own cluster, or one of the learner's."""

from __future__ import annotations

import secrets

from .. import kubernetes
from ..errors import KubernetesFailed, NotFound
from ..healing.model import Load
from ..kubernetes import asking, connecting, leaving
from ..kubernetes.api import Refused
from ..kubernetes.cluster import Cluster
from ..kubernetes.pods import alive, tag_of
from .asking import answering
from .model import HIDDEN, MISSING, PLAIN, Copy, State
from .place import Folder, Place

__all__ = ["SECRET", "OnKubernetes"]

NAME, SECRET = "page", "key"


class OnKubernetes(Place):
    """Pods of a Deployment, in the course's namespace."""

    platform = "kubernetes"
    draft = "17.kubernetes"

    def begin(self) -> None:
        """Connect to the cluster, empty the namespace, and put a key into it that nobody sees."""
        found = kubernetes.connect(
            self.record.kept.get("context"), self.record.kept.get("confirmed") == "yes",
            empty=True, engine=self.engine,
        )  # fmt: skip
        found.secret(SECRET, key=secrets.token_urlsafe(16))

    @property
    def cluster(self) -> Cluster:
        found = connecting.find(self.engine)
        if found is None:
            raise KubernetesFailed("kubernetes_use.stopped")
        return found

    def state(self) -> State:
        cluster = self.cluster
        body = self._body(cluster)
        template = body["spec"]["template"]["spec"]
        box = template["containers"][0]
        pods = alive(cluster.every_pod(), NAME)
        return State(
            self.platform, body["spec"]["replicas"],
            tuple(Copy(one.ready, one.version) for one in pods),
            identity=body["metadata"]["uid"],
            same_image=self._same(tag_of(box["image"])),
            limited=bool(((box.get("resources") or {}).get("limits") or {}).get("memory")),
            checked=bool(box.get("readinessProbe") and box.get("livenessProbe")),
            key=_key(box, template),
        )  # fmt: skip

    def _push(self, image: str, tag: str) -> str:
        self.cluster.image(image)
        return image

    def _deploy(self, description: Folder) -> None:
        self.cluster.apply(description)

    def _ask(self) -> int:
        with asking.way(self.cluster, NAME) as (address, place):
            return answering(f"{address}{place}/", self.state().desired)

    def _kill(self) -> None:
        self.cluster.delete_pod(f"{NAME} 1")

    def _update(self, image: str, tag: str) -> Load:
        return self.cluster.update(NAME, image)[1]

    def _back(self) -> Load:
        return self.cluster.rollback(NAME)[1]

    def _remove(self) -> None:
        leaving.clean(self.engine, connecting.LESSON)

    def _body(self, cluster: Cluster) -> dict:
        try:
            return cluster.api.get(f"{cluster.apps}/deployments/{NAME}")
        except Refused as error:
            if error.status != 404:
                raise
            raise NotFound("capstone.not_deployed", platform=self.platform) from None


def _key(box: dict, template: dict) -> str:
    given = [one for one in box.get("env") or [] if one["name"] == "KEY"]
    if any("value" in one for one in given):
        return PLAIN
    if any("secretKeyRef" in (one.get("valueFrom") or {}) for one in given):
        return HIDDEN
    mounted = {one["name"] for one in box.get("volumeMounts") or []}
    volumes = [one for one in template.get("volumes") or [] if one["name"] in mounted]
    return HIDDEN if any("secret" in one for one in volumes) else MISSING

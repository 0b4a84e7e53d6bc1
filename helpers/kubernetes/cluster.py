"""A Kubernetes cluster as lessons use it: one namespace of it, and the commands a person types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..cluster.model import View
from ..engine import Engine
from ..healing.model import Load, Story
from ..messages import text
from ..stacks.model import Progress
from . import applying, asking, autoscaling, images, looking, naming, steering, viewing
from . import kubectl as kubectls
from .accounts import Account, account
from .api import Api
from .asking import Answers
from .listing import Listing
from .manifests import Folder
from .naming import Lookup
from .pods import Pod
from .versions import Version

__all__ = ["Cluster"]


@dataclass(frozen=True)
class Cluster:
    """A connection to a cluster, and the namespace of the course in it.

    Fields
    ------
    api: the connection.
    context: its name in the kubeconfig file.
    namespace: everything happens in there.
    version: of the API server.
    nodes: their names.
    own: whether it is the course's own.
    engine: the learner's daemon: images are built there.
    kubeconfig: None for the user's usual one.
    program: a kubectl that came with the cluster, or None.
    ahead: seconds that the server's clock is ahead of this machine's.
    environment: variables that kubectl needs besides the usual ones: credentials of AWS.
    """

    api: Api = field(repr=False, compare=False)
    context: str
    namespace: str
    version: Version
    nodes: tuple[str, ...]
    own: bool
    engine: Engine = field(repr=False, compare=False)
    kubeconfig: Path | None = None
    program: Path | None = None
    ahead: float = 0.0
    environment: tuple[tuple[str, str], ...] = field(default=(), repr=False, compare=False)

    def __str__(self) -> str:
        whose = "own" if self.own else "other"
        return text(
            f"kubernetes_use.cluster.{whose}.{'one' if len(self.nodes) == 1 else 'many'}",
            nodes=len(self.nodes), namespace=self.namespace, context=self.context,
        )  # fmt: skip

    __repr__ = __str__

    @property
    def core(self) -> str:
        """The path below which pods, services, secrets of the namespace lie."""
        return f"/api/v1/namespaces/{self.namespace}"

    @property
    def apps(self) -> str:
        """The path below which its Deployments lie."""
        return f"/apis/apps/v1/namespaces/{self.namespace}"

    def kubectl(
        self, command: str | Sequence[str], *, limit: float = kubectls.LIMIT
    ) -> kubectls.Said:
        """Run kubectl in the namespace, and print it; see `helpers.kubernetes.kubectl`."""
        return kubectls.kubectl(self, command, limit=limit)

    def image(self, *names: str) -> None:
        """Bring images of the learner's engine to the nodes; see `helpers.kubernetes.images`."""
        images.bring(self, names)
        print(text("kubernetes_use.brought", names=", ".join(names)))

    def apply(
        self, place: Folder | Path | str, *, anew: bool = False, wait: bool = True
    ) -> Progress:
        """Apply manifests, and watch until they hold; see `helpers.kubernetes.applying`."""
        return applying.apply(self, place, anew=anew, wait=wait)

    def remove(self, *places: Folder | Path | str) -> None:
        """Remove what manifests describe (``kubectl delete -f``)."""
        applying.remove(self, *places)

    def secret(self, name: str, **values: str) -> None:
        """Make a Secret (``kubectl create secret generic``), in place of one of that name."""
        steering.secret(self, name, values)

    def lookup(self, name: str) -> Lookup:
        """Ask from inside a pod of the page for the address behind a name."""
        return naming.lookup(self, name)

    def view(self) -> View:
        """Return nodes, workloads and pods as `helpers.figures.nodes` takes them."""
        return viewing.view(self)

    def every_pod(self) -> tuple[Pod, ...]:
        """Return all pods that are listed, also those that have ended."""
        return looking.pods(self)

    def pods(self, app: str | None = None, *, over: bool = False) -> Listing:
        """Return the pods, with short names that are the same in each run.

        Parameters
        ----------
        app: only those with this label.
        over: also those that have ended, and are still listed.
        """
        return Listing.of(self.every_pod(), app, over)

    def scale(self, name: str, replicas: int) -> Progress:
        """Ask for another number of pods (``kubectl scale``), and watch."""
        return steering.scale(self, name, replicas)

    def delete_pod(self, name: str) -> Story:
        """Delete a pod (``web 1``), and watch what the cluster does about it."""
        return steering.delete_pod(self, name)

    def sicken(self, name: str) -> Story:
        """Make a pod of the page say that it is not well, and watch."""
        return steering.sicken(self, name)

    def update(self, name: str, image: str) -> tuple[Story, Load]:
        """Roll out another image (``kubectl set image``) under requests."""
        return steering.update(self, name, image)

    def rollback(self, name: str) -> tuple[Story, Load]:
        """Go back to the version before (``kubectl rollout undo``) under requests."""
        return steering.rollback(self, name)

    def ask(self, service: str, path: str = "/", times: int = 1) -> Answers:
        """Ask a service of the cluster; each request goes to one of its pods."""
        return asking.ask(self, service, path, times)

    def service(self, name: str) -> dict:
        """Return a Service as the API has it.

        Raises
        ------
        KubernetesFailed: there is none of that name.
        """
        return asking.service(self, name)

    def endpoints(self, name: str) -> tuple[str, ...]:
        """Return the addresses of the pods behind a Service that are ready."""
        return asking.endpoints(self, name)

    def logs(self, name: str) -> str:
        """Print and return what a pod (``web 1``) wrote."""
        return steering.logs(self, name)

    def account(self, name: str) -> Account:
        """Return a connection that has only the rights of a ServiceAccount, by a token of it."""
        return account(self, name)

    def autoscale(
        self,
        name: str = "web",
        path: str = "/work?ms=60",
        plan: Sequence[tuple[float, float]] = autoscaling.PLAN,
    ) -> Load:
        """Send a service load, and watch what its HorizontalPodAutoscaler does about it."""
        return autoscaling.autoscale(self, name, path, plan)

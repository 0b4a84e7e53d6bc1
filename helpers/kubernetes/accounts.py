"""Somebody else's rights: a connection as a ServiceAccount, by a token that ends after a while."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..errors import NotFound
from . import looking
from .api import Api, Refused
from .listing import Listing

if TYPE_CHECKING:
    from .cluster import Cluster

__all__ = ["Account", "account"]

SECONDS = 600  # that a token is good for; servers allow no less


@dataclass(frozen=True)
class Account:
    """What one can do with the token of a ServiceAccount, and nothing else.

    Fields
    ------
    user: who the API server takes it for: ``system:serviceaccount:lbl-10:watcher``.
    """

    user: str
    api: Api = field(repr=False, compare=False)
    cluster: Cluster = field(repr=False, compare=False)

    def __repr__(self) -> str:
        return self.user

    def pods(self, app: str | None = None) -> Listing:
        """Return the pods, if the account may see them.

        Raises
        ------
        KubernetesFailed: it may not; the message holds the API server's words.
        """
        from dataclasses import replace

        return Listing.of(looking.pods(replace(self.cluster, api=self.api)), app)

    def delete_pod(self, name: str) -> None:
        """Delete a pod, named as `pods` shows it.

        Raises
        ------
        NotFound: there is no such pod. KubernetesFailed: the account may not.
        """
        for short, pod in self.pods():
            if name in (short, pod.name):
                self.api.call("DELETE", f"{self.cluster.core}/pods/{pod.name}")
                return
        raise NotFound("kubernetes_use.no_pod", name=name, known="–")

    def may(self, verb: str, resource: str) -> bool:
        """Ask whether the account may do something (``kubectl auth can-i``), and print it."""
        words = f"kubectl -n {self.cluster.namespace} auth can-i {verb} {resource} --as={self.user}"
        print(f"$ {words}")
        allowed = can(self.cluster, self.user, verb, resource)
        print("yes" if allowed else "no")
        return allowed


def account(cluster: Cluster, name: str) -> Account:
    """Return a connection with the rights of a ServiceAccount of the namespace.

    Raises
    ------
    NotFound: there is no such account.
    """
    place = f"{cluster.core}/serviceaccounts/{name}/token"
    asked = {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "spec": {"expirationSeconds": SECONDS, "audiences": []},
    }
    try:
        token = cluster.api.call("POST", place, asked)["status"]["token"]
    except Refused as error:
        if error.status == 404:
            raise NotFound("kubernetes_use.no_account", name=name) from None
        raise
    user = f"system:serviceaccount:{cluster.namespace}:{name}"
    return Account(user, cluster.api.with_token(token), cluster)


def can(cluster: Cluster, user: str, verb: str, resource: str, group: str = "") -> bool:
    """Whether a user may do something in the namespace; the API server is asked, nothing kept.

    Parameters
    ----------
    resource: plural, with a subresource behind a slash: ``pods/log``.
    group: the API group: ``apps`` for Deployments.
    """
    name, _, part = resource.partition("/")
    what = {
        "namespace": cluster.namespace, "verb": verb, "resource": name, "subresource": part,
        "group": group,
    }  # fmt: skip
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {"user": user, "groups": _groups(cluster, user), "resourceAttributes": what},
    }
    path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
    return bool(cluster.api.call("POST", path, review)["status"].get("allowed"))


def _groups(cluster: Cluster, user: str) -> list[str]:
    if not user.startswith("system:serviceaccount:"):
        return ["system:authenticated"]
    return [
        "system:serviceaccounts", f"system:serviceaccounts:{cluster.namespace}",
        "system:authenticated",
    ]  # fmt: skip

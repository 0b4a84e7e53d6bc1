"""What the exercises of lesson 09 look for in the cluster."""

from __future__ import annotations

from helpers import cluster
from helpers.cluster import View
from helpers.engine import Engine
from helpers.errors import CourseError
from helpers.exercises import Right, Wrong, exercise

WEB = "shop_web"
KIOSK = "kiosk_page"
STALL = "stall_page"
GONE = "node-2"  # is to be opened
WORKER = "node-3"  # is to be no manager any more
PAGES = 3
BAD = "3"  # the version with the mistake


def _look(engine: Engine) -> tuple[cluster.Cluster, View] | None:
    """Return the lesson's cluster and a look at it; None if there is none, or it has no leader."""
    try:
        found = cluster.find(engine, lesson="09")
        return (found, found.look()) if found else None
    except CourseError:
        return None


def _spec(found: cluster.Cluster, service: str) -> dict:
    return found.api().inspect_service(service)["Spec"]


def _tag(image: str) -> str:
    return image.partition("@")[0].rpartition(":")[2]


@exercise("09.1")
def new_memory(engine: Engine) -> Right | Wrong:
    """node-2 is drained and still ready; three pages run elsewhere."""
    looked = _look(engine)
    if looked is None:
        return Wrong("lesson09.no_cluster")
    _, view = looked
    node = next((one for one in view.nodes if one.name == GONE), None)
    if node is None or node.state != "ready":
        return Wrong("lesson09.ex1.off", node=GONE)
    pages = [one for one in view.tasks if one.service == WEB and one.runs]
    if not any(one.name == WEB for one in view.services):
        return Wrong("lesson09.no_service", name=WEB)
    if node.availability == "active":
        return Wrong("lesson09.ex1.active", node=GONE)
    if any(one.node == GONE and not one.ended for one in view.tasks):
        return Wrong("lesson09.ex1.still", node=GONE)
    if len(pages) != PAGES:
        return Wrong("lesson09.ex1.count", count=len(pages), wanted=PAGES)
    return Right("lesson09.ex1.right", node=GONE, count=len(pages))


@exercise("09.2")
def kiosk(engine: Engine) -> Right | Wrong:
    """Version 2, two replicas, a health check, start-first, rollback."""
    looked = _look(engine)
    if looked is None:
        return Wrong("lesson09.no_cluster")
    found, view = looked
    service = next((one for one in view.services if one.name == KIOSK), None)
    if service is None:
        return Wrong("lesson09.no_service", name=KIOSK)
    spec = _spec(found, KIOSK)
    container = spec["TaskTemplate"]["ContainerSpec"]
    test = (container.get("Healthcheck") or {}).get("Test") or []
    update = spec.get("UpdateConfig") or {}
    if _tag(service.image) != "2":
        return Wrong("lesson09.ex2.version", version=_tag(service.image))
    if (service.desired or 0) < 2:
        return Wrong("lesson09.ex2.one")
    if not test or test[0] == "NONE":
        return Wrong("lesson09.ex2.unchecked")
    if update.get("Order") != "start-first":
        return Wrong("lesson09.ex2.gap")
    if update.get("FailureAction") != "rollback":
        return Wrong("lesson09.ex2.failure", action=update.get("FailureAction") or "pause")
    runs = [one for one in view.tasks if one.service == KIOSK and one.runs]
    if len(runs) != service.desired or any(_tag(one.image) != "2" for one in runs):
        return Wrong("lesson09.ex2.behind")
    return Right("lesson09.ex2.right", count=len(runs))


@exercise("09.3")
def out_of_the_hole(engine: Engine) -> Right | Wrong:
    """The stall asks for version 1 again, and all of it runs."""
    looked = _look(engine)
    if looked is None:
        return Wrong("lesson09.no_cluster")
    _, view = looked
    service = next((one for one in view.services if one.name == STALL), None)
    if service is None:
        return Wrong("lesson09.no_service", name=STALL)
    if _tag(service.image) == BAD:
        return Wrong("lesson09.ex3.bad", version=BAD)
    runs = [one for one in view.tasks if one.service == STALL and one.runs]
    if any(_tag(one.image) == BAD for one in runs) or len(runs) != service.desired:
        return Wrong("lesson09.ex3.behind", count=len(runs), wanted=service.desired or 0)
    if not runs:
        return Wrong("lesson09.ex3.none")
    if _tag(service.image) != "1":
        return Wrong("lesson09.ex3.other", version=_tag(service.image))
    return Right("lesson09.ex3.right")


@exercise("09.4")
def one_fewer(engine: Engine) -> Right | Wrong:
    """node-3 is a worker; the number of managers is odd, and all are there."""
    looked = _look(engine)
    if looked is None:
        return Wrong("lesson09.no_cluster")
    _, view = looked
    managers = [one for one in view.nodes if one.role == "manager"]
    node = next((one for one in view.nodes if one.name == WORKER), None)
    if node is None or node.state != "ready":
        return Wrong("lesson09.ex4.off", node=WORKER)
    if node.role == "manager":
        return Wrong("lesson09.ex4.manager", node=WORKER)
    if len(managers) % 2 == 0:
        return Wrong("lesson09.ex4.even", count=len(managers))
    return Right("lesson09.ex4.right")

"""What the exercises of lesson 08 look for in the cluster."""

from __future__ import annotations

from helpers import cluster
from helpers.engine import Engine
from helpers.errors import ClusterFailed, EngineLost, NotFound
from helpers.exercises import Right, Wrong, exercise

SHOP, LATE, BOOKS = "shop_web", "late_mail", "books"
WANTED = 4  # replicas of the page, in 08.1
SECRET = "password"  # how the file is called in a container


def _swarm(engine: Engine) -> cluster.Cluster | None:
    """The course's cluster of this lesson, if a manager of it answers."""
    try:
        found = cluster.find(engine, lesson="08")
        if found:
            found.look()
    except (ClusterFailed, EngineLost, NotFound):
        return None
    return found


@exercise("08.1")
def not_on_the_manager(engine: Engine) -> Right | Wrong:
    """Four replicas of the page, by the file on workers only."""
    if (swarm := _swarm(engine)) is None:
        return Wrong("lesson08.no_cluster")
    view = swarm.look()
    service = next((one for one in view.services if one.name == SHOP), None)
    if service is None:
        return Wrong("lesson08.no_service", name=SHOP)
    if service.desired != WANTED:
        return Wrong("lesson08.ex1.count", count=service.desired or 0, wanted=WANTED)
    managers = {node.name for node in view.nodes if node.role == "manager"}
    running = [task for task in view.tasks if task.service == SHOP and task.runs]
    if found := [task for task in running if task.node in managers]:
        return Wrong("lesson08.ex1.manager", task=found[0].name, node=found[0].node)
    if not service.constraints:
        return Wrong("lesson08.ex1.by_chance")
    if len(running) < WANTED:
        return Wrong("lesson08.waiting", running=len(running), wanted=WANTED)
    return Right("lesson08.ex1.right", count=WANTED)


@exercise("08.2")
def the_mail(engine: Engine) -> Right | Wrong:
    """The three tasks of the service run, as its file asks for: one on each node of the zone."""
    if (swarm := _swarm(engine)) is None:
        return Wrong("lesson08.no_cluster")
    view = swarm.look()
    service = next((one for one in view.services if one.name == LATE), None)
    if service is None:
        return Wrong("lesson08.no_service", name=LATE)
    if not any("zone" in one for one in service.constraints) or service.desired != len(view.nodes):
        return Wrong("lesson08.ex2.changed")
    running = [task for task in view.tasks if task.service == LATE and task.runs]
    if not running:
        return Wrong("lesson08.ex2.none")
    if len(running) < len(view.nodes):
        return Wrong("lesson08.ex2.some", running=len(running), wanted=len(view.nodes))
    return Right("lesson08.ex2.right")


@exercise("08.3")
def open_secret(engine: Engine) -> Right | Wrong:
    """Both services of the bookshop have the password as a secret, and nothing shows it."""
    if (swarm := _swarm(engine)) is None:
        return Wrong("lesson08.no_cluster")
    specs = {one["Spec"]["Name"]: one["Spec"] for one in swarm.api().services()}
    pair = [f"{BOOKS}_web", f"{BOOKS}_db"]
    if missing := [name for name in pair if name not in specs]:
        return Wrong("lesson08.no_service", name=missing[0])
    inside = {name: specs[name]["TaskTemplate"]["ContainerSpec"] for name in pair}
    for name, spec in inside.items():
        if [one for one in spec.get("Configs") or [] if SECRET in one["File"]["Name"]]:
            return Wrong("lesson08.ex3.config", service=name)
        files = [one["File"]["Name"].rpartition("/")[2] for one in spec.get("Secrets") or []]
        if SECRET not in files:
            return Wrong("lesson08.ex3.no_secret", service=name, file=f"/run/secrets/{SECRET}")
    ids = [{one["SecretID"] for one in spec["Secrets"]} for spec in inside.values()]
    if not ids[0] & ids[1]:
        return Wrong("lesson08.ex3.two")
    tasks = [task for task in swarm.look().tasks if task.service in pair and task.runs]
    if len({task.service for task in tasks}) < len(pair):
        return Wrong("lesson08.ex3.not_running")
    database = next(task for task in tasks if task.service.endswith("_db"))
    if "tiger" in swarm.exec(database, ["cat", f"/run/secrets/{SECRET}"]):
        return Wrong("lesson08.ex3.old")
    return Right("lesson08.ex3.right")

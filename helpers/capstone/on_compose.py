"""The page with Compose: on one machine, and with a door in front that finds all copies."""

from __future__ import annotations

import contextlib
import secrets
from pathlib import Path

import docker

from .. import stacks
from ..components import compose_file, failures
from ..components.client import environment_of, invoke
from ..components.projects import PROJECT, Member, members
from ..engine.patience import patient, until
from ..errors import NotFound, TimedOut
from ..healing.model import Load
from ..messages import text
from ..text import plain
from .asking import answering
from .image import PAGE
from .loading import under_load
from .model import HIDDEN, MISSING, PLAIN, Copy, State
from .place import Folder, Place

__all__ = ["OnCompose"]

NAME, SERVICE, DOOR = "lbl-17-page", "web", "door"
UP, LIMIT, ANSWER = 180.0, 60.0, 30  # seconds to be up; for other commands; for the daemon
AGAIN = 20.0  # seconds for a container to be started again
GRACE = 5  # seconds for a container to end


class OnCompose(Place):
    """Containers of a service of a compose file."""

    platform = "compose"
    draft = "17.compose"

    def begin(self) -> None:
        """Remove what an earlier run left, make the door's image, and make up a key."""
        self._remove()
        stacks.haproxy(self.engine)
        self._remember(kept={"key": secrets.token_urlsafe(16), "tag": "1"})

    def state(self) -> State:
        mine = self._members()
        if not mine:
            raise NotFound("capstone.not_deployed", platform=self.platform)
        with patient(self.engine, ANSWER) as api:
            seen = [api.inspect_container(one.name) for one in mine]
            copies = tuple(_copy(one) for one in seen if one["State"]["Running"])
            network = api.inspect_network(f"{NAME}_default")["Id"]
            key = _key(api, seen[0])
            tag = seen[0]["Config"]["Image"].rpartition(":")[2]
            built = {one["Image"] for one in seen}
        return State(
            self.platform, len(mine), copies, identity=network,
            same_image=self._same(tag) and built == {self.record.built.get(tag)},
            limited=all(one["HostConfig"]["Memory"] for one in seen),
            checked=all(one["State"].get("Health") for one in seen),
            key=key,
        )  # fmt: skip

    def _push(self, image: str, tag: str) -> str:
        print(text("capstone.no_push"))
        return image

    def _deploy(self, description: Folder) -> None:
        kept = {"folder": str(description.folder), "shown": description.shown, "tag": "1"}
        self._remember(kept={**self.record.kept, **kept})
        compose_file.read(description.folder, self._environment("1"))  # says what is wrong with it
        self._up("1")

    def _ask(self) -> int:
        return answering(self._address(), self.state().desired)

    def _kill(self) -> None:
        first = self._members()[0]
        print(f"$ docker compose exec --index {first.number} {SERVICE} kill 1")
        with patient(self.engine, ANSWER) as api:
            began = api.inspect_container(first.name)["State"]["StartedAt"]
            command = api.exec_create(first.name, ["kill", "1"])["Id"]
            api.exec_start(command)

            def again() -> bool:
                now = api.inspect_container(first.name)["State"]
                return now["StartedAt"] != began and _is_well(now)

            with contextlib.suppress(TimedOut):  # without a restart policy it stays away
                until(again, AGAIN, "capstone.waiting_well")

    def _update(self, image: str, tag: str) -> Load:
        before = self.record.kept["tag"]
        self._remember(kept={**self.record.kept, "before": before})
        return self._roll(tag)

    def _back(self) -> Load:
        return self._roll(self.record.kept.get("before") or self.record.kept["tag"])

    def _roll(self, tag: str) -> Load:
        """Start new ones beside the old, then take the old ones away: Compose has no such order."""
        old = self._members()
        count = len(old)

        def order() -> None:
            self._up(tag, "--no-recreate", "--scale", f"{SERVICE}={2 * count}")
            with patient(self.engine, ANSWER + GRACE * count) as api:
                for one in old:
                    print(f"$ docker stop {plain(one.name)} && docker rm {plain(one.name)}")
                    api.stop(one.name, timeout=GRACE)
                    api.remove_container(one.name)

        load = under_load(self._address(), order)
        self._remember(kept={**self.record.kept, "tag": tag})
        return load

    def _remove(self) -> None:
        with patient(self.engine, ANSWER) as api:
            marked = {"label": f"{PROJECT}={NAME}"}
            for one in api.containers(all=True, filters=marked):
                api.remove_container(one["Id"], force=True, v=True)
            for one in api.networks(filters=marked):
                api.remove_network(one["Id"])

    def _up(self, tag: str, *more: str) -> None:
        words = ["up", "--detach", "--wait", *more]
        shown = f"IMAGE={PAGE}:{tag} KEY=… docker compose {' '.join(words)}"
        print(f"{plain(self.record.kept['shown'])} $ {shown}", flush=True)
        folder = Path(self.record.kept["folder"])
        done = invoke(["compose", *words], self._environment(tag), UP, folder)
        if done.exit_code:
            raise failures.failure(self.engine, done.output, NAME)

    def _environment(self, tag: str) -> dict[str, str]:
        found = {k: v for k, v in environment_of(self.engine).items() if k[:8] != "COMPOSE_"}
        own = {"IMAGE": f"{PAGE}:{tag}", "KEY": self.record.kept["key"]}
        return found | own | {"COMPOSE_ANSI": "never", "COMPOSE_PROGRESS": "plain"}

    def _members(self) -> list[Member]:
        return [one for one in members(self.engine, NAME) if one.service == SERVICE]

    def _address(self) -> str:
        places = (
            place
            for one in members(self.engine, NAME)
            if one.service == DOOR
            for place in one.ports.values()
        )
        place = next(places, None)
        if place is None:
            raise NotFound("components.not_published", service=DOOR, number=1)
        return f"http://{place}"


def _is_well(state: dict) -> bool:
    health = (state.get("Health") or {}).get("Status")
    return bool(state["Running"]) and health in (None, "healthy")


def _copy(found: dict) -> Copy:
    return Copy(_is_well(found["State"]), found["Config"]["Image"].rpartition(":")[2])


def _key(api: docker.APIClient, found: dict) -> str:
    if any(row.startswith("KEY=") for row in found["Config"].get("Env") or []):
        return PLAIN
    try:
        api.get_archive(found["Id"], "/run/secrets/key")
    except docker.errors.NotFound:
        return MISSING
    return HIDDEN

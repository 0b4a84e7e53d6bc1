"""The page with ECS Anywhere: ECS decides, and a machine of one's own runs it."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable

from .. import aws
from ..aws.anywhere import SITE
from ..cluster import dial
from ..components.client import environment_of, invoke
from ..engine.patience import until
from ..errors import TimedOut
from ..healing.counting import Reply, count
from ..healing.model import Load
from ..healing.sending import version_in
from .asking import first_words
from .loading import AFTER, BEFORE
from .on_ecs import CLUSTER, SERVICE, WELL, OnEcs

__all__ = ["OnAnywhere"]

FAMILY, MACHINE = "lbl-17-page", "lbl-17-machine"
REPLY = 30.0  # seconds for a command on the site
EVERY = 0.4  # seconds between two requests
SLOW = 1.0  # seconds between two tries to reach another copy


class OnAnywhere(OnEcs):
    """Tasks on a machine that calls in. No load balancer of AWS leads there."""

    platform, launch, draft = "anywhere", "EXTERNAL", "17.anywhere"

    def _way_in(self) -> None:
        """Start the data centre and let it register; it is asked from inside."""
        role = aws.machine_role(MACHINE)
        made = aws.client("ssm").create_activation(IamRole=role, RegistrationLimit=1)
        aws.data_centre(CLUSTER, made, lesson="17", engine=self.engine)

    def _network(self) -> dict:
        return {}

    def _healthy(self, task: dict, checked: bool) -> bool:
        # the agent reports that a task runs, and not how its health check went
        return task["lastStatus"] == "RUNNING"

    def _settle(self) -> None:
        """Also until what ECS has given up has ended there: the agent comes by every second."""
        super()._settle()
        with contextlib.suppress(TimedOut):
            until(lambda: len(self._running_there()) == self.state().desired, WELL,
                  "capstone.waiting_well")  # fmt: skip

    def _ask(self) -> int:
        print("data-centre$ docker exec … wget -q -O - http://127.0.0.1:8000/")
        said = {words for one in self._running_there() if (words := self._page(one))}
        print(first_words(min(said)) if said else "–")
        return len(said)

    def _roll(self, definition: str) -> Load:
        short = definition.rpartition("/")[2]
        print(f"$ aws ecs update-service --service {SERVICE} --task-definition {short}")

        def order() -> None:
            aws.client("ecs").update_service(
                cluster=CLUSTER, service=SERVICE, taskDefinition=definition
            )
            self._settle()

        return self._asked_meanwhile(order)

    def _asked_meanwhile(self, order: Callable[[], None]) -> Load:
        """Ask inside the data centre again and again: answered is what any copy answers."""
        replies: list[Reply] = []
        over = threading.Event()
        began = time.monotonic()

        def ask() -> None:
            while not over.wait(EVERY):
                said = self._any()
                replies.append(Reply(time.monotonic() - began, bool(said), version_in(said)))

        asking = threading.Thread(target=ask, daemon=True)
        asking.start()
        try:
            self._until(lambda: len(replies) >= BEFORE)
            order()
            known = len(replies)
            self._until(lambda: len(replies) >= known + AFTER)
        finally:
            over.set()
            asking.join(REPLY)
        return count(replies, seconds=time.monotonic() - began)

    def _any(self) -> bytes:
        """The answer of whichever copy answers; a proxy would try another one, too."""
        for _ in range(2):
            for one in self._running_there():
                if said := self._page(one):
                    return said.encode()
            time.sleep(SLOW)
        return b""

    def _until(self, look: Callable[[], bool]) -> None:
        with contextlib.suppress(TimedOut):
            until(look, 120.0, "healing.waiting.replies", count=BEFORE)

    def _running_there(self) -> list[str]:
        return self._there("ps", "--quiet", "--filter", f"name=ecs-{FAMILY}").split()

    def _page(self, container: str) -> str:
        return self._there("exec", container, "wget", "-q", "-O", "-", "http://127.0.0.1:8000/")

    def _there(self, *words: str) -> str:
        environment = environment_of(self.engine) | {"DOCKER_HOST": dial.url(self.engine, SITE)}
        with contextlib.suppress(TimedOut):
            done = invoke(list(words), environment, REPLY)
            return "" if done.exit_code else done.output
        return ""

"""A cluster in memory, small enough to be read: it does at once what a swarm does in seconds."""

from __future__ import annotations

import json
from dataclasses import replace

from helpers.cluster.model import View
from helpers.errors import ClusterFailed
from helpers.widgets import Board
from tests.figures import clusters

from .editor_page import DARK, MODEL, state


class Yard:
    """Three nodes with a shop on them, or the view that is given."""

    def __init__(self, view: View | None = None) -> None:
        self.view = view or clusters.shop()
        self.looks = 0
        self.broken: Exception | None = None

    def look(self) -> View:
        self.looks += 1
        if self.broken:
            raise self.broken
        return self.view

    def scale(self, service: str, replicas: int) -> None:
        print(f"$ docker service scale --detach {service}={replicas}")
        found = {one.name: one for one in self.view.services}
        if service not in found:
            raise ClusterFailed("orchestration.board.cannot", action=service)
        mine = [t for t in self.view.tasks if t.service == service][:replicas]
        for slot in range(len(mine) + 1, replicas + 1):
            mine.append(clusters.task(service, slot, f"node-{slot % 3 + 1}"))
        others = [t for t in self.view.tasks if t.service != service]
        self._set(tasks=(*others, *mine), services=tuple(
            replace(s, desired=replicas, running=replicas) if s.name == service else s
            for s in self.view.services
        ))  # fmt: skip

    def drain(self, node: str) -> None:
        print(f"$ docker node update --availability drain {node}\nnot a command")
        self._available(node, "drain")
        self._set(tasks=tuple(t for t in self.view.tasks if t.node != node))

    def activate(self, node: str) -> None:
        print(f"$ docker node update --availability active {node}")
        self._available(node, "active")

    def kill(self, task: str) -> None:
        print(f"$ docker kill {task}")
        self._set(tasks=tuple(t for t in self.view.tasks if t.name != task))

    def _available(self, node: str, availability: str) -> None:
        self._set(nodes=tuple(
            replace(n, availability=availability) if n.name == node else n
            for n in self.view.nodes
        ))  # fmt: skip

    def _set(self, **changes: object) -> None:
        self.view = replace(self.view, **changes)


class Kernel:
    """Answers the page's messages as JupyterLab would bring them, and returns the traits."""

    def __init__(self, widget: Board) -> None:
        self.widget = widget
        self.messages: list[dict] = []

    def __call__(self, message: dict) -> dict[str, object]:
        if content := message.get("content"):
            self.messages.append(content)
            self.widget._handle_custom_msg(content, [])
        return state(self.widget)


def page(widget: Board, dark: bool = False) -> str:
    """Return an HTML page that shows ``widget`` without Jupyter."""
    data = json.dumps(state(widget)).replace("<", "\\u003c")
    script = widget._esm.replace("</", "<\\/")
    style = (DARK if dark else "") + widget._css
    return f"""<!doctype html><meta charset="utf-8"><style>{style}</style>
<body data-jp-theme-light="{"false" if dark else "true"}"><div id="out"></div>
<script type="application/json" id="state">{data}</script>
<script type="module">{MODEL}
{script.replace("export default", "const widget =")}
window.clean = widget.render({{ model: window.model, el: document.getElementById("out") }});
window.ready = true;
</script>"""

"""An explorer in a bare page: its script with a model that behaves like JupyterLab's."""

from __future__ import annotations

import base64
import json

from helpers.widgets import Explorer

# What anywidget gives a script: get, set, save_changes, on, off.
MODEL = """{
const bytes = (text) => new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
const state = JSON.parse(document.getElementById("state").textContent);
for (const name of state.binary) state.table[name] = bytes(state.table[name]);
const heard = {};
window.saved = 0;
window.model = {
  get: (name) => state[name],
  set: (name, value) => {
    if (state[name] === value) return;
    state[name] = value;
    (heard[`change:${name}`] ?? []).forEach((act) => act());
  },
  save_changes: () => { window.saved += 1; },
  on: (name, act) => (heard[name] ??= []).push(act),
  off: (name, act) => { heard[name] = heard[name].filter((one) => one !== act); },
};
}
"""


def state(widget: Explorer) -> dict[str, object]:
    """Return what the browser gets, its binary columns in base64."""
    binary = [name for name, value in widget.table.items() if isinstance(value, bytes)]
    table = dict(widget.table)
    for name in binary:
        table[name] = base64.b64encode(table[name]).decode()
    names = ("layer", "cumulative", "filter", "name", "layers", "words")
    return {name: getattr(widget, name) for name in names} | {"table": table, "binary": binary}


def page(widget: Explorer, dark: bool = False) -> str:
    """Return an HTML page that shows ``widget`` without Jupyter."""
    data = json.dumps(state(widget)).replace("<", "\\u003c")
    script = widget._esm.replace("</", "<\\/")
    theme = (
        "body { --jp-layout-color0: #111; --jp-layout-color1: #212121; --jp-layout-color2: #424242;"
        " --jp-layout-color3: #616161; --jp-ui-font-color1: #fff; --jp-ui-font-color2: #bbb;"
        " --jp-border-color1: #616161; --jp-border-color2: #424242; background: #111 }"
        if dark
        else ""
    )
    return f"""<!doctype html><meta charset="utf-8"><style>{theme}{widget._css}</style>
<body data-jp-theme-light="{"false" if dark else "true"}"><div id="out"></div>
<script type="application/json" id="state">{data}</script>
<script type="module">{MODEL}
{script.replace("export default", "const widget =")}
window.clean = widget.render({{ model: window.model, el: document.getElementById("out") }});
window.ready = true;
</script>"""

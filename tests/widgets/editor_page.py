"""A build editor in a bare page: its script, and behind it the widget in this Python process.

What the script sends reaches the widget as JupyterLab would bring it, and the widget's traits go
back: the whole way except for Jupyter.
"""

from __future__ import annotations

import json

from helpers.widgets import BuildEditor

DARK = (
    "body { --jp-layout-color0: #111; --jp-layout-color1: #212121; --jp-layout-color2: #424242;"
    " --jp-layout-color3: #616161; --jp-ui-font-color1: #fff; --jp-ui-font-color2: #bbb;"
    " --jp-border-color1: #616161; --jp-border-color2: #424242; background: #111 }"
)
# What anywidget gives a script: get, set, save_changes, send, on, off.
MODEL = """{
const state = JSON.parse(document.getElementById("state").textContent);
const heard = {}, unsaved = {};
const tell = (name) => [...(heard[`change:${name}`] ?? [])].forEach((act) => act());
window.take = (told) => {
  const changed = Object.keys(told).filter(
    (name) => JSON.stringify(told[name]) !== JSON.stringify(state[name]));
  Object.assign(state, told);
  changed.forEach(tell);
};
let queue = Promise.resolve(), sent = 0;
const last = {}; // trait → the number of the last message that carries it
const ask = (message) => {
  const number = (sent += 1);
  Object.keys(message.traits ?? {}).forEach((name) => { last[name] = number; });
  queue = queue.then(async () => {
    if (!window.kernel) return;
    const told = await window.kernel(message);
    await new Promise((done) => setTimeout(done, window.late ?? 0)); // a busy machine
    // As ipywidgets does: an answer does not put back what has been set again since it was asked.
    window.take(Object.fromEntries(
      Object.entries(told).filter(([name]) => !(name in unsaved) && !(last[name] > number))));
  });
};
window.answered = () => queue;
window.model = {
  get: (name) => state[name],
  set: (name, value) => { state[name] = value; unsaved[name] = value; tell(name); },
  save_changes: () => {
    ask({ traits: { ...unsaved } });
    Object.keys(unsaved).forEach((name) => delete unsaved[name]);
  },
  send: (content) => { ask({ content }); },
  on: (name, act) => (heard[name] ??= []).push(act),
  off: (name, act) => { heard[name] = heard[name].filter((one) => one !== act); },
};
}
"""


def state(widget: BuildEditor) -> dict[str, object]:
    """Return the traits that the browser has."""
    names = [n for n, t in widget.traits(sync=True).items() if not n.startswith("_")]
    own = widget.trait_values()
    return {n: own[n] for n in names if n not in ("layout", "comm", "tabbable", "tooltip")}


class Kernel:
    """Answers the page's messages: does what they ask, and returns the traits as they are then.

    ``waits``: a build has ended when its message is answered; else it goes on in its thread.
    """

    def __init__(self, widget: BuildEditor, waits: bool = True) -> None:
        self.widget, self.waits = widget, waits
        self.messages: list[dict] = []

    def __call__(self, message: dict) -> dict[str, object]:
        self.messages.append(message)
        for name, value in message.get("traits", {}).items():
            setattr(self.widget, name, value)
        if content := message.get("content"):
            self.widget._handle_custom_msg(content, [])
            if self.waits:
                self.widget.wait()
        return state(self.widget)


def page(widget: BuildEditor, dark: bool = False) -> str:
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

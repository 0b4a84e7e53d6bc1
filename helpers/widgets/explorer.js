// The explorer's page elements. All text from outside goes through textContent, never through HTML.

const ROW = 24; // pixels; .lbl-row in explorer.css has the same height
const SPARE = 8; // rows drawn beyond the edges, so that scrolling shows no gap
const UNFOLDED = 200; // a tree of at most so many rows starts unfolded
const NAMES = ["added", "changed", "removed", "unchanged"];
let count = 0; // of explorers on the page: element ids must differ

function render({ model, el }) {
  const words = model.get("words"), layers = model.get("layers");
  const id = `lbl-explorer-${(count += 1)}`;
  const root = element("section", {
    class: "lbl-explorer", "aria-label": `${words.title}: ${model.get("name")}`,
    "data-lm-suppress-shortcuts": "true", // arrow keys are ours, not the notebook's
  });
  el.append(root);
  if (layers.length === 0) {
    root.append(element("p", {}, words.no_layers));
    return undefined;
  }
  const data = decode(model.get("table"));
  const most = Math.max(1, ...layers.map((layer) => layer.size));
  const shownMarks = [true, true, true, true];
  const folds = new Map(); // path → open, where the user decided
  let tree = null, seen = [], at = 0, everything = null;

  // ---- layers ----
  const list = element("div", {
    class: "lbl-layers", role: "listbox", tabindex: "0", "aria-label": words.layers,
  });
  const options = new Map();
  for (const layer of [...layers].reverse()) {
    const bar = element("span", { class: "lbl-bar" });
    bar.style.width = `${(100 * layer.size) / most}%`;
    const counts = element("span", { class: "lbl-counts" });
    layer.counts.forEach((number, mark) => {
      const look = number ? `lbl-${NAMES[mark]}` : "lbl-note";
      counts.append(element("span", { class: look }, `${SYMBOLS[mark]}${number}`));
    });
    const option = element(
      "div",
      {
        role: "option", id: `${id}-layer-${layer.number}`, class: "lbl-layer",
        "data-layer": layer.number, title: layer.instruction,
        "aria-label": `L${layer.number}, ${layer.instruction}, ${human(layer.size)}, ${layer.said}`,
      },
      element("span", { class: "lbl-number" }, `L${layer.number}`),
      element("span", { class: "lbl-step" }, layer.instruction),
      element("span", { class: "lbl-size" }, human(layer.size)),
      counts,
      element("span", { class: "lbl-scale", "aria-hidden": "true" }, bar),
    );
    option.addEventListener("click", () => pick(layer.number));
    options.set(layer.number, option);
    list.append(option);
  }
  list.addEventListener("keydown", (event) => {
    const now = model.get("layer");
    const goal = {
      ArrowUp: now + 1, ArrowDown: now - 1, Home: layers.length, End: 1,
    }[event.key];
    if (goal === undefined) return;
    event.preventDefault();
    pick(Math.min(layers.length, Math.max(1, goal)));
  });
  function pick(number) {
    model.set("layer", number);
    model.save_changes();
  }

  // ---- controls ----
  const radios = [false, true].map((cumulative) => {
    const radio = element("input", { type: "radio", name: `${id}-view` });
    radio.addEventListener("change", () => {
      model.set("cumulative", cumulative);
      model.save_changes();
    });
    return radio;
  });
  const filter = element("input", {
    type: "search", class: "lbl-filter", placeholder: words.filter_hint,
    "aria-label": words.filter, spellcheck: "false", autocomplete: "off",
  });
  filter.addEventListener("input", () => {
    model.set("filter", filter.value);
    model.save_changes();
  });
  const boxes = NAMES.map((name, mark) => {
    const box = element("input", { type: "checkbox" });
    box.checked = true;
    box.addEventListener("change", () => { shownMarks[mark] = box.checked; refresh(); });
    const label = element(
      "label", { class: `lbl-${name}` }, box, `${SYMBOLS[mark]} ${words[name]}`.trim(),
    );
    return { box, label };
  });
  const fold = (open, word) => {
    const button = element("button", { type: "button" }, word);
    button.addEventListener("click", () => { folds.clear(); everything = open; redraw(); });
    return button;
  };
  const controls = element(
    "div", { class: "lbl-controls" },
    element(
      "fieldset", {}, element("legend", {}, words.view),
      element("label", {}, radios[0], words.view_layer),
      element("label", {}, radios[1], words.view_all),
    ),
    filter,
    element("span", { class: "lbl-marks" }, ...boxes.map((one) => one.label)),
    fold(true, words.expand), fold(false, words.collapse),
  );

  // ---- tree ----
  const space = element("div", { class: "lbl-space", role: "presentation" });
  const panel = element(
    "div",
    { class: "lbl-tree", role: "tree", tabindex: "0", "aria-label": words.files }, space,
  );
  const status = element("div", { class: "lbl-status", role: "status", "aria-live": "polite" });
  const keys = element("div", { class: "lbl-keys", id: `${id}-keys` }, words.keys);
  panel.setAttribute("aria-describedby", keys.id);
  root.append(list, element("div", { class: "lbl-main" }, controls, panel, status, keys));

  const isOpen = (node) => {
    if (tree.filtered) return folds.get(node.path) ?? true;
    return folds.get(node.path) ?? everything ?? (tree.nodes.length <= UNFOLDED || node.depth < 1);
  };

  function refresh() {
    const cumulative = model.get("cumulative"), needle = model.get("filter");
    const wanted = { filter: needle, marks: shownMarks };
    tree = build(data, model.get("layer"), cumulative, wanted);
    tree.filtered = needle !== "";
    for (const [number, option] of options) {
      const chosen = number === model.get("layer");
      option.setAttribute("aria-selected", chosen);
      if (chosen) {
        list.setAttribute("aria-activedescendant", option.id);
        option.scrollIntoView?.({ block: "nearest" });
      }
    }
    radios.forEach((radio, place) => { radio.checked = cumulative === Boolean(place); });
    boxes[SAME].label.hidden = !cumulative;
    if (filter.value !== needle) filter.value = needle;
    const values = { files: tree.files, all: tree.all, size: human(tree.bytes) };
    const key = tree.files === tree.all ? "status" : "status_filtered";
    status.textContent = filled(words[key], values);
    const left = model.get("table").left_out;
    if (left) status.append(" ", filled(words.left_out, { count: left }));
    at = 0;
    panel.scrollTop = 0;
    redraw();
  }

  function redraw() {
    const before = tree.nodes[seen[at]]?.path;
    seen = visible(tree.nodes, isOpen);
    const same = seen.findIndex((place) => tree.nodes[place].path === before);
    at = Math.max(0, same);
    space.style.height = `${seen.length * ROW}px`;
    draw();
  }

  function draw() {
    const first = Math.max(0, Math.floor(panel.scrollTop / ROW) - SPARE);
    const last = Math.min(
      seen.length, Math.ceil((panel.scrollTop + (panel.clientHeight || 400)) / ROW) + SPARE,
    );
    const rows = [];
    for (let place = first; place < last; place += 1) rows.push(line(place));
    if (seen.length === 0) {
      const none = tree.all === 0 ? words.nothing : words.no_match;
      rows.push(element("p", { class: "lbl-none" }, none));
    }
    space.replaceChildren(...rows);
    if (seen.length && at >= first && at < last) {
      panel.setAttribute("aria-activedescendant", `${id}-row-${at}`);
    } else panel.removeAttribute("aria-activedescendant");
  }

  function line(place) {
    const node = tree.nodes[seen[place]], mark = node.mark, name = NAMES[mark];
    const size = human(node.size), said = mark === SAME ? "" : words[name];
    const siblings = node.parent ? node.parent.children : tree.roots;
    const label = [node.name, node.dir ? words.folder : "", said, size].filter(Boolean).join(", ");
    const row = element("div", {
      role: "treeitem", id: `${id}-row-${place}`, class: `lbl-row lbl-is-${name}`,
      "aria-level": node.depth + 1, "aria-posinset": node.position, "aria-setsize": siblings,
      "aria-selected": String(place === at), "aria-label": label, title: `/${node.path}`,
      "aria-expanded": node.folds ? String(isOpen(node)) : null,
    });
    row.style.top = `${place * ROW}px`;
    const twisty = node.folds ? (isOpen(node) ? "▾" : "▸") : "";
    const indent = element("span", { class: "lbl-twisty" }, twisty);
    indent.style.marginInlineStart = `${Math.min(node.depth, 24) * 14}px`;
    row.append(
      indent,
      element("span", { class: `lbl-mark lbl-${name}` }, SYMBOLS[mark]),
      element(
        "span", { class: "lbl-name" },
        // dir: an Arabic or Hebrew name may not move its ending to the front
        element("bdi", { dir: "ltr" }, node.name), node.dir ? "/" : "", ...note(node),
      ),
      element("span", { class: "lbl-inside" }, ...inside(node)),
      element("span", { class: `lbl-word lbl-${name}` }, said || origin(node)),
      element("span", { class: "lbl-size" }, size),
    );
    row.addEventListener("click", () => { at = place; toggle(node); });
    return row;
  }

  function note(node) {
    if (node.row < 0) return [];
    const target = data.notes[node.row];
    const parts = target ? [`${data.kind[node.row] === HARDLINK ? "=" : "→"} ${target}`] : [];
    if (node.mark === CHANGED && !node.dir && data.before[node.row] !== node.size) {
      parts.push(`${human(data.before[node.row])} → ${human(node.size)}`);
    }
    return parts.map((part) => element("span", { class: "lbl-note" }, ` ${part}`));
  }

  function inside(node) {
    if (!node.folds || isOpen(node)) return [];
    return [ADDED, CHANGED, REMOVED].filter((mark) => node.counts[mark]).map((mark) =>
      element("span", { class: `lbl-${NAMES[mark]}` }, `${SYMBOLS[mark]}${node.counts[mark]} `));
  }

  function origin(node) {
    if (node.row < 0 || node.dir) return "";
    return filled(words.from_layer, { layer: data.layer[node.row] });
  }

  function toggle(node, open) {
    if (node.folds) folds.set(node.path, open ?? !isOpen(node));
    redraw();
  }

  function move(place) {
    at = Math.max(0, Math.min(seen.length - 1, place));
    const top = at * ROW, height = panel.clientHeight || 400;
    if (top < panel.scrollTop) panel.scrollTop = top;
    if (top + ROW > panel.scrollTop + height) panel.scrollTop = top + ROW - height;
    draw();
  }

  panel.addEventListener("keydown", (event) => {
    const node = tree.nodes[seen[at]];
    if (!node || event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor((panel.clientHeight || 400) / ROW) - 1);
    const up = () => move(seen.findIndex((place) => tree.nodes[place] === node.parent));
    const acts = {
      ArrowDown: () => move(at + 1), ArrowUp: () => move(at - 1),
      PageDown: () => move(at + page), PageUp: () => move(at - page),
      Home: () => move(0), End: () => move(seen.length - 1),
      ArrowRight: () => (node.folds && !isOpen(node) ? toggle(node, true) : move(at + 1)),
      ArrowLeft: () => (node.folds && isOpen(node) ? toggle(node, false) : node.parent && up()),
      Enter: () => toggle(node), " ": () => toggle(node),
    };
    if (!acts[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    acts[event.key]();
  });
  panel.addEventListener("scroll", draw, { passive: true });
  const watched = ["change:layer", "change:cumulative", "change:filter"];
  watched.forEach((name) => model.on(name, refresh));
  const resized = new ResizeObserver(draw);
  resized.observe(panel);
  refresh();
  return () => {
    watched.forEach((name) => model.off(name, refresh));
    resized.disconnect();
  };
}

export default { render };

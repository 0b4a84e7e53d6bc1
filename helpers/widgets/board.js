// The board's page elements. Names are text content and attributes, never HTML.

const BEAT = 20000; // milliseconds between two signs of life: the kernel stops looking without them
let boards = 0;

/** Keep one element per item of a list: made once, then updated, so that the focus stays. */
function keep(parent, items, make) {
  const old = parent.kept ?? new Map(), now = new Map();
  for (const item of items) now.set(item.key, old.get(item.key) ?? make(item));
  for (const [key, one] of old) if (!now.has(key)) one.node.remove();
  let at = parent.firstChild;
  for (const item of items) {
    const one = now.get(item.key);
    if (one.node === at) at = at.nextSibling;
    else parent.insertBefore(one.node, at);
    one.update(item);
  }
  parent.kept = now;
}

function put(node, value) {
  if (node.textContent !== value) node.textContent = value;
}

function render({ model, el }) {
  const words = model.get("words"), can = new Set(model.get("can"));
  const page = `${Date.now()}-${Math.random()}-${(boards += 1)}`;
  const send = (message) => model.send(message);
  let waiting = false; // an order is on its way
  const asked = new Map(); // service → replicas that were asked for here and not shown yet

  const status = element("strong", { class: "lbb-title", role: "status", "aria-live": "polite" });
  const live = element("span", { class: "lbb-live" });
  const services = element("ul", { class: "lbb-services", "aria-label": words.services });
  const nodes = element("ul", { class: "lbb-nodes", "aria-label": words.nodes });
  const troubles = element("ul", { class: "lbb-troubles", "aria-label": words.troubles });
  const notice = element("div", { class: "lbb-notices", role: "alert" });
  const commands = element("pre", { class: "lbb-commands", "aria-label": words.commands });
  const root = element(
    "section",
    {
      class: "lbb-board", "aria-label": words.title, tabindex: "-1",
      "data-lm-suppress-shortcuts": "true", // arrow keys are ours, not the notebook's
    },
    element("div", { class: "lbb-head" }, status, live),
    notice, services, nodes, troubles, commands,
  );
  if (can.size) root.append(element("p", { class: "lbb-keys" }, words.keys));
  el.append(root);

  function button(look, act) {
    const made = element("button", { type: "button", class: `lbb-${look}` });
    made.addEventListener("click", () => {
      if (made.getAttribute("aria-disabled") === "true") return;
      waiting = true;
      act();
      drawBusy();
    });
    return made;
  }
  function able(made, yes) {
    made.dataset.able = String(yes);
    made.setAttribute("aria-disabled", String(!yes || waiting || model.get("busy")));
  }

  // ---- services ----
  function makeService(first) {
    let now = first;
    const chip = element("span", { class: "lbb-name" }), share = element("span", { class: "lbb-share" });
    const mode = element("span", { class: "lbb-note" });
    const node = element("li", { class: "lbb-service", "data-service": first.name }, chip, share);
    const step = (by) => {
      const target = (asked.get(now.key) ?? now.desired) + by;
      asked.set(now.key, target);
      send({ kind: "scale", service: now.key, replicas: target });
    };
    const less = button("less", () => step(-1)), more = button("more", () => step(1));
    less.textContent = "−";
    more.textContent = "+";
    if (can.has("scale") && first.scales) node.append(less, more);
    node.append(mode);
    return {
      node,
      update(item) {
        if (item.desired !== now.desired) asked.delete(item.key);
        now = item;
        node.dataset.look = item.look;
        node.dataset.behind = String(item.behind);
        put(chip, item.name);
        put(share, (item.behind ? "✗ " : "✓ ") + item.share);
        put(mode, item.mode);
        less.setAttribute("aria-label", filled(words.less, { service: item.name }));
        more.setAttribute("aria-label", filled(words.more, { service: item.name }));
        able(less, item.desired > 0);
        able(more, item.desired < model.get("most"));
      },
    };
  }

  // ---- nodes and their tasks ----
  function makeTask(first, home) {
    let now = first;
    const sign = element("span", { class: "lbb-sign", "aria-hidden": "true" });
    const name = element("span", { class: "lbb-name" });
    const state = element("span", { class: "lbb-state" });
    const node = element("li", { class: "lbb-task", "data-task": first.full }, sign, name, state);
    const kill = button("kill", () => send({ kind: "kill", task: now.task }));
    kill.textContent = "✕";
    if (can.has("kill")) node.append(kill);
    return {
      node,
      kill,
      update(item) {
        now = item;
        node.dataset.look = item.look;
        node.dataset.state = item.state;
        node.title = `${item.full}: ${item.words}`;
        put(sign, item.sign);
        put(name, item.name);
        put(state, item.words);
        kill.setAttribute("aria-label", filled(words.kill, { task: item.full, node: home() }));
        able(kill, item.state === "running" || item.state === "starting");
      },
    };
  }
  function makeNode(first) {
    let now = first;
    const name = element("strong", { class: "lbb-name" }), facts = element("span", { class: "lbb-note" });
    const empty = element("span", { class: "lbb-note" }, words.empty);
    const tasks = element("ul", { class: "lbb-tasks", role: "list" });
    const order = button("order", () =>
      send({ kind: now.active ? "drain" : "activate", node: now.key }));
    const head = element("div", { class: "lbb-node-head" }, name);
    if (can.has("drain") && can.has("activate")) head.append(order);
    const node = element("li", { class: "lbb-node", "data-node": first.name }, head, facts, empty, tasks);
    // One stop of the Tab key for all tasks of a node; arrow keys go from one to the next.
    tasks.addEventListener("keydown", (event) => {
      const all = [...tasks.querySelectorAll("button")], at = all.indexOf(document.activeElement);
      const goal = {
        ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1,
        Home: 0, End: all.length - 1,
      }[event.key];
      if (goal === undefined || at < 0) return;
      event.preventDefault();
      all[Math.min(Math.max(goal, 0), all.length - 1)].focus();
    });
    tasks.addEventListener("focusin", (event) =>
      rove([...tasks.querySelectorAll("button")], event.target));
    return {
      node,
      order,
      update(item) {
        now = item;
        node.dataset.ready = String(item.ready);
        node.dataset.active = String(item.active);
        put(name, item.name);
        put(facts, item.facts);
        put(order, item.active ? words.drain : words.activate);
        order.setAttribute("aria-label",
          filled(item.active ? words.drain_node : words.activate_node, { node: item.name }));
        able(order, true);
        empty.hidden = item.tasks.length > 0;
        keep(tasks, item.tasks, (task) => makeTask(task, () => now.name));
        const all = [...tasks.querySelectorAll("button")];
        rove(all, all.find((one) => one.dataset.tab === "stop") ?? all[0]);
      },
    };
  }
  function rove(all, chosen) {
    for (const one of all) {
      one.tabIndex = one === chosen ? 0 : -1;
      one.dataset.tab = one === chosen ? "stop" : "";
    }
  }

  // ---- everything ----
  function draw() {
    const found = model.get("content"), before = document.activeElement;
    const inside = root.contains(before), home = before?.closest?.(".lbb-node")?.dataset.node;
    put(status, found.title ?? "");
    keep(services, found.services ?? [], makeService);
    keep(nodes, found.nodes ?? [], makeNode);
    keep(troubles, (found.troubles ?? []).map((said) => ({ key: said })), (item) => ({
      node: element("li", {}, item.key), update() {},
    }));
    troubles.hidden = !(found.troubles ?? []).length;
    if (inside && !root.contains(document.activeElement)) {
      // What had the focus is gone, as a task that was killed: stay at its node.
      const near = [...nodes.children].find((one) => one.dataset.node === home);
      (near?.querySelector("button") ?? root).focus();
    }
  }
  function failure(error) {
    return element("div", { class: "lbb-error" },
      ...[error.what, error.why, error.next].filter(Boolean).map((said) => element("p", {}, said)));
  }
  function drawNotice() {
    const errors = [model.get("notice"), model.get("trouble")].filter((one) => one?.what);
    notice.replaceChildren(...errors.map(failure));
  }
  function drawLive() {
    const on = model.get("live");
    live.dataset.live = String(on);
    put(live, on ? `● ${words.live}` : `○ ${words.stopped}`);
  }
  function drawBusy() {
    root.dataset.busy = String(waiting || model.get("busy"));
    for (const one of root.querySelectorAll("button[data-able]")) able(one, one.dataset.able === "true");
  }
  function drawCommands() {
    put(commands, model.get("commands").join("\n"));
    commands.hidden = model.get("commands").length === 0;
  }
  function answered() {
    waiting = false;
    asked.clear();
    drawNotice();
    drawBusy();
  }

  const watched = [
    watch(model, ["content"], draw),
    watch(model, ["notice", "trouble"], drawNotice),
    watch(model, ["answered"], answered),
    watch(model, ["busy"], drawBusy),
    watch(model, ["live"], drawLive),
    watch(model, ["commands"], drawCommands),
  ];
  draw();
  drawNotice();
  drawLive();
  drawBusy();
  drawCommands();
  const beat = () => send({ kind: "here", page });
  const timer = setInterval(beat, BEAT);
  beat();
  return () => {
    clearInterval(timer);
    send({ kind: "gone", page });
    watched.forEach((stop) => stop());
  };
}

export default { render };

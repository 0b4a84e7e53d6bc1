// The rehearsal form. What is typed lives in `kept`, in this page's memory, and nowhere else: it is
// no trait of the model, since JupyterLab may save those in the notebook.

const kept = new WeakMap(); // model → { values, page }: a cell that is drawn anew keeps its form
const PATIENCE = 5000; // milliseconds until the kernel is said to be silent
let forms = 0;

function render({ model, el }) {
  const words = model.get("words"), pages = model.get("pages");
  if (!kept.has(model)) kept.set(model, { values: {}, page: 0 });
  const state = kept.get(model);
  const name = `lba-${(forms += 1)}`;
  let asked = 0, waits = null, timer = null;
  let controls = new Map(), problems = new Map(), came = new Map();

  const step = element("h3", { class: "lba-step", tabindex: "-1" });
  const bar = element("progress", { class: "lba-bar", max: String(pages.length), "aria-hidden": "true" });
  const about = element("p", { class: "lba-about" });
  const status = element("p", { class: "lba-status", role: "status", "aria-live": "polite" });
  const fields = element("div", { class: "lba-fields" });
  const back = button(words.back, () => show(state.page - 1));
  const next = button(words.next, look, "lba-main");
  const fill = button(words.sample, sample);
  const forget = button(words.forget, () => {
    state.values = {};
    model.send({ kind: "forget" });
    show(0);
    status.textContent = words.forgotten;
  });
  const root = element(
    "section",
    {
      class: "lba-form", "aria-label": words.title,
      "data-lm-suppress-shortcuts": "true", // letters are for the fields, not for the notebook
    },
    element("p", { class: "lba-warning", role: "note" }, `⚠ ${words.warning}`),
    step, bar, about, fields, status,
    element("div", { class: "lba-buttons" }, back, next, fill, forget),
  );
  el.append(root);
  root.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("input")) look();
    if (event.key === "Enter") event.stopPropagation();
  });

  function button(label, act, look = "") {
    const made = element("button", { type: "button", class: look }, label);
    made.addEventListener("click", act);
    return made;
  }

  /** The control of a field. Browsers are told to remember nothing of it. */
  function control(field) {
    const common = {
      id: `${name}-${field.id}`, "data-field": field.id, spellcheck: "false",
      autocomplete: field.kind === "password" ? "new-password" : "off",
      "aria-describedby": `${name}-${field.id}-rule ${name}-${field.id}-wrong`,
    };
    const now = state.values[field.id] ?? "";
    let made;
    if (field.kind === "choice") {
      made = element("select", common, element("option", { value: "" }, words.choose),
        ...field.options.map(([id, label]) => element("option", { value: id }, label)));
      made.value = now;
    } else if (field.kind === "tick") {
      made = element("input", { ...common, type: "checkbox" });
      made.checked = now === "yes";
    } else {
      const kind = field.kind === "password" ? "password" : "text";
      made = element("input", { ...common, type: kind, maxlength: "500" });
      made.value = now;
    }
    const keep = () => {
      state.values[field.id] = field.kind === "tick" ? (made.checked ? "yes" : "") : made.value;
      wrong(field.id, "");
    };
    made.addEventListener("input", keep);
    made.addEventListener("change", keep);
    return made;
  }

  function row(field) {
    const made = control(field), tick = field.kind === "tick";
    const label = element("label", { for: made.id }, field.label);
    const rule = element("p", { class: "lba-rule", id: `${name}-${field.id}-rule` },
      `${filled(words.rule, { rule: field.rule })} · `,
      element("span", { class: field.assumed ? "lba-assumed" : "lba-source" }, field.source));
    const problem = element("p", { class: "lba-wrong", id: `${name}-${field.id}-wrong` });
    controls.set(field.id, made);
    problems.set(field.id, problem);
    const node = element("div", { class: `lba-row lba-${field.kind}` });
    if (field.kind === "code") {
      const letter = element("p", { class: "lba-came", role: "status", "aria-live": "polite" });
      came.set(field.id, letter);
      node.append(button(words[`send_${field.to}`], () =>
        ask({ kind: "code", field: field.id })), letter);
    }
    if (tick) node.append(element("div", { class: "lba-line" }, made, label));
    else node.append(label, made);
    node.append(problem, rule);
    return node;
  }

  function wrong(id, reason) {
    const made = controls.get(id);
    if (!made) return;
    problems.get(id).textContent = reason ? `✗ ${reason}` : "";
    if (reason) made.setAttribute("aria-invalid", "true");
    else made.removeAttribute("aria-invalid");
  }

  function show(number, focus = true) {
    state.page = number;
    const page = pages[number];
    settled();
    controls = new Map(); problems = new Map(); came = new Map();
    status.textContent = "";
    bar.value = number;
    back.hidden = number === 0;
    next.hidden = fill.hidden = !page;
    step.textContent = page
      ? filled(words.step, { number: number + 1, count: pages.length, title: page.title })
      : `✓ ${words.done_title}`;
    about.textContent = page ? page.about : words.done;
    fields.replaceChildren(...(page ? page.fields.map(row) : []));
    if (focus) step.focus();
  }

  function sample() {
    for (const field of pages[state.page].fields) {
      if (field.kind === "code") continue; // it is known only once it was sent
      state.values[field.id] = field.sample;
    }
    show(state.page, false);
    fill.focus();
  }

  // ---- asking the kernel ----
  function ask(message) {
    asked += 1;
    waits = asked;
    clearTimeout(timer);
    timer = setTimeout(() => { status.textContent = words.silent; }, PATIENCE);
    status.textContent = words.checking;
    model.send({ ...message, id: asked, values: { ...state.values } });
  }
  function settled() {
    waits = null;
    clearTimeout(timer);
  }
  function look() {
    if (state.page < pages.length) ask({ kind: "look", page: state.page });
  }

  function heard(answer) {
    if (answer.id !== waits) return; // of an earlier question
    settled();
    status.textContent = "";
    if (answer.kind === "code") {
      const letter = came.get(answer.field);
      if (!letter) return;
      wrong(answer.to, answer.reason);
      letter.textContent = answer.code
        ? `✉ ${filled(words[`came_${answer.to}`], { code: answer.code })}` : "";
      controls.get(answer.code ? answer.field : answer.to).focus();
    } else if (answer.kind === "looked" && answer.page === state.page) {
      const found = Object.keys(answer.wrong);
      if (found.length === 0) return show(state.page + 1);
      for (const field of pages[state.page].fields) wrong(field.id, answer.wrong[field.id] ?? "");
      status.textContent = filled(words.mistakes, { count: found.length });
      controls.get(found[0])?.focus();
    }
  }

  model.on("msg:custom", heard);
  show(state.page, false);
  return () => {
    settled();
    model.off("msg:custom", heard);
  };
}

export default { render };

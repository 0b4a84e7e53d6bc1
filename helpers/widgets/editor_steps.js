// The right half of the build editor: the steps with predictions, live states, or verdicts.

const VERDICTS = { right: "✓", wrong: "✗", open: "–" };
const CHOICES = ["cached", "ran"];

function stepPane(model, words, id) {
  const list = element("div", { class: "lbe-stages" });
  const problem = element("div", { class: "lbe-problem", id: `${id}-problem` });
  const root = element(
    "div", { class: "lbe-pane lbe-build" }, element("h4", {}, words.steps), problem, list,
  );
  const radios = new Map(), states = new Map(); // step id → its radios, its live state

  function draw() {
    radios.clear();
    states.clear();
    const steps = model.get("steps"), groups = new Map();
    for (const step of steps) {
      if (!groups.has(step.stage)) groups.set(step.stage, []);
      groups.get(step.stage).push(step);
    }
    list.replaceChildren(...[...groups].map(([stage, members]) => {
      const items = element("ol", { class: "lbe-steps", role: "list" }, ...members.map(row));
      if (groups.size < 2) return items;
      const head = element("h5", {}, filled(words.stage, { stage }));
      return element("div", { class: "lbe-stage" }, head, items);
    }));
    tick();
    drawLive();
  }

  function row(step) {
    const phase = model.get("phase"), found = model.get("result").steps?.[step.id] ?? {};
    const made = element(
      "li", { class: "lbe-step", "data-step": step.id, "data-role": found.role ?? null },
      element(
        "div", { class: "lbe-what" },
        element("span", { class: "lbe-number" }, String(step.number)),
        element("code", { title: step.instruction }, step.instruction),
        element("span", { class: "lbe-note" }, filled(words.line, { line: step.line })),
      ),
    );
    if (phase === "predict") made.append(question(step));
    else if (phase === "building") made.append(progress(step));
    else made.append(...verdict(found, step));
    return made;
  }

  function question(step) {
    if (!step.ask) return element("p", { class: "lbe-note" }, words[step.state] ?? "");
    const label = filled(words.ask, { step: step.number, instruction: step.instruction });
    const pair = CHOICES.map((choice) => {
      const radio = element("input", {
        type: "radio", name: `${id}-${step.id}`, value: choice,
      });
      radio.addEventListener("change", () => {
        model.set("predictions", { ...model.get("predictions"), [step.id]: choice });
        model.save_changes();
      });
      return radio;
    });
    radios.set(step.id, pair);
    return element(
      "div", { class: "lbe-ask", role: "radiogroup", "aria-label": label },
      ...pair.map((radio, place) => element(
        "label", {}, radio, element("span", {}, words[CHOICES[place]]),
      )),
    );
  }

  function said(step) {
    const choice = model.get("predictions")[step.id];
    if (!choice) return [];
    return [element("span", { class: "lbe-you" }, filled(words.you, { state: words[choice] }))];
  }

  function progress(step) {
    if (!step.ask) return element("p", { class: "lbe-note" }, words[step.state] ?? "");
    const state = element("span", { class: "lbe-live" });
    states.set(step.id, state);
    return element("p", { class: "lbe-answer" }, ...said(step), state);
  }

  function verdict(found, step) {
    const error = model.get("result").error ?? {}, parts = [];
    if (found.verdict) {
      const mark = element(
        "span", { class: `lbe-verdict lbe-${found.verdict}` },
        `${VERDICTS[found.verdict]} ${words[found.verdict]}`,
      );
      const real = filled(words.truth, { state: found.truth });
      parts.push(element(
        "p", { class: "lbe-answer" }, mark, ...said(step), element("span", {}, real),
      ));
    } else if (found.truth) parts.push(element("p", { class: "lbe-note" }, found.truth));
    if (found.label) {
      const label = element("strong", { class: "lbe-role" }, found.label + words.colon);
      parts.push(element("p", { class: "lbe-reason" }, label, found.reason));
    }
    if (error.step === step.id) parts.push(failure(error));
    return parts;
  }

  /** Set what is chosen without drawing anew: the keyboard's place must stay. */
  function tick() {
    const chosen = model.get("predictions");
    for (const [step, pair] of radios) {
      pair.forEach((radio) => { radio.checked = chosen[step] === radio.value; });
    }
  }
  function drawLive() {
    for (const [step, state] of states) {
      const now = model.get("live")[step] ?? "waiting";
      state.textContent = filled(words.truth, { state: words[`live_${now}`] ?? now });
      state.dataset.state = now;
    }
  }
  function drawProblem() {
    const { what, why } = model.get("phase") === "predict" ? model.get("problem") : {};
    problem.replaceChildren(...(what ? [element("strong", {}, what), element("p", {}, why)] : []));
    problem.hidden = !what;
    list.classList.toggle("lbe-old", Boolean(what));
  }

  const watched = [
    watch(model, ["steps", "phase", "result"], draw),
    watch(model, ["predictions"], tick),
    watch(model, ["live"], drawLive),
    watch(model, ["problem", "phase"], drawProblem),
  ];
  draw();
  drawProblem();
  return { root, end: () => watched.forEach((stop) => stop()) };
}

/** What went wrong, why, and what to do. */
function failure(error) {
  const [why, ...output] = error.why.split("\n"); // below the first line: what a command wrote
  return element(
    "div", { class: "lbe-error" },
    element("p", {}, element("strong", {}, error.what)), element("p", {}, why),
    ...(output.length ? [element("pre", {}, output.join("\n"))] : []),
    element("p", {}, error.next),
  );
}

// The build editor: both halves, the buttons, the result and the history of rounds.

let editors = 0; // on the page: element ids must differ

function render({ model, el }) {
  const words = model.get("words"), id = `lbe-editor-${(editors += 1)}`;
  const texts = textPane(model, words, id), steps = stepPane(model, words, id);
  let asked = false; // clicked, and the kernel has not answered yet

  const main = element("button", { type: "button", class: "lbe-main-button" });
  const other = element("button", { type: "button" }, words.anyway);
  const count = element("span", { class: "lbe-note" });
  const status = element("p", { class: "lbe-score", role: "status", "aria-live": "polite" });
  const more = element("div", { class: "lbe-more" });
  const notice = element("div", { role: "alert" });
  const stale = element("p", { class: "lbe-note" }, words.stale);
  const history = element("ol", { class: "lbe-rounds", role: "list" });
  const past = element("div", { class: "lbe-history" }, element("h4", {}, words.history), history);
  steps.root.append(element("div", { class: "lbe-buttons" }, main, other, count), notice);
  const result = element("div", { class: "lbe-result" }, status, more);
  steps.root.insertBefore(result, steps.root.children[1]); // between the heading and the steps
  const root = element(
    "section",
    {
      class: "lbe-editor", "aria-label": `${words.title}: ${model.get("tag")}`,
      "data-lm-suppress-shortcuts": "true", // what is typed here is no command of the notebook
    },
    element("p", { class: "lbe-how" }, words.how),
    element("div", { class: "lbe-panes" }, texts.root, steps.root), past,
  );
  el.append(root);

  function ask(kind, button) {
    if (button.getAttribute("aria-disabled") === "true") return;
    texts.send(); // messages arrive in order: first what was typed
    asked = true;
    model.send({ kind });
    drawButtons();
  }
  // The button stays the same element in all phases: the keyboard's place must not be lost.
  main.addEventListener("click", () => {
    ask(model.get("phase") === "result" ? "next" : "build", main);
  });
  other.addEventListener("click", () => ask("build", other));

  function drawButtons() {
    const phase = model.get("phase"), open = model.get("steps").filter((step) => step.ask);
    const done = open.filter((step) => model.get("predictions")[step.id]).length;
    const whole = done === open.length && open.length > 0 && !model.get("problem").what;
    const able = !asked && (phase === "result" || (phase === "predict" && whole));
    const label = { predict: words.build, building: words.building, result: words.next }[phase];
    main.textContent = asked && phase !== "building" ? words.asked : label;
    main.setAttribute("aria-disabled", String(!able));
    other.hidden = phase !== "predict";
    other.setAttribute("aria-disabled", String(asked));
    count.hidden = phase !== "predict";
    count.textContent = filled(words.predicted, { count: done, all: open.length });
  }

  function drawResult() {
    const phase = model.get("phase"), result = model.get("result"), error = result.error ?? {};
    const shown = phase === "result";
    const said = { predict: "", building: words.building, result: result.title ?? "" }[phase];
    if (status.textContent !== said) status.textContent = said;
    const parts = [];
    if (shown && result.course) parts.push(element("p", {}, result.course));
    if (shown && result.said?.length) parts.push(element("pre", {}, result.said.join("\n")));
    if (shown && error.what && !error.step) parts.push(failure(error));
    more.replaceChildren(...parts);
    root.dataset.phase = phase;
  }
  function drawNotice() {
    const error = model.get("notice");
    notice.replaceChildren(...(error.what ? [failure(error)] : []));
  }
  function drawStale() {
    const late = model.get("phase") === "result" && model.get("changed").length > 0;
    if (late) more.append(stale);
    else stale.remove();
  }
  function drawPast() {
    history.replaceChildren(...model.get("rounds").map((round) => element("li", {}, round)));
    past.hidden = model.get("rounds").length === 0;
  }
  function drawAll() {
    drawResult();
    drawStale();
    drawButtons();
  }
  function answered() {
    asked = false;
    drawNotice();
    drawAll();
  }

  const watched = [
    watch(model, ["phase", "result", "notice"], answered),
    watch(model, ["steps", "predictions", "problem"], drawButtons),
    watch(model, ["changed"], drawStale),
    watch(model, ["rounds"], drawPast),
  ];
  drawNotice();
  drawAll();
  drawPast();
  return () => {
    watched.forEach((stop) => stop());
    texts.end();
    steps.end();
  };
}

export default { render };

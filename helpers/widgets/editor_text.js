// The left half of the build editor: a tab for each file, its text, and the way back.

const TYPED = 250; // milliseconds without a key until the kernel is told

/** Texts of the kernel are taken only when it has heard all that was typed: see build_editor.py. */
function textPane(model, words, id) {
  const view = `${id}-${Math.random()}`; // no other view has it, not even after a reload
  let chosen = model.get("names")[0] ?? "", timer = null, taken = null, turn = 0;
  let texts = { ...model.get("files") };

  const tabs = element("div", {
    class: "lbe-tabs", role: "tablist", "aria-label": words.files,
  });
  const gutter = element("div", { class: "lbe-gutter", "aria-hidden": "true" });
  const hint = element("p", { class: "lbe-note", id: `${id}-tab` }, words.tab);
  const area = element("textarea", {
    class: "lbe-text", wrap: "off", rows: "14", spellcheck: "false", autocomplete: "off",
    autocapitalize: "off", autocorrect: "off", "aria-describedby": hint.id,
  });
  const code = element(
    "div", { class: "lbe-code", role: "tabpanel", id: `${id}-panel` }, gutter, area,
  );
  const back = element("button", { type: "button", class: "lbe-back" });
  const root = element(
    "div", { class: "lbe-pane lbe-files" },
    element("h4", {}, words.files), tabs, code, element("div", { class: "lbe-under" }, back, hint),
  );

  function drawTabs() {
    const focused = tabs.contains(document.activeElement);
    tabs.replaceChildren(...model.get("names").map((name, place) => {
      const changed = model.get("changed").includes(name), here = name === chosen;
      const tab = element(
        "button",
        {
          type: "button", role: "tab", id: `${id}-file-${place}`, "data-file": name, title: name,
          "aria-selected": String(here), "aria-controls": code.id, tabindex: here ? "0" : "-1",
          "aria-label": changed ? `${name}, ${words.changed}` : name,
        },
        element("bdi", {}, name), changed ? " ●" : "",
      );
      tab.addEventListener("click", () => choose(name));
      if (here) code.setAttribute("aria-labelledby", tab.id);
      return tab;
    }));
    if (focused) tabs.querySelector("[aria-selected=true]")?.focus();
  }
  tabs.addEventListener("keydown", (event) => {
    const names = model.get("names"), last = names.length - 1, at = names.indexOf(chosen);
    const goal = {
      ArrowRight: at === last ? 0 : at + 1, ArrowLeft: at === 0 ? last : at - 1, Home: 0, End: last,
    }[event.key];
    if (goal === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    choose(names[goal]);
  });

  function choose(name) {
    send();
    chosen = name;
    taken = null;
    area.scrollTop = 0;
    load();
    drawTabs();
  }
  function load() {
    if (area.value !== (texts[chosen] ?? "")) area.value = texts[chosen] ?? "";
    area.setAttribute("aria-label", filled(words.text, { file: chosen }));
    drawLines();
    drawBack();
  }
  function drawLines() {
    const count = area.value.split("\n").length, bad = badLine();
    gutter.replaceChildren(...Array.from({ length: count }, (_, place) =>
      element("div", { class: place + 1 === bad ? "lbe-bad" : null }, String(place + 1))));
    area.setAttribute("aria-invalid", String(bad > 0));
    gutter.scrollTop = area.scrollTop;
  }
  /** The line that cannot be read, or at which the build failed; 0 if there is none. */
  function badLine() {
    if (chosen !== "Dockerfile") return 0;
    if (model.get("phase") === "predict") return model.get("problem").line ?? 0;
    const old = model.get("changed").includes(chosen);
    return (old ? 0 : model.get("result").error?.line) ?? 0;
  }
  function drawBack() {
    back.textContent = taken === null ? filled(words.reset, { file: chosen }) : words.undo;
    back.setAttribute("aria-disabled", String(model.get("phase") === "building"));
  }

  /** Tell the kernel what was typed; called before anything else is asked of it. */
  function send() {
    clearTimeout(timer);
    timer = null;
    if (texts[chosen] === area.value) return;
    texts[chosen] = area.value;
    turn += 1;
    model.send({ kind: "edit", name: chosen, text: area.value, view, turn });
  }
  area.addEventListener("input", () => {
    taken = null;
    drawLines();
    drawBack();
    clearTimeout(timer);
    timer = setTimeout(send, TYPED);
  });
  area.addEventListener("keydown", (event) => {
    event.stopPropagation(); // JupyterLab takes line breaks out of whatever is typed in a cell
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
      event.preventDefault(); // no "save page as"
      send();
    }
  });
  area.addEventListener("blur", send);
  area.addEventListener("scroll", () => { gutter.scrollTop = area.scrollTop; }, { passive: true });
  back.addEventListener("click", () => {
    if (back.getAttribute("aria-disabled") === "true") return;
    send();
    if (taken !== null) {
      area.value = taken;
      taken = null;
      send();
      drawLines();
    } else {
      taken = area.value;
      model.send({ kind: "reset", name: chosen });
    }
    drawBack();
  });

  /** Take the kernel's texts, unless it has yet to hear what was typed here. */
  function take() {
    const heard = model.get("heard")[view] ?? 0;
    if (heard < turn || timer !== null) return;
    texts = { ...model.get("files") };
    if (!(chosen in texts)) chosen = model.get("names")[0] ?? "";
    load();
  }

  const watched = [
    watch(model, ["files", "heard"], take),
    watch(model, ["names", "changed"], drawTabs),
    watch(model, ["problem", "phase", "result", "changed"], drawLines),
    watch(model, ["phase"], drawBack),
  ];
  load();
  drawTabs();
  return {
    root, send,
    end: () => { clearTimeout(timer); watched.forEach((stop) => stop()); },
  };
}

// Ask for what changes every few seconds, and show it where it differs. What the instructor opened
// stays open, and what has the focus keeps it.
const EVERY = 2000; // milliseconds
const main = document.querySelector("main");
const summary = document.getElementById("summary");
const lost = document.getElementById("lost");
let shown = "";

const opened = () =>
  new Set([...main.querySelectorAll("details[open]")].map((one) => one.dataset.key));

function show(html) {
  if (html === shown) return;
  shown = html;
  const open = opened();
  const focus = document.activeElement?.closest("details")?.dataset.key;
  main.innerHTML = html; // escaped where it was made, and no script may run from it
  for (const one of main.querySelectorAll("details")) {
    one.open = open.has(one.dataset.key);
    if (one.dataset.key === focus) one.querySelector("summary").focus();
  }
  const words = main.firstElementChild.dataset.summary;
  if (summary.textContent !== words) summary.textContent = words;
}

async function ask() {
  try {
    const answer = await fetch(document.body.dataset.part, { signal: AbortSignal.timeout(5000) });
    if (!answer.ok) throw new Error(String(answer.status));
    show(await answer.text());
    lost.textContent = "";
  } catch {
    if (!lost.textContent) lost.textContent = lost.dataset.words;
  }
  setTimeout(ask, EVERY);
}
ask();

// Steps through the sections: a step shows the next hidden .step of a slide, then the next slide.
const deck = document.getElementById("deck");
const slides = [...deck.querySelectorAll("section")];
let current = 0;
let notes = null;

const steps = (slide) => [...slide.querySelectorAll(".step")];

function tell(step, told) {
  step.classList.toggle("told", told);
  step.closest("li.right")?.classList.toggle("told", told);
}

function show(number, told = false) {
  current = Math.max(0, Math.min(slides.length - 1, number));
  slides.forEach((slide, n) => slide.classList.toggle("now", n === current));
  steps(slides[current]).forEach((step) => tell(step, told));
  history.replaceState(null, "", `#${current + 1}`);
  speak();
}

function forward() {
  const hidden = steps(slides[current]).filter((step) => !step.classList.contains("told"));
  if (hidden.length) hidden.forEach((step) => tell(step, true));
  else if (current + 1 < slides.length) show(current + 1);
}

function back() {
  const told = steps(slides[current]).filter((step) => step.classList.contains("told"));
  if (told.length) told.forEach((step) => tell(step, false));
  else if (current) show(current - 1, true);
}

// The teacher's window: the note of this slide, and what comes next. It stays on the laptop while
// the slides are on the projector.
function speak() {
  if (!notes || notes.closed) return;
  const page = notes.document;
  const next = slides[current + 1]?.querySelector("h1, h2")?.textContent ?? deck.dataset.end;
  page.body.replaceChildren();
  const add = (tag, text) => {
    const made = page.createElement(tag);
    made.textContent = text;
    page.body.append(made);
    return made;
  };
  const head = `${current + 1} / ${slides.length} · ${slides[current].querySelector("h1, h2").textContent}`;
  add("h1", head).style.fontSize = "1.3em";
  add("div", "").innerHTML = slides[current].querySelector(".note").innerHTML;
  add("p", `${deck.dataset.next}${next}`).style.color = "#4a5560";
}

function openNotes() {
  notes = window.open("", "notes", "width=760,height=560");
  if (!notes) return;
  notes.document.title = deck.dataset.notes;
  notes.document.body.style.cssText = "font: 22px/1.5 sans-serif; margin: 32px; color: #16191d";
  notes.document.onkeydown = press;
  speak();
}

function fullscreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen();
}

const keys = {
  ArrowRight: forward, ArrowDown: forward, PageDown: forward, " ": forward, Enter: forward,
  ArrowLeft: back, ArrowUp: back, PageUp: back, Backspace: back,
  Home: () => show(0), End: () => show(slides.length - 1), f: fullscreen, n: openNotes,
};

function press(event) {
  const action = keys[event.key];
  if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  action();
}

// What is too long for its slide gets smaller letters, down to the smallest that can still be read.
const SMALLEST = 15;
function shrink() {
  for (const slide of slides) {
    const part = slide.querySelector(".fit");
    if (!part) continue;
    slide.classList.add("now");
    let size = parseFloat(getComputedStyle(part).fontSize);
    while (size > SMALLEST && slide.scrollHeight > slide.clientHeight) {
      size -= 1;
      part.style.fontSize = `${size}px`;
    }
    slide.classList.remove("now");
  }
}

function fit() {
  const scale = Math.min(innerWidth / 1280, innerHeight / 720);
  deck.style.transform = `scale(${scale}) translate(-50%, -50%)`;
}

addEventListener("keydown", press);
addEventListener("resize", fit);
addEventListener("hashchange", () => show(Number(location.hash.slice(1)) - 1));
deck.addEventListener("click", (event) => (event.clientX < innerWidth / 4 ? back() : forward()));
shrink();
fit();
show((Number(location.hash.slice(1)) || 1) - 1);

// One page of A4: a smaller picture first, then smaller letters, until all of it fits.
const room = (273 / 25.4) * 96; // CSS pixels between the margins
const body = document.body;
let letters = 10.5; // points
let picture = 78; // millimetres

function fits() {
  body.style.fontSize = `${letters}pt`;
  body.style.setProperty("--picture", `${picture}mm`);
  return body.getBoundingClientRect().height <= room;
}

// Only then does the picture have its size.
addEventListener("load", () => {
  while (!fits() && (letters > 7.5 || picture > 40)) {
    if (picture > 60 || letters <= 7.5) picture -= 2;
    else letters -= 0.25;
  }
});

// Page elements. All text from outside goes through textContent or attributes, never through HTML.

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** Fill the {fields} of a message of the catalogue. */
function filled(message, values) {
  return message.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
}

/** Act on changes of some traits; returns a function that ends it. */
function watch(model, names, act) {
  const heard = names.map((name) => `change:${name}`);
  heard.forEach((name) => model.on(name, act));
  return () => heard.forEach((name) => model.off(name, act));
}

// What the explorer shows, worked out from the columns of table.py. No DOM here: Node tests it.

export const ADDED = 0, CHANGED = 1, REMOVED = 2, SAME = 3;
export const SYMBOLS = ["+", "~", "−", ""];
const DIR = 1, HARDLINK = 3, NONE = 0xffffffff;

/** Return a number of bytes as helpers.text.size does: powers of 1000, three digits. */
export function human(count) {
  let value = count, unit = 0;
  const units = ["B", "kB", "MB", "GB", "TB"];
  while (Math.abs(value) >= 1000 && unit < 4) { value /= 1000; unit += 1; }
  const digits = Math.abs(value) < 999.5 ? String(Number(value.toPrecision(3))) : value.toFixed(0);
  return `${digits} ${units[unit]}`;
}

/** Return typed columns of the binary ones, whatever their alignment. */
export function decode(table) {
  const bytes = (view) => {
    const whole = new Uint8Array(view.buffer ?? view, view.byteOffset ?? 0, view.byteLength);
    return whole.slice();
  };
  const column = (Type, view) => new Type(bytes(view).buffer);
  const strings = (view) => {
    const found = new TextDecoder().decode(bytes(view)).split("\0");
    found.pop();
    return found;
  };
  const paths = strings(table.paths);
  const data = {
    paths,
    folded: paths.map((path) => path.toLowerCase()),
    notes: strings(table.notes),
    path: column(Uint32Array, table.path),
    link: column(Uint32Array, table.link),
    sizes: column(Float64Array, table.sizes),
    before: column(Float64Array, table.before),
    layer: column(Uint16Array, table.layer),
    change: bytes(table.change),
    kind: bytes(table.kind),
    starts: [],
    place: null,
  };
  data.layer.forEach((layer, row) => {
    while (data.starts.length <= layer) data.starts.push(row);
  });
  return data;
}

/** Return the first row of a layer. */
function start(data, layer) {
  return data.starts[layer] ?? data.layer.length;
}

/** Return for each path its row and its mark, -1 where there is nothing to show. */
export function state(data, layer, cumulative) {
  const rows = new Int32Array(data.paths.length).fill(-1);
  const marks = new Uint8Array(data.paths.length).fill(SAME);
  const [from, to] = [start(data, layer), start(data, layer + 1)];
  const sizes = new Map();
  if (cumulative) {
    for (let row = 0; row < to; row += 1) {
      rows[data.path[row]] = data.change[row] === REMOVED ? -1 : row;
    }
    giveContent(data, rows, to, sizes);
  }
  for (let row = from; row < to; row += 1) {
    const path = data.path[row];
    if (data.change[row] === REMOVED && rows[path] >= 0) continue; // replaced by what is there
    rows[path] = row;
    marks[path] = data.change[row];
  }
  return { rows, marks, sizes };
}

/** A file whose first name is gone lives on under a hard link: its bytes are shown there, once. */
function giveContent(data, rows, to, sizes) {
  const given = new Set();
  let contents = null;
  for (let path = 0; path < rows.length; path += 1) {
    const row = rows[path];
    if (row < 0 || data.kind[row] !== HARDLINK || data.link[row] === NONE) continue;
    if (contents === null) {
      contents = new Map();
      for (let one = 0; one < to; one += 1) {
        if (data.change[one] !== REMOVED) contents.set(`${data.layer[one]} ${data.path[one]}`, one);
      }
    }
    let target = contents.get(`${data.layer[row]} ${data.link[row]}`);
    while (target !== undefined && data.kind[target] === HARDLINK) {
      target = contents.get(`${data.layer[row]} ${data.link[target]}`);
    }
    if (target === undefined || rows[data.path[target]] === target || given.has(target)) continue;
    given.add(target);
    sizes.set(path, data.sizes[target]);
  }
}

/**
 * Return the nodes of the tree, each folder before what lies in it.
 *
 * wanted: {filter: text, marks: [bool of added, changed, removed, same]}.
 */
export function build(data, layer, cumulative, wanted) {
  const { rows, marks, sizes } = state(data, layer, cumulative);
  const needle = wanted.filter.toLowerCase();
  const nodes = [], open = [];
  let all = 0, files = 0, bytes = 0, roots = 0;
  const add = (name, path, place) => {
    const parent = open.length ? open[open.length - 1] : null;
    const row = place >= 0 ? rows[place] : -1;
    const node = {
      name, path, row, parent, depth: open.length, mark: row >= 0 ? marks[place] : SAME,
      dir: row < 0 || data.kind[row] === DIR, folds: false, size: 0, counts: [0, 0, 0, 0], end: 0,
      children: 0, position: 0,
    };
    // A file that took the place of a folder has below it what the folder lost: it folds, too.
    if (parent) { parent.folds = true; parent.children += 1; node.position = parent.children; }
    else { roots += 1; node.position = roots; }
    node.folds = node.dir;
    nodes.push(node);
    open.push(node);
    return node;
  };
  const close = (depth) => {
    while (open.length > depth) open.pop().end = nodes.length;
  };
  for (let place = 0; place < rows.length; place += 1) {
    const row = rows[place];
    if (row < 0) continue;
    const dir = data.kind[row] === DIR;
    if (!dir) all += 1;
    if (!wanted.marks[marks[place]] || (needle && !data.folded[place].includes(needle))) continue;
    const path = data.paths[place], parts = path.split("/");
    let depth = 0;
    while (depth < open.length && depth < parts.length - 1 && open[depth].name === parts[depth]) {
      depth += 1;
    }
    close(depth);
    for (; depth < parts.length - 1; depth += 1) {
      const above = parts.slice(0, depth + 1).join("/");
      add(parts[depth], above, find(data, above));
    }
    const node = add(parts[parts.length - 1], path, place);
    if (dir) continue;
    files += 1;
    node.size = sizes.get(place) ?? data.sizes[row];
    const mark = marks[place];
    if (mark !== REMOVED) bytes += node.size;
    for (const folder of open) {
      folder.counts[mark] += 1;
      if (folder !== node && mark !== REMOVED) folder.size += node.size;
    }
  }
  close(0);
  return { nodes, roots, all, files, bytes };
}

function find(data, path) {
  if (data.place === null) data.place = new Map(data.paths.map((one, place) => [one, place]));
  return data.place.get(path) ?? -1;
}

/** Return the positions of the nodes that are seen when some folders are shut. */
export function visible(nodes, isOpen) {
  const found = [];
  for (let at = 0; at < nodes.length; ) {
    found.push(at);
    at = nodes[at].folds && !isOpen(nodes[at]) ? nodes[at].end : at + 1;
  }
  return found;
}

// The battery table: sorted when asked, never by itself; a snapshot changes texts in place.
import { band, duration, fixed, glyph, isAbnormal, LOOKS, make, say, withUnit, words } from "./format.js";
import { modules, nameOf, worstOf } from "./map.js";

const box = document.getElementById("table"), body = box.querySelector("tbody"), heads = [...box.querySelectorAll("th[data-k]")];
let doc = null, sort = { key: "look", direction: -1 }, abnormalOnly = false, selected = null, isShown = !box.hidden;

const COLUMNS = [
  { class: "num opt", text: (_, a) => a },
  { class: "", text: (_, a) => nameOf(a), link: true },
  { class: "num", text: (m, a) => fixed(m.voltage_v[a - 1], 3) },
  { class: "num", text: (m, a) => fixed(m.temperature_c[a - 1], 1) },
  { class: "num", text: (m, a) => fixed(m.ri_mohm[a - 1], 2) },
  { class: "", text: (m, a) => band(m.equalizing_percent[a - 1]), title: (m, a) => withUnit(fixed(m.equalizing_percent[a - 1], 0), "%") },
  { class: "", look: true },
  { class: "num opt", text: (m, a) => duration(m.age_s[a - 1]) },
];

function keyOf(address) {
  if (sort.key === "look") return worstOf(doc, address);
  if (sort.key === "address" || sort.key === "name") return address;
  const value = doc.modules[sort.key][address - 1];
  return value === null ? null : value;
}

/** Builds all rows anew: when the table appears, is sorted or filtered. */
function build() {
  if (!doc?.modules) return;
  const addresses = Array.from({ length: modules }, (_, i) => i + 1).filter((a) => !abnormalOnly || isAbnormal(worstOf(doc, a)));
  const keys = new Map(addresses.map((a) => [a, keyOf(a)]));
  addresses.sort((a, b) => {
    const [x, y] = [keys.get(a), keys.get(b)];
    if (x === null || y === null) return x === y ? a - b : x === null ? 1 : -1;
    return (x - y) * sort.direction || a - b;
  });
  body.replaceChildren(...addresses.map(row));
  for (const head of heads) {
    if (head.dataset.k === sort.key) head.setAttribute("aria-sort", sort.direction > 0 ? "ascending" : "descending");
    else head.removeAttribute("aria-sort");
  }
}

function row(address) {
  const tr = make("tr", { "data-a": address, "aria-selected": address === selected ? "true" : null });
  for (const column of COLUMNS) {
    const td = make("td", { class: column.class || null });
    if (column.link) td.append(make("a", { href: `/?view=table&b=${nameOf(address)}` }, nameOf(address)));
    tr.append(td);
  }
  patch(tr, address);
  return tr;
}

function patch(tr, address) {
  COLUMNS.forEach((column, i) => {
    const td = tr.children[i];
    if (column.look) {
      const look = LOOKS[worstOf(doc, address)];
      if (td.dataset.look === look) return;
      td.dataset.look = look;
      td.className = `is-${look}`;
      td.replaceChildren(glyph(look), words.looks[look]);
    } else if (!column.link) {
      say(td, column.text(doc.modules, address));
      if (column.title) td.title = column.title(doc.modules, address);
    }
  });
}

/** Brings the rows that are there to a snapshot; their order stays. */
export function paint(document) {
  const first = !doc?.modules;
  doc = document;
  if (!isShown || !doc.modules) return;
  if (first || !body.firstChild) build();
  else for (const tr of body.children) patch(tr, Number(tr.dataset.a));
}

export function show(visible) {
  isShown = visible;
  box.hidden = !visible;
  if (visible) build();
}

export function filter(onlyAbnormal) {
  abnormalOnly = onlyAbnormal;
  if (isShown) build();
}

export function select(address) {
  selected = address;
  for (const tr of body.querySelectorAll('[aria-selected="true"]')) tr.removeAttribute("aria-selected");
  body.querySelector(`[data-a="${address}"]`)?.setAttribute("aria-selected", "true");
}

/** Listens to headings and rows; `open` gets an address. */
export function listen(open) {
  for (const head of heads) head.replaceChildren(make("button", { type: "button" }, head.textContent));
  box.addEventListener("click", (event) => {
    const head = event.target.closest("th[data-k]"), tr = event.target.closest("tr[data-a]");
    if (head) {
      sort = { key: head.dataset.k, direction: sort.key === head.dataset.k ? -sort.direction : head.dataset.k === "look" ? -1 : 1 };
      build();
    } else if (tr && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      open(Number(tr.dataset.a));
    }
  });
}

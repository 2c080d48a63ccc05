// The battery map: patches cells in place, moves with the keys, and lets a thumb miss.
import { fixed, isAbnormal, LOOKS, withUnit, words } from "./format.js";

const NEAR_PX = 24, MARKS = ["notice", "warning", "alarm"];
const VALUE = { voltage: "deviation_percent", temperature: "temperature_c", ri: "ri_percent", equalizing: "equalizing_percent" };
const grid = document.getElementById("grid"), scale = document.getElementById("scale");
const count = Number(grid.dataset.modules), perString = Number(grid.dataset.perString);
const cells = Array.from({ length: count }, (_, i) => document.getElementById(`c${i + 1}`));
const rects = cells.map((cell) => cell.querySelector("rect"));
const painted = cells.map(() => ({}));
const rows = [...grid.querySelectorAll('[role="row"]')].map((row) => [...row.children].map((cell) => cells.indexOf(cell)));
let quantity = null, doc = null, current = 0;

export const cellOf = (address) => cells[address - 1];
export const nameOf = (address) => `S${Math.floor((address - 1) / perString) + 1}-${((address - 1) % perString) + 1}`;
export const modules = count;

/** The address of a name, null if there is no such battery. */
export function addressOf(name) {
  const index = cells.findIndex((_, i) => nameOf(i + 1) === name);
  return index < 0 ? null : index + 1;
}

/** The worst look of a battery over all quantities, as an index into LOOKS. */
export const worstOf = (document, address) => Math.max(...Object.values(document.modules.looks).map((looks) => Number(looks[address - 1])));

/** The next abnormal battery from an address in a direction, null if all are normal. */
export function nextAbnormal(document, address, direction) {
  for (let step = 1; step <= count; step++) {
    const next = ((address - 1 + direction * step + step * count) % count) + 1;
    if (isAbnormal(worstOf(document, next))) return next;
  }
  return null;
}

/** Chooses what the bars show; `input` is the radio button that knows scale and unit. */
export function choose(input) {
  const { full, foot, unit, digits } = input.dataset;
  quantity = { key: input.value, full: Number(full), foot: foot === "" ? null : Number(foot), unit, digits: Number(digits) };
  scale.textContent = input.dataset.scale;
  if (doc) paint(doc);
}

/** Brings all cells to a snapshot; only what differs is touched. */
export function paint(document) {
  doc = document;
  if (!document.modules) return;
  const values = document.modules[VALUE[quantity.key]], { [quantity.key]: own, ...others } = document.modules.looks, foreign = Object.values(others);
  for (let i = 0; i < count; i++) {
    const look = LOOKS[own[i]], mark = LOOKS[Math.max(...foreign.map((looks) => looks[i]))], worst = LOOKS[Math.max(own[i], ...foreign.map((looks) => looks[i]))];
    const value = values[i], text = value === null ? words.page.no_data : withUnit(fixed(value, quantity.digits, quantity.foot === null), quantity.unit);
    patch(i, look, MARKS.includes(mark) ? mark : "", bar(value), `${nameOf(i + 1)}: ${text}, ${words.looks[worst].toLowerCase()}`);
  }
}

function bar(value) {
  if (value === null) return [0, 0];
  if (quantity.foot === null) {
    const height = Math.min(20, (Math.abs(value) / quantity.full) * 20);
    return [value > 0 ? 20 - height : 20, height];
  }
  const height = Math.max(0, Math.min(40, ((value - quantity.foot) / (quantity.full - quantity.foot)) * 40));
  return [40 - height, height];
}

function patch(i, look, mark, [y, height], label) {
  const cell = cells[i], last = painted[i];
  if (last.look !== look) cell.dataset.s = last.look = look;
  if (last.mark !== mark) {
    last.mark = mark;
    if (mark) cell.dataset.o = mark;
    else delete cell.dataset.o;
  }
  const top = y.toFixed(1), tall = height.toFixed(1);
  if (last.y !== top) rects[i].setAttribute("y", (last.y = top));
  if (last.height !== tall) rects[i].setAttribute("height", (last.height = tall));
  if (last.label !== label) cell.setAttribute("aria-label", (last.label = label));
}

/** Puts the keyboard's place on a cell, and the focus if asked. */
export function place(address, { focus = false } = {}) {
  cells[current].tabIndex = -1;
  current = address - 1;
  cells[current].tabIndex = 0;
  if (focus) cells[current].focus({ preventScroll: true });
}

function nearest(event) {
  const cell = event.target.closest(".c");
  if (!matchMedia("(pointer: coarse)").matches || (cell && (cell.dataset.s !== "good" || cell.dataset.o))) return cell;
  const abnormal = [...grid.querySelectorAll('.c:not([data-s="good"], [data-s="unknown"]), .c[data-o]')];
  const near = abnormal
    .map((other) => ({ other, box: other.getBoundingClientRect() }))
    .map(({ other, box }) => ({ other, far: Math.hypot(box.x + box.width / 2 - event.clientX, box.y + box.height / 2 - event.clientY) }))
    .sort((a, b) => a.far - b.far)[0];
  return near && near.far < NEAR_PX ? near.other : cell;
}

function target(key, at) {
  const row = rows.findIndex((list) => list.includes(at)), column = rows[row].indexOf(at);
  const beside = (other) => (rows[other] ? rows[other][Math.min(column, rows[other].length - 1)] : undefined);
  const abnormal = (direction) => (doc?.modules ? (nextAbnormal(doc, at + 1, direction) ?? 0) - 1 : -1);
  return { ArrowLeft: at - 1, ArrowRight: at + 1, ArrowUp: beside(row - 1), ArrowDown: beside(row + 1), Home: rows[row][0], End: rows[row].at(-1), PageUp: abnormal(-1), PageDown: abnormal(1) }[key];
}

/** Listens to clicks and keys; `open` gets the address of the battery that was meant. */
export function listen(open) {
  grid.addEventListener("click", (event) => {
    const cell = nearest(event);
    if (cell) open(cells.indexOf(cell) + 1);
  });
  grid.addEventListener("keydown", (event) => {
    const at = cells.indexOf(document.activeElement);
    if (at < 0 || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      open(at + 1);
      return;
    }
    const to = target(event.key, at);
    if (to === undefined && !event.key.startsWith("Arrow")) return;
    event.preventDefault();
    if (cells[to]) place(to + 1, { focus: true });
  });
}

place(1);

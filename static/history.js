// History: one chart from three years to minutes. The range decides the resolution; the address holds what is seen.
import { DASH, LOCALE, ZONE, call, duration, fill, fixed, make, say, words } from "./format.js";
import { follow } from "./live.js";
import { load } from "./chart.js";
import { COLOURS, DASHES, plot } from "./plot.js";
import { figures, stored, together } from "./curves.js";
import { open } from "./archive.js";

const MOST = 4, SHORTEST_S = 1200, AGAIN_MS = 15_000, LISTED = 500;
const SPAN = { voltage: 0.05, temperature: 2, ri: 0.4, equalizing: 10, current: 0.1 };
const $ = (selector) => document.querySelector(selector);
const form = $("#ask"), strings = Number(form.dataset.strings), perString = Number(form.dataset.perString), said = words.history;
const asked = new URLSearchParams(location.search);
const uPlot = await load();
let quantity = $("#q").value, curves = [], from = 0, to = 0, oldest = 0, newest = 0, now = Date.now() / 1000, hours = null, turn = 0, seen = null, overview = null;

/* ---------- what is chosen ---------- */

/** The place of a curve in the store: {address} of S3-17, {string} of S3; null for what is neither. */
function place(name) {
  const battery = /^S(\d+)-(\d+)$/.exec(name), string = /^S(\d+)$/.exec(name);
  if (battery && quantity !== "current" && within(battery[1], strings) && within(battery[2], perString)) return { address: (battery[1] - 1) * perString + Number(battery[2]) };
  return string && quantity === "current" && within(string[1], strings) ? { string: Number(string[1]) } : null;
}

const within = (text, most) => Number(text) >= 1 && Number(text) <= most;
const stringOf = (name) => Number(/^S(\d+)/.exec(name)?.[1] ?? 1);
const option = () => $("#q").selectedOptions[0];
const unit = () => option().dataset.unit;
const label = ({ name, archive }) => (archive ? `${name}, ${archive.label}` : name);
const source = ({ name, archive }, start, end, points) => (archive ? archive.series(quantity, name, start, end, points) : stored(place(name), quantity, start, end, points));

function names() {
  const all = [];
  for (let string = 1; string <= strings; string++) {
    if (quantity === "current") all.push(`S${string}`);
    else for (let position = 1; position <= perString; position++) all.push(`S${string}-${position}`);
  }
  return all;
}

function complain(text) {
  $("#pick-error").hidden = !text;
  say($("#pick-error"), text);
}

function add(curve) {
  if (curves.length >= MOST) return complain(said.at_most);
  if (curves.some((one) => one.name === curve.name && one.archive === curve.archive)) return complain(fill(said.already, { name: label(curve) }));
  complain("");
  const free = COLOURS.findIndex((_, look) => !curves.some((one) => one.look === look));
  curves.push({ ...curve, look: free });
  return true;
}

/* ---------- the range ---------- */

/** From the first value there is to now; an archive counts as far as it reaches. The first curve is the overview. */
async function findExtent() {
  const ends = [];
  for (const { archive } of curves) ends.push(...((archive && (await archive.extent(quantity))) ?? []));
  const first = curves[0], live = curves.some(({ archive }) => !archive);
  overview = first.archive ? await first.archive.series(quantity, first.name, Math.min(...ends), Math.max(...ends), 400) : await source(first, null, null, 400).catch(() => null);
  const known = overview?.mean.findIndex((value) => value !== null) ?? -1;
  if (live) ends.push(now);
  if (known >= 0) ends.push(Math.min(overview.t[known], ends[0] ?? now));
  [oldest, newest] = [Math.min(...ends), Math.max(...ends)];
  if (newest - oldest < SHORTEST_S) oldest = newest - SHORTEST_S;
}

function recent(count) {
  hours = count;
  to = newest;
  from = Math.max(oldest, newest - count * 3600);
}

function zoom(start, end) {
  const least = Math.min(SHORTEST_S, newest - oldest), width = Math.max(least, Math.min(end - start, newest - oldest)), middle = (start + end) / 2;
  from = Math.max(oldest, Math.min(middle - width / 2, newest - width));
  to = from + width;
  hours = null;
  render();
}

const move = (share) => zoom(from + share * (to - from), to + share * (to - from));
const scale = (factor) => zoom((from + to) / 2 - ((to - from) * factor) / 2, (from + to) / 2 + ((to - from) * factor) / 2);

function remember() {
  asked.set("b", curves.filter(({ archive }) => !archive).map(({ name }) => name).join(","));
  asked.set("q", quantity);
  for (const name of ["h", "from", "to"]) asked.delete(name);
  if (hours) asked.set("h", hours);
  else {
    asked.set("from", iso(from));
    asked.set("to", iso(to));
  }
  history.replaceState(null, "", `?${asked}`);
  for (const radio of document.getElementsByName("h")) radio.checked = Number(radio.value) === hours;
}

const iso = (seconds) => new Date(Math.round(seconds) * 1000).toISOString().slice(0, 19) + "Z";

/* ---------- showing ---------- */

async function render() {
  const mine = ++turn, width = Math.max(200, $("#main-chart").clientWidth - 74), points = Math.min(1200, width);
  remember();
  pick();
  say($("#res"), said.loading);
  try {
    const string = stringOf(curves[0]?.name ?? "S1"), below = quantity === "current" || curves[0]?.archive ? null : stored({ string }, "current", from, to, points);
    const series = await Promise.all(curves.map((curve) => source(curve, from, to, points)));
    const current = await below?.catch(() => null), lines = await exchanges();
    if (mine !== turn) return;
    seen = { ...together(series, from, to), from, to };
    seen.curves.forEach((values, i) => Object.assign(values, { label: label(curves[i]), look: curves[i].look }));
    paint(seen, current, string, lines);
  } catch (error) {
    if (mine === turn) say($("#res"), error.message);
  }
}

/** When the shown batteries were exchanged, as lines for the chart. */
async function exchanges() {
  const names = quantity === "current" ? [] : curves.filter(({ archive }) => !archive).map(({ name }) => name);
  const notes = await Promise.all(names.map((name) => call("GET", `/modules/${place(name).address}/note`).catch(() => ({ exchanges: [] }))));
  return notes.flatMap(({ exchanges: all }, i) => all.map(({ at }) => ({ at: Date.parse(at) / 1000, label: fill(said.exchanged, { name: names[i] }) })));
}

function paint({ t, step, curves: shown }, current, string, lines) {
  const x = [from, to], zoomed = zoom;
  $("#cur-chart").hidden = !current;
  plot(uPlot, $("#main-chart"), { t, curves: shown, unit: unit(), x, zoomed, lines, span: SPAN[quantity], sync: "history" });
  if (current) {
    const grid = together([current], from, to);
    plot(uPlot, $("#cur-chart"), { t: grid.t, curves: [{ ...grid.curves[0], label: `S${string}`, look: 3 }], unit: "A", x, zoomed, span: SPAN.current, small: true, bare: true, sync: "history" });
  }
  paintOverview();
  const some = shown.some(({ mean }) => mean.some((value) => value !== null));
  $("#res").replaceChildren(make("b", {}, fill(said.range, { from: day(from), to: day(to) })), ", ", some ? `${fill(said.band, { zone: ZONE, step: stretch(step) })}${current ? ` ${fill(said.below, { string })}` : ""}` : said.nothing);
  table();
}

function paintOverview() {
  if (!overview?.t.length) return $("#nav-chart").replaceChildren();
  const grid = together([overview], oldest, newest);
  plot(uPlot, $("#nav-chart"), { t: grid.t, curves: [{ ...grid.curves[0], label: label(curves[0]), look: 3 }], x: [oldest, newest], mark: [from, to], zoomed: zoom, span: SPAN[quantity], small: true });
}

function pick() {
  $("#picks").replaceChildren(
    ...curves.map((curve) =>
      make("li", { class: "pick" }, key(curve.look), curve.name, ...(curve.archive ? [make("small", {}, curve.archive.label)] : []), make("button", { type: "button", "data-look": curve.look, "aria-label": `${said.remove} ${label(curve)}` }, "×")),
    ),
  );
}

function key(look) {
  const svg = $("#key").content.firstElementChild.cloneNode(true);
  svg.classList.add(COLOURS[look]);
  svg.firstElementChild.setAttribute("stroke-dasharray", DASHES[look].join(" "));
  return svg;
}

function table() {
  const digits = Number(option().dataset.digits), show = (value) => (value === null ? DASH : `${fixed(value, digits)}\u00a0${unit()}`);
  $("#values tbody").replaceChildren(
    ...seen.curves.map((curve) => {
      const found = figures(curve, seen.t, seen.step, from, to), gone = found.gone > seen.step ? duration(found.gone) : said.none;
      return make("tr", {}, make("th", { scope: "row" }, key(curve.look), curve.label), ...[show(found.least), show(found.mean), show(found.greatest), gone].map((text) => make("td", {}, text)));
    }),
  );
  $("#points").hidden = !seen.curves.length;
  if ($("#points").open) points();
}

function points() {
  const digits = Number(option().dataset.digits), rows = seen.t.map((at, i) => [at, i]).filter(([at]) => at >= from - seen.step && at < to);
  $("#points thead").replaceChildren(make("tr", {}, make("th", { scope: "col" }, said.time), ...seen.curves.flatMap(({ label: name }) => [said.min, said.mean, said.max].map((word) => make("th", { scope: "col" }, `${name} ${word}`)))));
  const lines = rows.slice(0, LISTED).map(([at, i]) => make("tr", {}, make("th", { scope: "row" }, day(at)), ...seen.curves.flatMap(({ min, mean, max }) => [min, mean, max].map((values) => make("td", {}, fixed(values[i], digits))))));
  if (rows.length > LISTED) lines.push(make("tr", {}, make("td", { colspan: 1 + 3 * seen.curves.length }, said.and_more)));
  $("#points tbody").replaceChildren(...lines);
}

const DAY = new Intl.DateTimeFormat(LOCALE, { timeZone: ZONE, day: "numeric", month: "short", year: "numeric" });
const MINUTE = new Intl.DateTimeFormat(LOCALE, { timeZone: ZONE, day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
const day = (seconds) => (to - from > 40 * 86400 ? DAY : MINUTE).format(seconds * 1000);

function stretch(seconds) {
  const [size, word] = seconds % 86400 === 0 ? [seconds / 86400, seconds === 86400 ? said.day : said.days] : seconds % 3600 === 0 ? [seconds / 3600, "h"] : [Math.round(seconds / 6) / 10, "min"];
  return `${String(size).replace(".", words.locale.decimal)}\u00a0${word}`;
}

/** What is seen, as a spreadsheet takes it: UTC, one column for each of least, mean and greatest. */
function csv() {
  const head = ["time", ...seen.curves.flatMap(({ label: name }) => ["min", "mean", "max"].map((word) => `${name} ${word} ${unit()}`))];
  const lines = [head, ...seen.t.flatMap((at, i) => (at + seen.step > from && at < to ? [[iso(at), ...seen.curves.flatMap(({ min, mean, max }) => [min[i], mean[i], max[i]].map((value) => (value === null ? "" : Number(value.toFixed(4)))))]] : []))];
  const text = lines.map((cells) => cells.map((cell) => (/[";\n]/.test(cell) ? `"${String(cell).replaceAll('"', '""')}"` : cell)).join(";")).join("\r\n") + "\r\n";
  const link = make("a", { href: URL.createObjectURL(new Blob([text], { type: "text/csv" })), download: `${quantity}_${iso(from).slice(0, 10)}_${iso(to).slice(0, 10)}.csv` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/* ---------- hands ---------- */

async function choose(kind) {
  const former = quantity;
  quantity = kind;
  if ((former === "current") !== (kind === "current")) {
    const archived = curves.filter(({ archive }) => archive).map(({ archive }) => archive);
    const kept = [...new Set(curves.filter(({ archive }) => !archive).map(({ name }) => (kind === "current" ? `S${stringOf(name)}` : `S${stringOf(name)}-1`)))];
    curves = [];
    for (const name of kept) add({ name });
    for (const archive of new Set(archived)) await addOf(archive);
  }
  fillNames();
  await anew();
}

async function addOf(archive) {
  const there = await archive.columns(quantity), wanted = curves.find(({ name, archive: of }) => !of && there.includes(name))?.name ?? there[0];
  if (!wanted) return complain(fill(said.archive_no, { name: archive.label }));
  return add({ name: wanted, archive });
}

async function anew() {
  const wanted = hours;
  await findExtent();
  if (wanted) recent(wanted);
  else zoomQuietly();
  await render();
}

function zoomQuietly() {
  const width = Math.min(to - from, newest - oldest);
  from = Math.max(oldest, Math.min(from, newest - width));
  to = from + width;
}

function fillNames() {
  const archived = new Set(names());
  $("#names").replaceChildren(...[...archived].map((value) => make("option", { value })));
  $("#pick").placeholder = quantity === "current" ? said.add_string : said.add_battery;
}

form.addEventListener("submit", (event) => event.preventDefault());
$("#q").addEventListener("change", () => choose($("#q").value));
$("#range").addEventListener("change", (event) => {
  recent(Number(event.target.value));
  render();
});
$("#back").addEventListener("click", () => move(-0.5));
$("#fwd").addEventListener("click", () => move(0.5));
$("#out").addEventListener("click", () => scale(4));
$("#csv").addEventListener("click", () => seen && csv());
$("#main-chart").addEventListener("dblclick", () => scale(4));
$("#points").addEventListener("toggle", () => $("#points").open && seen && points());
$("#picks").addEventListener("click", async (event) => {
  const look = event.target.closest("button")?.dataset.look;
  if (look === undefined || curves.length < 2) return;
  curves = curves.filter((curve) => curve.look !== Number(look));
  await anew();
  $("#picks button")?.focus();
});
$("#add").addEventListener("submit", async (event) => {
  event.preventDefault();
  const name = $("#pick").value.trim().toUpperCase();
  if (!place(name)) return complain(fill(said.no_such, { name }));
  $("#pick").value = "";
  if (add({ name })) await render();
});
$("#zip").addEventListener("change", async () => {
  const [file] = $("#zip").files;
  $("#zip").value = "";
  if (!file) return;
  try {
    const archive = await open(file);
    if (await addOf(archive)) {
      const extent = await archive.extent(quantity);
      hours = null;
      await findExtent();
      [from, to] = extent;
      zoom(from, to);
    }
  } catch (error) {
    complain(error.message);
  }
});
document.addEventListener("keydown", (event) => {
  if (event.target.closest("input, select, textarea, [role=region]") || event.ctrlKey || event.metaKey || event.altKey) return;
  const act = { ArrowLeft: () => move(-0.25), ArrowRight: () => move(0.25), "+": () => scale(0.5), "-": () => scale(2) }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

const fingers = new Map();
let apart = null;
const distance = () => Math.abs([...fingers.values()].reduce((a, b) => a - b));
$("#main-chart").addEventListener("pointerdown", (event) => {
  fingers.set(event.pointerId, event.clientX);
  if (fingers.size === 2) apart = distance();
});
for (const name of ["pointerup", "pointercancel"]) {
  addEventListener(name, (event) => {
    if (fingers.size === 2 && apart && name === "pointerup") {
      fingers.set(event.pointerId, event.clientX);
      if (Math.abs(distance() - apart) > 12) scale(apart / Math.max(distance(), 20));
    }
    fingers.delete(event.pointerId);
    apart = null;
  });
}

/* ---------- time goes on ---------- */

let late = 0, shown = performance.now();
addEventListener("resize", () => {
  clearTimeout(late);
  late = setTimeout(() => seen && render(), 120);
});
addEventListener("theme", () => seen && render());
follow(({ time }) => {
  now = Date.parse(time) / 1000;
  const isDue = performance.now() - shown > AGAIN_MS && hours && !document.hidden && !$("#points").open;
  if (!isDue) return;
  shown = performance.now();
  anew();
});

now = Date.parse((await call("GET", "/system")).time) / 1000;
for (const name of $("#picks").dataset.names.split(",")) if (place(name)) add({ name });
$("#curves").classList.remove("coming");
fillNames();
const start = Date.parse(asked.get("from")) / 1000, end = Date.parse(asked.get("to")) / 1000;
await findExtent();
if (start < end) {
  [from, to] = [start, end];
  zoomQuietly();
} else recent(Number(asked.get("h")) || Number($("#range :checked")?.value) || 168);
await render();
document.documentElement.dataset.history = "ready";

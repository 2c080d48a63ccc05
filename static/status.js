// BACS status: joins the live stream, the map, the table and one battery; the address holds what is seen.
import { amperes, fill, fixed, say, sayNamed, words } from "./format.js";
import { follow } from "./live.js";
import * as battery from "./battery.js";
import * as map from "./map.js";
import * as table from "./table.js";

const $ = (selector, within = document) => within.querySelector(selector);
const form = $("#choose"), asked = new URLSearchParams(location.search), isWide = () => matchMedia("(min-width: 1100px)").matches;
const bands = [...document.querySelectorAll(".string")].map((band) => Object.fromEntries([...band.querySelectorAll("[data-f]")].map((element) => [element.dataset.f, element])));
const facts = Object.fromEntries([...document.querySelectorAll("[data-fact]")].map((element) => [element.dataset.fact, element]));
let isFirst = true;

function remember(name, value, usual) {
  if (value === usual || value === null) asked.delete(name);
  else asked.set(name, value);
  history.replaceState(null, "", asked.size ? `?${asked}` : location.pathname);
}

function open(address, { focus = false, later = false } = {}) {
  const before = battery.shown();
  if (before) map.cellOf(before).removeAttribute("aria-selected");
  map.cellOf(address).setAttribute("aria-selected", "true");
  map.place(address, { focus });
  table.select(address);
  battery.open(address, { later });
  remember("b", map.nameOf(address), "");
  if (!isWide()) ($(`#table:not([hidden]) [data-a="${address}"]`) ?? map.cellOf(address)).scrollIntoView({ block: "start" });
}

function close(address) {
  map.cellOf(address).removeAttribute("aria-selected");
  battery.close();
  remember("b", null);
  map.place(address, { focus: true });
}

function paintVerdict({ verdict }) {
  $("#verdict").dataset.look = verdict.look;
  $("#verdict-mark").className = `g g-${verdict.look}`;
  sayNamed($("#verdict-text"), verdict.text);
  say($("#news"), verdict.news);
  const link = $("#verdict-link");
  link.hidden = !verdict.name;
  if (verdict.name) {
    link.href = `/?b=${verdict.name}`;
    say(link, fill(words.page.show, { name: verdict.name }));
  }
}

function paintFacts(doc) {
  const { strings, modules } = doc, states = new Set(strings.state);
  say(facts.state, states.size === 1 ? words.states[strings.state[0]] : words.page.mixed);
  say(facts.answered, fill(words.page.of, { count: doc.answered, total: map.modules }));
  say(facts.current, amperes(strings.current_a.includes(null) ? null : strings.current_a.reduce((sum, value) => sum + value, 0)));
  const known = modules.temperature_c.filter((value) => value !== null);
  say(facts.hottest, known.length ? fixed(Math.max(...known), 1) : "–");
  say(facts.scan, fixed(doc.scan_s, 2));
}

function paintBands({ strings }) {
  bands.forEach((band, i) => {
    const isWhole = strings.quality[i] === "good";
    band.state.hidden = band.whole.hidden = !isWhole;
    band.partial.hidden = band.part.hidden = isWhole;
    say(band.state, words.states[strings.state[i]]);
    say(band.answering, strings.answering[i]);
    say(band.current, amperes(strings.current_a[i]));
    say(band.total, fixed(strings.voltage_v[i], 1));
    say(band.average, fixed(strings.average_v[i], 3));
    say(band.spread, fixed(strings.spread_v[i], 3));
  });
}

function paint(doc) {
  paintVerdict(doc);
  if (!doc.modules) return;
  const started = performance.now();
  paintFacts(doc);
  paintBands(doc);
  map.paint(doc);
  table.paint(doc);
  battery.paint(doc);
  document.documentElement.dataset.snapshot = doc.snapshot;
  document.documentElement.dataset.patchMs = (performance.now() - started).toFixed(1);
  if (isFirst) first(doc);
}

/** Once, with the first snapshot: opens what the address names, or on a wide screen what needs a look. */
function first(doc) {
  isFirst = false;
  const named = map.addressOf(asked.get("b")) ?? (isWide() ? map.addressOf(doc.verdict.name) : null);
  if (named) open(named, { later: true });
  document.documentElement.dataset.live = "";
}

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("change", ({ target }) => {
  if (target.name === "view") {
    const isTable = target.value === "table";
    $("#map").hidden = $("#quantity").hidden = isTable;
    $("#show").hidden = !isTable;
    table.show(isTable);
  } else if (target.name === "q") map.choose(target);
  else if (target.name === "show") table.filter(target.value === "abnormal");
  remember(target.name, target.value, { view: "map", q: "voltage", show: "all" }[target.name]);
});
$("#verdict-link").addEventListener("click", (event) => {
  const address = map.addressOf(new URL(event.currentTarget.href).searchParams.get("b"));
  if (!address || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  open(address);
});
map.listen((address) => open(address, { focus: true }));
table.listen((address) => open(address));
battery.listen(map.modules, (address) => open(address), close);
map.choose($("[name=q]:checked", form));
table.filter($("[name=show]:checked", form).value === "abnormal");
follow(paint);
